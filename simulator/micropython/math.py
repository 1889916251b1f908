"""``math`` of the ESP32 port.

What is not finite although its arguments are, and what is no number, raises ``ValueError: math domain error``.

Source: py/modmath.c, MICROPY_PY_MATH_SPECIAL_FUNCTIONS, _FACTORIAL, _ISCLOSE (v1.28); compared with the VM.

Limits: results have the host's 53 bits, the chip's floats 24.
"""

from __future__ import annotations

import math as _host
from collections.abc import Callable

from simulator.micropython._args import ABSENT, to_float, to_int
from simulator.micropython.runtime import running

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "degrees",
    "e",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "fabs",
    "factorial",
    "floor",
    "fmod",
    "frexp",
    "gamma",
    "inf",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "ldexp",
    "lgamma",
    "log",
    "log10",
    "log2",
    "modf",
    "nan",
    "pi",
    "pow",
    "radians",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "tau",
    "trunc",
]

_CALL_US = 2

e = _host.e
inf = _host.inf
nan = _host.nan
pi = _host.pi
tau = _host.tau


def _domain_error() -> ValueError:
    return ValueError("math domain error")


def _one(function: Callable[[float], float], x: object) -> float:
    """Apply a function of one number, with the port's rule for what is out of its domain."""
    running().cpu.charge(_CALL_US)
    value = to_float(x)
    try:
        result = function(value)
    except (ValueError, OverflowError):
        raise _domain_error() from None
    return _checked(result, value)


def _two(function: Callable[[float, float], float], x: object, y: object) -> float:
    running().cpu.charge(_CALL_US)
    first, second = to_float(x), to_float(y)
    try:
        result = function(first, second)
    except (ValueError, OverflowError):
        raise _domain_error() from None
    return _checked(result, first, second)


def _checked(result: float, *values: float) -> float:
    if _host.isnan(result) and not any(_host.isnan(value) for value in values):
        raise _domain_error()
    if _host.isinf(result) and not any(_host.isinf(value) for value in values):
        raise _domain_error()
    return result


def _whole(function: Callable[[float], int], x: object) -> int:
    running().cpu.charge(_CALL_US)
    if isinstance(x, int):
        return int(x)
    value = to_float(x)
    if _host.isinf(value):
        raise OverflowError("can't convert inf to int")
    if _host.isnan(value):
        raise ValueError("can't convert NaN to int")
    return function(value)


def acos(x: float, /) -> float:
    """Arc cosine in radians."""
    return _one(_host.acos, x)


def acosh(x: float, /) -> float:
    """Inverse hyperbolic cosine."""
    return _one(_host.acosh, x)


def asin(x: float, /) -> float:
    """Arc sine in radians."""
    return _one(_host.asin, x)


def asinh(x: float, /) -> float:
    """Inverse hyperbolic sine."""
    return _one(_host.asinh, x)


def atan(x: float, /) -> float:
    """Arc tangent in radians."""
    return _one(_host.atan, x)


def atan2(y: float, x: float, /) -> float:
    """Angle of the point (x, y) in radians."""
    return _two(_host.atan2, y, x)


def atanh(x: float, /) -> float:
    """Inverse hyperbolic tangent."""
    return _one(_host.atanh, x)


def ceil(x: float, /) -> int:
    """The integer at or above ``x``."""
    return _whole(_host.ceil, x)


def copysign(x: float, y: float, /) -> float:
    """``x`` with the sign of ``y``."""
    return _two(_host.copysign, x, y)


def cos(x: float, /) -> float:
    """Cosine of radians."""
    return _one(_host.cos, x)


def cosh(x: float, /) -> float:
    """Hyperbolic cosine."""
    return _one(_host.cosh, x)


def degrees(x: float, /) -> float:
    """Radians as degrees."""
    return _one(_host.degrees, x)


def erf(x: float, /) -> float:
    """Error function."""
    return _one(_host.erf, x)


def erfc(x: float, /) -> float:
    """Complementary error function."""
    return _one(_host.erfc, x)


def exp(x: float, /) -> float:
    """e to the power ``x``."""
    return _one(_host.exp, x)


def expm1(x: float, /) -> float:
    """exp(x) - 1, exact near 0."""
    return _one(_host.expm1, x)


