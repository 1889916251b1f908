"""Beyond the router: hosts, addresses, time, the line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from simulator.errors import UsageError


@pytest.fixture
def web(desk: Any) -> Any:
    return desk.lan.internet.host("example.org")


def test_same_name_is_the_same_host(desk: Any, web: Any) -> None:
    assert desk.lan.internet.host("EXAMPLE.org.") is web


def test_addresses_are_for_documentation_and_may_be_chosen(desk: Any, web: Any) -> None:
    assert web.ip.startswith("203.0.113.")
    assert desk.lan.internet.host("other.example", "198.51.100.7").ip == "198.51.100.7"


def test_many_hosts_and_homes_find_addresses(desk: Any) -> None:
    hosts = [desk.lan.internet.host(f"host{n}.example") for n in range(300)]
    assert len({host.ip for host in hosts}) == 300
    with pytest.raises(UsageError, match="no address left"):
        for n in range(200):
            desk.lan.internet.host(f"more{n}.example")


@pytest.mark.parametrize(
    ("name", "ip", "text"),
    [
        ("a..b", None, "not a domain name"),
        ("a.example", "1.2.3", "not an IPv4 address"),
        ("a.example", "203.0.113.53", "203.0.113.53 is taken"),
    ],
)
def test_impossible_host_is_refused(desk: Any, name: str, ip: str | None, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        desk.lan.internet.host(name, ip)


def test_segments_take_12_ms_each_way(desk: Any, web: Any) -> None:
    server = web.listen(80, lambda connection: connection.send(b"hello"))
    connection = desk.client.connect(web.ip, 80)
    desk.run(47)  # the three segments of the handshake and the bytes take 12 ms each
    assert bytes(connection.received) == b""
    desk.run(3)
    assert bytes(connection.received) == b"hello"
    connection.send(b"bye")
    desk.run(30)
    assert bytes(server.connections[0].received) == b"bye"


def test_hosts_of_a_home_share_the_routers_address(desk: Any, web: Any) -> None:
    port = web.bind_udp(7)
    for host in (desk.client, desk.server):
        host.send_udp(host.name.encode(), (web.ip, 7), port=4000)
    desk.run(50)
    senders = dict(port.received)
    assert {ip for ip, _ in senders.values()} == {desk.lan.internet.routers[0].outside.ip}
    assert senders[b"client"] != senders[b"server"]


def test_answers_go_to_the_host_that_has_asked(desk: Any, web: Any) -> None:
    port = web.bind_udp(7)
    inboxes = [host.bind_udp(4000) for host in (desk.client, desk.server)]
    for host in (desk.client, desk.server, desk.client):
        host.send_udp(host.name.encode(), (web.ip, 7), port=4000)
    desk.run(50)
    for data, sender in port.received:
        web.send_udp(data.upper(), sender, port=7)
    desk.run(50)
    assert [[data for data, _ in inbox.received] for inbox in inboxes] == [[b"CLIENT", b"CLIENT"], [b"SERVER"]]
    assert inboxes[0].received[0][1] == (web.ip, 7)


def test_nobody_gets_in_uninvited(desk: Any, web: Any) -> None:
    desk.client.bind_udp(4000)
    desk.client.listen(80)
    outside = desk.lan.internet.routers[0].outside.ip
    web.send_udp(b"x", (outside, 4000), port=7)
    web.send_udp(b"x", (desk.client.ip, 4000), port=7)
    connection = web.connect(outside, 80)
    desk.run(500)
    assert not connection.connected
    assert not connection.refused
    assert not desk.client.stack.udp[4000].received


def test_oldest_mapping_goes_when_there_are_too_many(desk: Any, web: Any) -> None:
    port = web.bind_udp(7)
    first = desk.client.bind_udp(4000)
    desk.client.send_udp(b"first", (web.ip, 7), port=4000)
    desk.run(50)
    _, sender = port.received.popleft()
    for number in range(10_000, 14_096):
        desk.client.send_udp(b"", (web.ip, 7), port=number)
    desk.run(50)
    web.send_udp(b"answer", sender, port=7)
    desk.run(50)
    assert not first.received


def test_two_homes_have_an_internet_each_way(desk: Any, web: Any) -> None:
    cabin = desk.lan.add_network("cabin", "192.168.9.0/24", gateway="192.168.9.1", first_lease="192.168.9.2")
    point = desk.lan.add_access_point("cabin", network=cabin)
    guest = desk.lan.client("guest", access_point=point)
    web.listen(80, lambda connection: connection.send(b"hello"))
    connections = [host.connect(web.ip, 80) for host in (guest, desk.client)]
    desk.run(100)
    assert [bytes(connection.received) for connection in connections] == [b"hello", b"hello"]


def test_host_with_another_gateway_gets_nowhere(desk: Any, web: Any) -> None:
    client = desk.client.interface
    client.configure(client.ip, client.mask, "10.0.1.77", client.dns)
    connection = desk.client.connect(web.ip, 80)
    desk.run(500)
    assert not connection.connected
    assert not connection.refused


def test_cut_line_carries_nothing_until_it_is_mended(desk: Any, web: Any) -> None:
    port = web.bind_udp(7)
    desk.lan.internet.up = False
    desk.client.send_udp(b"lost", (web.ip, 7), port=4000)
    desk.run(50)
    assert (len(port.received), desk.lan.internet.unsent) == (0, 1)
    desk.lan.internet.up = True
    desk.client.send_udp(b"found", (web.ip, 7), port=4000)
    desk.run(50)
    assert [data for data, _ in port.received] == [b"found"]


def test_line_is_mended_when_every_cut_is(desk: Any, web: Any) -> None:
    internet = desk.lan.internet
    internet.cut()
    internet.cut()
    internet.mend()
    assert internet.routers[0].outside.network is None
    internet.up = False
    internet.mend()
    assert internet.routers[0].outside.network is None
    internet.up = True
    assert internet.routers[0].outside.network is internet.network


def test_time_passes_with_the_world(desk: Any) -> None:
    assert desk.lan.internet.utc_now() == datetime(2026, 1, 1, tzinfo=UTC)
    desk.run(2_500)
    assert desk.lan.internet.utc_now() == datetime(2026, 1, 1, 0, 0, 2, 500_000, tzinfo=UTC)


def test_time_that_is_set_holds_now(desk: Any) -> None:
    desk.run(5_000)
    desk.lan.internet.set_utc(datetime(2024, 6, 1, 14, tzinfo=timezone(timedelta(hours=2))))
    assert desk.lan.internet.utc_now() == datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 1, 1), "needs a time zone"),
        (datetime(1969, 1, 1, tzinfo=UTC), "between 1970 and 2100"),
        (datetime(2100, 1, 1, tzinfo=UTC), "between 1970 and 2100"),
    ],
)
def test_impossible_time_is_refused(desk: Any, moment: datetime, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        desk.lan.internet.set_utc(moment)
