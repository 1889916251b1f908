"""Scenarios: bytes on the network, and what the firmware makes of it."""

from __future__ import annotations

from collections.abc import Callable

from simulator.lan.client import LanConnection
from simulator.node import Node
from simulator.parity.record import Recorder
from simulator.parity.scenario import Scenario
from simulator.world import World
from tests.parity.corpus_shell import asks

_WEB = '''
"""Speaks HTTP and UDP."""
import asyncio
import select
import socket
import struct

def fetch(host, port=80, path='/'):
    """One request on a blocking socket."""
    stream = socket.socket()
    stream.settimeout(5)
    try:
        stream.connect(socket.getaddrinfo(host, port)[0][-1])
        stream.write(b'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' % (path.encode(), host.encode()))
        status = stream.readline()
        size = 0
        while True:
            piece = stream.recv(64)
            if not piece:
                return status, size
            size += len(piece)
    finally:
        stream.close()

def datagram(host, port=5000, data=b'ping'):
    stream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stream.settimeout(2)
    stream.sendto(data, (host, port))
    try:
        return stream.recvfrom(100)
    finally:
        stream.close()

def poll(host, port=80):
    stream = socket.socket()
    stream.connect((host, port))
    poller = select.poll()
    poller.register(stream, select.POLLIN)
    before = len(poller.poll(50))
    stream.send(b'GET / HTTP/1.0\\r\\n\\r\\n')
    after = [event for _, event in poller.poll(2000)]
    stream.close()
    return before, after

async def streams(host, port=80):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b'GET /async HTTP/1.0\\r\\n')
    writer.write(b'\\r\\n')
    await writer.drain()
    first = await reader.readline()
    rest = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    return first, len(rest)

def numbers():
    return struct.pack('<HIf', 513, 70000, 1.5), struct.unpack('>hB', b'\\xff\\xfe\\x07')
'''


def _answer(recorder: Recorder, body: bytes) -> Callable[[LanConnection], None]:
    def serve(connection: LanConnection) -> None:
        seen = bytearray()

        def changed() -> None:
            if connection.received:
                recorder.note("request", bytes(connection.received))
                seen.extend(connection.received)
                connection.received.clear()
            if seen.endswith(b"\r\n\r\n"):
                seen.clear()
                connection.send(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                connection.close()

        connection.on_change = changed

    return serve


def _web(world: World, node: Node, recorder: Recorder) -> None:
    server = world.lan.client("server")
    server.listen(80, _answer(recorder, b"x" * 3000))
    udp = server.bind_udp(5000)

    def echo() -> None:
        udp.on_change(echo)
        while udp.received:
            data, sender = udp.received.popleft()
            recorder.note("udp", data)
            server.send_udp(data.upper(), sender, port=5000)

    udp.on_change(echo)
    ip = server.ip
    asks(
        f"web fetch '{ip}'",
        f"web fetch '{ip}' path='/a/b?c=1'",
        f"web fetch '{ip}' 81",
        "web fetch 'nosuch.example'",
        f"web poll '{ip}'",
        f"web streams '{ip}'",
        f"web streams '{ip}' 81",
        "web numbers",
        f"web datagram '{ip}'",
        f"web datagram '{ip}' 5001",
    )(world, node, recorder)


def _raw(world: World, node: Node, recorder: Recorder) -> None:
    """Bytes as they come: no newline, pieces, many lines, rubbish, a browser, a line too long, a second client."""
    for number, pieces in enumerate(
        (
            [b"hello"],
            [b"hel", b"lo\nver", b"sion\n"],
            [b"hello\r\n"],
            [b"hello\nversion\nexit\n"],
            [b"\xff\xfe\x00\n"],
            [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
            [b"y" * 5000 + b"\n"],
            [b"\n\n\n"],
            ["h\u00e9llo\n".encode()],
            [b"\x04\n"],
        )
    ):
        recorder.step(f"raw {number}")
        connection = world.lan.client("raw").connect(world.lan.address(node.machine), 9008)
        recorder.watch(connection, "raw")
        world.run_for(0.5)
        for piece in pieces:
            connection.send(piece)
            world.run_for(0.005)
        world.run_for(2)
        connection.close()
        world.run_for(1)


def _many(world: World, node: Node, recorder: Recorder) -> None:
    """More clients than there are places, and one that goes silent."""
    ip = world.lan.address(node.machine)
    recorder.step("crowd")
    lines = []
    for number in range(5):
        connection = world.lan.client(f"c{number}").connect(ip, 9008)
        recorder.watch(connection, f"client {number}")
        lines.append(connection)
        world.run_for(0.1)
    recorder.step("all speak")
    world.run_for(0.3)  # sessions look at their clocks at whole seconds
    for number, connection in enumerate(lines):
        if not connection.closed:
            connection.send(b"system heartbeat\n" if number % 2 else b"hello\n")
    world.run_for(3)
    recorder.step("silence")
    world.run_for(40)


def _no_network(world: World, node: Node, recorder: Recorder) -> None:
    recorder.step("own network")
    world.run_for(120)


def _fault(world: World, node: Node, recorder: Recorder) -> None:
    talk = recorder.talk()
    recorder.step("access point goes")
    with world.lan.faults.start("ap_off"):
        world.run_for(60)
    recorder.step("access point is back")
    world.run_for(120)
    talk.close()
    asks("hello", "system rssi")(world, node, recorder)


def _peers(world: World, node: Node, recorder: Recorder) -> None:
    world.add_node("node02", engine=node.engine)
    world.run_until(lambda: world.nodes["node02"].listening(9008), timeout_s=60)
    ip = world.lan.address(world.nodes["node02"].machine)
    recorder.align("", timeout_s=1)
    asks(
        f"intercon sendcmd 'hello' host='{ip}'",
        f"intercon sendcmd '{ip}' 'system heartbeat'",
        f"intercon sendcmd host='{ip}' cmd='system nosuch'",
        "intercon dump",
        f"intercon sendcmd '{ip}' 'system clock' >json",
    )(world, node, recorder)


SCENARIOS = (
    Scenario("web", _web, files={"/modules/LM_web.py": _WEB}),
    Scenario("raw bytes", _raw, is_quick=True),
    Scenario("crowd", _many, config={"sessions": 3, "soctout": 20}),
    Scenario("no such network", _no_network, config={"staessid": "elsewhere"}),
    Scenario("network goes and comes", _fault),
    Scenario("peers", _peers),
)
