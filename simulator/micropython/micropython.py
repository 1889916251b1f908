"""``micropython`` of the ESP32 port.

Source: py/modmicropython.c, docs/library/micropython.rst; queue depth from ports/esp32/mpconfigport.h.

Stack use is a deterministic estimate: what the port reports at its prompt, and a fixed amount for each call of one of
the node's functions by another. A test sets it with ``machine.parts["stack_used_bytes"] = 12_000``. Heap figures are
those of :mod:`gc`, which a test sets by ``machine.parts["heap_free_bytes"]``.

Limits: ``mem_info`` prints no counts of blocks; its allocation table (``mem_info(1)``) and ``qstr_info`` raise
NotImplementedError; ``heap_lock`` counts but forbids nothing; code emitters (``native``, ``viper``) run as plain
bytecode; assembler is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

from greenlet import getcurrent

from simulator.micropython._args import ABSENT
from simulator.micropython._builtin import Builtin
from simulator.micropython._thread import stack_bytes
from simulator.micropython.runtime import Machine, Thread, running

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
_MEM_INFO_US = 1_000
#: Source: ports/esp32/mpconfigport.h and main.c, MICROPY_TASK_STACK_SIZE.
_MAIN_STACK_BYTES = 16 * 1024
#: Left to recover from an overflow. Source: ports/esp32/main.c, mpthreadport.c.
_STACK_MARGIN_BYTES = 1_024
#: Source: ``mem_info()`` at the prompt of an ESP32, github.com/micropython/micropython/issues/7214.
_PROMPT_STACK_BYTES = 704
#: Estimate of what a call of bytecode by bytecode takes.
_FRAME_BYTES = 180


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


def mem_info(verbose: object = ABSENT, /) -> None:
    """Print use of stack and heap; both are estimates.

    Raises:
        NotImplementedError: the allocation table is asked for.
    """
    machine = running()
    machine.cpu.charge(_MEM_INFO_US)
    if verbose is not ABSENT:
        raise NotImplementedError("micropython.mem_info(verbose) is not modelled")
    free = machine.free_heap()
    total = machine.board.heap_bytes
    machine.console.write(
        f"stack: {_stack_used(machine)} out of {_stack_limit(machine)}\n"
        f"GC: total: {total}, used: {total - free}, free: {free}\n"
    )


def qstr_info(verbose: bool = ABSENT, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("micropython.qstr_info() is not modelled")


def stack_use() -> int:
    """Bytes of stack in use; an estimate."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return _stack_used(machine)


def _stack_limit(machine: Machine) -> int:
    ident = cast(Thread, getcurrent()).ident
    return (stack_bytes(machine, ident) or _MAIN_STACK_BYTES) - _STACK_MARGIN_BYTES


def _stack_used(machine: Machine) -> int:
    fixed = machine.parts.get("stack_used_bytes")
    if fixed is not None:
        return int(fixed)
    return _PROMPT_STACK_BYTES + max(0, len(machine.node_stack()) - 1) * _FRAME_BYTES


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