def fabs(x: float, /) -> float:
    """Absolute value, as a float."""
    return _one(_host.fabs, x)


def factorial(x: int, /) -> int:
    """Factorial.

    Raises:
        ValueError: negative factorial.
    """
    running().cpu.charge(_CALL_US)
    number = to_int(x)
    if number < 0:
        raise ValueError("negative factorial")
    return _host.factorial(number)


def floor(x: float, /) -> int:
    """The integer at or below ``x``."""
    return _whole(_host.floor, x)


def fmod(x: float, y: float, /) -> float:
    """Remainder of x / y with the sign of ``x``."""
    return _two(_host.fmod, x, y)


def frexp(x: float, /) -> tuple[float, int]:
    """(mantissa, exponent): mantissa * 2**exponent == x."""
    running().cpu.charge(_CALL_US)
    return _host.frexp(to_float(x))


def gamma(x: float, /) -> float:
    """Gamma function."""
    return _one(_host.gamma, x)


def isclose(a: float, b: float, /, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> bool:
    """True if ``a`` and ``b`` differ by no more than the tolerances.

    Raises:
        ValueError: math domain error: a tolerance is negative.
    """
    running().cpu.charge(_CALL_US)
    relative, absolute = to_float(rel_tol), to_float(abs_tol)
    if relative < 0.0 or absolute < 0.0:
        raise _domain_error()
    return _host.isclose(to_float(a), to_float(b), rel_tol=relative, abs_tol=absolute)


def isfinite(x: float, /) -> bool:
    """True if ``x`` is neither infinite nor NaN."""
    running().cpu.charge(_CALL_US)
    return _host.isfinite(to_float(x))


def isinf(x: float, /) -> bool:
    """True if ``x`` is infinite."""
    running().cpu.charge(_CALL_US)
    return _host.isinf(to_float(x))


def isnan(x: float, /) -> bool:
    """True if ``x`` is not a number."""
    running().cpu.charge(_CALL_US)
    return _host.isnan(to_float(x))


def ldexp(x: float, exp: int, /) -> float:
    """x * 2**exp; infinite if that is too large."""
    running().cpu.charge(_CALL_US)
    value, power = to_float(x), to_int(exp)
    try:
        return _host.ldexp(value, power)
    except OverflowError:
        return _host.copysign(inf, value)


def lgamma(x: float, /) -> float:
    """Natural logarithm of the gamma function."""
    return _one(_host.lgamma, x)


def log(x: float, base: float = ABSENT, /) -> float:
    """Logarithm to ``base``, natural without it.

    Raises:
        ValueError: math domain error.
        ZeroDivisionError: the base is 1.
    """
    running().cpu.charge(_CALL_US)
    value = to_float(x)
    if value <= 0.0:
        raise _domain_error()
    if base is ABSENT:
        return _host.log(value)
    bottom = to_float(base)
    if bottom <= 0.0:
        raise _domain_error()
    if bottom == 1.0:
        raise ZeroDivisionError("divide by zero")
    return _host.log(value) / _host.log(bottom)


def log10(x: float, /) -> float:
    """Decimal logarithm."""
    return _one(_host.log10, x)


def log2(x: float, /) -> float:
    """Binary logarithm."""
    return _one(_host.log2, x)


def modf(x: float, /) -> tuple[float, float]:
    """(fraction, whole part), both with the sign of ``x``."""
    running().cpu.charge(_CALL_US)
    return _host.modf(to_float(x))


def pow(x: float, y: float, /) -> float:
    """``x`` to the power ``y``, as floats."""
    return _two(_host.pow, x, y)


def radians(x: float, /) -> float:
    """Degrees as radians."""
    return _one(_host.radians, x)


def sin(x: float, /) -> float:
    """Sine of radians."""
    return _one(_host.sin, x)


def sinh(x: float, /) -> float:
    """Hyperbolic sine."""
    return _one(_host.sinh, x)


def sqrt(x: float, /) -> float:
    """Square root."""
    return _one(_host.sqrt, x)


def tan(x: float, /) -> float:
    """Tangent of radians."""
    return _one(_host.tan, x)


def tanh(x: float, /) -> float:
    """Hyperbolic tangent."""
    return _one(_host.tanh, x)


def trunc(x: float, /) -> int:
    """``x`` without its fraction."""
    return _whole(_host.trunc, x)
