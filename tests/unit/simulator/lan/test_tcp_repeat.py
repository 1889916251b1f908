"""TCP when segments get lost: what is sent again, when, and when it is given up. Times in virtual ms.

The connection of ``desk.pair()`` is begun at 0 and ready at 20, so lwIP's slow timer turns at whole 500 ms.
"""

import pytest

from simulator.lan.tcp import MSS, WINDOW
from tests.unit.simulator.lan.wire import Wire


@pytest.fixture
def wire(desk):
    return Wire(desk)


def gaps(times):
    return [round(later - earlier) for earlier, later in zip(times, times[1:], strict=False)]


# --- handshake ----------------------------------------------------------------------------------


def test_lost_syn_is_sent_again_after_1_5_s(desk, wire):
    desk.server.listen(80)
    wire.lose(1, flags="S")
    connection = desk.client.connect(desk.server.ip, 80)
    desk.run(1_503)
    assert not connection.connected
    desk.run(1)
    assert connection.connected


def test_syn_is_sent_thirteen_times_without_growing_pauses(desk, wire):
    wire.lose()
    desk.client.connect(desk.server.ip, 80)
    desk.run(60_000)
    assert gaps(wire.times("client")) == [1500] * 12


@pytest.mark.parametrize("number", [1, 2, 3])
def test_lost_answer_to_the_syn_is_sent_again(desk, wire, number):
    server = desk.server.listen(80)
    wire.lose(*range(1, number + 1), sender="server", flags="SA")
    connection = desk.client.connect(desk.server.ip, 80)
    desk.run(12_000)
    assert connection.connected
    assert len(server.connections) == 1


def test_lost_end_of_the_handshake_is_made_up_for(desk, wire):
    server = desk.server.listen(80)
    wire.lose(1, flags="A")
    connection = desk.client.connect(desk.server.ip, 80)
    desk.run(1_000)
    assert connection.connected
    assert server.connections == []
    desk.run(600)
    assert server.connections[0].connected


def test_data_stands_in_for_the_lost_end_of_the_handshake(desk, wire):
    server = desk.server.listen(80)
    wire.lose(1, flags="A", size=0)
    connection = desk.client.connect(desk.server.ip, 80)
    desk.run(10)
    connection.send(b"hello")
    desk.run(2)
    assert server.connections[0].received == b"hello"


def test_handshake_that_is_not_ended_is_forgotten_after_20_5_s(desk, wire):
    listener = desk.server.stack.listen(80, 1)
    desk.client.connect(desk.server.ip, 80).vanish()
    wire.lose(flags="AR")
    desk.run(20_400)
    assert listener.full
    desk.run(200)
    assert not listener.full


def test_second_syn_makes_no_second_connection(desk, wire):
    server = desk.server.listen(80)
    connection = desk.client.connect(desk.server.ip, 80)
    desk.run(1)
    desk.lan.home.carry(desk.client.interface, wire.log[0].segment)
    desk.run(1)
    desk.lan.home.carry(desk.client.interface, wire.log[0].segment)
    desk.run(10)
    assert connection.connected
    assert len(server.connections) == 1
    assert server.connections[0].connected


# --- time-outs ----------------------------------------------------------------------------------


def test_lost_segment_is_sent_again_after_1_5_s_and_later_each_time(desk, wire):
    client, server = desk.pair()
    wire.log.clear()
    wire.lose(1, 2, 3, 4)
    client.send(b"x")
    desk.run(60_000)
    assert wire.times("client")[:5] == [20, 1_500, 4_500, 10_500, 22_500]
    assert server.received == b"x"


def test_repetition_that_is_known_in_part_is_taken_in_once(desk, wire):
    client, server = desk.pair()
    wire.lose(1, sender="server")
    client.send(b"hello")
    desk.run(10)
    wire.lose(1)
    client.send(b" world")
    desk.run(3_000)
    assert wire.sizes("client") == [5, 6, 11]
    assert server.received == b"hello world"


def test_time_out_is_short_again_after_an_answer(desk, wire):
    client, server = desk.pair()
    wire.lose(1, 2, 3)
    client.send(b"x")
    desk.run(11_000)
    assert server.received == b"x"
    wire.log.clear()
    wire.lose(1)
    client.send(b"y")
    desk.run(2_000)
    assert gaps(wire.times("client")) == [1_480]


def test_write_to_vanished_peer_fails_after_1151_s(desk, wire):
    client, server = desk.pair()
    desk.client.interface.unlink()
    client.vanish()
    wire.log.clear()
    server.send(b"x")
    desk.run(1_150_981)  # the server's timer turns 2 ms later: with the first SYN
    assert server.connected
    assert len(wire.times("server")) == 13
    assert gaps(wire.times("server"))[-6:] == [96_000] + [192_000] * 5
    desk.run(2)
    assert server.closed
    assert not server.reset
    assert server._stream.error == "ECONNABORTED"


