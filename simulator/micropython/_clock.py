"""The real-time clock of a node and the calendar arithmetic of the port: what ``time`` and ``machine.RTC`` share.

The clock counts microseconds since 2000-01-01 00:00:00 and stands there when power comes. It goes on through resets and
deep sleep, so its offset to virtual time is kept in ``machine.retained["rtc"]``.

Example::

    set_rtc_us(machine, seconds_from_civil((2024, 6, 1, 12, 0, 0)) * 1_000_000)
    civil_from_seconds(rtc_us(machine) // 1_000_000)  # (2024, 6, 1, 12, 0, 0, 5, 153)

Source: micropython shared/timeutils/timeutils.c, ports/esp32/machine_rtc.c (v1.28).

Limits: the clock has no drift; the chip's is a few seconds per day off, more in deep sleep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.micropython.runtime import Machine

#: Under it the machine retains how far the clock is ahead of virtual time, in microseconds.
RTC_KEY = "rtc"
_DAY_S = 86_400
_DAYS_400_YEARS = 146_097
_DAYS_100_YEARS = 36_524
_DAYS_4_YEARS = 1_461
#: 2000-01-01 was a Saturday; MicroPython's weeks begin on Monday = 0.
_WEEKDAY_2000_01_01 = 5
#: Days from 2000-03-01, where a leap day falls at the end of the year, to 2000-01-01.
_MARCH_OFFSET_DAYS = 60

CivilTime = tuple[int, int, int, int, int, int, int, int]


def rtc_us(machine: Machine) -> int:
    """Microseconds since 2000-01-01 00:00:00 as the node's clock has them."""
    now = machine.kernel.now
    if RTC_KEY not in machine.retained:
        machine.retained[RTC_KEY] = -int(machine.retained.get("power_on_us", now))
    return int(now + machine.retained[RTC_KEY])


def rtc_seconds_us(machine: Machine) -> tuple[int, int]:
    """The node's clock as (whole seconds since 2000, microseconds 0..999999)."""
    seconds, us = divmod(rtc_us(machine), 1_000_000)
    return seconds, us


def set_rtc_us(machine: Machine, us_since_2000: int) -> None:
    """Set the node's clock."""
    machine.retained[RTC_KEY] = us_since_2000 - machine.kernel.now


def days_since_2000(year: int, month: int, day: int) -> int:
    """Days from 2000-01-01 to a date of the Gregorian calendar; ``month`` and ``day`` may be out of their range.

    Month 13 is January of the next year, day 0 the last of the month before, as ``time.mktime`` takes them.
    """
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    year_march, month_march = (year, month - 3) if month > 2 else (year - 1, month + 9)
    since = year_march - 2000
    days = 365 * since + since // 4 - since // 100 + since // 400
    return days + (153 * month_march + 2) // 5 + day - 1 + _MARCH_OFFSET_DAYS


def seconds_from_civil(moment: Sequence[int]) -> int:
    """Seconds from 2000-01-01 00:00:00 to (year, month, day, hour, minute, second, ...); fields may be out of range."""
    year, month, day, hour, minute, second = moment[:6]
    return days_since_2000(year, month, day) * _DAY_S + hour * 3600 + minute * 60 + second


def civil_from_seconds(seconds: int) -> CivilTime:
    """Calendar form of seconds since 2000: (year, month, day, hour, minute, second, weekday, yearday).

    Weekday 0 is Monday, yearday 1 is the first of January, as ``time.localtime`` gives them.
    """
    days, rest = divmod(seconds, _DAY_S)
    year, month, day = _date(days)
    yearday = days - days_since_2000(year, 1, 1) + 1
    weekday = (days + _WEEKDAY_2000_01_01) % 7
    return year, month, day, rest // 3600, rest // 60 % 60, rest % 60, weekday, yearday


def _date(days: int) -> tuple[int, int, int]:
    eras, rest = divmod(days - _MARCH_OFFSET_DAYS, _DAYS_400_YEARS)
    centuries = min(rest // _DAYS_100_YEARS, 3)
    rest -= centuries * _DAYS_100_YEARS
    fours, rest = divmod(rest, _DAYS_4_YEARS)
    ones = min(rest // 365, 3)
    rest -= ones * 365
    month_march = (5 * rest + 2) // 153
    day = rest - (153 * month_march + 2) // 5 + 1
    year = 2000 + eras * 400 + centuries * 100 + fours * 4 + ones
    return (year, month_march + 3, day) if month_march < 10 else (year + 1, month_march - 9, day)
