"""Streams of ``asyncio`` between two boards on the LAN."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from simulator.node import Node, Run
from simulator.world import World

_JOIN = """
import asyncio, network, socket, time
wlan = network.WLAN(network.WLAN.IF_STA)
wlan.active(True)
wlan.connect("your_wifi_name", "your_wifi_passwd")
while not wlan.isconnected():
    time.sleep_ms(50)
def ms(begun):
    return time.ticks_diff(time.ticks_ms(), begun)
"""
_SERVER = """
async def serve(reader, writer):
{body}
async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", 5000)
    await asyncio.sleep(100)
asyncio.run(main())
"""


class Pair:
    """A board that serves and a board that connects to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.server = self._joined("server")
        self.client = self._joined("client")
        self.address = world.lan.address(self.server.machine)

    def _joined(self, name: str) -> Node:
        node = self.world.add_node(name, firmware=False)
        self.world.run_until(lambda: ">>> " in node.console.text())
        self.world.run_on(node, _JOIN)
        return node

    def serve(self, body: str) -> Run:
        """Let ``body`` be what the server does with each connection."""
        run = self.server.start(_SERVER.format(body=indent(dedent(body), "    ")))
        self.world.run_until(lambda: self.server.listening(5000))
        return run

    def connect(self, body: str, port: int = 5000) -> list[str]:
        """Run ``body`` on the client with ``reader`` and ``writer``; returns what it printed."""
        source = (
            "async def main():\n"
            f"    reader, writer = await asyncio.open_connection({self.address!r}, {port})\n"
            f"{indent(dedent(body), '    ')}\nasyncio.run(main())\n"
        )
        return self.world.run_on(self.client, source, timeout_s=90).splitlines()


@pytest.fixture
def pair(world: World) -> Pair:
    return Pair(world)


def test_what_one_side_writes_the_other_reads(pair: Pair) -> None:
    pair.serve("writer.write(b'got ' + await reader.read(100))\nawait writer.drain()")
    assert pair.connect("writer.write('hello')\nawait writer.drain()\nprint(await reader.read(100))") == [
        "b'got hello'"
    ]


def test_reading_task_leaves_the_loop_free(pair: Pair) -> None:
    pair.serve("await asyncio.sleep_ms(300)\nwriter.write(b'late')\nawait asyncio.sleep(1)")
    lines = pair.connect(
        """
        count = 0
        async def tick():
            nonlocal count
            while True:
                await asyncio.sleep_ms(10)
                count += 1
        asyncio.create_task(tick())
        print(await reader.read(10), 25 <= count <= 35)
        """
    )
    assert lines == ["b'late' True"]


def test_readline_joins_pieces_and_ends_at_newline_or_eof(pair: Pair) -> None:
    pair.serve(
        """
        for piece in b"on", b"e\\ntw", b"o\\nend":
            writer.write(piece)
            await asyncio.sleep_ms(50)
        await writer.wait_closed()
        """
    )
    lines = pair.connect("for _ in range(4):\n    print(await reader.readline())")
    assert lines == ["b'one\\n'", "b'two\\n'", "b'end'", "b''"]


def test_readexactly_waits_for_all_and_raises_at_the_end(pair: Pair) -> None:
    pair.serve(
        "writer.write(b'abc')\nawait asyncio.sleep_ms(50)\nwriter.write(b'defg')\nawait asyncio.sleep_ms(50)\n"
        "await writer.wait_closed()"
    )
    lines = pair.connect(
        "print(await reader.readexactly(5))\ntry:\n    await reader.readexactly(5)\nexcept EOFError:\n    print('eof')"
    )
    assert lines == ["b'abcde'", "eof"]


def test_read_without_size_reads_to_the_end(pair: Pair) -> None:
    pair.serve(
        "for _ in range(5):\n    writer.write(b'12345')\n    await asyncio.sleep_ms(20)\nawait writer.wait_closed()"
    )
    assert pair.connect("print(len(await reader.read()), await reader.read(5))") == ["25 b''"]


def test_readinto_fills_the_buffer(pair: Pair) -> None:
    pair.serve("writer.write(b'abcdef')\nawait asyncio.sleep(1)")
    lines = pair.connect("b = bytearray(4)\nprint(await reader.readinto(b), b, await reader.readinto(b), b)")
    assert lines == ["4 bytearray(b'efcd') 2 bytearray(b'efcd')"]


def test_drain_waits_for_a_reader_that_is_slow(pair: Pair) -> None:
    pair.serve(
        """
        await asyncio.sleep(3)
        total = 0
        while total < 50_000:
            total += len(await reader.read(1000))
        writer.write(b"%d" % total)
        await asyncio.sleep(1)
        """
    )
    lines = pair.connect(
        """
        begun = time.ticks_ms()
        writer.write(bytes(50_000))
        await writer.drain()
        print(ms(begun) >= 3000, await reader.read(10))
        """
    )
    assert lines == ["True b'50000'"]


