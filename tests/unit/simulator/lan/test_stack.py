"""The IP stack: routes, ports, its own addresses."""

from simulator.kernel import Kernel
from simulator.lan.stack import IpStack
from simulator.lan.udp import Datagram


def test_connect_without_network_has_no_way():
    assert IpStack(Kernel(1), "lonely").connect(("10.0.1.2", 80)) is None


def test_connect_to_itself_works_without_network():
    kernel = Kernel(1)
    stack = IpStack(kernel, "lonely")
    listener = stack.listen(80, 5)
    connection = stack.connect(("127.0.0.1", 80))
    kernel.run(10_000)
    accepted = listener.pop()
    accepted.put(b"hi")
    kernel.run(20_000)
    assert connection.take(10) == b"hi"


def test_free_port_comes_from_lwips_range_and_differs(desk):
    ports = [desk.client.stack.free_port() for _ in range(3)]
    assert all(0xC000 <= port <= 0xFFFF for port in ports)
    assert len(set(ports)) == 3


def test_free_port_begins_the_same_with_the_same_seed():
    assert IpStack(Kernel(7), "a").free_port() == IpStack(Kernel(7), "a").free_port()


def test_on_listen_hears_of_each_new_port(desk):
    heard = []
    desk.server.stack.on_listen.append(heard.append)
    desk.server.listen(80)
    assert heard == [80]


def test_clear_politely_tells_the_peers(desk):
    client, _ = desk.pair()
    desk.server.stack.clear(politely=True)
    desk.run(10)
    assert client.closed
    assert not client.reset


def test_clear_impolitely_tells_nobody(desk):
    client, _ = desk.pair()
    desk.server.stack.clear(politely=False)
    desk.run(10_000)
    assert client.connected
    assert desk.server.stack.listeners == {}


def test_datagram_reaches_the_bound_port_only(desk):
    port = desk.server.bind_udp(123)
    desk.client.send_udp(b"a", (desk.server.ip, 123), port=5000)
    desk.client.send_udp(b"b", (desk.server.ip, 124), port=5000)
    desk.run(2)
    assert list(port.received) == [(b"a", (desk.client.ip, 5000))]


def test_seventh_unread_datagram_is_lost(desk):
    port = desk.server.bind_udp(123)
    for _ in range(7):
        desk.client.send_udp(b"a", (desk.server.ip, 123), port=5000)
    desk.run(2)
    assert (len(port.received), port.lost) == (6, 1)


def test_broadcast_reaches_everybody_but_the_sender(desk):
    other = desk.lan.client("other")
    ports = [host.bind_udp(7) for host in (desk.server, desk.client, other)]
    desk.client.send_udp(b"x", ("255.255.255.255", 7), port=7)
    desk.run(2)
    assert [len(port.received) for port in ports] == [1, 0, 1]


def test_transmit_without_way_is_told():
    assert not IpStack(Kernel(1), "lonely").transmit(Datagram(("0.0.0.0", 1), ("10.0.1.2", 1), b""))
