"""micrOS/source/sun.py against Skyfield over the globe, 2025-2040.

Differences in seconds, of 24 places in 6 years; single precision is no worse than double:

    |latitude|   places and days    max    99 %
    below 60              70 272    6.5     4.2
    60 to 66              17 568   14.7     8.3
    66 to 70              14 327    127      24

Towards the polar circles the sun crosses the horizon at a flatter and flatter angle, so that a given error of its
height takes longer; on the first and last days of polar day and night the crossing itself is in doubt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.sky.ephemeris import SolarDay, solar_days
from tests.sky.make_vectors import FILE, vectors
from tests.unit.micrOS.single import Single, load

_SOURCE = Path(__file__).resolve().parents[2] / "micrOS" / "source" / "sun.py"
_YEAR_DAYS = 366
#: 2025-01-01 and each third year after, in days since 2000-01-01.
_YEARS = (9_132, 10_227, 11_323, 12_419, 13_515, 14_610)
#: |latitude| from, to -> the most that a moment and the 99th percentile may be off, seconds.
FIGURES = {(0, 60): (10, 5), (60, 66): (30, 15), (66, 70): (300, 30)}
_LATITUDES = (0, 8, -15, 23.4, -30, 37, -41, 46, -49, 52, -54, 56, -57, 58.5, 59.9, -59.9, 61, -62, 63.5, -65)
_FAR_LATITUDES = (66, 67, -68.5, 69.9)
_POLAR_LATITUDES = (68.0, -71.0, 75.0, -79.0, 84.0, -88.0)


def _longitude(latitude: float) -> float:
    """Somewhere, another one for each latitude."""
    return (latitude * 77.7 + 200) % 360 - 180


@cache
def _days(latitude: float, first: int) -> tuple[SolarDay, ...]:
    return tuple(solar_days(latitude, _longitude(latitude), first, _YEAR_DAYS))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("is_single", "step"), [(False, 1), (True, 9)], ids=["double", "single"])
def test_moments_are_skyfields(is_single: bool, step: int, record_property: Callable[[str, object], None]) -> None:
    times = load(_SOURCE, is_single=is_single)
    errors = defaultdict(list)
    for latitude in _LATITUDES + _FAR_LATITUDES:
        band = next(band for band in FIGURES if band[0] <= abs(latitude) < band[1])
        for first in _YEARS:
            for day in _days(latitude, first)[::step]:
                found = times(day.day, latitude, _longitude(latitude), 0)
                for moment, expected in zip(found[:2], (day.sunrise, day.sunset), strict=True):
                    if moment is not None and expected is not None:
                        errors[band].append(abs(moment - expected))
    for band, (most, percentile) in FIGURES.items():
        figures = max(errors[band]), float(np.percentile(errors[band], 99))
        record_property(f"{band[0]}-{band[1]} degrees: max and p99, s", figures)
        assert (figures[0] <= most, figures[1] <= percentile) == (True, True), (band, figures)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("latitude", _POLAR_LATITUDES)
def test_polar_days_and_nights_are_skyfields(latitude: float) -> None:
    """They begin and end on the same date, or on a neighbouring one: four changes a year, two moments each."""
    times = load(_SOURCE, is_single=False)
    for first in _YEARS[::2]:
        wrong = 0
        for day in _days(latitude, first):
            sunrise, sunset, polar = times(day.day, latitude, _longitude(latitude), 0)
            wrong += (sunrise is None, sunset is None, polar) != (day.sunrise is None, day.sunset is None, day.polar)
        assert wrong <= 6


def test_committed_vectors_are_what_skyfield_says() -> None:
    """To a tenth of a second: another version of the libraries may round another way."""
    made, kept = list(vectors()), FILE.read_text(encoding="utf-8").splitlines()
    assert len(made) == len(kept)
    for new, old in zip(made[1:], kept[1:], strict=True):
        for one, other in zip(new.split(","), old.split(","), strict=True):
            assert one == other or abs(float(one) - float(other)) < 0.5, (new, old)


def test_single_is_numpys_single() -> None:
    random = np.random.default_rng(7)
    for a, b in random.uniform(-1e4, 1e4, (5_000, 2)).astype(np.float32):
        one, other = Single(a), Single(b)
        mine = (one + other, one - other, one * other, one / other, one % other)
        assert mine == tuple(float(value) for value in (a + b, a - b, a * b, a / b, a % b))
