"""Tuples with names: MicroPython's ``namedtuple`` and the anonymous kind that its C code returns.

Source: py/objnamedtuple.c, py/objattrtuple.c. Unlike CPython's they have no ``_fields``, ``_replace``, ``_make``,
``_asdict``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from simulator.micropython._builtin import Builtin


class _Field:
    """One named place of a tuple; read-only."""

    __slots__ = ("_index",)

    def __init__(self, index: int) -> None:
        self._index = index

    def __get__(self, owner: Any, kind: object = None) -> Any:
        return self if owner is None else owner[self._index]

    def __set__(self, owner: Any, value: object) -> None:
        raise AttributeError("can't set attribute")


class AttrTuple(tuple[Any, ...]):
    """A tuple whose items have names, which its ``repr`` shows."""

    __slots__ = ()
    _names: tuple[str, ...] = ()
    _title = ""

    def __repr__(self) -> str:
        shown = ", ".join([f"{name}={item!r}" for name, item in zip(self._names, self, strict=True)])
        return f"{self._title}({shown})"


def tuple_type(title: str, names: tuple[str, ...], *, base: type = AttrTuple, metaclass: type = type) -> type:
    """A subclass of ``base`` with these names."""
    fields: dict[str, Any] = {name: _Field(index) for index, name in enumerate(names)}
    new: type = metaclass(title or "tuple", (base,), {"__slots__": (), **fields, "_names": names, "_title": title})
    return new


@cache
def _attr_type(names: tuple[str, ...]) -> type:
    return tuple_type("", names, metaclass=Builtin)


def attr_tuple(**items: object) -> Any:
    """A tuple with named items, as C code of the port makes them; its type shows as ``tuple``."""
    return _attr_type(tuple(items))(items.values())
