"""``gc`` on a node: deterministic estimates that tests can set."""

from __future__ import annotations

import gc as host_gc
from typing import Any

import pytest

pytestmark = pytest.mark.engine("cpython", reason="memory")


def told(bare: Any, source: str) -> str:
    """What ``source`` prints, without the last line's end."""
    text: str = bare.run("import gc\n" + source)
    return text.rstrip("\n")


def test_free_and_allocated_make_up_the_board_s_heap(bare: Any) -> None:
    assert told(bare, "print(gc.mem_free() + gc.mem_alloc())") == str(bare.machine.board.heap_bytes)


_FREE = "def free():\n    gc.collect()\n    return gc.mem_free()\n"


def test_loaded_module_takes_memory_until_it_is_unloaded(bare: Any) -> None:
    bare.node.install({"/big.py": b"def f():\n    pass\n" + b"# 4\n" * 2500})
    source = _FREE + (
        "import sys\na = free()\nimport big\nb = free()\ndel big, sys.modules['big']\nprint(a - b, free() == a)"
    )
    assert told(bare, source) == "4207 True"


def test_objects_take_memory_until_they_are_dropped_and_collected(bare: Any) -> None:
    source = _FREE + (
        "a = free()\nx = bytearray(10000)\nprint(a - gc.mem_free())\nx = 0\nprint(a - gc.mem_free())\nprint(a - free())"
    )
    assert told(bare, source) == "10000\n10000\n0"


def test_figure_without_collection_follows_a_program_that_computes(bare: Any) -> None:
    source = _FREE + (
        "a = free()\nx = []\nfor i in range(5000):\n    x.append(i)\nprint(a - gc.mem_free())\n"
        "for i in range(30000):\n    pass\nprint(a - gc.mem_free())"
    )
    assert told(bare, source) == "0\n20016"


@pytest.mark.parametrize(("set_to", "shown"), [(20_000, "20000"), (-5, "0"), (10**9, "111168")])
def test_free_memory_is_what_the_test_says(bare: Any, set_to: int, shown: str) -> None:
    bare.machine.parts["heap_free_bytes"] = set_to
    assert told(bare, "print(gc.mem_free())") == shown


def test_switch_and_threshold_hold_for_one_life(bare: Any) -> None:
    source = (
        "print(gc.isenabled(), gc.threshold())\ngc.disable()\ngc.threshold(4096)\nprint(gc.isenabled(), gc.threshold())"
    )
    assert told(bare, source) == "True -1\nFalse 4096"
    bare.node.reset()
    bare.world.run_for(2)
    assert told(bare, "print(gc.isenabled(), gc.threshold())") == "True -1"


def test_host_s_collector_is_never_touched(bare: Any) -> None:
    runs = sum(generation["collections"] for generation in host_gc.get_stats()[2:])
    assert told(bare, "gc.disable()\nprint(gc.collect())") == "None"
    assert host_gc.isenabled()
    assert sum(generation["collections"] for generation in host_gc.get_stats()[2:]) == runs


def test_collection_takes_its_time(bare: Any) -> None:
    source = "import time\nt = time.ticks_us()\ngc.collect()\nprint(time.ticks_diff(time.ticks_us(), t) > 2000)"
    assert told(bare, source) == "True"
