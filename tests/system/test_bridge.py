"""Real clients on the host's loopback talk to simulated nodes. Wall clock, real sockets."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from simulator.errors import StateError, UsageError
from simulator.lan.bridge import HELD_MAX, Bridge, addresses
from simulator.node import Node
from simulator.world import World

JOIN = """
import network, time
wlan = network.WLAN()
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
"""
ECHO = """
import asyncio
async def serve(reader, writer):
    try:
        while True:
            data = await reader.read(1000)
            if not data:
                break
            writer.write(b'<' + data + b'>')
            await writer.drain()
    except OSError:
        pass
    await writer.wait_closed()
async def main():
    await asyncio.start_server(serve, '0.0.0.0', 9008)
    while True:
        await asyncio.sleep(1)
asyncio.run(main())
"""
LISTEN = """
import socket
server = socket.socket()
server.bind(('', 9008))
server.listen(1)
"""


class Desk:
    """A board behind a bridge; time runs with the wall clock while something is awaited."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.node: Node = world.add_node("node01", firmware=False)
        world.run_for(1)
        self.bridge = Bridge(world.lan, world.kernel)
        self.port = self.bridge.expose(self.node.machine, 9008)
        self.clients: list[socket.socket] = []

    def program(self, source: str) -> None:
        self.node.start(source)

    def run(self, until: Callable[[], object], *, limit_s: float = 5.0, pace: float = 1.0) -> None:
        """Poll the bridge and let virtual time follow, until ``until()`` or the limit."""
        kernel = self.world.kernel
        start_s, start_us = monotonic(), kernel.now
        while not until():
            now_s = monotonic()
            assert now_s < start_s + limit_s, "not within its time"
            self.bridge.poll(0.002)
            kernel.run(max(kernel.now, start_us + round((monotonic() - start_s) * pace * 1e6)))

    def client(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=2)
        client.setblocking(False)
        self.clients.append(client)
        return client

    def read(self, client: socket.socket, size: int, **how: float) -> bytes:
        """Read ``size`` bytes, or to the end."""
        received = bytearray()
        ended = []

        def enough() -> bool:
            try:
                data = client.recv(65536)
            except BlockingIOError:
                return False
            received.extend(data)
            if not data:
                ended.append(True)
            return bool(ended) or len(received) >= size

        self.run(enough, **how)
        return bytes(received)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.bridge.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with World(seed=1) as world:
        desk = Desk(world)
        yield desk
        desk.close()


