"""Arguments as MicroPython's C code takes them: conversions with the port's limits and error texts.

Source: py/obj.c (mp_obj_get_int, mp_obj_get_float, mp_get_buffer_raise), py/objint_mpz.c (v1.28).
"""

from __future__ import annotations

from typing import Any

_MAX_INT = 0x7FFFFFFF
_MIN_INT = -0x80000000


class _Absent:
    """The default of an argument whose absence differs from every value, ``None`` included."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Any = _Absent()


def to_int(value: object) -> int:
    """A machine word.

    Raises:
        TypeError: not an int or bool.
        OverflowError: beyond 32 bits.
    """
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    if not _MIN_INT <= value <= _MAX_INT:
        raise OverflowError("overflow converting long int to machine word")
    return int(value)


def to_float(value: object) -> float:
    """A float from a float, an int or a bool.

    Raises:
        TypeError: something else.
    """
    if not isinstance(value, (int, float)):
        raise TypeError(f"can't convert {type(value).__name__} to float")
    return float(value)


def readable(value: Any) -> bytes:
    """The bytes of an object that has them.

    Raises:
        TypeError: it has none.
    """
    if isinstance(value, str):
        return value.encode()
    try:
        return memoryview(value).cast("B").tobytes()
    except TypeError:
        raise TypeError("object with buffer protocol required") from None


def writable(value: Any) -> memoryview:
    """A view of an object's bytes through which they can be changed.

    Raises:
        TypeError: it has none, or they are constant.
    """
    try:
        view = memoryview(value).cast("B")
    except TypeError:
        raise TypeError("object with buffer protocol required") from None
    if view.readonly:
        raise TypeError("object with buffer protocol required")
    return view
