"""``math`` on a node. Expected values were printed by MicroPython with 64-bit floats."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import math
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e.args)
"""


def told(bare: Any, source: str) -> str:
    """What ``source`` prints, without the last line's end."""
    text: str = bare.run(TRY + source)
    return text.rstrip("\n")


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("math.acos(2)", "ValueError ('math domain error',)"),
        ("math.acos(1)", "0.0"),
        ("math.acos(float('nan'))", "nan"),
        ("math.acosh(0.5)", "ValueError ('math domain error',)"),
        ("math.acosh(1)", "0.0"),
        ("math.asin(1)", "1.5707963267948966"),
        ("math.asin(2)", "ValueError ('math domain error',)"),
        ("math.asinh(1000)", "7.600902709541988"),
        ("math.atan(float('inf'))", "1.5707963267948966"),
        ("math.atanh(1)", "ValueError ('math domain error',)"),
        ("math.atanh(0.5)", "0.5493061443340548"),
        ("math.ceil(0.5)", "1"),
        ("math.ceil(-0.5)", "0"),
        ("math.ceil(1e+20)", "100000000000000000000"),
        ("math.ceil(float('inf'))", 'OverflowError ("can\'t convert inf to int",)'),
        ("math.ceil(float('nan'))", 'ValueError ("can\'t convert NaN to int",)'),
        ("math.cos(0)", "1.0"),
        ("math.cos(float('inf'))", "ValueError ('math domain error',)"),
        ("math.cosh(1000)", "ValueError ('math domain error',)"),
        ("math.cosh(1)", "1.5430806348152437"),
        ("math.degrees(1)", "57.29577951308232"),
        ("math.erf(0.5)", "0.5204998778130465"),
        ("math.erfc(2)", "0.004677734981047265"),
        ("math.exp(1)", "2.718281828459045"),
        ("math.exp(1000)", "ValueError ('math domain error',)"),
        ("math.exp(-1000)", "0.0"),
        ("math.exp(float('inf'))", "inf"),
        ("math.expm1(1000)", "ValueError ('math domain error',)"),
        ("math.fabs(-1)", "1.0"),
        ("math.factorial(10)", "3628800"),
        ("math.factorial(-1)", "ValueError ('negative factorial',)"),
        ("math.factorial(0.5)", 'TypeError ("can\'t convert float to int",)'),
        ("math.floor(-0.5)", "-1"),
        ("math.floor(float('inf'))", 'OverflowError ("can\'t convert inf to int",)'),
        ("math.frexp(10)", "(0.625, 4)"),
        ("math.frexp(float('inf'))", "(inf, 0)"),
        ("math.gamma(5)", "24.0"),
        ("math.gamma(0)", "ValueError ('math domain error',)"),
        ("math.isfinite(float('inf'))", "False"),
        ("math.isfinite(1)", "True"),
        ("math.isinf(float('inf'))", "True"),
        ("math.isnan(float('nan'))", "True"),
        ("math.lgamma(0)", "ValueError ('math domain error',)"),
        ("math.lgamma(1)", "0.0"),
        ("math.log(0)", "ValueError ('math domain error',)"),
        ("math.log(-1)", "ValueError ('math domain error',)"),
        ("math.log(10)", "2.302585092994046"),
        ("math.log10(1000)", "3.0"),
        ("math.log10(0)", "ValueError ('math domain error',)"),
        ("math.log2(8)", "3.0"),
        ("math.log2(0)", "ValueError ('math domain error',)"),
        ("math.modf(-2.5)", "(-0.5, -2.0)"),
        ("math.modf(float('inf'))", "(0.0, inf)"),
        ("math.radians(180)", "3.141592653589793"),
        ("math.sin(float('inf'))", "ValueError ('math domain error',)"),
        ("math.sin(1)", "0.8414709848078965"),
        ("math.sinh(1000)", "ValueError ('math domain error',)"),
        ("math.sqrt(-1)", "ValueError ('math domain error',)"),
        ("math.sqrt(2)", "1.4142135623730951"),
        ("math.tan(1)", "1.5574077246549023"),
        ("math.tanh(1)", "0.7615941559557649"),
        ("math.trunc(-2.5)", "-2"),
        ("math.sin('a')", 'TypeError ("can\'t convert str to float",)'),
        ("math.sin(None)", 'TypeError ("can\'t convert NoneType to float",)'),
        ("math.sin(1j)", 'TypeError ("can\'t convert complex to float",)'),
        ("math.sqrt(1 << 70)", "34359738368.0"),
        ("math.pow(2, 3)", "8.0"),
        ("math.pow(-8, 1 / 3)", "ValueError ('math domain error',)"),
        ("math.pow(1e300, 2)", "ValueError ('math domain error',)"),
        ("math.pow(0, -1)", "ValueError ('math domain error',)"),
        ("math.fmod(-7, 3)", "-1.0"),
        ("math.fmod(7, 0)", "ValueError ('math domain error',)"),
        ("math.atan2(0, -1)", "3.141592653589793"),
        ("math.copysign(3, -0.0)", "-3.0"),
        ("math.ldexp(1, 5)", "32.0"),
        ("math.ldexp(1, 2.5)", 'TypeError ("can\'t convert float to int",)'),
        ("math.ldexp(1, 5000)", "inf"),
        ("math.log(8, 2)", "3.0"),
        ("math.log(2, 1)", "ZeroDivisionError ('divide by zero',)"),
        ("math.log(2, -1)", "ValueError ('math domain error',)"),
        ("math.isclose(1, 1.1, rel_tol=0.2)", "True"),
        ("math.isclose(1, 1.1)", "False"),
        ("math.isclose(1, 1, rel_tol=-1)", "ValueError ('math domain error',)"),
        ("math.pi", "3.141592653589793"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.parametrize("name", ["gcd", "comb", "prod", "dist", "hypot", "fsum", "isqrt"])
def test_name_of_cpython_is_not_there(bare: Any, name: str) -> None:
    assert told(bare, f"print(hasattr(math, {name!r}))") == "False"
