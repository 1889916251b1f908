"""Virtual time that follows a clock; the clock here is a number."""

from __future__ import annotations

import pytest

from simulator.kernel import Kernel
from simulator.kernel.pace import Pacer


class Wall:
    """A wall clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds


@pytest.mark.parametrize(("pace", "virtual_s"), [(1.0, 3.0), (10.0, 30.0), (0.5, 1.5)])
def test_virtual_time_follows_the_clock_at_its_pace(pace: float, virtual_s: float) -> None:
    kernel, wall = Kernel(), Wall()
    pacer = Pacer(kernel, pace, clock=lambda: wall.now_s)

    def again() -> None:
        kernel.after(10_000, again)

    again()
    while wall.now_s < 103.0:
        pacer.step(wall.wait)
    assert kernel.now / 1e6 == pytest.approx(virtual_s, abs=0.3)


def test_idle_wait_ends_with_the_next_event() -> None:
    kernel, wall, seen = Kernel(), Wall(), []
    pacer = Pacer(kernel, 1.0, clock=lambda: wall.now_s)
    kernel.at(50_000, lambda: seen.append(wall.now_s))
    pacer.step(wall.wait)
    pacer.step(wall.wait)
    assert wall.waits[0] == pytest.approx(0.05)
    assert seen == [pytest.approx(100.05)]


def test_event_within_the_slack_runs_without_a_wait() -> None:
    kernel, wall, seen = Kernel(), Wall(), []
    pacer = Pacer(kernel, 1.0, clock=lambda: wall.now_s)
    kernel.at(900, lambda: seen.append(kernel.now))
    pacer.step(wall.wait)
    assert seen == [900]


def test_idle_clock_stands_at_the_wall_not_ahead() -> None:
    kernel, wall = Kernel(), Wall()
    pacer = Pacer(kernel, 1.0, clock=lambda: wall.now_s)
    wall.now_s += 0.5
    pacer.step(wall.wait)
    assert kernel.now == pytest.approx(500_000, abs=2)


def test_host_that_slept_does_not_make_time_rush() -> None:
    kernel, wall = Kernel(), Wall()
    pacer = Pacer(kernel, 1.0, clock=lambda: wall.now_s)
    wall.now_s += 3600
    pacer.step(wall.wait)
    assert kernel.now < 1_000_000


def test_pace_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="pace must be above 0, not 0"):
        Pacer(Kernel(), 0)
