"""``websocket`` of the port: the server's end of a WebSocket, on any stream.

Facts that surprise and are honoured: it knows no handshake; frames may be masked or not; the bytes of a ping or close
frame that do not fit into one read come out as data (a close frame with status 1000, read byte by byte, gives a
Ctrl-C); a close frame is answered by its two bytes *as payload* of a data frame; a length of 127 is taken for 127.

Source: extmod/modwebsocket.c (v1.28), with assertions off as in ports/esp32/boards/sdkconfig.base; cases of
MicroPython's tests/extmod/websocket_basic.py.
"""

from __future__ import annotations

import contextlib
from typing import Any

from simulator.micropython._args import ABSENT, to_int, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._dupterm import is_stream
from simulator.micropython._stream import Stream
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.runtime import running
from simulator.micropython.socket import socket

__all__ = ["websocket"]

_CALL_US = 5
_OPCODE = 0x0F
_FIN, _MASKED = 0x80, 0x80
_TEXT, _CLOSE = 1, 8
#: Source: py/stream.h, MP_STREAM_*.
_IOCTL_CLOSE, _IOCTL_GET_OPTIONS, _IOCTL_SET_OPTIONS = 4, 8, 9


def read_once(stream: Any, count: int) -> bytes | None:
    """What a C stream's read gives: up to ``count`` bytes, b"" at the end, None if there is nothing now.

    Raises:
        OSError: the stream failed.
    """
    if not isinstance(stream, socket):
        data: bytes | None = stream.read(count)
        return data
    try:
        return stream.recv(count)
    except MicroOSError as error:
        if error.errno == os_error("EAGAIN").errno:
            return None
        raise


