"""``gc`` on a node: deterministic estimates that tests can set."""

from __future__ import annotations

import gc as host_gc
from typing import Any

import pytest


def told(bare: Any, source: str) -> str:
    """What ``source`` prints, without the last line's end."""
    text: str = bare.run("import gc\n" + source)
    return text.rstrip("\n")


def test_free_and_allocated_make_up_the_board_s_heap(bare: Any) -> None:
    assert told(bare, "print(gc.mem_free() + gc.mem_alloc())") == str(bare.machine.board.heap_bytes)


def test_loaded_modules_take_memory(bare: Any) -> None:
    before = int(told(bare, "print(gc.mem_free())"))
    bare.machine.state["heap_used_bytes"] = bare.machine.state.get("heap_used_bytes", 0) + 5000
    assert int(told(bare, "print(gc.mem_free())")) == before - 5000


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
