"""The loop beside the wall clock; the clock here is a number."""

from __future__ import annotations

import pytest

from simulator.control.runner import TURN_S, Runner
from simulator.kernel import Kernel


class Wall:
    """A wall clock that moves when somebody waits or computes."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds

    def clock(self) -> float:
        return self.now_s


class Bench:
    """A kernel with an event every 10 ms that takes ``cost_s`` of the wall clock, and its runner."""

    def __init__(self, *, pace: float = 1.0, cost_s: float = 0.0) -> None:
        self.kernel, self.wall, self.events, self.cost_s = Kernel(), Wall(), 0, cost_s
        self.runner = Runner(self.kernel, self.wall.wait, pace=pace, clock=self.wall.clock)
        self._again()

    def _again(self) -> None:
        self.events += 1
        self.wall.now_s += self.cost_s
        self.kernel.after(10_000, self._again)

    def run_for(self, wall_s: float) -> None:
        end_s = self.wall.now_s + wall_s
        self.runner.on_turn[:] = [lambda: self.runner.stop() if self.wall.now_s >= end_s else None]
        self.runner.stopped = False
        self.runner.run()

    @property
    def virtual_s(self) -> float:
        return self.kernel.now / 1e6


@pytest.mark.parametrize("pace", [0.5, 1.0, 60.0])
def test_virtual_time_follows_the_wall_at_its_pace(pace: float) -> None:
    bench = Bench(pace=pace)
    bench.run_for(2.0)
    assert bench.virtual_s == pytest.approx(2.0 * pace, rel=0.05)


def test_world_that_lags_still_hears_the_outside() -> None:
    bench = Bench(cost_s=0.02)  # each 10 ms of virtual time take 20 ms
    bench.run_for(3.0)
    assert len(bench.wall.waits) > 3.0 / (TURN_S + 0.05)
    assert bench.virtual_s == pytest.approx(1.5, rel=0.1)


def test_pace_that_cannot_be_kept_still_hears_the_outside() -> None:
    bench = Bench(pace=100_000.0, cost_s=0.0001)
    bench.run_for(1.0)
    assert len(bench.wall.waits) > 10
    assert bench.virtual_s == pytest.approx(100.0, rel=0.2)


def test_paused_world_stands_still_and_waits() -> None:
    bench = Bench()
    bench.runner.pause()
    bench.run_for(1.0)
    assert (bench.kernel.now, bench.wall.waits) == (0, [0.25] * 4)


def test_resumed_world_does_not_make_up_for_the_pause() -> None:
    bench = Bench()
    bench.runner.pause()
    bench.run_for(1.0)
    bench.runner.resume()
    bench.run_for(0.5)
    assert bench.virtual_s == pytest.approx(0.5, abs=0.05)


def test_step_passes_exactly_and_tells_when_done() -> None:
    bench, seen = Bench(), []
    bench.runner.pause()
    bench.runner.step(5.0, lambda: seen.append(bench.kernel.now))
    bench.runner.step(1.0, lambda: seen.append(bench.kernel.now))
    bench.run_for(0.3)
    assert seen == [5_000_000, 6_000_000]
    assert bench.runner.paused and bench.kernel.now == 6_000_000


def test_new_pace_counts_from_now() -> None:
    bench = Bench()
    bench.run_for(1.0)
    bench.runner.pace = 10.0
    bench.run_for(1.0)
    assert bench.virtual_s == pytest.approx(11.0, rel=0.05)


def test_stop_within_an_event_ends_the_loop_at_once() -> None:
    bench = Bench(pace=1_000.0)
    bench.kernel.at(1_000_000, bench.runner.stop)
    bench.runner.run()
    assert bench.kernel.now == 1_000_000