def test_time_out_follows_a_slow_network(desk, wire):
    client, server = desk.pair()
    desk.lan.home.latency_us = 600_000
    for _ in range(6):
        client.send(b"x" * 10)
        desk.run(20_000)
    desk.lan.home.latency_us = 1_100_000
    wire.log.clear()
    client.send(b"y")
    desk.run(20_000)
    assert wire.sizes("client") == [1]
    assert server.received.endswith(b"y")


def test_sender_begins_with_one_segment_after_a_time_out(desk, wire):
    client, server = desk.pair()
    wire.log.clear()
    wire.lose(1, 2, 3)
    client.send(b"x" * 3 * MSS)
    desk.run(1_470)
    assert wire.sizes("client") == [MSS] * 3
    wire.log.clear()
    desk.run(12)
    assert wire.sizes("client") == [MSS]
    desk.run(20)
    assert len(server.received) == 3 * MSS


# --- order and fast retransmission ---------------------------------------------------------------


def test_third_duplicate_acknowledgement_brings_the_lost_one_before_the_time_out(desk, wire):
    client, server = desk.pair()
    client.send(b"w" * 8 * MSS)  # opens the congestion window
    desk.run(100)
    wire.log.clear()
    wire.lose(1, size=MSS)
    client.send(b"x" * WINDOW)
    desk.run(20)
    assert len(server.received) == 8 * MSS + WINDOW
    assert sum(wire.sizes("client")) == WINDOW + MSS


def test_two_duplicates_do_not_bring_a_repetition(desk, wire):
    client, server = desk.pair()
    wire.log.clear()
    wire.lose(1, size=MSS)
    client.send(b"x" * 3 * MSS)
    desk.run(1_000)
    assert wire.sizes("client") == [MSS] * 3
    assert server.received == b""


def test_what_came_out_of_order_is_not_sent_again(desk, wire):
    client, server = desk.pair()
    wire.log.clear()
    wire.lose(1, size=MSS)
    client.send(b"abc" * MSS)
    desk.run(2_000)
    assert server.received == b"abc" * MSS
    assert wire.sizes("client") == [MSS] * 4


def test_what_waited_too_long_for_its_turn_is_dropped(desk, wire):
    client, server = desk.pair()
    wire.lose(1, size=MSS)
    client.send(b"x" * 2 * MSS)
    desk.run(100)
    assert server._stream._reorder
    wire.lose(sender="client")
    desk.run(30_000)
    wire.lose(0)
    wire.log.clear()
    desk.run(60_000)
    assert len(server.received) == 2 * MSS
    assert wire.sizes("client") == [MSS, MSS]


def test_at_most_four_segments_wait_for_their_turn(desk, wire):
    client, server = desk.pair()
    wire.lose(1)
    for letter in b"abcdefg":
        client.send(bytes([letter]))
    desk.run(5)
    assert len(server._stream._reorder._waiting) == 4
    desk.run(5_000)
    assert server.received == b"abcdefg"


# --- shut windows -------------------------------------------------------------------------------


def test_shut_window_is_probed_later_each_time(desk, wire):
    client, server = desk.pair()
    server.pause_reading()
    client.send(b"x" * 20_000)
    desk.run(30)
    wire.log.clear()
    desk.run(300_000)
    assert wire.sizes("client") == [1] * 9
    assert gaps(wire.times("client")) == [3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000, 60_000]


def test_window_that_opens_unheard_is_found_by_the_next_probe(desk, wire):
    client, server = desk.pair()
    server.pause_reading()
    client.send(b"x" * 20_000)
    desk.run(100)
    wire.lose(1, 2, 3, 4, sender="server")
    server.resume_reading()
    desk.run(100)
    assert len(server.received) == WINDOW
    desk.run(60_000)
    assert len(server.received) == 20_000


def test_peer_that_vanishes_with_its_window_shut_is_given_up_after_455_s(desk, wire):
    client, server = desk.pair()
    server.pause_reading()
    client.send(b"x" * 20_000)
    desk.run(80)
    desk.server.interface.unlink()
    desk.run(454_899)
    assert client.connected
    desk.run(2)
    assert client.closed
    assert client._stream.error == "ECONNABORTED"


def test_window_smaller_than_a_segment_is_used_after_1_5_s_only(desk, wire):
    client, server = desk.pair()
    client.send(b"a" * 100)
    server.pause_reading()
    client.send(b"b" * 6_000)
    desk.run(400)
    stream = server._stream
    assert len(stream.rx) == 100 + 3 * MSS
    desk.run(2_000)
    assert len(stream.rx) == WINDOW


# --- quiet --------------------------------------------------------------------------------------


def test_idle_connection_has_no_event(desk):
    client, server = desk.pair()
    for _ in range(100):
        client.send(b"x" * 200)
        desk.run(10)
    desk.run(2_000)
    assert server.connected
    assert desk.kernel.next_us() is None


def test_traffic_leaves_no_heap_of_cancelled_events(desk):
    client, _ = desk.pair()
    for _ in range(1_000):
        client.send(b"x")
        desk.run(1)
    desk.run(10)
    assert len(desk.kernel._heap) <= 4
