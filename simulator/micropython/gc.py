"""``gc`` of the ESP32 port.

It never reaches the host's collector. What it reports is a deterministic estimate: of the board's heap, what the
interpreter itself holds after boot and what the engine noted for the loaded modules
(``machine.state["heap_used_bytes"]``) are allocated, the rest is free. A test sets the free memory with
``machine.parts["heap_free_bytes"] = 20_000``.

Source: py/modgc.c (v1.28; ``collect`` returns None, MICROPY_PY_GC_COLLECT_RETVAL is off on this port).

Limits: objects that firmware makes and drops change nothing; an allocation never fails.
"""

from __future__ import annotations

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython.runtime import Machine, running

__all__ = ["collect", "disable", "enable", "isenabled", "mem_alloc", "mem_free", "threshold"]

#: What the interpreter has allocated when boot.py begins: module table, file system and WiFi objects, REPL line buffer.
_AFTER_BOOT_BYTES = 4_096
_CALL_US = 5
#: Mark and sweep of 111 kB at 160 MHz.
_COLLECT_US = 2_500
_OFF = -1


def _free_bytes(machine: Machine) -> int:
    fixed = machine.parts.get("heap_free_bytes")
    if fixed is not None:
        return max(0, min(int(fixed), machine.board.heap_bytes))
    used = _AFTER_BOOT_BYTES + int(machine.state.get("heap_used_bytes", 0))
    return max(0, machine.board.heap_bytes - used)


def mem_free() -> int:
    """Bytes of heap that are free; an estimate."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return _free_bytes(machine)


def mem_alloc() -> int:
    """Bytes of heap that are allocated; an estimate."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return machine.board.heap_bytes - _free_bytes(machine)


def collect() -> None:
    """Take the time that a collection takes."""
    running().cpu.charge(_COLLECT_US)


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
