"""``platform`` of MicroPython.

Source: extmod/modplatform.c, extmod/modplatform.h (v1.28, built with esp-idf 5.5.1).
"""

from __future__ import annotations

from simulator.micropython import port
from simulator.micropython.runtime import running

__all__ = ["libc_ver", "platform", "python_compiler"]

_CALL_US = 2
_LIBC = ("newlib", "4.3.0")
_COMPILER = (14, 2, 0)


def platform() -> str:
    """Interpreter, processor, system and C library in one text."""
    running().cpu.charge(_CALL_US)
    return f"MicroPython-{port.RELEASE}-xtensa-IDFv5.5.1-with-{''.join(_LIBC)}"


def python_compiler() -> str:
    """The compiler that built the interpreter."""
    running().cpu.charge(_CALL_US)
    return "GCC " + ".".join(str(part) for part in _COMPILER)


def libc_ver() -> tuple[str, str]:
    """(name, version) of the C library."""
    running().cpu.charge(_CALL_US)
    return _LIBC
