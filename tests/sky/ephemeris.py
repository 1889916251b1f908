"""When the sun rises and sets, by Skyfield with the ephemeris DE421: the oracle of micrOS/source/sun.py."""

from __future__ import annotations

import atexit
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import skyfield_data
from skyfield import almanac
from skyfield.api import Loader, wgs84

DAY_S = 86_400
#: Of the centre: refraction and half of the sun's width, as almanacs have it.
HORIZON_DEG = -0.8333
_EPOCH_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()


@cache
def _sky() -> tuple[Any, Any]:
    # not get_skyfield_data_path(): it warns that the measured rotation of the Earth in it is old, which is not used
    load = Loader(Path(skyfield_data.__file__).parent / "data")
    ephemeris = load("de421.bsp")
    atexit.register(ephemeris.close)
    return ephemeris, load.timescale(builtin=True)


@dataclass(frozen=True)
class SolarDay:
    """What the sun does around one noon.

    Attributes:
        day: days since 2000-01-01 of the noon, UTC.
        sunrise: seconds after midnight UTC of that day; within the 12 hours before the noon; None if there is none.
        sunset: the same, within the 12 hours after the noon.
        polar: 'day' or 'night' if one of them is missing.
    """

    day: int
    sunrise: float | None
    sunset: float | None
    polar: str | None


def noon_s(longitude: float) -> float:
    """Seconds after midnight UTC at which the mean sun stands in the south or north, 0..86400."""
    return (43_200 - 240 * longitude) % DAY_S


def solar_days(latitude: float, longitude: float, first: int, count: int) -> Iterable[SolarDay]:
    """Yield what the sun does on each of count days from first on, at sea level."""
    ephemeris, timescale = _sky()
    observer = ephemeris["earth"] + wgs84.latlon(latitude, longitude)
    sun = ephemeris["sun"]
    begin, end = _time(timescale, (first - 1) * DAY_S), _time(timescale, (first + count + 1) * DAY_S)
    rises = _moments(almanac.find_risings(observer, sun, begin, end, HORIZON_DEG))
    sets = _moments(almanac.find_settings(observer, sun, begin, end, HORIZON_DEG))
    for day in range(first, first + count):
        noon = day * DAY_S + noon_s(longitude)
        rise = rises[(rises > noon - DAY_S / 2) & (rises <= noon)][-1:]
        set_ = sets[(sets >= noon) & (sets < noon + DAY_S / 2)][:1]
        polar = None
        if not len(rise) or not len(set_):
            altitude = observer.at(_time(timescale, noon)).observe(sun).apparent().altaz()[0].degrees
            polar = "day" if altitude > HORIZON_DEG else "night"
        yield SolarDay(day, *(float(m[0]) - day * DAY_S if len(m) else None for m in (rise, set_)), polar)


def _time(timescale: Any, second: float) -> Any:
    return timescale.from_datetime(datetime.fromtimestamp(_EPOCH_S + second, UTC))


def _moments(found: tuple[Any, Any]) -> np.ndarray[Any, Any]:
    """Seconds since 2000; what Skyfield marks as a mere touch of the horizon is left out."""
    times, is_event = found
    return np.array([when.timestamp() - _EPOCH_S for when in times[is_event].utc_datetime()])
