"""``random`` on a node. Sequences were printed by MicroPython after the same seeds."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import random
s = random.seed
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
        (
            "s(0) or [random.getrandbits(32) for _ in range(5)]",
            "[2002156, 1421650768, 1366029939, 3697879127, 3706534624]",
        ),
        (
            "s(1) or [random.getrandbits(32) for _ in range(5)]",
            "[2002244, 1862853106, 2677483614, 156226652, 3835757215]",
        ),
        (
            "s(7) or [random.getrandbits(32) for _ in range(5)]",
            "[1999156, 1860906133, 3020494008, 3903630948, 3094570595]",
        ),
        (
            "s(4294967295) or [random.getrandbits(32) for _ in range(5)]",
            "[2002036, 1862488162, 1184655364, 992136241, 643386370]",
        ),
        ("s(7) or [random.randrange(10) for _ in range(10)]", "[4, 5, 8, 4, 3, 0, 0, 9, 1, 5]"),
        ("s(7) or [random.randint(1, 6) for _ in range(10)]", "[5, 6, 1, 5, 4, 1, 1, 3, 6, 2]"),
        ("s(7) or [random.choice('abc') for _ in range(6)]", "['a', 'b', 'a', 'a', 'c', 'c']"),
        ("s(7) or [random.randrange(0, 100, 7) for _ in range(5)]", "[28, 35, 56, 28, 21]"),
        ("s(7) or [random.randrange(10, 0, -3) for _ in range(5)]", "[10, 1, 10, 10, 4]"),
        ("s(7) or [random.getrandbits(n) for n in (8, 1, 0)]", "[52, 1, 0]"),
        ("random.getrandbits(33)", "ValueError ('bits must be 32 or less',)"),
        ("random.getrandbits(-1)", "ValueError ('bits must be 32 or less',)"),
        ("random.randrange(0)", "ValueError ()"),
        ("random.randrange(-5)", "ValueError ()"),
        ("random.randrange(5, 5)", "ValueError ()"),
        ("random.randrange(1, 2, 0)", "ValueError ()"),
        ("random.randrange(1.5)", 'TypeError ("can\'t convert float to int",)'),
        ("random.choice([])", "IndexError ()"),
        ("random.uniform(1, 1)", "1.0"),
        ("random.randint(3, 3)", "3"),
        ("random.seed('a')", 'TypeError ("can\'t convert str to int",)'),
        ("random.seed(1.5)", 'TypeError ("can\'t convert float to int",)'),
        ("random.seed(1 << 40)", "None"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.engine("cpython", reason="word-size")
def test_random_is_below_one_with_23_bits(bare: Any) -> None:
    source = "x = [random.random() for _ in range(200)]\n"
    source += "print(0 <= min(x) and max(x) < 1, all(y * 2**23 % 1 == 0 for y in x))"
    assert told(bare, source) == "True True"


def test_uniform_stays_in_its_range(bare: Any) -> None:
    assert told(bare, "print(all(2 <= random.uniform(2, 3) <= 3 for _ in range(200)))") == "True"


def test_sequence_without_seed_differs_by_life_and_node(bare: Any) -> None:
    source = "print([random.getrandbits(32) for _ in range(3)])"
    seen = [told(bare, source)]
    bare.node.reset()
    bare.world.run_for(2)
    seen.append(told(bare, source))
    other = bare.world.add_node("other", firmware=False)
    bare.world.run_until(lambda: ">>> " in other.console.text(), timeout_s=5)
    seen.append(bare.world.run_on(other, "import random\n" + source))
    assert len(set(seen)) == 3


@pytest.mark.parametrize("name", ["shuffle", "sample", "Random", "gauss"])
def test_name_of_cpython_is_not_there(bare: Any, name: str) -> None:
    assert told(bare, f"print(hasattr(random, {name!r}))") == "False"
