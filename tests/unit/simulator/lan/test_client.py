"""The test's own hosts on the LAN."""

import pytest

from simulator.errors import StateError, UsageError


def test_received_may_be_cleared_by_the_test(desk):
    client, server = desk.pair()
    server.send(b"one")
    desk.run(5)
    client.received.clear()
    server.send(b"two")
    desk.run(5)
    assert client.received == b"two"


def test_send_before_the_handshake_is_done_is_queued(desk):
    listening = desk.server.listen(80)
    connection = desk.client.connect(desk.server.ip, 80)
    connection.send(b"early")
    desk.run(10)
    assert listening.connections[0].received == b"early"


def test_send_on_closed_connection_raises(desk):
    client, server = desk.pair()
    server.close()
    desk.run(10)
    with pytest.raises(StateError, match="the connection is closed"):
        client.send(b"x")


def test_send_after_close_raises(desk):
    client, _ = desk.pair()
    client.close()
    with pytest.raises(StateError):
        client.send(b"x")


def test_connect_to_no_address_raises(desk):
    with pytest.raises(UsageError, match="not an IPv4 address"):
        desk.client.connect("node01", 80)


def test_listen_twice_raises(desk):
    desk.server.listen(80)
    with pytest.raises(StateError, match="port 80 of server is in use"):
        desk.server.listen(80)


def test_bind_udp_twice_raises(desk):
    desk.server.bind_udp(80)
    with pytest.raises(StateError):
        desk.server.bind_udp(80)


def test_on_connection_is_called_with_each_client(desk):
    greeted = []

    def greet(connection):
        greeted.append(connection)
        connection.send(b"welcome")

    desk.server.listen(80, greet)
    clients = [desk.client.connect(desk.server.ip, 80) for _ in range(3)]
    desk.run(20)
    assert [bytes(client.received) for client in clients] == [b"welcome"] * 3
    assert len(greeted) == 3


def test_host_without_address_left_raises(desk):
    tiny = desk.lan.add_network("tiny", "10.7.0.0/30", gateway="10.7.0.1", first_lease="10.7.0.1")
    point = desk.lan.add_access_point("tiny", network=tiny)
    desk.lan.client("one", access_point=point)
    with pytest.raises(StateError, match="network tiny has no address left for two"):
        desk.lan.client("two", access_point=point)
