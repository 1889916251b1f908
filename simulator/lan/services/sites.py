"""Two web services that firmware asks: where am I, and when does the sun rise.

Source: firmware specification, 7.3; https://ip-api.com/docs/api:json (fields, values, 45 requests a minute are not
counted here); https://sunrise-sunset.org/api (fields, ``formatted``, statuses; where the sun does not rise it gives the
first second of 1970); Directive 2000/84/EC, articles 2 and 3 (summer time of the EU).

Limits: ip-api.com knows one place, and no other address than the asking one, and no summer time but
that of the EU; sunrise-sunset.org takes no ``tzid``
other than UTC.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from simulator.lan.services.host import ServiceHost
from simulator.lan.services.http import HttpReply, HttpRequest, HttpService
from simulator.lan.services.sun import (
    ASTRONOMICAL_DEG,
    CIVIL_DEG,
    HORIZON_DEG,
    NAUTICAL_DEG,
    solar_noon,
    sun_event,
)

_JSON = {"Content-Type": "application/json; charset=utf-8", "Access-Control-Allow-Origin": "*"}
_NEVER = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
_ZENITHS = {
    "civil_twilight": CIVIL_DEG,
    "nautical_twilight": NAUTICAL_DEG,
    "astronomical_twilight": ASTRONOMICAL_DEG,
}


class GeolocationSite:
    """``ip-api.com/json/``.

    Args:
        host: where it runs.
        now: the time of day, with time zone.

    Attributes:
        http: the web server.
        lat_deg: where the asking home is, north positive.
        lon_deg: east positive.
        timezone: its name in the zone database.
        offset_s: local time minus UTC outside of summer time, seconds.
        summer_time: an hour is added from the last Sunday of March to that of October, 1:00 UTC both.
    """

    def __init__(self, host: ServiceHost, now: Callable[[], datetime]) -> None:
        self._now = now
        self.http = HttpService(host)
        self.http.route("/json/", self._answer)
        self.http.route("/json", self._answer)
        self.lat_deg = 47.4979
        self.lon_deg = 19.0402
        self.timezone = "Europe/Budapest"
        self.offset_s = 3600
        self.summer_time = True

    def _answer(self, request: HttpRequest) -> HttpReply:
        known: dict[str, object] = {
            "status": "success",
            "lat": round(self.lat_deg, 4),
            "lon": round(self.lon_deg, 4),
            "timezone": self.timezone,
            "offset": self.offset_s + (3600 if self.summer_time and _is_summer(self._now()) else 0),
        }
        if "fields" in request.query:
            wanted = request.query["fields"].split(",")
            known = {name: value for name, value in known.items() if name in wanted}
        else:
            known.pop("offset")  # the one field that is not given unasked
        return 200, _JSON, json.dumps(known, separators=(",", ":")).encode()


class SunTimesSite:
    """``api.sunrise-sunset.org/json``.

    Args:
        host: where it runs.
        now: the time of day, with time zone.

    Attributes:
        http: the web server.
    """

    def __init__(self, host: ServiceHost, now: Callable[[], datetime]) -> None:
        self.http = HttpService(host)
        self.http.route("/json", self._answer)
        self._now = now

    def _answer(self, request: HttpRequest) -> HttpReply:
        query = request.query
        try:
            lat_deg, lon_deg = _coordinate(query.get("lat"), 90), _coordinate(query.get("lng"), 180)
        except ValueError:
            return _told(400, "", "INVALID_REQUEST")
        try:
            day = self._day(query.get("date", "today"))
        except ValueError:
            return _told(400, "", "INVALID_DATE")
        times = _times(day, lat_deg, lon_deg)
        length = times["sunset"] - times["sunrise"]
        is_plain = query.get("formatted") == "0"
        results: dict[str, object] = {name: _shown(moment, is_plain=is_plain) for name, moment in times.items()}
        results["day_length"] = round(length.total_seconds()) if is_plain else str(timedelta(seconds=length.seconds))
        return _told(200, results, "OK")

    def _day(self, text: str) -> date:
        today = self._now().astimezone(UTC).date()
        if text in ("today", ""):
            return today
        if text == "tomorrow":
            return today + timedelta(days=1)
        day = date.fromisoformat(text)
        if not 1900 <= day.year <= 2100:
            raise ValueError("too far away")
        return day


def _is_summer(moment: datetime) -> bool:
    """Whether summer time lasts in the EU."""
    year = moment.astimezone(UTC).year
    begin, end = (_last_sunday(year, month) for month in (3, 10))
    return begin <= moment < end


def _last_sunday(year: int, month: int) -> datetime:
    """The last Sunday of a month of 31 days, 1:00 UTC."""
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)


def _told(status: int, results: object, verdict: str) -> HttpReply:
    text = json.dumps({"results": results, "status": verdict, "tzid": "UTC"}, separators=(",", ":"))
    return status, _JSON, text.encode()


def _coordinate(text: str | None, limit: float) -> float:
    value = float(text or "nan")
    if not math.isfinite(value) or abs(value) > limit:
        raise ValueError("no coordinate")
    return value


def _times(day: date, lat_deg: float, lon_deg: float) -> dict[str, datetime]:
    """Moments by the service's names; 1970 for what does not happen."""

    def event(*, rises: bool, zenith_deg: float) -> datetime:
        return sun_event(day, lat_deg, lon_deg, rises=rises, zenith_deg=zenith_deg) or _NEVER

    times = {
        "sunrise": event(rises=True, zenith_deg=HORIZON_DEG),
        "sunset": event(rises=False, zenith_deg=HORIZON_DEG),
        "solar_noon": solar_noon(day, lon_deg),
    }
    for name, zenith_deg in _ZENITHS.items():
        times[f"{name}_begin"] = event(rises=True, zenith_deg=zenith_deg)
        times[f"{name}_end"] = event(rises=False, zenith_deg=zenith_deg)
    return times


def _shown(moment: datetime, *, is_plain: bool) -> str:
    if is_plain:
        return moment.replace(microsecond=0).isoformat()
    return f"{moment.hour % 12 or 12}:{moment:%M:%S} {'AM' if moment.hour < 12 else 'PM'}"
