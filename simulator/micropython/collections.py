"""``collections`` of MicroPython: ``deque``, ``namedtuple``, ``OrderedDict``.

Source: py/modcollections.c, py/objdeque.c, py/objnamedtuple.c, py/objdict.c (v1.28); cases compared with the VM.
"""

from __future__ import annotations

from collections import deque as _HostDeque
from collections.abc import Iterable, Iterator
from typing import Any

from simulator.micropython._args import to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._hidden import hide
from simulator.micropython._tuples import AttrTuple, tuple_type
from simulator.micropython.runtime import running

__all__ = ["OrderedDict", "deque", "namedtuple"]

_CALL_US = 2
_CHECK_OVERFLOW = 1


class deque(metaclass=Builtin):
    """A queue of at most ``maxlen`` items, open at both ends.

    Args:
        iterable: first items.
        maxlen: how many it holds; more push out items at the other end.
        flags: 1 makes ``append`` and ``appendleft`` raise IndexError instead.
    """

    __slots__ = ("_checks", "_items", "_maxlen")

    def __init__(self, iterable: Iterable[Any], maxlen: int, flags: int = 0, /) -> None:
        running().cpu.charge(_CALL_US)
        self._maxlen = to_int(maxlen)
        if self._maxlen < 0:
            raise ValueError
        self._checks = bool(to_int(flags) & _CHECK_OVERFLOW)
        self._items: _HostDeque[Any] = _HostDeque(maxlen=self._maxlen)
        self.extend(iterable)

    def append(self, x: Any, /) -> None:
        """Add at the right end."""
        running().cpu.charge(_CALL_US)
        self._check_room()
        self._items.append(x)

    def appendleft(self, x: Any, /) -> None:
        """Add at the left end."""
        running().cpu.charge(_CALL_US)
        self._check_room()
        self._items.appendleft(x)

    def extend(self, iterable: Iterable[Any], /) -> None:
        """Add each item at the right end."""
        for item in iterable:
            self.append(item)

    def pop(self) -> Any:
        """Take from the right end.

        Raises:
            IndexError: empty.
        """
        running().cpu.charge(_CALL_US)
        self._check_filled()
        return self._items.pop()

    def popleft(self) -> Any:
        """Take from the left end.

        Raises:
            IndexError: empty.
        """
        running().cpu.charge(_CALL_US)
        self._check_filled()
        return self._items.popleft()

    def _check_room(self) -> None:
        if self._checks and len(self._items) >= self._maxlen:
            raise IndexError("full")

    def _check_filled(self) -> None:
        if not self._items:
            raise IndexError("empty")

    def _index(self, index: object) -> int:
        if not isinstance(index, int):
            raise TypeError(f"deque indices must be integers, not {type(index).__name__}")
        if not -len(self._items) <= index < len(self._items):
            raise IndexError("deque index out of range")
        return index

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return bool(self._items)

    def __getitem__(self, index: int) -> Any:
        return self._items[self._index(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        self._items[self._index(index)] = value

    def __delitem__(self, index: int) -> None:
        raise TypeError("'deque' object doesn't support item deletion")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __repr__(self) -> str:
        return "<deque>"


class OrderedDict(dict[Any, Any], metaclass=Builtin):
    """A dictionary that remembers in which order its keys came, also when it is compared with another such."""

    fromkeys = dict.fromkeys  # as on the port, it makes a plain dict

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OrderedDict) and dict.__eq__(self, other) and list(self) == list(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return f"OrderedDict({dict.__repr__(self)})"

    def copy(self) -> OrderedDict:
        """A new one with the same items."""
        return OrderedDict(self)

    __hash__ = None


hide(OrderedDict, "__class_getitem__")


def namedtuple(name: str, fields: str | list[str] | tuple[str, ...], /) -> type:
    """Make a tuple type whose items have names.

    Args:
        name: of the type.
        fields: their names, as a list or separated by blanks.

    Raises:
        TypeError: ``fields`` is neither.
    """
    running().cpu.charge(_CALL_US)
    if isinstance(fields, str):
        fields = fields.split()
    if not isinstance(fields, list | tuple):
        raise TypeError(f"object '{type(fields).__name__}' isn't a tuple or list")
    return tuple_type(name, tuple(fields), base=_NamedTuple)


class _NamedTuple(AttrTuple):
    """Base of what :func:`namedtuple` makes: takes its items by place or by name."""

    __slots__ = ()

    def __new__(cls, *values: Any, **named: Any) -> _NamedTuple:
        names = cls._names
        if len(values) + len(named) != len(names):
            given = len(values) + len(named)
            raise TypeError(f"{cls._title}() takes {len(names)} positional arguments but {given} were given")
        if not named:
            return super().__new__(cls, values)
        items = dict(zip(names, values, strict=False))
        for key, value in named.items():
            if key not in names:
                raise TypeError(f"unexpected keyword argument '{key}'")
            if key in items:
                raise TypeError(f"function got multiple values for argument '{key}'")
            items[key] = value
        return super().__new__(cls, [items[key] for key in names])