def test_client_gets_its_reply(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    client = desk.client()
    client.send(b"hello")
    assert desk.read(client, 7, pace=10) == b"<hello>"


def test_ten_clients_get_their_own_replies(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    clients = [desk.client() for _ in range(10)]
    for number, client in enumerate(clients):
        client.send(b"%d" % number)
    assert [desk.read(client, 3, pace=10) for client in clients] == [b"<%d>" % number for number in range(10)]


def test_client_sees_that_the_node_closes(desk: Desk) -> None:
    desk.program(JOIN + LISTEN + "client = server.accept()[0]; client.send(b'Bye!'); client.close()")
    assert desk.read(desk.client(), 100, pace=10) == b"Bye!"


def test_last_words_reach_a_client_that_still_sends(desk: Desk) -> None:
    desk.program(JOIN + LISTEN + "c = server.accept()[0]; c.recv(9); c.send(b'too long'); c.close()")
    client = desk.client()
    desk.run(lambda: _send(client, b"x" * 65536) == 0 or desk.bridge.connections, pace=10)
    assert desk.read(client, 100, pace=10) == b"too long"


def _send(client: socket.socket, data: bytes | memoryview) -> int:
    try:
        return client.send(data)
    except BlockingIOError:
        return 0


def test_node_sees_that_the_client_closes(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    client = desk.client()
    client.send(b"a")
    desk.read(client, 3, pace=10)
    client.close()
    desk.run(lambda: not desk.bridge.connections)


def test_client_that_never_reads_is_bounded_and_blocks_nobody(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    greedy, other = desk.client(), desk.client()
    sent = 0
    deadline_s = monotonic() + 1.5

    def push() -> bool:
        nonlocal sent
        sent += _send(greedy, b"x" * 65536)
        return monotonic() > deadline_s

    desk.run(push, pace=10)
    connection = desk.bridge.connections[0]
    assert len(connection.rx) <= 2 * 65536
    assert not connection.writable
    other.send(b"hi")
    assert desk.read(other, 4) == b"<hi>"


def test_client_that_sends_while_time_stands_still_is_bounded(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    client = desk.client()
    desk.run(lambda: desk.bridge.connections, pace=10)
    sent = 0
    for _ in range(1000):
        sent += _send(client, b"x" * 65536)
        desk.bridge.poll(0)
    assert 65536 <= sent < 16_000_000
    assert len(desk.bridge.connections[0].rx) == 0


def test_large_transfer_through_the_bridge_is_whole(desk: Desk) -> None:
    desk.program(JOIN + ECHO.replace("b'<' + data + b'>'", "data"))
    client = desk.client()
    data = bytes(range(256)) * 4000
    left, received = memoryview(data), bytearray()

    def both() -> bool:
        nonlocal left
        left = left[_send(client, left[:65536]) :] if left else left
        with contextlib.suppress(BlockingIOError):
            received.extend(client.recv(65536))
        return len(received) >= len(data)

    desk.run(both, limit_s=20, pace=10)
    assert received == data


def test_client_during_boot_is_held_until_the_node_listens(desk: Desk) -> None:
    client = desk.client()
    client.send(b"early")
    desk.run(lambda: desk.world.now_s > 3, pace=10)
    desk.program(JOIN + ECHO)
    assert desk.read(client, 7, pace=10) == b"<early>"


def test_client_of_a_node_that_never_listens_is_closed(desk: Desk) -> None:
    client = desk.client()
    assert desk.read(client, 1, pace=20) == b""
    assert 14 < desk.world.now_s < 18


def test_client_while_the_access_point_is_off_is_held(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    desk.run(lambda: desk.node.listening(9008), pace=10)
    desk.world.lan.home_ap.up = False
    client = desk.client()
    client.send(b"hi")
    desk.run(lambda: desk.world.now_s > 8, pace=10)
    assert desk.bridge.connections == []
    desk.world.lan.home_ap.up = True
    assert desk.read(client, 4, pace=10) == b"<hi>"


def test_node_that_was_reset_is_silent_until_it_is_spoken_to(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    client = desk.client()
    client.send(b"a")
    assert desk.read(client, 3, pace=10) == b"<a>"
    desk.node.reset()
    until_s = desk.world.now_s + 3
    desk.run(lambda: desk.world.now_s > until_s, pace=10)
    client.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.recv(1)
    desk.program(JOIN + ECHO)
    desk.run(lambda: desk.node.listening(9008), pace=10)
    client.send(b"b")
    with pytest.raises(ConnectionResetError):
        desk.read(client, 1, pace=10)
    desk.bridge.poll(0)
    assert desk.bridge.lingering == []


def test_soft_reset_of_the_node_tells_its_clients(desk: Desk) -> None:
    desk.program(JOIN + LISTEN + "import machine\nserver.accept()[0].recv(9)\nmachine.soft_reset()")
    client = desk.client()
    client.send(b"a")
    assert desk.read(client, 1, pace=10) == b""


def test_more_clients_than_can_be_held_are_all_served_in_the_end(desk: Desk) -> None:
    clients = [desk.client() for _ in range(HELD_MAX + 20)]
    for client in clients:
        client.send(b"q")
    serve = "while True:\n    c = server.accept()[0]; c.send(c.recv(9)); c.close()"
    desk.program(JOIN + LISTEN + serve)
    assert [desk.read(client, 1, pace=10) for client in clients] == [b"q"] * len(clients)


def test_five_hundred_quick_connects_leave_nothing_behind(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    desk.run(lambda: desk.node.listening(9008), pace=10)
    for _ in range(500):
        desk.client().close()
        desk.bridge.poll(0)
        desk.world.run_for(0.01)
    desk.run(lambda: not desk.bridge.connections and not desk.bridge.lingering)
    client = desk.client()
    client.send(b"hi")
    assert desk.read(client, 4) == b"<hi>"


def test_reset_by_the_client_is_no_error_of_the_bridge(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    client = desk.client()
    client.send(b"a")
    desk.read(client, 3, pace=10)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    desk.run(lambda: not desk.bridge.connections)


def test_port_in_use_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(StateError, match=f"port {desk.port} on 127.0.0.1 is in use"):
        desk.bridge.expose(desk.node.machine, 9008, host_port=desk.port)


def test_port_of_a_server_on_all_addresses_is_refused(desk: Desk) -> None:
    with socket.socket() as server:
        server.bind(("", 0))
        server.listen(1)
        with pytest.raises(StateError):
            desk.bridge.expose(desk.node.machine, 9008, host_port=server.getsockname()[1])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "localhost"])
def test_host_beyond_loopback_is_refused(desk: Desk, host: str) -> None:
    with pytest.raises(UsageError, match="not a loopback address"):
        desk.bridge.expose(desk.node.machine, 9008, host=host)


def test_registered_socket_is_called_and_can_be_taken_back(desk: Desk) -> None:
    here, there = socket.socketpair()
    heard: list[bytes] = []
    desk.bridge.register(here, lambda: heard.append(here.recv(9)))
    there.send(b"knock")
    desk.run(lambda: heard)
    desk.bridge.unregister(here)
    there.send(b"again")
    desk.bridge.poll(0.01)
    assert heard == [b"knock"]
    here.close()
    there.close()


def test_wakeup_ends_a_poll(desk: Desk) -> None:
    desk.bridge.wakeup()
    start_s = monotonic()
    assert desk.bridge.poll(5)
    assert monotonic() - start_s < 1


def test_addresses_are_one_loopback_address_per_node_on_linux() -> None:
    if sys.platform != "linux":
        pytest.skip("needs a system with all of 127/8")
    assert addresses(3, 9008) == [("127.0.0.1", 9008), ("127.0.0.2", 9008), ("127.0.0.3", 9008)]
    assert addresses(255, 9008)[254] == ("127.0.1.1", 9008)


def test_addresses_of_one_node_is_the_usual_one() -> None:
    assert addresses(1, 9008) == [("127.0.0.1", 9008)]


def test_node_sees_the_address_of_its_client(desk: Desk) -> None:
    if sys.platform != "linux":
        pytest.skip("needs a system with all of 127/8")
    desk.program(JOIN + LISTEN + "while True: print('from', server.accept()[1][0])")
    for source in ("127.0.0.1", "127.0.0.9"):
        desk.clients.append(socket.create_connection(("127.0.0.1", desk.port), timeout=2, source_address=(source, 0)))
        desk.run(lambda source=source: f"from {source}\n" in desk.node.console.text(), pace=10)  # type: ignore[misc]


def _talking(desk: Desk) -> socket.socket:
    """A client whose connection to the node's echo stands."""
    desk.program(JOIN + ECHO)
    client = desk.client()
    client.send(b"1")
    assert desk.read(client, 3, pace=10) == b"<1>"
    return client


def _pass(desk: Desk, virtual_s: float) -> None:
    until_us = desk.world.kernel.now + round(virtual_s * 1e6)
    desk.run(lambda: desk.world.kernel.now >= until_us, pace=20)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("vanish", {"host": "node01"}),
        ("vanish", {"host": "outside"}),
        ("partition", {"a": "node01", "b": "outside"}),
        ("one_way", {"host": "outside", "peer": "node01"}),
        ("one_way", {"host": "node01"}),
    ],
)
def test_open_connection_stalls_while_a_fault_cuts_the_way_and_loses_nothing(
    desk: Desk, kind: str, params: dict[str, str]
) -> None:
    client = _talking(desk)
    with desk.world.lan.faults.start(kind, **params) as fault:
        client.send(b"2")
        _pass(desk, 5)
        with pytest.raises(BlockingIOError):
            client.recv(10)
        assert fault.count >= 1
    assert desk.read(client, 3, pace=10) == b"<2>"


def test_connection_is_reset_when_the_node_is_back_with_a_new_link(desk: Desk) -> None:
    client = _talking(desk)
    with desk.world.lan.faults.start("ap_off"):
        _pass(desk, 20)
        assert desk.bridge.connections == []
        with pytest.raises(BlockingIOError):
            client.recv(10)
    _pass(desk, 10)
    with pytest.raises(ConnectionResetError):
        client.recv(10)
    again = desk.client()
    again.send(b"3")
    assert desk.read(again, 3, pace=10) == b"<3>"


def test_new_client_of_a_vanished_node_is_held_then_closed(desk: Desk) -> None:
    _talking(desk)
    with desk.world.lan.faults.start("vanish", host="node01") as fault:
        client = desk.client()
        client.send(b"2")
        _pass(desk, 10)
        with pytest.raises(BlockingIOError):
            client.recv(10)
        with contextlib.suppress(ConnectionResetError):
            assert desk.read(client, 1, pace=10) == b""
        assert fault.count >= 1


def test_clients_of_a_node_that_stays_off_leave_nothing_behind(desk: Desk) -> None:
    desk.program(JOIN + ECHO)
    clients = [desk.client() for _ in range(3)]
    for client in clients:
        client.send(b"a")
        assert desk.read(client, 3, pace=10) == b"<a>"
    desk.node.power_off()
    for client in clients:
        client.send(b"b")
        desk.bridge.poll(0.01)
        client.close()
    desk.run(lambda: not desk.bridge.lingering, pace=10)
