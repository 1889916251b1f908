"""Cron as its documentation has it, second by second: an oracle that shares nothing with the firmware.

An entry is described by what it means, not by its text; `text` writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: Local seconds count from here.
EPOCH = datetime(2000, 1, 1)
HOUR_S = 3600
DAY_S = 86_400
#: A tick may come so late after a step of an hour, beyond its period.
LATE_S = 60
FIRST_YEAR = 2024
SIZES = (7, 24, 60, 60)


def seconds(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Local seconds of a date and time."""
    return int((datetime(year, month, day, hour, minute, second) - EPOCH).total_seconds())


def show(moment: int) -> str:
    """A moment as `Mon 2026-01-05 08:00:00`, whatever the locale."""
    when = EPOCH + timedelta(seconds=moment)
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[when.weekday()]} {when}"


@dataclass(frozen=True)
class Clock:
    """An entry of weekday, hour, minute and second.

    Attributes:
        fields: for each of the four, its parts: None for `*`, (first, last) else.
    """

    fields: tuple[tuple[tuple[int, int] | None, ...], ...]

    @property
    def text(self) -> str:
        """How it is written."""
        return ":".join(",".join(map(_part, parts)) for parts in self.fields)

    def values(self) -> tuple[set[int], ...]:
        """What fits, for each of the four."""
        return tuple(_fitting(parts, size) for parts, size in zip(self.fields, SIZES, strict=True))

    def moments(self, after: int, until: int, sun: Mapping[int, Sequence[int | None]]) -> set[int]:
        """Every second in (after, until] that fits, found by asking each of them."""
        weekdays, hours, minutes, own_seconds = self.values()
        found = set()
        now = EPOCH + timedelta(seconds=after + 1)
        day, weekday, hour, minute, second = now.toordinal(), now.weekday(), now.hour, now.minute, now.second
        for moment in range(after + 1, until + 1):
            if second in own_seconds and minute in minutes and hour in hours and weekday in weekdays:
                found.add(moment)
            second += 1
            if second == 60:
                second, minute = 0, minute + 1
                if minute == 60:
                    minute, hour = 0, hour + 1
                    if hour == 24:
                        hour, day = 0, day + 1
                        weekday = datetime.fromordinal(day).weekday()
        return found


@dataclass(frozen=True)
class Sun:
    """An entry of sunrise (0) or sunset (1), shifted by minutes."""

    side: int
    shift_min: int

    @property
    def text(self) -> str:
        """How it is written."""
        return ("sunrise", "sunset")[self.side] + (f"{self.shift_min:+d}" if self.shift_min else "")

    def moments(self, after: int, until: int, sun: Mapping[int, Sequence[int | None]]) -> set[int]:
        """Its moments in (after, until], of a sun that says for each day when it rises and sets."""
        found = set()
        for day, times in sun.items():
            second = times[self.side]
            if second is not None:
                found.add(day * DAY_S + second + self.shift_min * 60)
        return {moment for moment in found if after < moment <= until}


Entry = Clock | Sun


def fired(
    entries: Sequence[Entry], readings: Sequence[int], period_s: int, sun: Mapping[int, Sequence[int | None]]
) -> list[tuple[int, int]]:
    """What runs, by the promise.

    Args:
        entries: the entries.
        readings: what the clock shows at each tick.
        period_s: seconds between two ticks.
        sun: day -> (sunrise, sunset).

    Returns:
        (number of the tick, index of the entry), in the order of running.
    """
    right = [now for now in readings if (EPOCH + timedelta(seconds=now)).year >= FIRST_YEAR]
    first = min(right)
    moments = [entry.moments(first, max(right), sun) for entry in entries]
    ran: list[tuple[int, int]] = []
    passed: set[int] = set()
    last: int | None = None
    for number, now in enumerate(readings):
        if now < first:
            last = None
        elif last is None or last - now > HOUR_S:
            passed, last = set(), now
        elif now - last > HOUR_S + LATE_S + period_s or now <= last:
            last = now
        else:
            new = [moment for moment in range(last + 1, now + 1) if moment not in passed]
            firsts = [(next((moment for moment in new if moment in due), None), i) for i, due in enumerate(moments)]
            ran += [(number, i) for _, i in sorted((moment, i) for moment, i in firsts if moment is not None)]
            passed.update(new)
            last = now
    return ran


def last_moments(entries: Sequence[Entry], now: int, window_s: int, sun: Mapping[int, Any]) -> list[tuple[int, int]]:
    """The last moment of each entry in the window that ends now, in order: (moment, index of the entry)."""
    lasts = [(max(due), i) for i, entry in enumerate(entries) if (due := entry.moments(now - window_s, now, sun))]
    return sorted(lasts)


def _part(part: tuple[int, int] | None) -> str:
    if part is None:
        return "*"
    first, last = part
    return f"{first}" if first == last else f"{first}-{last}"


def _fitting(parts: Iterable[tuple[int, int] | None], size: int) -> set[int]:
    found: set[int] = set()
    for part in parts:
        first, last = part or (0, size - 1)
        value = first
        found.add(value)
        while value != last:
            value = 0 if value == size - 1 else value + 1
            found.add(value)
    return found
