"""``random`` of MicroPython: the generator of the port, seeded per node and life.

After ``seed(n)`` the numbers are those of the chip. The first seed, the chip's hardware noise, comes from the world's
seed.

Source: extmod/modrandom.c (Yasmarang, by Ilya Levin), MICROPY_PY_RANDOM_SEED_INIT_FUNC of ports/esp32/mpconfigport.h
(v1.28); sequences compared with the VM.
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._args import ABSENT, to_float, to_int
from simulator.micropython.runtime import Machine, running

__all__ = ["choice", "getrandbits", "randint", "random", "randrange", "seed", "uniform"]

_CALL_US = 3
_MASK = 0xFFFFFFFF
#: Bits of the fraction of a 32-bit float.
_FRACTION_BITS = 23


class _Yasmarang:
    """The generator: 32 bits a step."""

    __slots__ = ("_d", "_dat", "_n", "_pad")

    def __init__(self, seed: int) -> None:
        self._pad = seed & _MASK
        self._n = 69
        self._d = 233
        self._dat = 0

    def next(self) -> int:
        """The next 32 bits."""
        pad = (self._pad + self._dat + self._d * self._n) & _MASK
        pad = ((pad << 3) + (pad >> 29)) & _MASK
        self._pad = pad
        self._n = pad | 2
        self._d ^= ((pad << 31) + (pad >> 1)) & _MASK
        self._dat ^= (pad & 0xFF) ^ (self._d >> 8 & 0xFF) ^ 1
        return (pad ^ (self._d << 5) ^ (pad >> 18) ^ (self._dat << 1)) & _MASK

    def below(self, limit: int) -> int:
        """0 <= number < limit."""
        mask = (1 << limit.bit_length()) - 1
        while True:
            number = self.next() & mask
            if number < limit:
                return number


def noise(machine: Machine) -> int:
    """A new seed, as the chip's hardware generator would give."""
    stream = machine.state.get("random_noise")
    if stream is None:
        life = machine.retained["random"] = machine.retained.get("random", 0) + 1
        started_us = machine.retained.get("power_on_us", 0)
        stream = machine.state["random_noise"] = machine.kernel.stream(f"{machine.name}/random/{started_us}/{life}")
    return int(stream.getrandbits(32))


def _generator() -> _Yasmarang:
    machine = running()
    machine.cpu.charge(_CALL_US)
    found = machine.state.get("random")
    if found is None:
        found = machine.state["random"] = _Yasmarang(noise(machine))
    return found


def seed(n: int | None = None, /) -> None:
    """Begin a sequence; without ``n`` one that nobody knows."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    number = noise(machine) if n is None else int(n) if isinstance(n, int) else to_int(n)
    machine.state["random"] = _Yasmarang(number)


def getrandbits(n: int, /) -> int:
    """``n`` random bits, at most 32.

    Raises:
        ValueError: bits must be 32 or less.
    """
    generator = _generator()
    bits = to_int(n)
    if not 0 <= bits <= 32:
        raise ValueError("bits must be 32 or less")
    return generator.next() & ((1 << bits) - 1) if bits else 0


def randrange(start: int, stop: int = ABSENT, step: int = ABSENT, /) -> int:
    """A random item of ``range(start, stop, step)``; one argument is the stop.

    Raises:
        ValueError: the range is empty.
    """
    generator = _generator()
    first = to_int(start)
    if stop is ABSENT:
        if first <= 0:
            raise ValueError
        return generator.below(first)
    last = to_int(stop)
    if step is ABSENT:
        if first >= last:
            raise ValueError
        return first + generator.below(last - first)
    stride = to_int(step)
    count = 0
    if stride:
        count = (last - first + stride + (-1 if stride > 0 else 1)) // stride
    if count <= 0:
        raise ValueError
    return first + stride * generator.below(count)


def randint(a: int, b: int, /) -> int:
    """a <= number <= b.

    Raises:
        ValueError: a > b.
    """
    generator = _generator()
    first, last = to_int(a), to_int(b)
    if first > last:
        raise ValueError
    return first + generator.below(last - first + 1)


def choice(sequence: Any, /) -> Any:
    """A random item of a sequence.

    Raises:
        IndexError: it is empty.
    """
    generator = _generator()
    count = len(sequence)
    if not count:
        raise IndexError
    return sequence[generator.below(count)]


def random() -> float:
    """0.0 <= number < 1.0, with the 23 bits of a 32-bit float."""
    return (_generator().next() & ((1 << _FRACTION_BITS) - 1)) / (1 << _FRACTION_BITS)


def uniform(a: float, b: float, /) -> float:
    """a <= number <= b."""
    low, high = to_float(a), to_float(b)
    return low + (high - low) * random()
