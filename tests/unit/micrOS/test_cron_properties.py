"""Cron against the oracle of cron_model, whatever happens to the clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.micrOS.cron_model import DAY_S, HOUR_S, SIZES, Clock, Entry, Sun, fired, last_moments, seconds

#: Around these things change: weekday, month, leap day, year, both ends of summer time, the wrap of 30 bits.
_BEGINNINGS = [
    seconds(2026, 1, 5),
    seconds(2026, 3, 29, 2),
    seconds(2026, 10, 25, 3),
    seconds(2027, 12, 31, 23),
    seconds(2028, 2, 28, 23, 30),
    seconds(2028, 2, 29, 12),
    1 << 30,
]


def _field(size: int, odds_of_all: int) -> st.SearchStrategy[Any]:
    number = st.integers(0, size - 1)
    part = st.tuples(number, number) | number.map(lambda value: (value, value))
    return st.lists(part, min_size=1, max_size=2).map(tuple) | st.sampled_from([(None,)] * odds_of_all)


_CLOCKS = st.tuples(*(_field(size, odds) for size, odds in zip(SIZES, (4, 3, 2, 1), strict=True))).map(Clock)
_SUNS = st.builds(Sun, st.integers(0, 1), st.sampled_from([0, 30, -15, 720, -720]) | st.integers(-720, 720))
_TASKS = st.lists(_CLOCKS | _CLOCKS | _SUNS, min_size=1, max_size=3)
_PERIODS = st.sampled_from([1, 3, 5, 20, 25, 60])
_EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(1, 3 * HOUR_S)),
        st.tuples(st.just("block"), st.integers(1, 2 * HOUR_S) | st.sampled_from([HOUR_S - 1, HOUR_S, HOUR_S + 61])),
        st.tuples(st.just("step"), st.integers(-2 * HOUR_S, 2 * HOUR_S) | st.sampled_from([HOUR_S, -HOUR_S, -1])),
        st.tuples(st.just("step"), st.sampled_from([DAY_S, -DAY_S])),
        st.tuples(st.just("lost"), st.just(0)),
    ),
    max_size=7,
)
#: Sunrise and sunset of the first day, how much later each is on the next one, and the days on which there is none.
_SUNS_OF_DAYS = st.tuples(
    st.integers(-HOUR_S, 12 * HOUR_S),
    st.integers(12 * HOUR_S, 26 * HOUR_S),
    st.integers(-900, 900),
    st.sets(st.integers(-9, 3)),
)


def _sun(first_day: int, shape: tuple[int, int, int, set[int]]) -> dict[int, Sequence[int | None]]:
    """Sunrise and sunset of the days around first_day."""
    rise, set_, drift, dark = shape
    return {first_day + i: (None, None) if i in dark else (rise - i * drift, set_ + i * drift) for i in range(-12, 8)}


def _readings(now: int, period_s: int, phase: int, events: Sequence[tuple[str, int]]) -> list[int]:
    """What the clock shows at each tick while things happen to it."""
    now += phase % period_s
    readings = [now]
    for what, amount in [*events, ("run", 10 * period_s)]:
        if what == "run":
            readings += range(now + period_s, now + amount + 1, period_s)
            now += amount // period_s * period_s
        elif what == "lost":
            readings += [5, 5 + period_s]
            readings.append(now)
        else:
            now += amount if what == "block" else amount + period_s
            readings.append(now)
    return readings


def _table(pure: Any, entries: Sequence[Entry], period_s: int, sun: dict[int, Sequence[int | None]]) -> Any:
    parsed, problems = pure.load("crontab").parse(";".join(f"{entry.text}!x f" for entry in entries))
    assert problems == []
    table = pure.load("cron").Timetable(lambda day, is_set: sun.get(day, (None, None))[is_set], period_s)
    table.load(parsed)
    return table


@settings(deadline=None, max_examples=60)
@given(_TASKS, st.sampled_from(_BEGINNINGS), st.integers(-HOUR_S, HOUR_S), _PERIODS, _EVENTS, _SUNS_OF_DAYS)
def test_what_runs_is_what_the_promise_says(
    pure: Any,
    entries: list[Entry],
    beginning: int,
    phase: int,
    period_s: int,
    events: list[tuple[str, int]],
    shape: tuple[int, int, int, set[int]],
) -> None:
    readings = _readings(beginning + phase, period_s, phase, events)
    sun = _sun(beginning // DAY_S, shape)
    table = _table(pure, entries, period_s, sun)
    ran = [(number, entry[0] - 1) for number, now in enumerate(readings) for entry in table.due(now)]
    assert ran == fired(entries, readings, period_s, sun)


@settings(deadline=None, max_examples=4)
@given(_TASKS, st.sampled_from(_BEGINNINGS), _PERIODS, st.integers(1, 59), _SUNS_OF_DAYS)
def test_a_day_and_a_night_run_as_the_promise_says(
    pure: Any, entries: list[Entry], beginning: int, period_s: int, phase: int, shape: tuple[int, int, int, set[int]]
) -> None:
    readings = list(range(beginning - phase, beginning + 30 * HOUR_S, max(period_s, 5)))
    sun = _sun(beginning // DAY_S, shape)
    table = _table(pure, entries, max(period_s, 5), sun)
    ran = [(number, entry[0] - 1) for number, now in enumerate(readings) for entry in table.due(now)]
    assert ran == fired(entries, readings, max(period_s, 5), sun)


@settings(deadline=None, max_examples=25)
@given(_TASKS, st.sampled_from(_BEGINNINGS), st.integers(0, DAY_S), st.sampled_from([HOUR_S, DAY_S]), _SUNS_OF_DAYS)
@example([Clock(((None,), ((23, 23),), ((0, 0),), ((0, 0),)))], _BEGINNINGS[0], HOUR_S, DAY_S, (0, DAY_S, 0, set()))
def test_replay_gives_the_last_moment_of_each_entry(
    pure: Any, entries: list[Entry], beginning: int, now: int, window_s: int, shape: tuple[int, int, int, set[int]]
) -> None:
    sun = _sun(beginning // DAY_S, shape)
    table = _table(pure, entries, 3, sun)
    replayed = [entry[0] - 1 for entry in table.replay(beginning + now, window_s)]
    assert replayed == [i for _, i in last_moments(entries, beginning + now, window_s, sun)]
