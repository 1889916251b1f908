"""``_webrepl`` of the port: log-in, file transfer and terminal over one WebSocket.

Theory of operation. ``os.dupterm`` reads the object byte by byte. Until the password is right, bytes are collected up
to CR or LF. Then bytes of text frames are what the client types; bytes of all other frames are records of 82
bytes (put, get, version) and, after a put or get, the file's data: 512 bytes at a time to the file, 256 from it for
each byte that the client sends.

Facts that surprise and are honoured: a password has at most 9 bytes, and of what is typed 10 are looked at; an unknown
operation opens the file, is answered with success, and no further record is understood; a name that cannot be
opened raises, which ends the terminal; a write that fails is answered with success; when the first byte of a piece of
data arrives alone, it is lost (``sz == MP_STREAM_ERROR`` returns before it is written) and the file is one byte short.

Source: extmod/modwebrepl.c (v1.28), with assertions off as in ports/esp32/boards/sdkconfig.base.

Limits: a file whose transfer breaks off is closed with the terminal, so that what came is on the flash; on the port
the garbage collector closes it a little later. A name of 64 bytes ends there, on the port it runs on into memory.
"""

from __future__ import annotations

import contextlib
import struct
from typing import Any

from simulator.micropython._args import ABSENT, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._dupterm import is_stream
from simulator.micropython._stream import Stream
from simulator.micropython._text import buffer_of, decoded, text_of
from simulator.micropython.errors import MicroOSError
from simulator.micropython.port import VERSION_INFO
from simulator.micropython.runtime import running
from simulator.micropython.websocket import fill, read_exactly, websocket

__all__ = ["_webrepl", "password"]

_CALL_US = 5
#: signature, operation, flags, offset, size, length of the name, name
_RECORD = struct.Struct("<2sBBQLH64s")
_PUT, _GET, _VERSION = 1, 2, 3
_PASSWORD_MAX = 9
_TYPED_MAX = 10
_TEXT, _BINARY = 1, 2
_PUT_BYTES, _GET_BYTES = 512, 256
_PROMPT = b"Password: "
_CONNECTED = b"\r\nWebREPL connected\r\n>>> "
_DENIED = b"\r\nAccess denied\r\n"
_DONE = b"WB\0\0"


def password(passwd: str, /) -> None:
    """Set the password of later sessions.

    Raises:
        ValueError: it is longer than 9 bytes.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    data = bytes(buffer_of(text_of(passwd)))
    if len(data) > _PASSWORD_MAX:
        raise ValueError
    machine.state["_webrepl"] = data.partition(b"\0")[0]


class _webrepl(metaclass=Builtin):
    """A session over a :class:`~simulator.micropython.websocket.websocket`; asks for the password at once."""

    __slots__ = ("_file", "_in_file", "_left", "_logged_in", "_operation", "_record", "_sock", "_typed")

    def __init__(self, sock: Any, unused: object = None, /) -> None:
        running().cpu.charge(_CALL_US)
        if not is_stream(sock):
            raise MicroOSError("stream operation not supported")
        if not isinstance(sock, websocket):
            raise NotImplementedError("_webrepl._webrepl: a stream other than a websocket is not modelled")
        self._sock = sock
        self._logged_in = False
        self._typed = b""
        self._begin_record()
        self._file: Any = None
        self._say(_PROMPT)

    def _begin_record(self) -> None:
        self._record = b""
        self._in_file = False
        self._left = 0
        self._operation = 0

    def _say(self, data: bytes) -> None:
        """Send text; the port looks at no error here."""
        with contextlib.suppress(MicroOSError):
            self._sock._write(data)

    def _send(self, data: bytes) -> None:
        """Send a binary frame; the port looks at no error here."""
        former = self._sock.ioctl(9, _BINARY)
        self._say(data)
        self._sock.ioctl(9, former)

    # --- the protocol -----------------------------------------------------------------------------

    def _read(self, count: int) -> bytes | None:
        """A byte typed by the client, b"" at the end, None if there is nothing now. ``count`` is 1, as on the port."""
        while True:
            byte = self._sock._read(1)
            if not byte:
                return byte
            running().cpu.charge(1)
            if not self._logged_in:
                if not self._log_in(byte):
                    return b""
            elif self._sock.ioctl(8) == _TEXT:
                return byte
            elif not self._in_file:
                if not self._take_record(byte):
                    return None
            elif self._left and not self._take_data(byte):
                return None

    def _log_in(self, byte: bytes) -> bool:
        if byte not in b"\r\n":
            self._typed = (self._typed + byte)[:_TYPED_MAX]
            return True
        if self._typed.partition(b"\0")[0] != running().state.get("_webrepl", b""):
            self._say(_DENIED)
            return False
        self._logged_in = True
        self._say(_CONNECTED)
        return True

    def _take_record(self, byte: bytes) -> bool:
        """Collect a record and do what it asks for; False if the rest has not come yet."""
        self._record += byte
        missing = _RECORD.size - len(self._record)
        if missing:
            piece = self._sock._read(missing)
            if piece is None:
                return False
            self._record += piece
        if len(self._record) == _RECORD.size:
            self._begin_operation()
        return True

    def _begin_operation(self) -> None:
        _, operation, _, _, size, _, name = _RECORD.unpack(self._record)
        self._begin_record()
        if operation == _VERSION:
            self._send(bytes(VERSION_INFO[:3]))
            return
        mode = "wb" if operation == _PUT else "rb"
        self._in_file = True
        self._operation = operation
        self._file = running().flash.open(decoded(name.partition(b"\0")[0]), mode)
        self._send(_DONE)
        if operation == _PUT:
            self._left = size
            self._end_operation()
        elif operation == _GET:
            self._left = 1

    def _take_data(self, byte: bytes) -> bool:
        """A piece of a file to put, or the sign to send a piece; False if the rest of the piece has not come yet."""
        data = byte
        self._left -= 1
        if self._left:
            piece = self._sock._read(min(_PUT_BYTES - 1, self._left))
            if piece is None:
                return False
            self._left -= len(piece)
            data += piece
        if self._operation == _PUT:
            with contextlib.suppress(MicroOSError):  # an assertion that is off
                self._file.write(data)
        else:
            piece = self._file.read(_GET_BYTES)
            self._send(struct.pack("<H", len(piece)) + piece)
            self._left = 1 if piece else 0
        self._end_operation()
        return True

    def _end_operation(self) -> None:
        if self._left:
            return
        self._file.close()
        self._begin_record()
        self._send(_DONE)

    # --- what firmware sees -----------------------------------------------------------------------

    def read(self, size: int = -1, /) -> bytes | None:
        """Read typed characters; see :meth:`readinto`."""
        running().cpu.charge(_CALL_US)
        return read_exactly(self._read, size)

    def readinto(self, buf: Any, nbytes: int = ABSENT, /) -> int | None:
        """Serve the client until it types something; returns 1, 0 at the end, None if there is nothing now."""
        running().cpu.charge(_CALL_US)
        return fill(self._read, writable(buf), nbytes)

    def write(self, data: Any, max_len: int = ABSENT, length: int = ABSENT, /) -> int:
        """Show text to the client; before it has logged in, nothing is sent."""
        running().cpu.charge(_CALL_US)
        piece = Stream._piece(data, max_len, length)
        return self._sock._write(piece) if self._logged_in else len(piece)

    def close(self) -> None:
        """Close the WebSocket."""
        running().cpu.charge(_CALL_US)
        if self._file is not None:
            self._file.close()
        self._sock.close()
