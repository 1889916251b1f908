"""Metaclass of classes that firmware sees: as in MicroPython, nobody changes a built-in type.

It also keeps nodes apart, since these classes are shared by all nodes of a process.
"""

from __future__ import annotations


class Builtin(type):
    """Refuses assignment to and deletion of class attributes once the class is made."""

    def __setattr__(cls, name: str, value: object) -> None:
        raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")

    def __delattr__(cls, name: str) -> None:
        raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")
