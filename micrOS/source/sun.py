"""Sunrise and sunset, computed on the node; loaded when they are asked for.

    >>> times(9668, 52.52, 13.405, 120)     # Berlin, 2026-06-21, two hours ahead of UTC
    (16986, 77597, None)

Made for single precision: days stay whole numbers, angles are reduced before they are used. Within 10 s of an
ephemeris below 60 degrees of latitude from 2025 to 2040, for an even horizon at the height of the place.

Source: NOAA Global Monitoring Laboratory, solar calculation details, after J. Meeus, Astronomical Algorithms,
chapters 25 and 28. Slow terms have their value of 2032.
"""

from math import acos, asin, atan2, cos, pi, sin

_DAY_S = 86400
_ITERATIONS = 2
_RAD = pi / 180
_CYCLE_DAYS = 1461                  # in four years the sun's mean longitude gains 4 turns and 0.0308 degrees
_SIN_HORIZON = -0.014543            # -0.8333 degrees: refraction 34', half of the sun's width 16'
_SIN_TILT, _COS_TILT = 0.39771, 0.91752     # of the Earth's axis, 23.4353 degrees
_ABERRATION = 0.00569


def times(day, latitude, longitude, offset_min):
    """Return when the sun rises and sets.

    Args:
        day: local date, int, days since 2000-01-01.
        latitude: degrees, north is positive, -90..90.
        longitude: degrees, east is positive, -180..180.
        offset_min: local time minus UTC, int, minutes.

    Returns:
        (sunrise, sunset, polar): int, seconds after local midnight of that date. They belong to the noon of that
        date, so a late sunset may lie beyond 86400 and an early sunrise below 0. One that does not happen is None,
        and polar says why: 'day' or 'night'; else polar is None.
    """
    offset_s = offset_min * 60
    noon_s = (43200 - round(240 * longitude) + offset_s) % _DAY_S
    rise, set_ = [_event(day, latitude, noon_s, offset_s, side) for side in (-1, 1)]
    polar = None
    if rise is None or set_ is None:
        sin_declination, _ = _sun(day, noon_s - offset_s)
        polar = 'day' if sin(latitude * _RAD) * sin_declination > _SIN_HORIZON else 'night'
    return rise, set_, polar


def _event(day, latitude, noon_s, offset_s, side):
    """Return the second of sunrise (side -1) or sunset (side 1), None if there is none."""
    second, latitude = noon_s, latitude * _RAD
    for _ in range(_ITERATIONS):
        sin_declination, equation_s = _sun(day, second - offset_s)
        below = _SIN_HORIZON - sin(latitude) * sin_declination
        reach = cos(latitude) * cos(asin(sin_declination))
        angle = acos(min(max(below / reach, -1), 1))
        second = noon_s - equation_s + side * angle / _RAD * 240
    return round(second) if abs(below) < reach else None


def _sun(day, utc_s):
    """Return (sine of the declination, equation of time in seconds)."""
    cycles, day = divmod(day, _CYCLE_DAYS)
    mean = 280.4673 + 0.030793 * cycles + 0.98564737 * (day - 0.5 + utc_s / _DAY_S)
    anomaly = (mean - 282.938 - 0.06878 * cycles) * _RAD
    longitude = (mean - _ABERRATION + 1.9132 * sin(anomaly) + 0.01996 * sin(2 * anomaly)) * _RAD
    right_ascension = atan2(_COS_TILT * sin(longitude), cos(longitude)) / _RAD
    return _SIN_TILT * sin(longitude), ((mean - _ABERRATION - right_ascension + 180) % 360 - 180) * 240
