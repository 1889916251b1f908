"""``heapq`` on a node. Expected values were printed by MicroPython."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import heapq
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
        ("heapq.heappop([])", "IndexError ('empty heap',)"),
        ("heapq.heappush((), 1)", "TypeError ('heap must be a list',)"),
        ("heapq.heapify(())", "TypeError ('heap must be a list',)"),
        ("heapq.heappop([1])", "1"),
        ("heapq.heapify([3, 1])", "None"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


def test_heap_gives_its_items_in_order(bare: Any) -> None:
    source = """
h = [5, 2, 8]
heapq.heapify(h)
heapq.heappush(h, 1)
print([heapq.heappop(h) for _ in range(4)])
"""
    assert told(bare, source) == "[1, 2, 5, 8]"


def test_names_of_cpython_are_not_there(bare: Any) -> None:
    assert told(bare, "print([n for n in dir(heapq) if n[0] != '_'])") == "['heapify', 'heappop', 'heappush']"
