"""``cmath`` on a node. Expected values were printed by MicroPython with 64-bit floats."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import cmath
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
        ("cmath.cos(1j)", "(1.5430806348152437-0j)"),
        ("cmath.exp(1j)", "(0.5403023058681398+0.8414709848078965j)"),
        ("cmath.log(-1)", "3.141592653589793j"),
        ("cmath.log(0)", "(-inf+0j)"),
        ("cmath.log10(0)", "(-inf+0j)"),
        ("cmath.phase(-1)", "3.141592653589793"),
        ("cmath.polar(1j)", "(1.0, 1.5707963267948966)"),
        ("cmath.rect(1, 0)", "(1+0j)"),
        ("cmath.sin(1)", "(0.8414709848078965+0j)"),
        ("cmath.sqrt(4)", "(2+0j)"),
        ("cmath.sin('a')", 'TypeError ("can\'t convert str to complex",)'),
        ("cmath.rect('a', 1)", 'TypeError ("can\'t convert str to float",)'),
        ("cmath.pi", "3.141592653589793"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.parametrize("name", ["acos", "isnan", "tau", "inf"])
def test_name_of_cpython_is_not_there(bare: Any, name: str) -> None:
    assert told(bare, f"print(hasattr(cmath, {name!r}))") == "False"
