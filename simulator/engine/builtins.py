"""The ``builtins`` that firmware sees: MicroPython's names only, bound to one node.

Source: py/modbuiltins.c, py/builtinevex.c and py/mpconfig.h at MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES, as the ESP32
port is built.

Limits: built-in functions take no virtual time, see :mod:`simulator.engine.code`; the types are CPython's, so their
methods that MicroPython lacks (``str.removeprefix``, ``list.__iadd__`` forms…) still work here; the VM rung finds
those. Texts of NameError, AttributeError, KeyError and the like are CPython's.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from simulator.engine.code import compile_node
from simulator.engine.texts import FUNCTIONS, port_repr
from simulator.micropython.errors import MicroOSError
from simulator.micropython.runtime import running

#: Bit of ``co_flags``: a function's code, whose locals stand in no dict. As ``inspect.CO_OPTIMIZED``, which is slow to
#: import.
_CO_OPTIMIZED = 1
_NAMES = """
    ArithmeticError AssertionError AttributeError BaseException EOFError Ellipsis Exception False GeneratorExit
    ImportError IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError None
    NotImplemented NotImplementedError OverflowError RuntimeError StopAsyncIteration StopIteration SyntaxError
    SystemExit True TypeError UnicodeError ValueError ZeroDivisionError __build_class__ __debug__ abs all any bin bool
    bytearray bytes callable chr classmethod complex delattr dict dir divmod enumerate filter float
    frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max memoryview
    min next object oct ord pow property range repr reversed round set setattr slice sorted staticmethod str sum super
    tuple type zip globals locals
"""


def _compile(
    source: str | bytes, filename: str, mode: str, flags: int = 0, dont_inherit: int = 0, optimize: int = -1, /
) -> CodeType:
    """``compile``; the last three arguments are ignored, as on the port."""
    if not isinstance(source, (str, bytes)):
        raise TypeError(f"can't convert '{type(source).__name__}' object to str implicitly")
    return compile_node(source, filename, mode)


def _eval(source: object, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None, /) -> object:
    """``eval``, in the names of the caller if none are given."""
    return _run("eval", source, globals, locals)


def _exec(source: object, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None, /) -> None:
    """``exec``, in the names of the caller if none are given."""
    _run("exec", source, globals, locals)


def _run(mode: str, source: object, globals: dict[str, Any] | None, locals: dict[str, Any] | None) -> object:
    own_globals, own_locals = _names_of_caller()
    code = compile_node(source, "<string>", mode)
    if globals is None:
        globals = own_globals
        locals = own_locals if locals is None else locals
    globals.setdefault("__builtins__", own_globals["__builtins__"])
    return eval(code, globals, locals)  # noqa: S307  this is the node's own


def _names_of_caller() -> tuple[dict[str, Any], Any]:
    """Globals and locals of the node's code that runs; a function has no dict of locals, as on the port.

    Where none of the node's code is on the stack (``exec`` itself is a thread or callback), ``__main__``'s.
    """
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and "__tick__" not in frame.f_builtins:
        frame = frame.f_back
    if frame is None:
        main = vars(running().import_module("__main__"))
        return main, main
    names = frame.f_globals
    names.setdefault("__builtins__", frame.f_builtins)
    return names, names if frame.f_code.co_flags & _CO_OPTIMIZED else frame.f_locals


_SHARED = {
    **{name: getattr(builtins, name) for name in _NAMES.split()},
    **FUNCTIONS,
    "OSError": MicroOSError,
    "repr": port_repr,
    "__name__": "builtins",
    "compile": _compile,
    "eval": _eval,
    "exec": _exec,
}


def make_builtins(
    *,
    tick: Callable[[], None],
    fits: Callable[..., Any],
    grows: Callable[..., Any],
    import_: Callable[..., object],
    open_: Callable[..., object],
    print_: Callable[..., None],
    input_: Callable[[str], str],
) -> dict[str, Any]:
    """A fresh ``__builtins__`` for one life.

    Args:
        tick: called at each loop turn.
        fits: called with what says how much memory an object takes; returns it.
        grows: called with what ``*=`` grows, and how often; returns the latter.
        import_: ``__import__``.
        open_: ``open``.
        print_: ``print``.
        input_: ``input``.
    """

    def repl_print(value: object) -> None:
        if value is not None:
            names["_"] = value
            print_(port_repr(value))

    names = {
        **_SHARED,
        "__tick__": tick,
        "__fits__": fits,
        "__grows__": grows,
        "__repl_print__": repl_print,
        "__import__": import_,
        "open": open_,
        "print": print_,
        "input": input_,
        "help": lambda *topic: print_("object" if topic else "Welcome to MicroPython on the ESP32!"),
    }
    return names
