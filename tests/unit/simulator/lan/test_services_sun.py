"""Sunrise and sunset."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from simulator.lan.services.sun import CIVIL_DEG, HORIZON_DEG, sun_event


def minutes_off(moment: datetime | None, expected: str) -> float:
    assert moment is not None
    return abs((moment - datetime.fromisoformat(expected)).total_seconds()) / 60


@pytest.mark.parametrize(
    ("rises", "zenith_deg", "expected"),
    [
        # the example on https://sunrise-sunset.org/api: 36.7201600, -4.4203400 on 2015-05-21
        (True, HORIZON_DEG, "2015-05-21T05:05:35+00:00"),
        (False, HORIZON_DEG, "2015-05-21T19:22:59+00:00"),
        (True, CIVIL_DEG, "2015-05-21T04:36:17+00:00"),
        (False, CIVIL_DEG, "2015-05-21T19:52:17+00:00"),
    ],
)
def test_events_agree_with_the_services_own_example(rises: bool, zenith_deg: float, expected: str) -> None:
    moment = sun_event(date(2015, 5, 21), 36.72016, -4.42034, rises=rises, zenith_deg=zenith_deg)
    assert minutes_off(moment, expected) < 1


@pytest.mark.parametrize(
    ("day", "place", "expected"),
    [
        # US Naval Observatory tables, to the minute: Sydney at midsummer, Reykjavik at midsummer
        (date(2024, 12, 21), (-33.87, 151.21), ("2024-12-20T18:41+00:00", "2024-12-21T09:05+00:00")),
        (date(2024, 6, 20), (64.15, -21.94), ("2024-06-20T02:55+00:00", "2024-06-21T00:04+00:00")),
    ],
)
def test_events_agree_with_tables_in_both_hemispheres(
    day: date, place: tuple[float, float], expected: tuple[str, str]
) -> None:
    lat, lon = place
    assert minutes_off(sun_event(day, lat, lon, rises=True), expected[0]) < 2
    assert minutes_off(sun_event(day, lat, lon, rises=False), expected[1]) < 2


@pytest.mark.parametrize("month", [6, 12])
def test_sun_neither_rises_nor_sets_near_the_pole(month: int) -> None:
    assert sun_event(date(2024, month, 21), 78.2, 15.6, rises=True) is None
    assert sun_event(date(2024, month, 21), 90, 0, rises=False) is None
