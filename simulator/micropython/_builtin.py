"""Metaclass of classes that firmware sees: as in MicroPython, nobody changes a built-in type.

It also keeps nodes apart, since these classes are shared by all nodes of a process.
"""

from __future__ import annotations

_OURS = "simulator."


class Builtin(type):
    """Refuses assignment to and deletion of attributes of the simulator's own classes.

    A class that firmware derives from one of them is firmware's, and open.
    """

    def __setattr__(cls, name: str, value: object) -> None:
        if cls.__module__.startswith(_OURS):
            raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")
        super().__setattr__(name, value)

    def __delattr__(cls, name: str) -> None:
        if cls.__module__.startswith(_OURS):
            raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")
        super().__delattr__(name)

    def __repr__(cls) -> str:
        return f"<class '{cls.__name__}'>"
