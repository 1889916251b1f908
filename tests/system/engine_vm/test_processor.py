"""A world and its virtual machines share a processor of the host while the world runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.engine.vm.processor import Processor
from simulator.kernel import Kernel

if sys.platform != "linux":
    pytest.skip("only Linux has a say in where a thread runs", allow_module_level=True)
_ALLOWED = os.sched_getaffinity(0)
if len(_ALLOWED) < 2:
    pytest.skip("needs two processors", allow_module_level=True)

_ENOUGH = 20
_LONG = 700


class _Machine:
    """A process that notes where it is moved to."""

    def __init__(self) -> None:
        self.processor = -1
        self.moves: list[int] = []

    def move(self, processor: int) -> None:
        self.processor = processor
        self.moves.append(processor)


@pytest.fixture
def processor() -> Iterator[Processor]:
    """A processor that the test's thread may be bound to; free again at the end."""
    found = Processor.of(Kernel())
    yield found
    found.let_go()


def _meet(processor: Processor, machine: Any, times: int) -> list[set[int]]:
    """Where the thread may run after each message."""
    found = []
    for _ in range(times):
        processor.meet(machine)
        found.append(os.sched_getaffinity(0))
    return found


def test_thread_and_machine_stay_together_after_some_messages(processor: Processor) -> None:
    machine = _Machine()
    assert _meet(processor, machine, _ENOUGH)[-1] == {processor.number} == {machine.processor}
    assert len(machine.moves) == 1


def test_each_machine_follows_at_its_next_message(processor: Processor) -> None:
    machines = [_Machine() for _ in range(3)]
    _meet(processor, machines[0], _ENOUGH)
    assert [machine.processor for machine in machines[1:]] == [-1, -1]
    for machine in machines:
        _meet(processor, machine, 1)
    assert {machine.processor for machine in machines} == {processor.number}


def test_host_chooses_anew_after_some_hundred_messages(processor: Processor) -> None:
    found = _meet(processor, _Machine(), _LONG)
    free = [index for index, places in enumerate(found) if places == _ALLOWED]
    assert 8 <= len(free) <= 20  # at first, and once more
    assert free[-1] > 500


def test_fleet_that_has_to_follow_is_left_in_peace_for_longer(processor: Processor) -> None:
    machines = [_Machine() for _ in range(30)]
    for machine in machines:
        _meet(processor, machine, 1)  # all but the first few follow
    assert _ALLOWED in _meet(processor, machines[0], _LONG)
    assert _ALLOWED not in _meet(processor, machines[0], 2 * _LONG)


def test_processor_that_is_taken_away_is_left(processor: Processor) -> None:
    machine = _Machine()
    _meet(processor, machine, _ENOUGH)
    processor.let_go()
    rest = _ALLOWED - {processor.number}
    os.sched_setaffinity(0, rest)
    try:
        assert _meet(processor, machine, _ENOUGH)[-1] <= rest
    finally:
        processor.let_go()
        os.sched_setaffinity(0, _ALLOWED)


def _of_threads(pid: int) -> set[frozenset[int]]:
    return {frozenset(os.sched_getaffinity(int(thread))) for thread in os.listdir(f"/proc/{pid}/task")}


def test_world_is_bound_while_it_runs_only(vm: Any) -> None:
    seen = []

    def look() -> None:
        seen.append((os.sched_getaffinity(0), _of_threads(vm.node._life._process.pid)))

    vm.later("""
        import _thread, time
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(lock.acquire, ())
        for _ in range(50):
            time.sleep_ms(10)
    """)
    vm.world.at(vm.world.kernel.now + 400_000, look)
    vm.world.run_for(1)
    ((world, machine),) = seen
    assert len(world) == 1
    assert machine == {frozenset(world)}
    assert os.sched_getaffinity(0) == _ALLOWED


def test_world_that_raises_lets_go(vm: Any) -> None:
    def fail() -> None:
        assert len(os.sched_getaffinity(0)) == 1
        raise ValueError("of a test")

    vm.later("import time\nfor _ in range(50):\n    time.sleep_ms(10)")
    vm.world.at(vm.world.kernel.now + 400_000, fail)
    with pytest.raises(ValueError, match="of a test"):
        vm.world.run_for(1)
    assert os.sched_getaffinity(0) == _ALLOWED
