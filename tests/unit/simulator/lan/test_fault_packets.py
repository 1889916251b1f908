"""Each fault that acts on packets does what it says, and counts it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.lan.services.dns_message import make_query


class Line:
    """Datagrams from the client to the server, with the times at which they arrive."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.port = desk.server.bind_udp(7)
        self.arrivals: list[tuple[float, bytes]] = []
        self._watch()

    def _watch(self) -> None:
        self.port.on_change(self._take)

    def _take(self) -> None:
        self._watch()
        while self.port.received:
            self.arrivals.append((self.desk.kernel.now / 1000, self.port.received.popleft()[0]))

    def send(self, count: int, *, every_ms: float = 1, wait_ms: float = 1000) -> list[bytes]:
        """Send numbered datagrams; what has arrived, in that order."""
        for number in range(count):
            self.desk.client.send_udp(b"%d" % number, (self.desk.server.ip, 7), port=9)
            self.desk.run(every_ms)
        self.desk.run(wait_ms)
        return [data for _, data in self.arrivals]


@pytest.fixture
def line(desk: Any) -> Line:
    return Line(desk)


def numbers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_loss_loses_about_its_ratio(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("loss", ratio=0.3) as fault:
        arrived = line.send(1000)
    assert len(arrived) == 1000 - fault.count == 1000 - desk.lan.home.lost
    assert 250 < fault.count < 350


def test_loss_of_a_host_spares_the_others(desk: Any, line: Line) -> None:
    desk.lan.client("third")
    desk.lan.faults.start("loss", ratio=1, host="third").excuse()
    desk.lan.faults.start("loss", ratio=1, host="third", peer="server").excuse()
    assert line.send(5) == numbers(5)


def test_loss_acts_in_both_directions(desk: Any, line: Line) -> None:
    back = desk.client.bind_udp(9)
    with desk.lan.faults.start("loss", ratio=1, host="client", peer="server") as fault:
        line.send(2)
        desk.server.send_udp(b"x", (desk.client.ip, 9), port=7)
        desk.run(10)
    assert (fault.count, list(back.received), line.arrivals) == (3, [], [])


def test_loss_of_a_broadcast_is_drawn_for_each_receiver(desk: Any) -> None:
    ports = [desk.lan.client(f"host{number}").bind_udp(7) for number in range(100)]
    with desk.lan.faults.start("loss", ratio=0.5):
        desk.client.send_udp(b"all", ("255.255.255.255", 7), port=9)
        desk.run(10)
    assert 30 < sum(len(port.received) for port in ports) < 70


def test_latency_delays_and_keeps_the_order(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("latency", ms=100, jitter_ms=50) as fault:
        assert line.send(50) == numbers(50)
    delays = [at - number for number, (at, _) in enumerate(line.arrivals)]
    assert (fault.count, min(delays) >= 102, max(delays) <= 152) == (50, True, True)
    assert max(delays) - min(delays) > 5


def test_latency_told_to_reorder_does(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("latency", ms=1, jitter_ms=50, reorder=True):
        arrived = line.send(50)
    assert arrived != numbers(50)
    assert sorted(arrived) == sorted(numbers(50))


def test_reorder_lets_later_packets_overtake(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("reorder", ratio=0.2, by_ms=3.5) as fault:
        arrived = line.send(100)
    assert arrived != numbers(100)
    assert sorted(arrived) == sorted(numbers(100))
    assert 5 < fault.count < 40


def test_duplicate_makes_packets_arrive_twice(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("duplicate", ratio=1) as fault:
        assert line.send(3, every_ms=10) == [b"0", b"0", b"1", b"1", b"2", b"2"]
    assert fault.count == 3


def test_partition_divides_two_groups(desk: Any, line: Line) -> None:
    third = desk.lan.client("third")
    with desk.lan.faults.start("partition", a="client, third", b="server") as fault:
        assert line.send(3) == []
        inside = third.bind_udp(7)
        desk.client.send_udp(b"x", (third.ip, 7), port=9)
        desk.run(10)
        assert len(inside.received) == 1
    assert fault.count == 3
    assert line.send(1) == [b"0"]


def test_partition_of_one_group_cuts_it_from_all_others(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("partition", a="client") as fault:
        assert line.send(3) == []
        desk.client.send_udp(b"x", ("203.0.113.53", 53), port=9)
        desk.run(10)
    assert fault.count == 4


def test_vanished_host_is_silent_in_both_directions(desk: Any, line: Line) -> None:
    connection, other = desk.pair()
    with desk.lan.faults.start("vanish", host="server") as fault:
        connection.send(b"hello")
        other.send(b"hello")
        desk.run(5000)
        assert (connection.connected, bytes(connection.received), bytes(other.received)) == (True, b"", b"")
    assert fault.count >= 2
    desk.run(60_000)
    assert (bytes(connection.received), bytes(other.received)) == (b"hello", b"hello")


def test_one_way_loses_one_direction_only(desk: Any, line: Line) -> None:
    with desk.lan.faults.start("one_way", host="server", peer="client") as fault:
        assert line.send(3) == numbers(3)
        assert desk.lan.faults.cut("server", "client", count=False)
        assert not desk.lan.faults.cut("client", "server", count=False)
        desk.client.bind_udp(9)
        desk.server.send_udp(b"x", (desk.client.ip, 9), port=7)
        desk.run(10)
        assert not desk.client.stack.udp[9].received
    assert fault.count == 1


def test_half_open_host_answers_the_next_bytes_by_a_reset(desk: Any) -> None:
    connection, other = desk.pair()
    with desk.lan.faults.start("half_open", host="server", peer="client") as fault:
        desk.run(60_000)
        assert (fault.count, connection.connected, other.connected) == (1, True, False)
        connection.send(b"still there?")
        desk.run(10)
        assert (connection.reset, connection.closed) == (True, True)


def test_half_open_without_a_connection_never_fires(desk: Any) -> None:
    assert desk.lan.faults.start("half_open", host="server", peer="client").count == 0


def test_half_open_does_not_count_connections_in_time_wait(desk: Any) -> None:
    connection, other = desk.pair()
    other.close()
    desk.run(10)
    connection.close()
    desk.run(10)
    assert [old.state for old in desk.server.stack.connections] == ["time_wait"]
    fault = desk.lan.faults.start("half_open", host="server", peer="client")
    assert (fault.count, desk.server.stack.connections) == (0, [])
    fault.excuse()


def test_half_open_internet_host_forgets_a_peer_behind_its_router(desk: Any) -> None:
    site = desk.lan.internet.host("site.example")
    site.listen(80)
    connections = [host.connect(site.ip, 80) for host in (desk.client, desk.server)]
    desk.run(100)
    with desk.lan.faults.start("half_open", host="site.example", peer="client") as fault:
        assert fault.count == 1
    for connection in connections:
        connection.send(b"still there?")
    desk.run(100)
    assert [connection.reset for connection in connections] == [True, False]


def test_query_for_a_name_is_lost_and_repeated(desk: Any) -> None:
    home, asker = desk.lan.home, desk.client.interface
    assert home.query(asker, "server.local") == (desk.server.ip, 4000)
    with desk.lan.faults.start("loss", ratio=0.5):
        answers = [home.query(asker, "server.local") for _ in range(50)]
    times_us = {took_us for ip, took_us in answers if ip}
    assert times_us == {4000 + number * 1_000_000 for number in range(5)}
    with desk.lan.faults.start("vanish", host="server"):
        assert home.query(asker, "server.local") == (None, 0)


def test_faults_of_the_router_cut_the_internet_off(desk: Any) -> None:
    with desk.lan.faults.start("vanish", host="router") as fault:
        desk.client.send_udp(b"x", ("203.0.113.53", 53), port=9)
        desk.run(10)
        assert (fault.count, desk.lan.home.lost) == (1, 1)


def test_world_without_faults_sends_each_packet_once(desk: Any, line: Line) -> None:
    desk.lan.faults.start("loss", ratio=1).end()
    assert line.send(3) == numbers(3)
    assert desk.lan.home.faults == []


def exchange(desk: Any, host: Any) -> int:
    """A host asks the internet's name server what it does not answer to; how many datagrams arrive there."""
    resolver = desk.lan.internet.host("resolver.example")
    port = resolver.stack.udp.get(7) or resolver.bind_udp(7)
    before = len(port.received)
    host.send_udp(b"x", (resolver.ip, 7), port=9)
    desk.run(100)
    return len(port.received) - before


def test_router_of_a_guest_network_has_a_name_of_its_own(desk: Any) -> None:
    guest = desk.lan.client("guest1", access_point=desk.guests())
    with desk.lan.faults.start("vanish", host="router-guest") as fault:
        assert (exchange(desk, guest), fault.count, exchange(desk, desk.client)) == (0, 1, 1)
    with desk.lan.faults.start("vanish", host="router") as fault:
        assert (exchange(desk, guest), exchange(desk, desk.client), fault.count) == (1, 0, 1)


def test_packet_to_the_internet_meets_each_fault_once(desk: Any) -> None:
    guest = desk.lan.client("guest1", access_point=desk.guests())
    with desk.lan.faults.start("duplicate", ratio=1) as fault:
        assert (exchange(desk, desk.client), exchange(desk, guest), fault.count) == (2, 2, 2)
    with desk.lan.faults.start("latency", ms=1, host="resolver.example") as fault:
        exchange(desk, desk.client)
        assert fault.count == 1


def test_question_of_a_router_meets_faults_on_its_line(desk: Any) -> None:
    port = desk.client.bind_udp(9)
    question = make_query(1, "ip-api.com")
    with desk.lan.faults.start("vanish", host="resolver.example") as fault:
        desk.client.send_udp(question, ("10.0.1.1", 53), port=9)
        desk.run(100)
        assert (fault.count, list(port.received)) == (1, [])
    with desk.lan.faults.start("latency", ms=500, host="router", peer="resolver.example") as fault:
        desk.client.send_udp(question, ("10.0.1.1", 53), port=9)
        desk.run(900)
        assert not port.received
        desk.run(200)
        assert (fault.count, len(port.received)) == (2, 1)


def test_loss_reaches_into_every_network(desk: Any) -> None:
    point = desk.guests()
    one, two = desk.lan.client("one", access_point=point), desk.lan.client("two", access_point=point)
    port = two.bind_udp(7)
    with desk.lan.faults.start("loss", ratio=1, host="one") as fault:
        one.send_udp(b"x", (two.ip, 7), port=9)
        desk.run(10)
        assert (fault.count, list(port.received)) == (1, [])
