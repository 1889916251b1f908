"""Streams of MicroPython's ``asyncio``.

Source: extmod/asyncio/stream.py (MicroPython 1.28).

Limits: ``ssl`` arguments are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from simulator.micropython._aio_core import CancelledError, Scheduler, Task, create_task, current_task, sleep_ms
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import running


class _IoWait:
    """Awaitable: park the current task until a socket may be read or written."""

    __slots__ = ("begun", "sched", "sock", "task", "write")

    def __init__(self, sock: Any, write: bool) -> None:
        self.sock = sock
        self.write = write
        self.begun = False
        self.task: Task
        self.sched: Scheduler

    def __await__(self) -> Generator[None, None, None]:
        return self  # type: ignore[return-value]  # the scheduler only calls __next__, so an iterator will do

    def __next__(self) -> None:
        if self.begun:
            raise StopIteration
        self.begun = True
        task = self.task = current_task()
        self.sched = task.sched
        if self._ready():
            self.sched.push_now(task)
            return
        if self.key in self.sched.polled:
            raise AssertionError  # the port's poller takes one task per stream and direction; core.py, IOQueue
        self.sched.polled[self.key] = None
        task.data = self
        self.sched.io_waiting += 1
        self.sock._on_ready(self._changed)

    @property
    def key(self) -> tuple[Any, bool]:
        """The stream and the direction."""
        return self.sock, self.write

    def _ready(self) -> bool:
        return bool(self.sock._writable() if self.write else self.sock._readable())

    def _changed(self) -> None:
        if self._ready():
            self.sched.io_waiting -= 1
            del self.sched.polled[self.key]
            self.task.data = None
            self.sched.push_now(self.task)
        else:
            self.sock._on_ready(self._changed)

    def remove(self, task: Task) -> None:
        """How ``Task.cancel`` takes the task away."""
        self.sched.io_waiting -= 1
        del self.sched.polled[self.key]
        self.sock._off_ready(self._changed)


class Stream(metaclass=Builtin):
    """A socket as stream; ``StreamReader`` and ``StreamWriter`` are both this class, as on the port.

    Attributes:
        s: the socket, non-blocking.
        e: extra information, e.g. ``peername``.
        out_buf: what ``write`` could not send at once.
    """

    def __init__(self, s: Any, e: dict[str, Any] | None = None) -> None:
        self.s = s
        self.e = {} if e is None else e
        self.out_buf = b""

    def get_extra_info(self, v: str) -> Any:
        """A piece of extra information by name."""
        return self.e[v]

    def close(self) -> None:
        """Nothing: :meth:`wait_closed` closes, as on the port."""

    async def wait_closed(self) -> None:
        """Close the socket."""
        self.s.close()

    async def read(self, n: int = -1) -> bytes:
        """Wait for data and return up to ``n`` bytes, b"" at the end; all until the end if ``n`` is negative."""
        data = b""
        while True:
            await _IoWait(self.s, False)
            piece = self.s.read(n)
            if piece is None:
                continue
            if n >= 0:
                return bytes(piece)
            if not piece:
                return data
            data += piece

    async def readinto(self, buf: bytearray) -> int | None:
        """Wait for data and read it into ``buf``; returns the count."""
        await _IoWait(self.s, False)
        count: int | None = self.s.readinto(buf)
        return count

    async def readexactly(self, n: int) -> bytes:
        """Read exactly ``n`` bytes.

        Raises:
            EOFError: the stream ended before.
        """
        data = b""
        while n:
            await _IoWait(self.s, False)
            piece = self.s.read(n)
            if piece is None:
                continue
            if not piece:
                raise EOFError
            data += piece
            n -= len(piece)
        return data

    async def readline(self) -> bytes:
        """Read up to and with a newline, or to the end."""
        line = b""
        while True:
            await _IoWait(self.s, False)
            piece = self.s.readline()
            if piece is None:
                continue
            line += piece
            if not piece or line[-1:] == b"\n":
                return line

    def write(self, buf: bytes | str) -> None:
        """Send what can be sent at once and keep the rest for :meth:`drain`."""
        data = buf.encode() if isinstance(buf, str) else bytes(buf)
        if not self.out_buf:
            sent = self.s.write(data)
            if sent == len(data):
                return
            if sent is not None:
                data = data[sent:]
        self.out_buf += data

    async def drain(self) -> None:
        """Wait until everything written has been handed to the network."""
        if not self.out_buf:
            await sleep_ms(0)
            return
        data, self.out_buf = self.out_buf, b""
        offset = 0
        while offset < len(data):
            await _IoWait(self.s, True)
            sent = self.s.write(data[offset:])
            if sent is not None:
                offset += sent


StreamReader = Stream
StreamWriter = Stream


def _refuse_ssl(ssl: object) -> None:
    if ssl:
        raise NotImplementedError("asyncio: ssl is not modelled")


async def open_connection(
    host: str, port: int, ssl: Any = None, server_hostname: str | None = None
) -> tuple[Stream, Stream]:
    """Connect to a TCP server; returns the stream twice, as reader and as writer.

    Raises:
        OSError: no such host, or the connection failed.
    """
    _refuse_ssl(ssl)
    socket = running().import_module("socket")
    info = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    sock = socket.socket(info[0], info[1], info[2])
    sock.setblocking(False)
    try:
        sock.connect(info[-1])
    except OSError as error:
        if error.errno != 119:
            sock.close()
            raise
    stream = Stream(sock)
    await _IoWait(sock, True)
    return stream, stream


class Server(metaclass=Builtin):
    """A listening socket and the task that accepts from it."""

    def __init__(self) -> None:
        self.state = False
        self.task: Task

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, exc_type: object, exc: object, tb: object) -> None:
        self.close()
        await self.wait_closed()

    def close(self) -> None:
        """Stop accepting; the listening socket closes."""
        self.state = True
        self.task.cancel()

    async def wait_closed(self) -> None:
        """Wait until it is closed."""
        await self.task

    async def _serve(self, sock: Any, cb: Callable[[Stream, Stream], Any]) -> None:
        self.state = False
        try:
            while True:
                await _IoWait(sock, False)
                try:
                    conn, addr = sock.accept()
                except OSError:
                    continue  # as the port: the client went away before it was accepted
                conn.setblocking(False)
                stream = Stream(conn, {"peername": addr})
                create_task(cb(stream, stream))
        except CancelledError:
            if not self.state:
                raise
        finally:
            sock.close()


async def start_server(
    cb: Callable[[Stream, Stream], Any], host: str, port: int, backlog: int = 5, ssl: Any = None
) -> Server:
    """Listen, and run ``cb(reader, writer)`` as a task for each client.

    Raises:
        OSError: the port is in use.
    """
    _refuse_ssl(ssl)
    socket = running().import_module("socket")
    address = socket.getaddrinfo(host, port)[0][-1]
    sock = socket.socket()
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(backlog)
    except OSError:
        sock.close()
        raise
    server = Server()
    server.task = create_task(server._serve(sock, cb))
    await sleep_ms(0)
    return server
