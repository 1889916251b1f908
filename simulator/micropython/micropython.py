"""``micropython`` of the ESP32 port.

Source: py/modmicropython.c, docs/library/micropython.rst; queue depth from ports/esp32/mpconfigport.h.

Limits: ``mem_info`` and ``qstr_info`` print estimates; ``heap_lock`` counts but forbids nothing; code emitters
(``native``, ``viper``) run as plain bytecode; assembler is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import running

__all__ = [
    "RingIO",
    "alloc_emergency_exception_buf",
    "const",
    "heap_lock",
    "heap_unlock",
    "kbd_intr",
    "mem_info",
    "native",
    "opt_level",
    "qstr_info",
    "schedule",
    "stack_use",
    "viper",
]

_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])
_CALL_US = 2


def const(expr: _T, /) -> _T:
    """The expression itself."""
    return expr


def native(_func: _F, /) -> _F:
    """Decorator; the function runs as bytecode here."""
    return _func


def viper(_func: _F, /) -> _F:
    """Decorator; the function runs as bytecode here, so viper's integer wrapping is not modelled."""
    return _func


def schedule(func: Callable[[Any], object], arg: object, /) -> None:
    """Have ``func(arg)`` called by the main thread soon.

    Raises:
        RuntimeError: eight calls are waiting already.
    """
    cpu = running().cpu
    cpu.charge(_CALL_US)
    if not cpu.interrupt(func, arg):
        cpu.dropped -= 1  # refused aloud, not lost
        raise RuntimeError("schedule queue full")


def opt_level(level: int | None = None, /) -> int | None:
    """Get the optimisation level, or set it."""
    state = running().state
    if level is None:
        return int(state.get("opt_level", 0))
    state["opt_level"] = int(level)
    return None


def alloc_emergency_exception_buf(size: int, /) -> None:
    """Reserve memory for exceptions in interrupts; nothing to do here."""
    running().cpu.charge(_CALL_US)
    if size < 0:
        raise ValueError("invalid size")


def heap_lock() -> int:
    """Count one lock; returns the new depth."""
    state = running().state
    state["heap_locks"] = state.get("heap_locks", 0) + 1
    return int(state["heap_locks"])


def heap_unlock() -> int:
    """Take one lock back; returns the new depth."""
    state = running().state
    state["heap_locks"] = max(0, state.get("heap_locks", 0) - 1)
    return int(state["heap_locks"])


def kbd_intr(chr: int) -> None:
    """Set the character that interrupts the program; -1 for none."""
    running().state["kbd_intr"] = int(chr)


def mem_info(verbose: object = None, /) -> None:
    """Print heap use; figures are the estimates of :mod:`gc`."""
    machine = running()
    gc = machine.import_module("gc")
    used, free = gc.mem_alloc(), gc.mem_free()
    machine.console.write(f"stack: 1000 out of 15360\nGC: total: {used + free}, used: {used}, free: {free}\n")


def qstr_info(verbose: bool = False, /) -> None:
    """Print a summary of interned strings; not modelled beyond the line's form."""
    running().console.write("qstr pool: n_pool=1, n_qstr=0, n_str_data_bytes=0, n_total_bytes=0\n")


def stack_use() -> int:
    """Bytes of C stack in use: a fixed figure."""
    running().cpu.charge(_CALL_US)
    return 1000


class RingIO(metaclass=Builtin):
    """A ring buffer of bytes for one writer and one reader.

    Args:
        size: bytes it holds, or the buffer to use (which holds one byte less than its length).
    """

    def __init__(self, size: int | bytearray, /) -> None:
        self._size = size if isinstance(size, int) else len(size) - 1
        if self._size < 1:
            raise ValueError("invalid size")
        self._data = bytearray()

    def any(self) -> int:
        """Bytes that can be read."""
        return len(self._data)

    def read(self, nbytes: int = -1, /) -> bytes:
        """Up to ``nbytes`` bytes, all by default."""
        count = len(self._data) if nbytes < 0 else nbytes
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken

    def readline(self, nbytes: int = -1, /) -> bytes:
        """Up to and with the next newline."""
        end = self._data.find(b"\n") + 1 or len(self._data)
        return self.read(end if nbytes < 0 else min(end, nbytes))

    def readinto(self, buf: bytearray, nbytes: int = -1, /) -> int:
        """Fill ``buf``; returns how many bytes came."""
        taken = self.read(len(buf) if nbytes < 0 else min(nbytes, len(buf)))
        buf[: len(taken)] = taken
        return len(taken)

    def write(self, buf: bytes, /) -> int:
        """Put bytes in as far as they fit; returns how many."""
        room = self._size - len(self._data)
        self._data += bytes(buf[:room])
        return min(room, len(buf))

    def close(self) -> None:
        """Nothing to close; part of the stream protocol."""
