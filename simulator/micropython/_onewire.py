"""``_onewire``: bits on a 1-Wire bus, by the line's real timing.

Each function keeps the processor for itself during a slot; devices see the edges on the pin's net and answer on it.

Source: extmod/modonewire.c (v1.28).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.electrical.pads import INPUT, OPEN_DRAIN, OUTPUT, Pad
from simulator.micropython._args import readable, to_int
from simulator.micropython._pin import pad_of
from simulator.micropython.runtime import Machine, running

__all__ = ["crc8", "readbit", "readbyte", "reset", "writebit", "writebyte"]

_CALL_US = 2
#: Reset: low, release until sampling, rest of the slot.
_RESET_US = (480, 70, 410)
#: Read: low, release until sampling, rest of the slot.
_READ_US = (5, 5, 40)
#: Write: low, the bit, recovery.
_WRITE_US = (10, 50, 10)
_BITS = 8
_POLYNOMIAL = 0x8C


def reset(pin: Any, /) -> bool:
    """Reset the bus; whether a device answered."""
    machine = running()
    pad = _open_drain(machine, pin)
    present = not _slot(machine, pad, _RESET_US)
    return present


def readbit(pin: Any, /) -> int:
    """Read one bit."""
    machine = running()
    return _slot(machine, _open_drain(machine, pin), _READ_US)


def readbyte(pin: Any, /) -> int:
    """Read one byte, least significant bit first."""
    return sum(readbit(pin) << bit for bit in range(_BITS))


def writebit(pin: Any, value: int, /) -> None:
    """Write one bit."""
    machine = running()
    _write(machine, _open_drain(machine, pin), to_int(value) & 1)


def writebyte(pin: Any, value: int, /) -> None:
    """Write one byte, least significant bit first."""
    machine, byte = running(), to_int(value)
    pad = _open_drain(machine, pin)
    for bit in range(_BITS):
        _write(machine, pad, byte >> bit & 1)


def crc8(data: Any, /) -> int:
    """Checksum of bytes; 0 over data and its own checksum."""
    running().cpu.charge(_CALL_US)
    crc = 0
    for byte in readable(data):
        for bit in range(_BITS):
            odd = (crc ^ byte >> bit) & 1
            crc = crc >> 1 ^ (_POLYNOMIAL if odd else 0)
    return crc


def _open_drain(machine: Machine, pin: Any) -> Pad:
    machine.cpu.charge(_CALL_US)
    pad = pad_of(machine, pin)
    if not pad.mode & OPEN_DRAIN:
        pad.set_level(1)
        pad.set_mode(INPUT | OUTPUT | OPEN_DRAIN)
        pad.take("gpio")
    return pad


def _slot(machine: Machine, pad: Pad, times_us: tuple[int, int, int]) -> int:
    """Pull the line low, let go, sample, wait."""
    low_us, sample_us, rest_us = times_us
    levels = []
    pad.set_level(0)
    _later(machine, low_us, lambda: pad.set_level(1))
    _later(machine, low_us + sample_us, lambda: levels.append(pad.read()))
    machine.cpu.busy(low_us + sample_us + rest_us)
    return levels[0]


def _write(machine: Machine, pad: Pad, bit: int) -> None:
    low_us, bit_us, rest_us = _WRITE_US
    pad.set_level(0)
    _later(machine, low_us if bit else low_us + bit_us, lambda: pad.set_level(1))
    machine.cpu.busy(low_us + bit_us + rest_us)


def _later(machine: Machine, wait_us: int, action: Callable[[], object]) -> None:
    """Do something in the midst of a slot, in which no other thread of the node may come in."""
    cpu = machine.cpu
    machine.kernel.after(wait_us, lambda: None if cpu.dead else action())