class websocket(metaclass=Builtin):
    """A stream of payload bytes over ``sock``; writes frames of type text unless told otherwise by ``ioctl``.

    Args:
        sock: a stream.
        blocking_write: True has the socket block while a frame is written, and not otherwise.
    """

    __slots__ = (
        "_blocks",
        "_control",
        "_flags",
        "_header",
        "_last_flags",
        "_left",
        "_mask",
        "_mask_at",
        "_options",
        "_sock",
        "_state",
        "_wanted",
    )

    def __init__(self, sock: Any, blocking_write: object = False, /) -> None:
        running().cpu.charge(_CALL_US)
        if not is_stream(sock):
            raise MicroOSError("stream operation not supported")
        self._sock = sock
        self._blocks = blocking_write is True
        self._options = _TEXT
        self._flags = self._last_flags = 0
        self._begin_frame()

    def _begin_frame(self) -> None:
        self._state = "header"
        self._header = b""
        self._wanted = 2
        self._left = 0
        self._mask = bytes(4)
        self._mask_at = 0

    # --- frames ---------------------------------------------------------------------------------

    def _read(self, count: int) -> bytes | None:
        """Payload: up to ``count`` bytes, b"" at the end, None if there is nothing now."""
        while True:
            if self._state != "payload":
                piece = self._read_header()
            elif self._left == 0:
                piece = self._end_frame(b"")
            else:
                piece = self._read_payload(count)
            if piece is not ABSENT:
                return piece

    def _read_header(self) -> Any:
        if len(self._header) < self._wanted:
            piece = read_once(self._sock, self._wanted - len(self._header))
            if not piece:
                return piece
            self._header += piece
            if len(self._header) < self._wanted:
                return None
        if self._state == "header":
            self._take_header(self._header[0], self._header[1])
        else:
            self._take_options(self._header)
        self._header = b""
        return ABSENT

    def _take_header(self, flags: int, length: int) -> None:
        self._last_flags = flags
        self._flags = flags if flags & _OPCODE else self._flags & _OPCODE | flags & ~_OPCODE
        self._left = length & ~_MASKED
        self._wanted = (2 if self._left == 126 else 0) + (4 if length & _MASKED else 0)
        self._state = "options" if self._wanted else "payload"

    def _take_options(self, options: bytes) -> None:
        if len(options) & 3 == 2:
            self._left = options[0] << 8 | options[1]
        if len(options) >= 4:
            self._mask = options[-4:]
        self._state = "payload"

    def _read_payload(self, count: int) -> Any:
        piece = read_once(self._sock, min(count, self._left))
        if not piece:
            return piece
        at, mask = self._mask_at, self._mask
        self._mask_at = at + len(piece)
        self._left -= len(piece)
        data = bytes(byte ^ mask[(at + place) & 3] for place, byte in enumerate(piece))
        return data if self._left else self._end_frame(data)

    def _end_frame(self, data: bytes) -> Any:
        """The frame's payload is through; returns what a read gives, ABSENT to go on."""
        kind = self._last_flags & _OPCODE
        self._begin_frame()
        if kind == _CLOSE:
            with contextlib.suppress(MicroOSError):  # the port looks at no error here
                self._write(bytes((_FIN | _CLOSE, 0)))
            return b""
        return data if data and kind < _CLOSE else ABSENT

    def _write(self, data: bytes | bytearray | memoryview) -> int:
        size = len(data)
        length = bytes((size,)) if size < 126 else bytes((126, size >> 8 & 0xFF, size & 0xFF))
        if self._blocks:
            self._sock.setblocking(True)
        try:
            self._sock.write(bytes((_FIN | self._options,)) + length)
            self._sock.write(data)
        finally:
            if self._blocks:
                self._sock.setblocking(False)
        return size

    # --- what firmware sees -----------------------------------------------------------------------

    def read(self, size: int = -1, /) -> bytes | None:
        """Read ``size`` bytes of payload, all up to the end if negative; fewer at the end or when nothing is there.

        Returns:
            None if there is nothing now.
        """
        running().cpu.charge(_CALL_US)
        return read_exactly(self._read, to_int(size))

    def readinto(self, buf: Any, nbytes: int = ABSENT, /) -> int | None:
        """Fill a buffer, or its first ``nbytes``; returns how many bytes, None if there is nothing now."""
        running().cpu.charge(_CALL_US)
        return fill(self._read, writable(buf), nbytes)

    def readline(self, size: int = -1, /) -> bytes | None:
        """Read up to and with a newline, at most ``size`` bytes; None if there is nothing now."""
        running().cpu.charge(_CALL_US)
        line = bytearray()
        size = to_int(size)
        while line[-1:] != b"\n" and (size < 0 or len(line) < size):
            piece = self._read(1)
            if piece is None and not line:
                return None
            if not piece:
                break
            line += piece
        return bytes(line)

    def write(self, data: Any, max_len: int = ABSENT, length: int = ABSENT, /) -> int:
        """Write one frame; with two arguments at most ``max_len`` bytes, with three ``length`` from ``max_len`` on.

        Raises:
            OSError: as the stream's.
        """
        running().cpu.charge(_CALL_US)
        return self._write(Stream._piece(data, max_len, length))

    def ioctl(self, request: int, arg: int = 0, /) -> int:
        """4 closes, 8 gives the type of the frame read last, 9 sets the type of frames written.

        Raises:
            OSError: EINVAL, another request.
        """
        running().cpu.charge(_CALL_US)
        request = to_int(request)
        if request == _IOCTL_CLOSE:
            self._sock.close()
            return 0
        if request == _IOCTL_GET_OPTIONS:
            return self._flags & _OPCODE
        if request == _IOCTL_SET_OPTIONS:
            former, self._options = self._options, to_int(arg) & _OPCODE
            return former
        raise os_error("EINVAL")

    def close(self) -> None:
        """Close the stream; no close frame is sent."""
        self.ioctl(_IOCTL_CLOSE)


# --- what Python methods make of a C stream's read and write. Source: py/stream.c -----------------


def read_exactly(read: Any, size: int) -> bytes | None:
    """``stream.read(size)`` on top of a ``read`` that gives what there is."""
    data = bytearray()
    while size < 0 or len(data) < size:
        piece = read(size - len(data) if size >= 0 else 256)
        if piece is None and not data:
            return None
        if not piece:
            break
        data += piece
    return bytes(data)


def fill(read: Any, view: Any, nbytes: int) -> int | None:
    """``stream.readinto(view, nbytes)`` on top of the same."""
    size = len(view) if nbytes is ABSENT else min(to_int(nbytes), len(view))
    data = read_exactly(read, max(0, size))
    if data is None:
        return None
    view[: len(data)] = data
    return len(data)
