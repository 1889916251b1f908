"""``struct`` of MicroPython on a 32-bit chip.

Values are cut to their width, missing values become 0, surplus ones are ignored: MicroPython checks neither.

Source: py/modstruct.c, py/binary.c (v1.28); cases compared with the VM, sizes are those of xtensa (long and pointers
4 bytes).

Limits: the codes ``O``, ``S`` and ``P`` for raw pointers raise NotImplementedError.
"""

from __future__ import annotations

import struct as _host
from collections.abc import Iterator
from typing import Any

from simulator.micropython._args import to_float, to_int, writable
from simulator.micropython._text import buffer_of, text_of
from simulator.micropython.runtime import running

__all__ = ["calcsize", "pack", "pack_into", "unpack", "unpack_from"]

_CALL_US = 5
#: Code -> (bytes, signed); native and standard sizes are equal on this chip.
_INTS = {
    "b": (1, True),
    "B": (1, False),
    "h": (2, True),
    "H": (2, False),
    "i": (4, True),
    "I": (4, False),
    "l": (4, True),
    "L": (4, False),
    "q": (8, True),
    "Q": (8, False),
}
_FLOATS = {"e": 2, "f": 4, "d": 8}
_POINTERS = "OSP"
_ORDERS = {"<": "little", ">": "big", "!": "big", "@": "little"}

#: One item of a format: code, count (bytes for "s"), offset.
_Item = tuple[str, int, int]


def calcsize(fmt: str | bytes, /) -> int:
    """Bytes that a format takes.

    Raises:
        ValueError: bad typecode.
    """
    running().cpu.charge(_CALL_US)
    return _layout(fmt)[2]


def pack(fmt: str | bytes, /, *v: Any) -> bytes:
    """Values as bytes.

    Raises:
        ValueError: bad typecode.
        TypeError: a value is not of its code's type.
    """
    running().cpu.charge(_CALL_US)
    order, items, size = _layout(fmt)
    data = bytearray(size)
    _put(memoryview(data), order, items, v)
    return bytes(data)


def pack_into(fmt: str | bytes, buffer: Any, offset: int, /, *v: Any) -> None:
    """Values as bytes into a buffer from ``offset``, which may count from the end.

    Raises:
        ValueError: bad typecode, buffer too small.
    """
    running().cpu.charge(_CALL_US)
    order, items, size = _layout(fmt)
    view = writable(buffer)
    start = _start(to_int(offset), size, len(view))
    _put(view[start : start + size], order, items, v)


def unpack(fmt: str | bytes, data: Any, /) -> tuple[Any, ...]:
    """Values from the beginning of ``data``; what follows is ignored.

    Raises:
        ValueError: bad typecode, buffer too small.
    """
    return unpack_from(fmt, data, 0)


def unpack_from(fmt: str | bytes, data: Any, offset: int = 0, /) -> tuple[Any, ...]:
    """Values from ``data`` at ``offset``, which may count from the end.

    Raises:
        ValueError: bad typecode, buffer too small.
    """
    running().cpu.charge(_CALL_US)
    order, items, size = _layout(fmt)
    view = memoryview(buffer_of(data))
    start = _start(to_int(offset), size, len(view))
    return tuple(_take(view[start : start + size], order, items))


def _start(offset: int, size: int, length: int) -> int:
    if offset < 0:
        offset += length
    if offset < 0 or offset + size > length:
        raise ValueError("buffer too small")
    return offset


def _layout(fmt: object) -> tuple[Any, list[_Item], int]:
    """(byte order, items, size) of a format."""
    text = text_of(fmt)
    order, aligned = "little", True
    if text[:1] in _ORDERS and text:
        order, aligned = _ORDERS[text[0]], text[0] == "@"
        text = text[1:]
    items: list[_Item] = []
    offset = 0
    for code, count in _codes(text):
        size = _size(code)
        if aligned and size > 1 and (count or code not in "sx"):
            offset = (offset + size - 1) // size * size
        if code == "s":
            items.append((code, count, offset))
        elif code != "x":
            items.extend((code, 1, offset + index * size) for index in range(count))
        offset += count * size
    return order, items, offset


def _codes(text: str) -> Iterator[tuple[str, int]]:
    digits = ""
    for char in text:
        if char.isdigit():
            digits += char
            continue
        yield char, int(digits) if digits else 1
        digits = ""
    if digits:
        raise ValueError("bad typecode")


def _size(code: str) -> int:
    if code in _INTS:
        return _INTS[code][0]
    if code in _FLOATS:
        return _FLOATS[code]
    if code in ("s", "x"):
        return 1
    if code in _POINTERS and code:
        raise NotImplementedError(f"struct code {code!r}")
    raise ValueError("bad typecode")


def _put(view: memoryview, order: Any, items: list[_Item], values: tuple[Any, ...]) -> None:
    for index, (code, count, offset) in enumerate(items[: len(values)]):
        value = values[index]
        if code == "s":
            piece = bytes(buffer_of(value)[:count])
            view[offset : offset + count] = piece + bytes(count - len(piece))
        elif code in _FLOATS:
            view[offset : offset + _FLOATS[code]] = _float_bytes(code, to_float(value), order)
        else:
            size = _INTS[code][0]
            number = _int(value) & ((1 << 8 * size) - 1)
            view[offset : offset + size] = number.to_bytes(size, order)


def _int(value: object) -> int:
    return int(value) if isinstance(value, int) else to_int(value)


def _float_bytes(code: str, value: float, order: str) -> bytes:
    mark = "<" if order == "little" else ">"
    try:
        return _host.pack(mark + code, value)
    except OverflowError:
        return _host.pack(mark + code, float("inf") if value > 0 else float("-inf"))


def _take(view: memoryview, order: Any, items: list[_Item]) -> Iterator[Any]:
    for code, count, offset in items:
        if code == "s":
            yield bytes(view[offset : offset + count])
        elif code in _FLOATS:
            mark = "<" if order == "little" else ">"
            yield _host.unpack_from(mark + code, view, offset)[0]
        else:
            size, signed = _INTS[code]
            yield int.from_bytes(view[offset : offset + size], order, signed=signed)
