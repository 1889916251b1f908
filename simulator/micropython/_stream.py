"""What every stream object of a node shares: reading from content that is at hand.

Source: py/stream.c (v1.28).
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._args import ABSENT, to_int, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._text import buffer_of, decoded
from simulator.micropython.runtime import Machine

#: Copying between memory and streams: about 10 MB/s. Source: Winbond W25Q32JV at 40 MHz, dual output.
BYTES_PER_US = 10


class Stream(metaclass=Builtin):
    """Content, a position in it, and the reading half of MicroPython's stream methods.

    A subclass sets ``_content`` and ``_pos`` and has ``_enter``, which charges the call and raises if the stream is
    closed, and ``close``.
    """

    __slots__ = ("_content", "_pos")
    _text = True
    _content: bytes | bytearray
    _pos: int

    def read(self, size: int = -1, /) -> Any:
        """Read ``size`` characters or bytes, everything without it."""
        machine = self._enter()
        size = to_int(size)
        if size < -1:
            raise MemoryError(f"memory allocation failed, allocating {size & 0xFFFFFFFF} bytes")
        start = self._pos
        end = len(self._content) if size < 0 else self._end_of(size)
        self._pos = max(start, min(end, len(self._content)))
        machine.cpu.charge((self._pos - start) // BYTES_PER_US)
        return self._slice(start, self._pos)

    def readinto(self, buf: Any, nbytes: int = ABSENT, /) -> int:
        """Read into a buffer; returns how many bytes."""
        self._enter()
        view = writable(buf)
        count = len(view) if nbytes is ABSENT else min(to_int(nbytes), len(view))
        data = self._content[self._pos : self._pos + count]
        view[: len(data)] = data
        self._pos += len(data)
        return len(data)

    def readline(self, size: int = -1, /) -> Any:
        """Read to the end of the line, at most ``size`` bytes."""
        self._enter()
        return self._line(to_int(size))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: object, value: object, trace: object, /) -> None:
        self.close()

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        self._enter()
        line = self._line(-1)
        if not line:
            raise StopIteration
        return line

    def close(self) -> None:
        """End it."""
        raise NotImplementedError

    def _enter(self) -> Machine:
        raise NotImplementedError

    def _end_of(self, size: int) -> int:
        if not self._text:
            return self._pos + size
        end = self._pos
        for _ in range(size):
            end += 1
            while end < len(self._content) and self._content[end] & 0xC0 == 0x80:
                end += 1
            if end >= len(self._content):
                break
        return end

    def _slice(self, start: int, end: int) -> Any:
        data = bytes(self._content[start:end])
        return decoded(data) if self._text else data

    def _line(self, size: int = -1) -> Any:
        start = self._pos
        end = self._content.find(b"\n", start) + 1 or len(self._content)
        if size >= 0:
            end = min(end, start + size)
        self._pos = max(start, end)
        return self._slice(start, self._pos)

    @staticmethod
    def _piece(data: Any, max_len: Any, length: Any) -> Any:
        """What ``write(data[, max_len])`` or ``write(data, offset, length)`` is to write."""
        piece: Any = buffer_of(data)
        if length is not ABSENT:
            start = max(0, to_int(max_len))
            return piece[start : start + to_int(length)]
        return piece if max_len is ABSENT else piece[: to_int(max_len)]
