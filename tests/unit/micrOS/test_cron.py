"""Cron's timetable: what is due at which tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.unit.micrOS.cron_model import DAY_S, seconds, show

_MIDNIGHT = seconds(2026, 1, 5)
_MONDAY = _MIDNIGHT // DAY_S
_EVENING = 19 * 3600 + 45 * 60 + 10
_HALF_PAST_18 = 18 * 3600 + 30 * 60

SunOf = Callable[[int, int], int | None]


def _at(clock: str, day: int = 0) -> int:
    """A moment of Monday, 2026-01-05, or some days later."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    return _MIDNIGHT + day * DAY_S + hour * 3600 + minute * 60 + second


def _every_day(second: int | None) -> SunOf:
    """A sun that always sets at that second, and never rises."""
    return lambda day, is_set: second if is_set else None


class Desk:
    """A timetable whose entries come as text and whose answers go as text.

    Args:
        pure: the firmware.
        text: crontasks; none may be wrong.
        sun: see cron.Timetable.
        period_s: of the ticks.
    """

    def __init__(self, pure: Any, text: str, sun: SunOf | None = None, period_s: int = 1) -> None:
        self._parse = pure.load("crontab").parse
        self.table = pure.load("cron").Timetable(sun or _every_day(None), period_s)
        self.period_s = period_s
        self.load(text)

    def load(self, text: str) -> None:
        """Give it other entries."""
        entries, problems = self._parse(text)
        assert problems == []
        self.table.load(entries)

    def ticks(self, readings: Iterable[int]) -> list[str]:
        """What runs as the clock shows these, as `command @ Mon 08:00:00`."""
        ran = [(commands, show(now)) for now in readings for _, commands, _ in self.table.due(now)]
        return [f"{commands} @ {when[:3]} {when[-8:]}" for commands, when in ran]

    def run(self, start: int, end: int) -> list[str]:
        """What runs in the ticks from start until end."""
        return self.ticks(range(start, end + 1, self.period_s))

    def replay(self, now: int, **window: int) -> list[str]:
        """What a replay runs."""
        return [commands for _, commands, _ in self.table.replay(now, **window)]


@pytest.mark.parametrize(
    ("text", "start", "end", "ran"),
    [
        ("*:8:0:0!x f", "7:59:50", "8:00:10", ["x f @ Mon 08:00:00"]),
        ("*:8:0-1:0!x f", "7:59:50", "8:02:10", ["x f @ Mon 08:00:00", "x f @ Mon 08:01:00"]),
        ("0:*:59:58!x f", "7:59:50", "8:02:10", ["x f @ Mon 07:59:58"]),
        ("5-1:*:0:0!x f", "7:59:50", "8:00:10", ["x f @ Mon 08:00:00"]),
        ("2-5:*:0:0!x f", "7:59:50", "8:00:10", []),
        ("*:*:*:10!x a; *:*:*:10!x b", "7:00:05", "7:00:30", ["x a @ Mon 07:00:10", "x b @ Mon 07:00:10"]),
        ("*:*:*:11!x a; *:*:*:10!x b", "7:00:05", "7:00:30", ["x b @ Mon 07:00:10", "x a @ Mon 07:00:11"]),
        ("*:8:0:0!x f; x g;;", "7:59:50", "8:00:10", ["x f; x g @ Mon 08:00:00"]),
    ],
)
def test_entry_runs_at_its_moments(pure: Any, text: str, start: str, end: str, ran: list[str]) -> None:
    assert Desk(pure, text).run(_at(start), _at(end)) == ran


