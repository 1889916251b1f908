"""A client of a node's WebREPL, in virtual time, for tests.

It speaks as the command-line client of MicroPython does: unmasked frames, the password in a binary frame, records in
pieces of 10 and 72 bytes, data in frames of 1024 bytes.

Example::

    client = WebReplClient(world, node)
    client.log_in("ADmin123")
    client.put("main.py", b"print(1)")
    client.type("1 + 1\\r")
    client.wait_for("2\\r\\n>>> ")
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import StateError, WaitTimeout

if TYPE_CHECKING:
    from simulator.node import Node
    from simulator.world import World

PORT = 8266
TEXT, BINARY = 1, 2
PUT, GET, VERSION = 1, 2, 3
#: The request of MicroPython's command-line client, and what a WebREPL answers. Source: webrepl_cli.py.
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: echo.websocket.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: foo\r\n\r\n"
)
ACCEPTED = b"HTTP/1.1 101 "
_DONE = b"WB\0\0"
_PIECE_BYTES = 1_024


def frame(data: bytes, kind: int = BINARY, *, mask: bytes | None = None) -> bytes:
    """A WebSocket frame.

    Args:
        data: payload, fewer than 65536 bytes.
        kind: opcode.
        mask: 4 bytes to mask it with; None for an unmasked one.
    """
    size = bytes((len(data),)) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    if mask is None:
        return bytes((0x80 | kind,)) + size + data
    masked = bytes(byte ^ mask[place & 3] for place, byte in enumerate(data))
    return bytes((0x80 | kind, size[0] | 0x80)) + size[1:] + mask + masked


def record(operation: int, path: str = "", size: int = 0) -> bytes:
    """The 82 bytes that ask for a file operation."""
    name = path.encode()
    return struct.pack("<2sBBQLH64s", b"WA", operation, 0, 0, size, len(name), name)


class WebReplClient:
    """One session; waits until the node has accepted it.

    Args:
        world: whose time passes while it waits.
        node: the node to talk to.
        port: of its WebREPL.
        timeout_s: virtual seconds that each wait may take.

    Raises:
        WaitTimeout: the node did not accept it in time.
        StateError: it refused.
    """

    def __init__(self, world: World, node: Node, *, port: int = PORT, timeout_s: float = 30.0) -> None:
        self._text = ""
        self._binary: deque[bytes] = deque()
        self._world = world
        self._timeout_s = timeout_s
        self._accepted = False
        self._connection = world.lan.client("webrepl").connect(world.lan.address(node.machine), port)
        self._connection.send(REQUEST)
        received = self._connection.received
        self._wait(lambda: b"\r\n\r\n" in received, "an answer to the request")
        if not received.startswith(ACCEPTED):
            raise StateError(f"no WebSocket there: {bytes(received[:40])!r}")
        del received[: received.index(b"\r\n\r\n") + 4]
        self._accepted = True

    @property
    def text(self) -> str:
        """What came in text frames and was not taken by :meth:`wait_for`."""
        self._take_frames()
        return self._text

    @property
    def binary(self) -> deque[bytes]:
        """Payloads of binary frames that were not taken yet."""
        self._take_frames()
        return self._binary

    @property
    def closed(self) -> bool:
        """The node has closed the session."""
        self._take_frames()
        return self._connection.closed

    def log_in(self, password: str) -> None:
        """Give the password.

        Raises:
            StateError: it is wrong.
        """
        self.wait_for("Password: ")
        self.send(password.encode() + b"\r")
        self._wait(lambda: ">>> " in self._text, "a verdict on the password")
        if "WebREPL connected" not in self._text:
            raise StateError(f"not let in: {self._text.strip()!r}")
        self._text = ""

    def put(self, path: str, data: bytes) -> None:
        """Write a file.

        Raises:
            StateError: the node closed the session, as it does when it cannot open the file.
        """
        self._ask(record(PUT, path, len(data)))
        self._expect_done("put")
        for start in range(0, len(data), _PIECE_BYTES):
            self.send(data[start : start + _PIECE_BYTES])
        self._expect_done("put")

    def get(self, path: str) -> bytes:
        """Read a file.

        Raises:
            StateError: as :meth:`put`.
        """
        self._ask(record(GET, path))
        self._expect_done("get")
        data = b""
        while True:
            self.send(b"\0")
            piece = self._next_binary("get")
            if piece == b"\0\0":
                break
            data += piece[2:]
        self._expect_done("get")
        return data

    def version(self) -> tuple[int, ...]:
        """The version of MicroPython on the node."""
        self._ask(record(VERSION))
        return tuple(self._next_binary("version"))

    def type(self, text: str) -> None:
        """Type at the terminal; a line ends with a carriage return."""
        self.send(text.encode(), TEXT)

    def wait_for(self, text: str) -> str:
        """Wait until the terminal has shown ``text``; returns, and takes, what it has shown up to its end."""
        self._wait(lambda: text in self._text, repr(text))
        if text not in self._text:
            raise StateError(f"the node closed the session before {text!r}; it showed {self._text!r}")
        end = self._text.index(text) + len(text)
        shown, self._text = self._text[:end], self._text[end:]
        return shown

    def send(self, data: bytes, kind: int = BINARY) -> None:
        """Send one unmasked frame."""
        self.send_raw(frame(data, kind))

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._connection.send(data)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def vanish(self) -> None:
        """Be gone without a word."""
        self._connection.vanish()

    def abort(self) -> None:
        """Reset the connection."""
        self._connection.abort()

    def pause_reading(self) -> None:
        """Take nothing more from the node until :meth:`resume_reading`."""
        self._connection.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._connection.resume_reading()

    def _ask(self, request: bytes) -> None:
        self.send(request[:10])
        self.send(request[10:])

    def _expect_done(self, what: str) -> None:
        answer = self._next_binary(what)
        if answer != _DONE:
            raise StateError(f"{what}: the node answered {answer!r}")

    def _next_binary(self, what: str) -> bytes:
        self._wait(lambda: self._binary, f"an answer to {what}")
        if not self._binary:
            raise StateError(f"{what}: the node closed the session; it showed {self._text!r}")
        return self._binary.popleft()

    def _take_frames(self) -> None:
        """Sort what has come into text and binary."""
        received = self._connection.received
        while self._accepted and len(received) >= 2:
            length, start = received[1], 2
            if length == 126:
                if len(received) < 4:
                    return
                length, start = int.from_bytes(received[2:4], "big"), 4
            if len(received) < start + length:
                return
            payload = bytes(received[start : start + length])
            kind = received[0] & 0x0F
            del received[: start + length]
            if kind == TEXT:
                self._text += payload.decode(errors="replace")
            else:
                self._binary.append(payload)

    def _wait(self, predicate: Callable[[], object], what: str) -> None:
        def ended() -> object:
            self._take_frames()
            return predicate() or self._connection.closed

        try:
            self._world.run_until(ended, timeout_s=self._timeout_s)
        except WaitTimeout:
            raise WaitTimeout(f"no {what} within {self._timeout_s:g} s; got {self._text!r}") from None
