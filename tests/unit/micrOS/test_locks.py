"""Locks between tasks: who gets a name, in which order, and that nobody waits in vain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.world import World

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = """
import asyncio, time, locks
begun = time.ticks_ms()
named = locks.NamedLocks()
held = {}
log = []
async def user(number, at_ms, names, use_ms, limit_ms):
    await asyncio.sleep_ms(at_ms)
    came = time.ticks_diff(time.ticks_ms(), begun)
    if not await named.take(names, number, limit_ms):
        log.append([number, came, time.ticks_diff(time.ticks_ms(), begun), None])
        return
    got = time.ticks_diff(time.ticks_ms(), begun)
    for name in names:
        assert name not in held, 'two have it'
        held[name] = number
    await asyncio.sleep_ms(use_ms)
    for name in names:
        del held[name]
    named.give_back(names)
    log.append([number, came, got, time.ticks_diff(time.ticks_ms(), begun)])
async def main():
    tasks = [asyncio.create_task(user(n, *plan)) for n, plan in enumerate(PLANS)]
    for task in tasks:
        await task
    assert await named.take(('a', 'b', 'c'), 'end', 0)
asyncio.run(main())
import json
print(json.dumps(log))
"""


def _play(source: Path, plans: list[tuple[int, tuple[str, ...], int, int]]) -> list[list[Any]]:
    with World(seed=0) as world:
        text = (source / "locks.py").read_bytes()
        node = world.add_node("bare", firmware=False, files={"/locks.py": text})
        world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
        log: list[list[Any]] = json.loads(world.run_on(node, _PROGRAM.replace("PLANS", repr(plans)), timeout_s=600))
        return sorted(log)


def test_names_go_to_who_came_first(source: Path) -> None:
    plans = [(0, ("a",), 100, 1000), (10, ("a", "b"), 100, 1000), (20, ("b",), 100, 1000), (30, ("c",), 100, 1000)]
    got = [entry[2] // 10 for entry in _play(source, plans)]
    assert got == [0, 10, 20, 3]


def test_who_gives_up_lets_those_behind_pass(source: Path) -> None:
    plans = [(0, ("a",), 500, 1000), (10, ("a", "b"), 100, 50), (20, ("b",), 100, 1000)]
    log = _play(source, plans)
    assert [entry[3] is None for entry in log] == [False, True, False]
    assert 60 <= log[2][2] <= 65


@pytest.mark.slow
@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    plans=st.lists(
        st.tuples(
            st.integers(0, 60),
            st.lists(st.sampled_from("abc"), unique=True, min_size=1).map(tuple),
            st.integers(0, 20),
            st.sampled_from([0, 5, 40, 100_000]),
        ),
        min_size=2,
        max_size=16,
    )
)
def test_patient_users_all_get_their_turn_and_no_name_has_two(
    source: Path, plans: list[tuple[int, tuple[str, ...], int, int]]
) -> None:
    log = _play(source, plans)
    assert [entry[0] for entry in log] == list(range(len(plans)))
    busy_ms = sum(plan[2] + 5 for plan in plans) + 60
    for (_, came, got, left), plan in zip(log, plans, strict=True):
        if plan[3] == 100_000:
            assert left is not None and got - came <= busy_ms
        elif left is None:
            assert plan[3] <= got - came <= plan[3] + 5