@pytest.mark.parametrize(
    ("text", "sun", "moments"),
    [
        ("*:8:0:0!x f", None, [_at("8:00:00"), _at("8:00:00", 1)]),
        ("*:0:0:0!x f", None, [_at("0:00:00", 1), _at("0:00:00", 2)]),
        ("*:23:59:59!x f", None, [_at("23:59:59"), _at("23:59:59", 1)]),
        ("1:8:0:0!x f", None, [_at("8:00:00", 1)]),
        ("sunset!x f", _EVENING, [_at("19:45:10"), _at("19:45:10", 1)]),
    ],
)
@pytest.mark.parametrize("period_s", [1, 3, 10, 25, 30, 60])
def test_daily_entry_runs_once_a_day_whatever_the_period_and_its_phase(
    pure: Any, text: str, sun: int | None, moments: list[int], period_s: int
) -> None:
    """The table of release 1.4, without the runs that came early or twice."""
    for phase in {0, period_s // 2, period_s - 1}:
        due = Desk(pure, text, _every_day(sun), period_s).table.due
        ran = [now for now in range(_at("0:00:01") + phase, _at("1:00:00", 2), period_s) for _ in due(now)]
        assert [now - moment < period_s for now, moment in zip(ran, moments, strict=True)] == [True] * len(moments)
        assert [now >= moment for now, moment in zip(ran, moments, strict=True)] == [True] * len(moments)


@pytest.mark.parametrize(
    ("text", "start", "end", "runs"),
    [
        ("*:*:*:10!x f", "7:00:00", "8:00:00", {60}),
        ("*:*:*:0!x f", "7:00:30", "8:00:30", {60}),
        ("*:*:0:0!x f", "7:30:00", "12:30:00", {5}),
        ("*:8:30:*!x f", "7:00:00", "9:00:00", {20, 21}),
        ("*:*:*:*!x f", "7:00:00", "7:10:00", {200}),
        ("*:*:1,3:0!x f", "7:00:30", "8:00:30", {2}),
    ],
)
@pytest.mark.parametrize("phase", [0, 1, 2])
def test_wildcards_run_as_often_as_they_say(
    pure: Any, text: str, start: str, end: str, runs: set[int], phase: int
) -> None:
    """The same table, with ticks every 3 s."""
    assert len(Desk(pure, text, period_s=3).run(_at(start) + phase, _at(end) + phase)) in runs


def test_120_daily_entries_run_once_a_day_each(pure: Any) -> None:
    text = ";".join(f"*:{i // 5}:{i % 60}:{i * 7 % 60}!x f {i}" for i in range(120))
    ran = Desk(pure, text, period_s=3).run(_at("0:00:00") - 1, _at("0:00:00", 3))
    assert set(Counter(line.partition(" @")[0] for line in ran).values()) == {3}
    assert len(ran) == 360


def test_year_of_a_weekly_entry_keeps_its_weekday(pure: Any) -> None:
    ran = Desk(pure, "6:12:0:0!x f", period_s=1800).run(seconds(2027, 12, 30), seconds(2028, 12, 30))
    assert ran == ["x f @ Sun 12:00:00"] * 52


def test_nothing_runs_before_the_clock_is_set(pure: Any) -> None:
    desk = Desk(pure, "*:*:*:*!x f; sunset!x g", _every_day(5))
    assert desk.run(0, 30) == []
    assert desk.run(seconds(2023, 12, 31, 23, 59, 50), seconds(2023, 12, 31, 23, 59, 59)) == []
    assert desk.run(seconds(2024, 1, 1), seconds(2024, 1, 1, 0, 0, 1)) == ["x f @ Mon 00:00:01"]


def test_first_tick_makes_up_for_nothing(pure: Any) -> None:
    assert Desk(pure, "*:8:0:0!x f").ticks([_at("8:00:00"), _at("8:00:01")]) == []


def test_clock_that_is_lost_and_set_again_starts_afresh(pure: Any) -> None:
    desk = Desk(pure, "*:8:0:0!x f")
    ran = desk.ticks([_at("7:59:59"), _at("8:00:00"), 100, _at("7:59:59"), _at("8:00:00")])
    assert ran == ["x f @ Mon 08:00:00"] * 2


@pytest.mark.parametrize(("gap_s", "runs"), [(60, 1), (1800, 1), (3600, 1), (3661, 1), (3662, 0), (86_400, 0)])
def test_gap_up_to_an_hour_runs_once_what_was_due_in_it(pure: Any, gap_s: int, runs: int) -> None:
    """A minute and a period more are granted for the tick after a step of an hour."""
    start = _at("7:59:30")
    assert len(Desk(pure, "*:*:*:0!x f").ticks([start, *range(start + gap_s, start + gap_s + 20)])) == runs


def test_gap_runs_entries_in_the_order_of_their_moments(pure: Any) -> None:
    desk = Desk(pure, "*:8:20:0!x c; *:8:10:0!x b; *:8:5,30:0!x a; *:8:10:0!x d")
    assert [line[:3] for line in desk.ticks([_at("8:00:00"), _at("8:45:00")])] == ["x a", "x b", "x d", "x c"]


def test_moment_of_the_last_tick_belongs_to_the_stretch_before(pure: Any) -> None:
    desk = Desk(pure, "*:8:0:0!x f")
    assert desk.ticks([_at("7:59:57"), _at("8:00:00"), _at("8:00:00"), _at("8:00:03")]) == ["x f @ Mon 08:00:00"]


@pytest.mark.parametrize(("back_s", "runs"), [(1, 1), (60, 1), (3600, 1), (3601, 2), (DAY_S, 2)])
def test_step_back_up_to_an_hour_runs_nothing_twice(pure: Any, back_s: int, runs: int) -> None:
    desk = Desk(pure, "*:8:0:0!x f")
    now = _at("8:00:00")
    ran = desk.run(now - 5, now) + desk.run(now - back_s, now - back_s + 5) + desk.run(now - 3, now + 3)
    assert len(ran) == runs


def test_two_steps_back_run_nothing_twice_either(pure: Any) -> None:
    desk = Desk(pure, "*:*:*:0!x f")
    assert len(desk.run(_at("8:00:30"), _at("10:00:30"))) == 120
    assert desk.ticks([_at("9:10:00"), _at("8:20:00")]) == []
    assert desk.run(_at("8:20:01"), _at("10:00:30")) == []
    assert len(desk.run(_at("10:00:31"), _at("10:02:00"))) == 2


def test_step_back_behind_the_start_runs_what_never_ran(pure: Any) -> None:
    desk = Desk(pure, "*:*:0,30:0!x f")
    assert desk.run(_at("10:00:00") - 1, _at("10:10:00")) == ["x f @ Mon 10:00:00"]
    assert desk.run(_at("9:15:00"), _at("10:45:00")) == ["x f @ Mon 09:30:00", "x f @ Mon 10:30:00"]


def test_step_back_into_what_was_skipped_runs_what_never_ran(pure: Any) -> None:
    desk = Desk(pure, "*:*:0,30:0!x f")
    assert desk.ticks([_at("8:00:00") - 1, _at("8:00:00"), _at("10:10:00")]) == ["x f @ Mon 08:00:00"]
    ran = desk.run(_at("9:20:00"), _at("10:40:00"))
    assert ran == ["x f @ Mon 09:30:00", "x f @ Mon 10:00:00", "x f @ Mon 10:30:00"]


def test_clock_that_trembles_runs_nothing_twice_and_misses_nothing(pure: Any) -> None:
    start = _at("8:00:01")
    readings = [start + i + (-2 if i % 3 == 2 else 0) for i in range(1800)]
    assert len(Desk(pure, "*:*:*:*!x f").ticks(readings)) == len({*readings}) - 1


def test_summer_time_makes_up_for_the_hour_that_it_takes(pure: Any) -> None:
    desk = Desk(pure, "*:2:30:0!x f; *:3:0:0!x g", period_s=3)
    assert desk.ticks([_at("1:59:57"), _at("3:00:00"), _at("3:00:03")]) == ["x f @ Mon 03:00:00", "x g @ Mon 03:00:00"]


def test_other_entries_hold_from_the_next_tick(pure: Any) -> None:
    desk = Desk(pure, "*:8:0:5!x old; *:8:0:10!x gone")
    assert desk.run(_at("8:00:00"), _at("8:00:07")) == ["x old @ Mon 08:00:05"]
    desk.load("*:8:0:9!x new; *:8:0:3!x past")
    assert desk.run(_at("8:00:08"), _at("8:00:20")) == ["x new @ Mon 08:00:09"]


def test_sun_shifts_by_minutes_also_over_midnight(pure: Any) -> None:
    desk = Desk(pure, "sunset+30!x late; sunset-30!x early", _every_day(DAY_S - 600), 10)
    ran = desk.run(_at("0:00:00"), _at("23:59:59", 1))
    assert ran == [f"x {run}:20:00" for run in ("late @ Mon 00", "early @ Mon 23", "late @ Tue 00", "early @ Tue 23")]


@pytest.mark.parametrize("second", [-3600, 60, DAY_S - 60, DAY_S + 1800, DAY_S + 43_000])
@pytest.mark.parametrize("shift", ["", "-720", "+720"])
def test_sun_that_sets_on_another_date_runs_each_day(pure: Any, second: int, shift: str) -> None:
    desk = Desk(pure, f"sunset{shift}!x f", _every_day(second), 60)
    assert len(desk.run(_at("0:00:01"), _at("0:00:01", 10))) == 10


def test_entry_of_a_sun_that_does_not_set_waits_for_the_day_on_which_it_does(pure: Any) -> None:
    sun: SunOf = lambda day, is_set: 82_800 if day >= _MONDAY + 40 else None  # noqa: E731
    ran = Desk(pure, "sunset!x f", sun, 60).run(_at("12:00:00"), _at("12:00:00", 42))
    assert ran == ["x f @ Sat 23:00:00", "x f @ Sun 23:00:00"]


def test_place_that_becomes_known_counts_from_the_refresh(pure: Any) -> None:
    known: list[int | None] = [None]
    desk = Desk(pure, "sunset!x f", lambda day, is_set: known[0])
    assert desk.run(_at("17:59:00"), _at("18:00:00")) == []
    known[0] = _HALF_PAST_18
    desk.table.refresh()
    assert desk.run(_at("18:00:01"), _at("18:30:10")) == ["x f @ Mon 18:30:00"]


@pytest.mark.parametrize("moved_s", [-30, 30, 3600])
def test_sun_runs_once_a_day_though_the_place_moves(pure: Any, moved_s: int) -> None:
    setting = [_HALF_PAST_18]
    desk = Desk(pure, "sunset!x f", lambda day, is_set: setting[0])
    assert len(desk.run(_at("18:29:00"), _at("18:30:05"))) == 1
    setting[0] += moved_s
    desk.table.refresh()
    assert desk.run(_at("18:30:06"), _at("12:00:00", 1)) == []
    assert len(desk.run(_at("12:00:01", 1), _at("23:00:00", 1))) == 1


@pytest.mark.parametrize(
    ("step_s", "before", "after", "ran"),
    [
        (-3600, "18:20:00", "17:20:00", ["x f @ Mon 17:30:00"]),  # it is still to come, at an hour that has passed
        (-3600, "18:40:00", "17:40:00", []),
        (3600, "18:20:00", "19:20:00", ["x f @ Mon 19:30:00"]),
        (3600, "18:40:00", "19:40:00", []),
    ],
)
def test_change_of_summer_time_neither_doubles_nor_drops_the_sunset(
    pure: Any, step_s: int, before: str, after: str, ran: list[str]
) -> None:
    setting = [_HALF_PAST_18]
    desk = Desk(pure, "sunset!x f", lambda day, is_set: setting[0])
    first = desk.run(_at("17:00:00"), _at(before))
    setting[0] += step_s
    desk.table.refresh()
    assert desk.run(_at(after), _at("23:00:00")) == ran
    assert len(first) + len(ran) == 1


def test_replay_gives_each_entry_once_in_the_order_of_its_last_moment(pure: Any) -> None:
    desk = Desk(pure, "*:23:0:0!x off; sunset!x on; *:6:0,30:0!x morning; 2:7:0:0!x weekly", _every_day(_EVENING))
    assert desk.replay(_at("1:00:00")) == ["x weekly", "x morning", "x on", "x off"]
    assert desk.replay(_at("1:00:00"), window_s=DAY_S) == ["x morning", "x on", "x off"]
    assert desk.run(_at("1:00:01"), _at("6:00:00")) == ["x morning @ Mon 06:00:00"]


@pytest.mark.parametrize("replayed_at", ["7:59:57", "7:59:59", "8:00:00", "8:00:01", "8:00:02", "8:00:03"])
def test_replay_leaves_to_the_ticks_what_they_have_not_seen(pure: Any, replayed_at: str) -> None:
    desk = Desk(pure, "0:8:0:0!x f", period_s=3)
    before = desk.run(_at("7:59:40"), _at(replayed_at) - 1)
    assert len(desk.replay(_at(replayed_at), window_s=3600)) == len(before)
    after = desk.run(_at(replayed_at) + 1, _at("8:00:30"))
    assert len(before) + len(after) == 1


def test_replay_before_the_first_tick_leaves_no_hole(pure: Any) -> None:
    desk = Desk(pure, "*:8:0:0!x a; *:8:0:2!x b")
    assert desk.replay(_at("8:00:01"), window_s=60) == ["x a"]
    assert desk.ticks([_at("8:00:04")]) == ["x b @ Mon 08:00:04"]


def test_replay_takes_the_clock_that_was_set_since_the_last_tick(pure: Any) -> None:
    desk = Desk(pure, "*:8:0:0!x a; *:16:0:0!x b")
    desk.ticks([_at("7:00:00")])
    assert desk.replay(_at("18:00:00"), window_s=DAY_S) == ["x a", "x b"]


def test_replay_waits_for_the_clock(pure: Any) -> None:
    assert Desk(pure, "*:*:*:*!x f").replay(86_400 * 30) == []


def test_replayed_sunset_does_not_run_again_for_a_moved_place(pure: Any) -> None:
    setting = [_HALF_PAST_18]
    desk = Desk(pure, "sunset!x f", lambda day, is_set: setting[0])
    assert desk.replay(_at("18:30:10")) == ["x f"]
    setting[0] += 60
    desk.table.refresh()
    assert desk.run(_at("18:30:11"), _at("18:40:00")) == []


def test_tick_without_a_due_entry_looks_for_nothing(firmware: Any) -> None:
    desk = Desk(firmware(), "; ".join(f"*:8:{minute}:0!x f" for minute in range(5, 55, 5)), period_s=3)
    searches = []
    module = type(desk.table)._next.__globals__
    seek = module["_seek"]
    module["_seek"] = lambda *arguments: searches.append(arguments) or seek(*arguments)
    assert len(desk.run(_at("8:00:01"), _at("9:00:01"))) == 10
    assert len(searches) == 10 + 10  # one each at the start, one for each run
