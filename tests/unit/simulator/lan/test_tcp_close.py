"""How TCP connections end: lost FIN, both at once, TIME_WAIT, half-open connections, resets. Times in virtual ms."""

import pytest

from simulator.lan.tcp import ACK, RST, SYN, Segment
from tests.unit.simulator.lan.wire import Wire


@pytest.fixture
def wire(desk):
    return Wire(desk)


def states(desk, client):
    """States of the client's and the server's side."""
    return [
        [user.state for user in desk.client.stack.tcp_port_users(client.local[1])],
        [user.state for user in desk.server.stack.tcp_port_users(80)],
    ]


def test_who_closes_first_waits_for_late_segments(desk):
    client, _ = desk.pair()
    client.close()
    desk.run(20)
    assert states(desk, client) == [["time_wait"], []]


def test_time_wait_lasts_two_minutes(desk):
    client, server = desk.pair()
    client.close()
    desk.run(120_400)
    assert states(desk, client) == [["time_wait"], []]
    desk.run(200)
    assert states(desk, client) == [[], []]
    assert desk.kernel.next_us() is None


@pytest.mark.parametrize("number", [1, 2])
def test_lost_fin_is_sent_again(desk, wire, number):
    client, server = desk.pair()
    wire.lose(*range(1, number + 1), flags="AF")
    client.close()
    desk.run(1_000)
    assert not server.closed
    desk.run(10_000)
    assert server.closed
    assert client.closed
    assert not server.reset


def test_lost_acknowledgement_of_the_last_fin_is_made_up_for(desk, wire):
    client, server = desk.pair()
    client.close()
    desk.run(3)
    wire.lose(1)
    desk.run(1_000)
    assert states(desk, client) == [["time_wait"], ["open"]]
    desk.run(1_000)
    assert states(desk, client) == [["time_wait"], []]


def test_last_acknowledgement_that_never_comes_is_given_up_after_two_minutes(desk, wire):
    client, server = desk.pair()
    client.close()
    desk.run(3)
    desk.client.interface.unlink()
    desk.run(120_000)
    assert states(desk, client)[1] == ["open"]
    desk.run(1_000)
    assert states(desk, client)[1] == []


def test_both_may_close_at_once(desk):
    client, server = desk.pair()
    client.close()
    server.close()
    desk.run(20)
    assert client.closed
    assert server.closed
    assert not client.reset
    assert states(desk, client) == [["time_wait"], ["time_wait"]]


def test_fin_waits_for_lost_data(desk, wire):
    client, server = desk.pair()
    wire.lose(1)
    client.send(b"first")
    client.close()
    desk.run(1_000)
    assert not server.closed
    desk.run(1_000)
    assert server.closed
    assert server.received == b"first"


def test_data_after_close_is_answered_with_reset(desk):
    client, server = desk.pair()
    server._stream.close()
    client.send(b"too late")
    desk.run(10)
    assert client._stream.error == "ECONNRESET"
    assert server._stream.state == "gone"


def test_port_in_time_wait_answers_the_end_of_the_old_connection(desk, wire):
    client, server = desk.pair()
    client.close()
    desk.run(20)
    fin = next(seen for seen in wire.log if seen.sender == "server" and "F" in seen.flags)
    wire.log.clear()
    desk.lan.home.carry(desk.server.interface, fin.segment)
    desk.run(10)
    assert [seen.flags for seen in wire.log[1:]] == ["A", "AR"]
    assert states(desk, client)[0] == ["time_wait"]


def test_peer_that_restarted_is_found_out_by_a_new_connection_from_the_same_port(desk):
    client, server = desk.pair()
    port = client.local[1]
    client.vanish()
    again = desk.client.stack.connect((desk.server.ip, 80), local_port=port)
    desk.run(40)
    assert server.reset
    assert again.state == "open"


def test_segment_of_an_unknown_connection_is_reset(desk, wire):
    desk.server.listen(80)
    stray = Segment((desk.client.ip, 5000), (desk.server.ip, 80), ACK, 1_000, 77, 5_760, b"abc")
    desk.lan.home.carry(desk.client.interface, stray)
    desk.run(10)
    answer = wire.log[1].segment
    assert (answer.flags, answer.seq, answer.ack) == (RST | ACK, 77, 1_003)
    assert len(wire.log) == 2


def test_reset_of_an_unknown_connection_is_not_answered(desk, wire):
    stray = Segment((desk.client.ip, 5000), (desk.server.ip, 80), RST, 1_000, 77, 0, b"")
    desk.lan.home.carry(desk.client.interface, stray)
    desk.run(10)
    assert len(wire.log) == 1


@pytest.mark.parametrize(("offset", "answers"), [(-1, 0), (1, 1), (5_760, 1), (5_761, 0)])
def test_reset_with_a_wrong_number_ends_nothing(desk, wire, offset, answers):
    client, server = desk.pair()
    client.send(b"x")
    desk.run(2_000)
    good = wire.log[-1].segment
    wire.log.clear()
    client_top = server._stream._expected
    forged = Segment(client.local, (desk.server.ip, 80), RST, client_top + offset, good.seq, 0, b"")
    desk.lan.home.carry(desk.client.interface, forged)
    desk.run(10)
    assert server.connected
    assert len(wire.log) == 1 + answers


def test_reset_with_the_right_number_ends_the_connection(desk, wire):
    client, server = desk.pair()
    forged = Segment(client.local, (desk.server.ip, 80), RST, server._stream._expected, 0, 0, b"")
    desk.lan.home.carry(desk.client.interface, forged)
    desk.run(10)
    assert server.reset


def test_syn_on_an_open_connection_is_answered_with_where_it_stands(desk, wire):
    client, server = desk.pair()
    wire.log.clear()
    desk.lan.home.carry(desk.client.interface, Segment(client.local, (desk.server.ip, 80), SYN, 1 << 30, 0, 5_760, b""))
    desk.run(10)
    assert [seen.flags for seen in wire.log[:2]] == ["S", "A"]
    assert client.connected
    assert server.connected


def test_reset_that_overtakes_lost_data_still_ends_the_connection(desk, wire):
    client, server = desk.pair()
    wire.lose(1)
    client.send(b"lost")
    client.abort()
    desk.run(20)
    assert server.reset


def test_host_out_of_memory_gives_up_connections_that_end(desk):
    stack = desk.server.stack
    stack.tcp_max = 4
    server = desk.server.listen(80)
    for _ in range(6):
        desk.client.connect(desk.server.ip, 80)
        desk.run(20)
        server.connections[-1].close()
        desk.run(20)
    assert [user.state for user in stack.tcp_port_users(80)] == ["time_wait"] * 3


def test_host_out_of_memory_keeps_connections_in_use(desk):
    stack = desk.server.stack
    stack.tcp_max = 3
    desk.server.listen(80)
    clients = [desk.client.connect(desk.server.ip, 80) for _ in range(6)]
    desk.run(100)
    assert all(client.connected for client in clients)