def test_drain_without_output_lets_others_run(pair: Pair) -> None:
    pair.serve("await asyncio.sleep(1)")
    lines = pair.connect(
        """
        async def other():
            print("other")
        asyncio.create_task(other())
        await writer.drain()
        print("drained")
        """
    )
    assert lines == ["other", "drained"]


def test_bytes_arrive_in_order_when_the_buffer_overflows(pair: Pair) -> None:
    server = pair.serve(
        """
        data = await reader.read()
        print(len(data), data == b"".join([b"%05d" % n * 20 for n in range(200)]))
        """
    )
    pair.connect(
        """
        for n in range(200):
            writer.write(b"%05d" % n * 20)
            if n % 50 == 49:
                await writer.drain()
        await writer.drain()
        await writer.wait_closed()
        """
    )
    pair.world.run_for(2)
    assert server.printed == "20000 True\n"


def test_write_behind_what_waits_keeps_the_order(pair: Pair) -> None:
    server = pair.serve("data = await reader.read()\nprint(len(data), data[-3:])")
    pair.connect(
        """
        writer.write(bytes(20_000))
        await asyncio.sleep_ms(500)
        writer.write(b"end")
        await writer.drain()
        await writer.wait_closed()
        """
    )
    pair.world.run_for(2)
    assert server.printed == "20003 b'end'\n"


def test_cancelled_read_leaves_the_stream_usable(pair: Pair) -> None:
    pair.serve("await asyncio.sleep_ms(500)\nwriter.write(b'late')\nawait asyncio.sleep(1)")
    lines = pair.connect(
        """
        try:
            await asyncio.wait_for_ms(reader.read(10), 100)
        except asyncio.TimeoutError:
            print("timeout")
        print(await reader.read(10))
        """
    )
    assert lines == ["timeout", "b'late'"]


def test_connection_to_a_closed_port_raises_oserror(pair: Pair) -> None:
    source = f"""
    async def main():
        try:
            reader, writer = await asyncio.open_connection({pair.address!r}, 5001)
            writer.write(b"x")
        except OSError as e:
            print(e)
    asyncio.run(main())
    """
    assert pair.world.run_on(pair.client, dedent(source)) == "[Errno 104] ECONNRESET\n"


def test_write_to_a_connection_that_was_reset_raises_oserror(pair: Pair) -> None:
    pair.serve("await asyncio.sleep_ms(200)\nawait writer.wait_closed()")
    lines = pair.connect(
        """
        writer.write(b"unread, so that the close is a reset")
        await asyncio.sleep(1)
        try:
            writer.write(b"x")
            await writer.drain()
        except OSError as e:
            print(e)
        """
    )
    assert lines == ["[Errno 104] ECONNRESET"]


def test_each_client_of_a_server_gets_its_own_task(pair: Pair) -> None:
    pair.serve(
        """
        name = await reader.readline()
        await asyncio.sleep_ms(100)
        writer.write(b"you are " + name)
        await asyncio.sleep(1)
        """
    )
    lines = pair.connect(
        f"""
        reader2, writer2 = await asyncio.open_connection({pair.address!r}, 5000)
        writer.write(b"one\\n")
        writer2.write(b"two\\n")
        print(await reader2.readline(), await reader.readline())
        """
    )
    assert lines == ["b'you are two\\n' b'you are one\\n'"]


def test_peername_is_the_client(pair: Pair) -> None:
    server = pair.serve("print(writer.get_extra_info('peername')[0])")
    pair.connect("await asyncio.sleep_ms(100)")
    assert server.printed == pair.world.lan.address(pair.client.machine) + "\n"


def test_closed_server_listens_no_more(pair: Pair) -> None:
    run = pair.server.start(
        dedent("""
        async def main():
            async with await asyncio.start_server(None, "0.0.0.0", 5000):
                await asyncio.sleep(1)
            print("closed")
        asyncio.run(main())
        """)
    )
    pair.world.run_until(lambda: pair.server.listening(5000))
    pair.world.run_for(2)
    assert run.printed == "closed\n"
    assert not pair.server.listening(5000)


def test_second_server_on_a_port_raises_oserror(pair: Pair) -> None:
    printed = pair.world.run_on(
        pair.server,
        dedent("""
        async def both():
            await asyncio.start_server(None, "0.0.0.0", 5000)
            try:
                await asyncio.start_server(None, "0.0.0.0", 5000)
            except OSError as e:
                print(e)
        asyncio.run(both())
        """),
    )
    assert printed == "[Errno 112] EADDRINUSE\n"


@pytest.mark.parametrize(
    "call", ["open_connection('10.0.1.1', 443, ssl=True)", "start_server(None, '0.0.0.0', 1, ssl=1)"]
)
@pytest.mark.engine("cpython", reason="interpreter-build")
def test_ssl_is_refused_by_name(pair: Pair, call: str) -> None:
    source = f"""
    async def main():
        try:
            await asyncio.{call}
        except NotImplementedError as e:
            print(e)
    asyncio.run(main())
    """
    assert pair.world.run_on(pair.client, dedent(source)) == "asyncio: ssl is not modelled\n"
