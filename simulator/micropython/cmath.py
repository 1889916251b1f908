"""``cmath`` of MicroPython.

Source: py/modcmath.c (v1.28); compared with the VM.

Limits: results have the host's 53 bits, the chip's floats 24.
"""

from __future__ import annotations

import cmath as _host
from collections.abc import Callable

from simulator.micropython._args import to_float
from simulator.micropython.runtime import running

__all__ = ["cos", "e", "exp", "log", "log10", "phase", "pi", "polar", "rect", "sin", "sqrt"]

_CALL_US = 5

e = _host.e
pi = _host.pi


def _apply(function: Callable[[complex], complex], z: object) -> complex:
    running().cpu.charge(_CALL_US)
    value = _complex(z)
    if value == 0 and function in (_host.log, _host.log10):
        return complex(-_host.inf, 0.0)
    try:
        return function(value)
    except OverflowError:
        return complex(_host.inf, _host.nan)


def _complex(z: object) -> complex:
    if isinstance(z, complex | int | float):
        return complex(z)
    raise TypeError(f"can't convert {type(z).__name__} to complex")


def cos(z: complex, /) -> complex:
    """Cosine."""
    return _apply(_host.cos, z)


def exp(z: complex, /) -> complex:
    """e to the power ``z``."""
    return _apply(_host.exp, z)


def log(z: complex, /) -> complex:
    """Natural logarithm, cut along the negative real axis."""
    return _apply(_host.log, z)


def log10(z: complex, /) -> complex:
    """Decimal logarithm, cut along the negative real axis."""
    return _apply(_host.log10, z)


def phase(z: complex, /) -> float:
    """Angle in radians, -pi < angle <= pi."""
    running().cpu.charge(_CALL_US)
    return _host.phase(_complex(z))


def polar(z: complex, /) -> tuple[float, float]:
    """(absolute value, angle in radians)."""
    running().cpu.charge(_CALL_US)
    return _host.polar(_complex(z))


def rect(r: float, phi: float, /) -> complex:
    """The complex number with absolute value ``r`` and angle ``phi``."""
    running().cpu.charge(_CALL_US)
    return _host.rect(to_float(r), to_float(phi))


def sin(z: complex, /) -> complex:
    """Sine."""
    return _apply(_host.sin, z)


def sqrt(z: complex, /) -> complex:
    """Square root."""
    return _apply(_host.sqrt, z)
