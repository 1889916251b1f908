"""``io`` of MicroPython: streams in memory, and ``open``.

Source: py/modio.c, py/objstringio.c (v1.28), MICROPY_PY_IO_BUFFEREDWRITER of ports/esp32/mpconfigport.h; cases
compared with the VM.
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._files import FileIO, TextIOWrapper
from simulator.micropython._stream import BYTES_PER_US, Stream
from simulator.micropython._text import buffer_of
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.runtime import Machine, running

__all__ = ["BufferedWriter", "BytesIO", "IOBase", "StringIO", "open"]

_CALL_US = 2


def open(file: str, mode: str = "r", buffering: int = -1, encoding: str | None = None) -> TextIOWrapper | FileIO:
    """Open a file; ``buffering`` and ``encoding`` are ignored.

    Raises:
        OSError: ENOENT, EISDIR, EEXIST, ENOTDIR, EPERM (the root).
        ValueError: the mode names two ways to open.
    """
    return running().flash.open(file, mode, buffering, encoding)


class IOBase(metaclass=Builtin):
    """Base for streams written in Python, with methods ``readinto``, ``write`` and ``ioctl``."""


class _Memory(Stream):
    """Growing content in memory."""

    __slots__ = ("_closed",)

    def __init__(self, content: Any = ABSENT, /) -> None:
        self._enter_new()
        if content is ABSENT or isinstance(content, int):
            content = b""
        self._content = bytearray(buffer_of(content))
        self._pos = 0
        self._closed = False

    @staticmethod
    def _enter_new() -> None:
        running().cpu.charge(_CALL_US)

    def _enter(self) -> Machine:
        machine = running()
        machine.cpu.charge(_CALL_US)
        if self._closed:
            raise ValueError("I/O operation on closed file")
        return machine

    def write(self, data: Any, max_len: int = ABSENT, length: int = ABSENT, /) -> int:
        """Write text or bytes at the position; with two arguments at most ``max_len`` bytes, with three ``length``
        from it on.

        Returns:
            Bytes written.
        """
        machine = self._enter()
        piece = bytes(self._piece(data, max_len, length))
        machine.cpu.charge(len(piece) // BYTES_PER_US)
        content = self._content
        assert isinstance(content, bytearray)
        if self._pos > len(content) and piece:
            content.extend(bytes(self._pos - len(content)))
        content[self._pos : self._pos + len(piece)] = piece
        self._pos += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to ``offset`` bytes from the start (0), here (1) or the end (2).

        Returns:
            The new position.
        """
        running().cpu.charge(_CALL_US)  # a closed one too. Source: py/objstringio.c, stringio_ioctl
        offset, whence = to_int(offset), to_int(whence)
        if whence == 0 and offset < 0:
            raise os_error("EINVAL")
        start = {1: self._pos, 2: len(self._content)}.get(whence, 0)
        self._pos = max(0, start + offset)
        return self._pos

    def tell(self) -> int:
        """The position in bytes."""
        running().cpu.charge(_CALL_US)
        return self._pos

    def flush(self) -> None:
        """Nothing: there is no device behind it."""
        running().cpu.charge(_CALL_US)

    def close(self) -> None:
        """Drop the content."""
        running().cpu.charge(_CALL_US)
        self._closed = True
        self._content = bytearray()

    def getvalue(self) -> Any:
        """The whole content."""
        self._enter()
        return self._slice(0, len(self._content))

    def __repr__(self) -> str:
        return f"<io.{type(self).__name__}>"


class StringIO(_Memory):
    """Text in memory, as UTF-8; ``StringIO(size)`` reserves room."""

    __slots__ = ()


class BytesIO(_Memory):
    """Bytes in memory; ``BytesIO(size)`` reserves room."""

    __slots__ = ()
    _text = False


class BufferedWriter(metaclass=Builtin):
    """Collects what is written to ``stream`` into pieces of ``size`` bytes."""

    __slots__ = ("_held", "_size", "_stream")

    def __init__(self, stream: Any, size: int, /) -> None:
        running().cpu.charge(_CALL_US)
        if not hasattr(stream, "write"):
            raise MicroOSError("stream operation not supported")
        self._stream = stream
        self._size = to_int(size)
        self._held = bytearray()

    def write(self, data: Any, /) -> int:
        """Take bytes; whole pieces go on to the stream."""
        running().cpu.charge(_CALL_US)
        piece = buffer_of(data)
        self._held += piece
        while len(self._held) >= self._size > 0:
            self._stream.write(bytes(self._held[: self._size]))
            del self._held[: self._size]
        return len(piece)

    def flush(self) -> None:
        """Pass on what is held."""
        running().cpu.charge(_CALL_US)
        if self._held:
            self._stream.write(bytes(self._held))
            self._held.clear()
