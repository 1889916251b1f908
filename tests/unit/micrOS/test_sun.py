"""Sunrise and sunset against Skyfield's, kept in sun_vectors.csv, in the board's precision and in the host's.

The whole comparison, over the globe and 2025-2040, is tests/sky (`tox -e sky`), which also says how far they differ.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.unit.micrOS.single import Single, load

_DAY_S = 86_400
_MIDSUMMER_2026, _MARCH_2026 = 9_668, 9_575
#: |latitude| up to which seconds may be missing; beyond, the sun is so flat that nothing but the horizon is exact.
_TOLERANCES = ((60, 10), (66, 30), (90, 120))

Times = Callable[[int, float, float, int], tuple[int | None, int | None, str | None]]


@pytest.fixture(scope="session", params=["single", "double"])
def times(request: pytest.FixtureRequest, source: Path) -> Times:
    """`times` of sun.py as the board computes, and as the host does."""
    return load(source / "sun.py", is_single=request.param == "single")


@pytest.fixture(scope="session")
def double(source: Path) -> Times:
    """`times` of sun.py as the host computes."""
    return load(source / "sun.py", is_single=False)


def _vectors() -> list[dict[str, str]]:
    with Path(__file__).with_name("sun_vectors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _is_near(moment: int | None, expected: str, latitude: float) -> bool:
    if moment is None or not expected:
        return moment is None and not expected
    tolerance_s = next(tolerance_s for limit, tolerance_s in _TOLERANCES if abs(latitude) <= limit)
    return abs(moment - float(expected)) <= tolerance_s


def test_vectors_are_as_skyfield_says(times: Times) -> None:
    wrong = []
    for row in _vectors():
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
        sunrise, sunset, polar = times(int(row["day"]), latitude, longitude, 0)
        is_near = _is_near(sunrise, row["sunrise"], latitude) and _is_near(sunset, row["sunset"], latitude)
        if not is_near or (polar or "") != row["polar"]:
            wrong.append((row, sunrise, sunset, polar))
    assert wrong == []


def test_vectors_hold_each_kind_of_day() -> None:
    rows = _vectors()
    assert {row["polar"] for row in rows} == {"", "day", "night"}
    assert sum(abs(float(row["latitude"])) < 60 for row in rows) > 120
    assert any(row["sunrise"] and float(row["sunrise"]) < 0 for row in rows)
    assert any(row["sunset"] and float(row["sunset"]) > _DAY_S for row in rows)
    for axis in ("latitude", "longitude"):
        assert {float(row[axis]) < 0 for row in rows} == {True, False}


def test_single_precision_costs_a_second_at_most_below_60_degrees(times: Times, double: Times) -> None:
    for latitude in range(-59, 60, 7):
        for day in range(9_132, 14_976, 331):
            board, host = times(day, latitude, 137.3, 570), double(day, latitude, 137.3, 570)
            assert board[0] is not None and board[1] is not None and host[0] is not None and host[1] is not None
            assert (abs(board[0] - host[0]) <= 1, abs(board[1] - host[1]) <= 1) == (True, True)


@pytest.mark.parametrize("offset_min", [-720, -210, -60, 0, 60, 345, 570, 840])
def test_offset_moves_both_by_its_minutes(double: Times, offset_min: int) -> None:
    """Half-hour zones too. The date may be another one then, on which it is seconds sooner or later at the equator."""
    longitude = offset_min / 4 if abs(offset_min) <= 720 else -150.0
    utc = double(_MARCH_2026, 0.0, longitude, 0)
    local = double(_MARCH_2026, 0.0, longitude, offset_min)
    for moment, moment_utc in zip(local[:2], utc[:2], strict=True):
        assert moment is not None and moment_utc is not None
        assert (moment - moment_utc - offset_min * 60 + 30) % _DAY_S <= 60


@pytest.mark.parametrize(
    ("place", "rise", "set_"),
    [
        ((52.52, 13.405, 120), (4, 43, 6), (21, 33, 16)),  # Berlin
        ((28.6139, 77.209, 330), (5, 23, 53), (19, 21, 58)),  # New Delhi
        ((27.7172, 85.324, 345), (5, 8, 32), (19, 2, 25)),  # Kathmandu
        ((47.5615, -52.7126, -150), (5, 3, 16), (21, 2, 7)),  # St. John's
        ((40.7128, -74.006, -240), (5, 25, 1), (20, 30, 44)),  # New York
        ((-33.8688, 151.2093, 600), (6, 59, 58), (16, 53, 49)),  # Sydney
        ((-34.6037, -58.3816, -180), (8, 0, 21), (17, 50, 25)),  # Buenos Aires
        ((21.3069, -157.8583, -600), (5, 50, 24), (19, 16, 17)),  # Honolulu
        ((1.87, -157.36, 840), (6, 24, 13), (18, 38, 4)),  # Kiritimati, whose date is UTC's next one
    ],
)
def test_midsummer_of_2026_in_local_time_is_skyfields(
    times: Times, place: Any, rise: tuple[int, int, int], set_: tuple[int, int, int]
) -> None:
    sunrise, sunset, polar = times(_MIDSUMMER_2026, *place)
    assert sunrise is not None and sunset is not None
    expected = [hour * 3600 + minute * 60 + second for hour, minute, second in (rise, set_)]
    assert (abs(sunrise - expected[0]) <= 10, abs(sunset - expected[1]) <= 10, polar) == (True, True, None)


def test_late_sunset_belongs_to_the_evening_of_its_date(times: Times) -> None:
    """Reykjavik, whose clocks are an hour and a half early: the sun sets after midnight."""
    sunrise, sunset, _ = times(_MIDSUMMER_2026, 64.1466, -21.9426, 0)
    assert sunrise is not None and sunset is not None
    assert sunrise // 60 in range(2 * 60 + 50, 3 * 60)
    assert sunset // 60 in range(24 * 60, 24 * 60 + 10)


def test_days_follow_one_another_wherever_the_zone_puts_the_noon(double: Times) -> None:
    """Each date has one sunset, about a day after the one before, for a wrong zone too."""
    for longitude in range(-180, 181, 30):
        for offset_min in range(-720, 841, 120):
            sunsets = [day * _DAY_S + (double(day, 35, longitude, offset_min)[1] or 0) for day in range(9_570, 9_600)]
            steps = {later - sooner for sooner, later in zip(sunsets, sunsets[1:], strict=False)}
            assert all(abs(step - _DAY_S) < 200 for step in steps)


@pytest.mark.parametrize(
    ("day", "latitude", "polar"),
    [
        (_MIDSUMMER_2026, 69.65, "day"),
        (_MIDSUMMER_2026, -69.65, "night"),
        (_MIDSUMMER_2026, 90, "day"),
        (_MIDSUMMER_2026, -90, "night"),
        (_MIDSUMMER_2026 + 183, 69.65, "night"),
        (_MIDSUMMER_2026 + 183, -69.65, "day"),
        (_MARCH_2026, 90, "day"),  # the sun is just below the horizon, and refraction lifts it above
        (_MARCH_2026 - 30, 90, "night"),
    ],
)
def test_polar_days_and_nights_say_what_they_are(times: Times, day: int, latitude: float, polar: str) -> None:
    assert times(day, latitude, 18.96, 120) == (None, None, polar)


def test_year_in_the_far_north_has_each_season_once(times: Times) -> None:
    """Tromso: night about the turn of the year, sun from January to May, day to July, sun to November."""
    seasons = [times(day, 69.65, 18.96, 60)[2] for day in range(9_497, 9_497 + 365, 3)]
    changes = [seasons[0]] + [season for before, season in zip(seasons, seasons[1:], strict=False) if season != before]
    assert changes == ["night", None, "day", None, "night"]


def test_results_are_whole_seconds(times: Times) -> None:
    assert [type(moment) for moment in times(9_668, 52.52, 13.405, 120)[:2]] == [int, int]


def test_single_rounds_as_the_chip_does() -> None:
    """2^24 + 1 has no single form; a tenth is a little too large, and its sum shows it."""
    assert Single(16_777_217) == 16_777_216.0
    assert Single(0.1) + Single(0.2) == 0.30000001192092896
    assert partial(Single.__rsub__, Single(1))(1) == 0.0
    assert 1 / Single(3) == 0.3333333432674408
