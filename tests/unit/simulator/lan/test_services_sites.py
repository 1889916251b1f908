"""The two web services that firmware asks, as bytes over TCP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.kernel import Kernel
from simulator.lan import Lan


class Client:
    """A host that asks them."""

    def __init__(self) -> None:
        self.lan = Lan(Kernel(seed=1))
        self.pc = self.lan.client("pc")

    def get(self, host: str, target: str) -> tuple[int, Any]:
        connection = self.pc.connect(self.lan.internet.host(host).ip, 80)
        connection.send(f"GET {target} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        self.lan.kernel.run(self.lan.kernel.now + 500_000)
        head, _, body = bytes(connection.received).partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    def sun(self, query: str) -> tuple[int, Any]:
        return self.get("api.sunrise-sunset.org", f"/json?{query}")


@pytest.fixture
def client() -> Client:
    return Client()


def test_location_has_the_fields_that_were_asked_for(client: Client) -> None:
    site = client.lan.internet.geolocation
    site.lat_deg, site.lon_deg, site.timezone, site.offset_s = -33.87, -70.5, "America/Santiago", -10_800
    answer = client.get("ip-api.com", "/json/?fields=lat,lon,timezone,offset")
    assert answer == (200, {"lat": -33.87, "lon": -70.5, "timezone": "America/Santiago", "offset": -10800})


@pytest.mark.parametrize(
    ("moment", "offset_s"),
    [
        (datetime(2026, 3, 29, 0, 59, 50, tzinfo=UTC), 3600),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), 7200),
        (datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC), 7200),
        (datetime(2026, 10, 25, 1, 0, 0, tzinfo=UTC), 3600),
        (datetime(2027, 10, 31, 1, 0, 0, tzinfo=UTC), 3600),
    ],
)
def test_offset_is_that_of_summer_between_two_sundays(client: Client, moment: datetime, offset_s: int) -> None:
    client.lan.internet.set_utc(moment)
    assert client.get("ip-api.com", "/json?fields=offset")[1] == {"offset": offset_s}
    client.lan.internet.geolocation.summer_time = False
    assert client.get("ip-api.com", "/json?fields=offset")[1] == {"offset": 3600}


def test_location_has_other_fields_without_being_asked(client: Client) -> None:
    assert client.get("ip-api.com", "/json/?fields=status,planet") == (200, {"status": "success"})
    assert client.get("ip-api.com", "/json")[1]["timezone"] == "Europe/Budapest"


def test_offset_is_given_on_request_only(client: Client) -> None:
    assert "offset" not in client.get("ip-api.com", "/json")[1]


def test_sun_times_are_computed_for_place_and_date(client: Client) -> None:
    status, told = client.sun("lat=36.7201600&lng=-4.4203400&date=2015-05-21&formatted=0")
    assert (status, told["status"], told["tzid"]) == (200, "OK", "UTC")
    assert told["results"]["sunrise"][:15] == "2015-05-21T05:0"
    assert told["results"]["sunset"][:15] == "2015-05-21T19:2"
    assert 51_300 < told["results"]["day_length"] < 51_500
    assert len(told["results"]) == 10


def test_sun_times_of_today_are_those_of_the_worlds_day(client: Client) -> None:
    client.lan.internet.set_utc(datetime(2024, 6, 20, 23, 59, tzinfo=UTC))
    assert client.sun("lat=47.5&lng=19&date=today&formatted=0")[1]["results"]["sunrise"].startswith("2024-06-20T02:4")


def test_sun_times_for_people_have_twelve_hours(client: Client) -> None:
    results = client.sun("lat=36.72&lng=-4.42&date=2015-05-21")[1]["results"]
    assert results["sunset"].startswith("7:2")
    assert results["sunset"].endswith(" PM")
    assert results["day_length"].startswith("14:1")


def test_sun_that_does_not_rise_is_of_1970(client: Client) -> None:
    results = client.sun("lat=80&lng=0&date=2024-12-21&formatted=0")[1]["results"]
    assert (results["sunrise"], results["day_length"]) == ("1970-01-01T00:00:01+00:00", 0)


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        ("", "INVALID_REQUEST"),
        ("lat=x&lng=1", "INVALID_REQUEST"),
        ("lat=91&lng=1", "INVALID_REQUEST"),
        ("lat=nan&lng=1", "INVALID_REQUEST"),
        ("lat=1&lng=1&date=yesterdayish", "INVALID_DATE"),
        ("lat=1&lng=1&date=0001-01-01", "INVALID_DATE"),
    ],
)
def test_bad_question_about_the_sun_is_told_so(client: Client, query: str, verdict: str) -> None:
    assert client.sun(query) == (400, {"results": "", "status": verdict, "tzid": "UTC"})
