"""The ``builtins`` that firmware sees: MicroPython's names only, bound to one node.

Source: py/modbuiltins.c and py/mpconfig.h at MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES, as the ESP32 port is built.

Limits: the types are CPython's, so their methods that MicroPython lacks (``str.removeprefix``, ``list.__iadd__``
forms…) still work here; the VM rung finds those. Texts of NameError, AttributeError, KeyError and the like are
CPython's.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from simulator.micropython.errors import MicroOSError

_NAMES = """
    ArithmeticError AssertionError AttributeError BaseException EOFError Ellipsis Exception False GeneratorExit
    ImportError IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError None
    NotImplemented NotImplementedError OverflowError RuntimeError StopAsyncIteration StopIteration SyntaxError
    SystemExit True TypeError UnicodeError ValueError ZeroDivisionError __build_class__ __debug__ abs all any bin bool
    bytearray bytes callable chr classmethod complex delattr dict dir divmod enumerate filter float
    frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max memoryview
    min next object oct ord pow property range repr reversed round set setattr slice sorted staticmethod str sum super
    tuple type zip globals locals compile eval exec
"""
_SHARED = {name: getattr(builtins, name) for name in _NAMES.split()} | {"OSError": MicroOSError, "__name__": "builtins"}


def make_builtins(
    *,
    tick: Callable[[], None],
    import_: Callable[..., object],
    open_: Callable[..., object],
    print_: Callable[..., None],
    input_: Callable[[str], str],
) -> dict[str, Any]:
    """A fresh ``__builtins__`` for one life.

    Args:
        tick: called at each loop turn.
        import_: ``__import__``.
        open_: ``open``.
        print_: ``print``.
        input_: ``input``.
    """
    return {
        **_SHARED,
        "__tick__": tick,
        "__import__": import_,
        "open": open_,
        "print": print_,
        "input": input_,
        "help": lambda *topic: print_("object" if topic else "Welcome to MicroPython on the ESP32!"),
    }
