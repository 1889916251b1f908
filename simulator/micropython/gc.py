"""``gc`` of the ESP32 port.

It never reaches the host's collector. What it reports is the engine's deterministic estimate of what the interpreter,
the loaded modules and the objects that they hold would take (:mod:`simulator.engine.heap`). A test sets the free memory
with ``machine.parts["heap_free_bytes"] = 20_000``.

Source: py/modgc.c (v1.28; ``collect`` returns None, MICROPY_PY_GC_COLLECT_RETVAL is off on this port).

Limits: without :func:`collect`, figures follow the loading of modules and large pieces (``bytearray(n)``) at once, all
other objects after 60 ms of computing at most, or never if the program computes less.
"""

from __future__ import annotations

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython.runtime import running

__all__ = ["collect", "disable", "enable", "isenabled", "mem_alloc", "mem_free", "threshold"]

_CALL_US = 5
#: Count of 7 000 blocks at 160 MHz. Source: py/gc.c, gc_info goes through the table of all blocks.
_COUNT_US = 600
#: Mark and sweep of 111 kB at 160 MHz.
_COLLECT_US = 2_500
_OFF = -1


def mem_free() -> int:
    """Bytes of heap that are free; an estimate."""
    machine = running()
    machine.cpu.charge(_COUNT_US)
    return machine.free_heap()


def mem_alloc() -> int:
    """Bytes of heap that are allocated; an estimate."""
    machine = running()
    machine.cpu.charge(_COUNT_US)
    return machine.board.heap_bytes - machine.free_heap()


def collect() -> None:
    """Take the time that a collection takes; :func:`mem_free` counts anew after it."""
    machine = running()
    machine.cpu.charge(_COLLECT_US)
    machine.collect_heap()


def enable() -> None:
    """Switch automatic collection on."""
    _set("enabled", True)


def disable() -> None:
    """Switch automatic collection off."""
    _set("enabled", False)


def isenabled() -> bool:
    """True if automatic collection is on, as it is after boot."""
    return bool(_get("enabled", True))


def threshold(amount: int = ABSENT, /) -> int | None:
    """Allocated bytes after which a collection runs; with an argument sets them, negative is off."""
    if amount is ABSENT:
        return int(_get("threshold", _OFF))
    _set("threshold", max(_OFF, to_int(amount)))
    return None


def _set(name: str, value: object) -> None:
    machine = running()
    machine.cpu.charge(_CALL_US)
    machine.state.setdefault("gc", {})[name] = value


def _get(name: str, default: int) -> int:
    machine = running()
    machine.cpu.charge(_CALL_US)
    return machine.state.get("gc", {}).get(name, default)
