"""``array`` of MicroPython: values cut to their width, few methods.

Source: py/objarray.c, py/binary.c (v1.28), sizes of a 32-bit chip; cases compared with the VM.

Limits: the codes ``O``, ``P`` and ``S`` for raw pointers raise NotImplementedError.
"""

from __future__ import annotations

from array import array as _HostArray
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from simulator.micropython._args import to_float, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._hidden import hide
from simulator.micropython._text import buffer_of, text_of
from simulator.micropython.runtime import running

__all__ = ["array"]

_CALL_US = 3
#: Code -> (host's code of that width, bytes, signed).
_INTS = {
    "b": ("b", 1, True),
    "B": ("B", 1, False),
    "h": ("h", 2, True),
    "H": ("H", 2, False),
    "i": ("i", 4, True),
    "I": ("I", 4, False),
    "l": ("i", 4, True),
    "L": ("I", 4, False),
    "q": ("q", 8, True),
    "Q": ("Q", 8, False),
}
_FLOATS = "fd"


class array(_HostArray, metaclass=Builtin):
    """Numbers of one kind, packed."""

    __slots__ = ("_code",)
    _code: str

    def __new__(cls, typecode: str, iterable: Any = (), /) -> array:
        """An array of ``typecode`` from numbers, or from the raw bytes of a bytes object.

        Raises:
            ValueError: bad typecode.
        """
        running().cpu.charge(_CALL_US)
        code = text_of(typecode)[:1]
        if code and code in "OPS":
            raise NotImplementedError(f"array code {code!r}")
        if not code or (code not in _INTS and code not in _FLOATS):
            raise ValueError("bad typecode")
        host_code = _INTS[code][0] if code in _INTS else code
        new: array = super().__new__(cls, host_code)
        new._code = code
        if isinstance(iterable, bytes | bytearray):
            _HostArray.frombytes(new, bytes(iterable[: len(iterable) // new._width() * new._width()]))
        else:
            new._add_all(iterable)
        return new

    def _width(self) -> int:
        return _INTS[self._code][1] if self._code in _INTS else {"f": 4, "d": 8}[self._code]

    def _fit(self, value: object) -> Any:
        if self._code in _FLOATS:
            return to_float(value)
        number = int(value) if isinstance(value, int) else to_int(value)
        _, size, signed = _INTS[self._code]
        number &= (1 << 8 * size) - 1
        return number - (1 << 8 * size) if signed and number >> 8 * size - 1 else number

    def _add_all(self, values: Iterable[Any]) -> None:
        try:
            items = iter(values)
        except TypeError:
            raise TypeError(f"'{type(values).__name__}' object isn't iterable") from None
        for value in items:
            _HostArray.append(self, self._fit(value))

    def append(self, val: Any, /) -> None:
        """Add one number."""
        running().cpu.charge(_CALL_US)
        _HostArray.append(self, self._fit(val))

    def extend(self, iterable: Any, /) -> None:
        """Add the raw bytes of another array or bytes object, or the numbers of any other iterable."""
        running().cpu.charge(_CALL_US)
        self._add_any(iterable)

    def _add_any(self, other: Any) -> None:
        if isinstance(other, str | bytes | bytearray | memoryview | _HostArray):
            self._add_raw(other)
        else:
            self._add_all(other)

    def _add_raw(self, other: Any) -> None:
        data = bytes(buffer_of(other))
        _HostArray.frombytes(self, data[: len(data) // self._width() * self._width()])

    def __add__(self, other: Any) -> array:
        new = array(self._code, bytes(self))
        new._add_raw(other)
        return new

    def __iadd__(self, other: Any) -> array:
        self._add_any(other)
        return self

    def __mul__(self, other: Any) -> NoReturn:
        raise TypeError(f"unsupported types for __mul__: 'array', '{type(other).__name__}'")

    __rmul__ = __imul__ = __mul__

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return array(self._code, bytes(_HostArray.__getitem__(self, _plain(index))))
        try:
            return _HostArray.__getitem__(self, index)
        except IndexError:
            raise IndexError("array index out of range") from None

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            _HostArray.__setitem__(self, _plain(index), self._compatible(value))
            return
        try:
            _HostArray.__setitem__(self, index, self._fit(value))
        except IndexError:
            raise IndexError("array index out of range") from None

    def _compatible(self, value: Any) -> Any:
        if isinstance(value, array):
            if value._width() != self._width():
                raise ValueError("lhs and rhs should be compatible")
            return _HostArray(self._host_code(), bytes(value))
        if isinstance(value, bytes | bytearray):
            if self._width() != 1:
                raise ValueError("lhs and rhs should be compatible")
            return _HostArray(self._host_code(), bytes(value))
        raise NotImplementedError("array/bytes required on right side")

    def _host_code(self) -> str:
        return _INTS[self._code][0] if self._code in _INTS else self._code

    def __delitem__(self, index: Any) -> None:
        raise TypeError("'array' object doesn't support item deletion")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, array) and self._bytes_with(other) == bytes(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Any) -> bool:
        return self._ordered_with(other) < bytes(other)

    def __le__(self, other: Any) -> bool:
        return self._ordered_with(other) <= bytes(other)

    def __gt__(self, other: Any) -> bool:
        return self._ordered_with(other) > bytes(other)

    def __ge__(self, other: Any) -> bool:
        return self._ordered_with(other) >= bytes(other)

    def _bytes_with(self, other: array) -> bytes:
        """Own bytes, if those of ``other`` can be compared with them at all."""
        if self._code in _FLOATS or other._code in _FLOATS or self._width() != other._width():
            raise NotImplementedError
        return bytes(self)

    def _ordered_with(self, other: Any) -> bytes:
        if not isinstance(other, array) or self._code != "B" or other._code != "B":
            raise NotImplementedError
        return bytes(self)

    def __contains__(self, value: object) -> bool:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield _HostArray.__getitem__(self, index)

    def __repr__(self) -> str:
        return f"array('{self._code}', {list(self)})" if len(self) else f"array('{self._code}')"

    __hash__ = None


def _plain(index: slice) -> slice:
    if index.step not in (None, 1):
        raise NotImplementedError("only slices with step=1 (aka None) are supported")
    return index


hide(
    array,
    "__class_getitem__ buffer_info byteswap clear count frombytes fromfile fromlist"
    " fromunicode index insert itemsize pop remove reverse tobytes tofile tolist tounicode typecode",
)
