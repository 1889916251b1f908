"""When the sun rises and sets.

Source: NOAA Global Monitoring Laboratory, Solar Calculation Details (spreadsheet after Meeus, Astronomical Algorithms),
https://gml.noaa.gov/grad/solcalc/calcdetails.html: good to a minute between the polar circles, and to ten minutes
beyond them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import acos, asin, cos, degrees, radians, sin, tan

#: Centre of the sun below the horizon: its radius and the refraction at rising and setting; the three twilights.
HORIZON_DEG = 90.833
CIVIL_DEG, NAUTICAL_DEG, ASTRONOMICAL_DEG = 96.0, 102.0, 108.0

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_CENTURY = timedelta(days=36_525)
_DAY_MIN = 1_440.0
_ROUNDS = 3


def _sun(moment: datetime) -> tuple[float, float]:
    """Declination in radians and equation of time in minutes."""
    t = (moment - _J2000) / _CENTURY
    longitude = radians((280.46646 + t * (36_000.76983 + t * 0.0003032)) % 360)
    anomaly = radians(357.52911 + t * (35_999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1_934.136 * t)
    apparent = longitude + radians(centre - 0.00569 - 0.00478 * sin(node))
    obliquity = radians(23.439291 - 0.0130042 * t + 0.00256 * cos(node))
    y = tan(obliquity / 2) ** 2
    equation = (
        y * sin(2 * longitude)
        - 2 * eccentricity * sin(anomaly)
        + 4 * eccentricity * y * sin(anomaly) * cos(2 * longitude)
        - y * y / 2 * sin(4 * longitude)
        - 1.25 * eccentricity**2 * sin(2 * anomaly)
    )
    return asin(sin(obliquity) * sin(apparent)), 4 * degrees(equation)


def solar_noon(day: date, lon_deg: float) -> datetime:
    """When the sun is highest at a longitude (east positive), UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    moment = midnight + timedelta(minutes=_DAY_MIN / 2 - 4 * lon_deg)
    for _ in range(_ROUNDS):
        moment = midnight + timedelta(minutes=_DAY_MIN / 2 - 4 * lon_deg - _sun(moment)[1])
    return moment


def sun_event(
    day: date, lat_deg: float, lon_deg: float, *, rises: bool, zenith_deg: float = HORIZON_DEG
) -> datetime | None:
    """When the sun comes to ``zenith_deg`` from straight up, before noon (``rises``) or after it.

    Args:
        day: day of the noon, UTC.
        lat_deg: north positive.
        lon_deg: east positive.
        rises: the event before noon.
        zenith_deg: 90.833 is sunrise and sunset, 96, 102, 108 the twilights.

    Returns:
        UTC; None if it does not come there on that day.
    """
    noon = moment = solar_noon(day, lon_deg)
    lat = radians(max(-89.99, min(89.99, lat_deg)))
    for _ in range(_ROUNDS):
        declination, _ = _sun(moment)
        cosine = cos(radians(zenith_deg)) / (cos(lat) * cos(declination)) - tan(lat) * tan(declination)
        if not -1 <= cosine <= 1:
            return None
        minutes = 4 * degrees(acos(cosine))
        moment = noon + timedelta(minutes=-minutes if rises else minutes)
    return moment
