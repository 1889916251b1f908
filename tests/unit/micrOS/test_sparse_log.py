"""Log lines of what may happen again and again: how many, and what is counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

_HOUR, _DAY = 3600, 86400
_WRAP = 1 << 30


class Ticking:
    """MicroPython's ticks, which wrap at 2**30 ms, beside the lines that were logged."""

    def __init__(self, firmware: Any, start_ms: int = 0) -> None:
        self.ms = start_ms
        self.lines: list[str] = []
        time = SimpleNamespace(ticks_ms=lambda: self.ms % _WRAP, ticks_diff=_difference, ticks_add=_sum)
        debug = SimpleNamespace(
            console_write=lambda text: None, errlog_add=lambda text, level="ERR": self.lines.append(f"{level} {text}")
        )
        others = {"hal": None, "cold": None, "results": SimpleNamespace(error_text=str), "asyncio": None}
        modules = firmware(time=time, Debug=debug, **others)
        self.clock = modules.load("Network").State()
        self._log = modules.load("sparse_log")

    def problem(self, text: str) -> None:
        self._log.problem(self.clock, text)

    def event(self, text: str, level: str = "ERR") -> None:
        self._log.event(self.clock, text, level)

    def wait(self, seconds: int) -> None:
        self.ms += seconds * 1000


def _difference(a: int, b: int) -> int:
    return (a - b + _WRAP // 2) % _WRAP - _WRAP // 2


def _sum(a: int, b: int) -> int:
    return (a + b) % _WRAP


@pytest.fixture
def ticking(firmware: Any) -> Ticking:
    return Ticking(firmware)


def test_clock_counts_on_when_ticks_wrap(firmware: Any) -> None:
    ticking = Ticking(firmware, start_ms=_WRAP - 1500)
    for _ in range(400):
        ticking.wait(_DAY)
        ticking.clock.now()
    assert ticking.clock.now() == 400 * _DAY


def test_clock_loses_no_part_of_a_second(ticking: Ticking) -> None:
    for _ in range(1000):
        ticking.ms += 999
        ticking.clock.now()
    assert ticking.clock.now() == 999


def test_problem_that_stays_is_logged_once_a_day(ticking: Ticking) -> None:
    for _ in range(3 * 24):
        ticking.problem("wrong password for home")
        ticking.wait(_HOUR)
    assert ticking.lines == ["ERR wrong password for home"] * 3


def test_events_beyond_the_first_come_one_in_four_hours_and_are_counted(ticking: Ticking) -> None:
    for _ in range(7 * 24 * 4):
        ticking.event("connection lost", "WARN")
        ticking.wait(_HOUR // 4)
    assert 6 + 7 * 6 - 1 <= len(ticking.lines) <= 6 + 7 * 6
    assert ticking.lines[5:7] == ["WARN connection lost", "WARN connection lost (10 lines left out)"]


def test_problem_that_was_left_out_is_logged_later(ticking: Ticking) -> None:
    for number in range(6):
        ticking.event(f"event {number}")
    ticking.problem("wrong password for home")
    ticking.wait(4 * _HOUR)
    ticking.problem("wrong password for home")
    assert ticking.lines[6:] == ["ERR wrong password for home (1 lines left out)"]
