"""Takes the names that MicroPython lacks away from a class that is made from a host's one."""

from __future__ import annotations

from typing import Any, NoReturn


class Hidden:
    """A class attribute that is not there: getting it raises AttributeError, so ``hasattr`` is false."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, kind: type | None = None) -> NoReturn:
        if owner is None:
            shown = "type" if kind is None else kind.__name__
            raise AttributeError(f"type object '{shown}' has no attribute '{self._name}'")
        raise AttributeError(f"'{type(owner).__name__}' object has no attribute '{self._name}'")


def hide(kind: type, names: str) -> None:
    """Hide ``names`` (separated by blanks) that ``kind`` inherits."""
    for name in names.split():
        type.__setattr__(kind, name, Hidden(name))
