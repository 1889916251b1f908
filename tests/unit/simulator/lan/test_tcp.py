"""TCP: handshake, order, windows, close, reset, silent peers. Times in virtual ms; one way takes 2 ms."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel import Kernel
from simulator.lan import Lan
from simulator.lan.tcp import SEND_BUFFER, WINDOW


def test_connect_takes_one_round_trip(desk):
    desk.server.listen(80)
    connection = desk.client.connect(desk.server.ip, 80)
    desk.run(3.999)
    assert not connection.connected
    desk.run(0.001)
    assert connection.connected


def test_connect_to_closed_port_is_refused(desk):
    connection = desk.client.connect(desk.server.ip, 81)
    desk.run(4)
    assert connection.refused
    assert connection.closed
    assert not connection.reset


def test_connect_to_absent_host_fails_after_18_5_s(desk):
    connection = desk.client.connect("10.0.99.99", 80)
    desk.run(18_499)
    assert not connection.closed
    desk.run(1)
    assert connection.closed
    assert not connection.refused


def test_bytes_arrive_in_order_one_way_later(desk):
    client, server = desk.pair()
    client.send(b"ab")
    client.send(b"cd")
    desk.run(2)
    assert server.received == b"abcd"


def test_large_transfer_arrives_whole(desk):
    client, server = desk.pair()
    data = bytes(range(256)) * 400
    client.send(data)
    desk.run(1000)
    assert server.received == data


def test_peer_that_never_reads_stops_the_sender(desk):
    client, server = desk.pair()
    server.pause_reading()
    client.send(b"x" * 20_000)
    desk.run(60_000)
    assert client.unsent == 20_000 - WINDOW - SEND_BUFFER
    assert client.connected
    server.resume_reading()
    desk.run(1000)
    assert len(server.received) == 20_000
    assert client.unsent == 0


def test_peer_that_never_reads_keeps_the_connection_for_an_hour(desk):
    client, server = desk.pair()
    server.pause_reading()
    client.send(b"x" * 20_000)
    desk.run(3_600_000)
    server.resume_reading()
    desk.run(10_000)
    assert len(server.received) == 20_000


def test_close_sends_the_rest_first(desk):
    client, server = desk.pair()
    client.send(b"x" * 10_000)
    client.close()
    desk.run(100)
    assert len(server.received) == 10_000
    assert server.closed
    assert not server.reset


def test_close_of_one_side_lets_the_other_go_on_sending(desk):
    client, server = desk.pair()
    client._stream.finish_sending()
    desk.run(1)
    server_stream = server._stream
    assert server_stream.put(b"late") == 4
    desk.run(10)
    assert client.received == b"late"


def test_close_by_both_forgets_the_connection_after_two_minutes(desk):
    client, server = desk.pair()
    client.close()
    desk.run(20)
    assert client.closed
    assert server.closed
    desk.run(121_000)
    assert desk.client.stack.tcp_port_users(client.local[1]) == []
    assert desk.server.stack.tcp_port_users(80) == []


def test_close_with_unread_bytes_resets_the_peer(desk):
    client, server = desk.pair()
    server.pause_reading()
    client.send(b"unread")
    desk.run(10)
    server._stream.close()
    desk.run(10)
    assert client.reset


def test_close_whose_peer_never_closes_is_forgotten_after_20_5_s(desk):
    client, server = desk.pair()
    server.pause_reading()
    client._stream.close()
    desk.run(20_400)
    assert desk.client.stack.tcp_port_users(client.local[1]) != []
    desk.run(200)
    assert desk.client.stack.tcp_port_users(client.local[1]) == []


def test_abort_resets_the_peer(desk):
    client, server = desk.pair()
    client.abort()
    desk.run(2)
    assert server.reset
    assert server.closed


def test_vanished_peer_is_noticed_by_sending_only(desk):
    client, server = desk.pair()
    desk.client.interface.unlink()
    client.vanish()
    desk.run(3_600_000)
    assert server.connected
    server.send(b"x")
    desk.run(3_600_000)
    assert server.closed


def test_vanished_peer_that_is_back_answers_with_reset(desk):
    client, server = desk.pair()
    client.vanish()
    server.send(b"x")
    desk.run(4)
    assert server.reset


def test_bytes_sent_while_the_link_is_down_arrive_later(desk):
    client, server = desk.pair()
    door = desk.client.interface
    network = door.network
    door.unlink()
    client.send(b"hello")
    desk.run(5_000)
    assert server.received == b""
    door.link(network, None)
    desk.run(10_000)
    assert server.received == b"hello"


def test_full_backlog_lets_the_client_try_again(desk):
    listener = desk.server.stack.listen(80, 1)
    first = desk.client.connect(desk.server.ip, 80)
    desk.run(10)
    second = desk.client.connect(desk.server.ip, 80)
    desk.run(1_000)
    assert first.connected
    assert not second.connected
    listener.pop()
    desk.run(1_000)
    assert second.connected


def test_unlisten_resets_who_was_not_accepted(desk):
    listener = desk.server.stack.listen(80, 5)
    client = desk.client.connect(desk.server.ip, 80)
    desk.run(10)
    desk.server.stack.unlisten(listener)
    desk.run(10)
    assert client.reset


def test_segments_are_at_most_1440_bytes(desk):
    client, server = desk.pair()
    desk.kernel.trace.keep = True
    client.send(b"x" * 3000)
    desk.run(20)
    sizes = [int(what.split()[-2]) for _, source, what in desk.kernel.trace.records() if source == "lan.home"]
    assert sizes == [1440, 1440, 120]


ACTIONS = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 9000)),
    st.tuples(st.just("wait"), st.integers(1, 20_000)),
    st.tuples(st.sampled_from(["pause", "resume", "unplug", "plug"]), st.just(0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=15))
def test_bytes_arrive_whole_whatever_happens_on_the_way(actions):
    kernel = Kernel(seed=1)
    lan = Lan(kernel)
    server = lan.client("server").listen(80)
    client = lan.client("client").connect(lan.client("server").ip, 80)
    kernel.run(20_000)
    far, door = server.connections[0], lan.client("client").interface
    sent = bytearray()
    for action, value in actions:
        if action == "send":
            data = bytes((len(sent) + n) % 251 for n in range(value))
            sent += data
            client.send(data)
        elif action == "wait":
            kernel.run(kernel.now + value * 1000)
        elif action == "pause":
            far.pause_reading()
        elif action == "resume":
            far.resume_reading()
        elif action == "unplug":
            door.unlink()
        elif door.network is None:
            door.link(lan.home, None)
    if door.network is None:
        door.link(lan.home, None)
    far.resume_reading()
    kernel.run(kernel.now + 600_000_000)
    assert far.received == sent
