"""The calendar of the port, against CPython's."""

import datetime

import pytest

from simulator.micropython._clock import civil_from_seconds, days_since_2000, seconds_from_civil

_DAYS = [*range(0, 1500), *range(36_000, 37_500), 146_097, -1, -366, -36_525, 40_000]


@pytest.mark.parametrize("base", [0, 1000])
def test_civil_of_each_day_is_the_hosts(base):
    for days in _DAYS[base : base + 1000]:
        date = datetime.date(2000, 1, 1) + datetime.timedelta(days)
        expected = (date.year, date.month, date.day, 1, 2, 3, date.weekday(), date.timetuple().tm_yday)
        assert civil_from_seconds(days * 86_400 + 3723) == expected
        assert days_since_2000(date.year, date.month, date.day) == days


def test_seconds_from_civil_carries_over():
    assert seconds_from_civil((2000, 13, 1, 0, 0, 0)) == seconds_from_civil((2001, 1, 1, 0, 0, 0))
    assert seconds_from_civil((2001, 1, 0, 24, 60, -3600)) == seconds_from_civil((2001, 1, 1, 0, 0, 0))


def test_epoch_is_a_saturday():
    assert civil_from_seconds(0) == (2000, 1, 1, 0, 0, 0, 5, 1)
