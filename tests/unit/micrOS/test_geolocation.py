"""Where the node is and how far it is from UTC: what the service says is taken, what is no answer is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.lan.client import LanConnection, LanServer

MINUTE, HOUR = 60, 3600
_GOOD = {"lat": -33.8688, "lon": 151.2093, "timezone": "Australia/Sydney", "offset": 39600}


def _node(world: Any, **config: Any) -> Any:
    node = world.add_node("node01", config=config)
    world.run_until(lambda: node.listening(9008), timeout_s=2 * MINUTE)
    return node


def _site(world: Any, offset_s: int, lat_deg: float = 47.4979, lon_deg: float = 19.0402) -> Any:
    site = world.lan.internet.geolocation
    site.lat_deg, site.lon_deg, site.offset_s, site.summer_time = lat_deg, lon_deg, offset_s, False
    return site


def _raw(world: Any, serve: Callable[[LanConnection], object]) -> None:
    """Have something else than a web server answer."""
    site = world.lan.internet.geolocation
    site.http.close()
    LanServer(world.lan.internet.host("ip-api.com").stack.listen(80, 8), serve)


def _say(data: bytes) -> Callable[[LanConnection], object]:
    def serve(connection: LanConnection) -> None:
        connection.send(data)
        connection.close()

    return serve


@pytest.mark.parametrize(
    ("offset_s", "utc", "clock"),
    [(19_800, "330", "2026.1.1  5:30:"), (-12_600, "-210", "2025.12.31  20:30:"), (50_400, "840", "2026.1.1  14:0:")],
)
@pytest.mark.parametrize("cron", [False, True])
def test_offset_is_that_of_the_place_with_and_without_cron(
    world: Any, offset_s: int, utc: str, clock: str, cron: bool
) -> None:
    _site(world, offset_s)
    shell = world.shell(_node(world, cron=cron))
    world.run_for(10)
    assert shell("system clock").startswith(clock)
    shell("conf")
    assert shell("utc") == utc


def test_pinned_offset_stays(world: Any) -> None:
    _site(world, 19_800)
    shell = world.shell(_node(world, utc=-90, utcauto=False))
    world.run_for(10)
    assert shell("system clock").startswith("2025.12.31  22:30:")


def test_nobody_is_asked_when_place_and_offset_are_given(world: Any) -> None:
    site = _site(world, 0)
    _node(world, utcauto=False, lat="-33.8688", lon="151.2093")
    world.run_for(25 * HOUR)
    assert site.http.asked == 0


def test_place_has_both_signs_and_is_kept_on_the_flash(world: Any) -> None:
    _site(world, 39_600, -33.8688, 151.2093)
    node = _node(world)
    world.run_for(10)
    assert node.flash.read("/place.pds") == b"lat:-33.8688;lon:151.2093"
    assert "sunrise: (5, 4" in world.shell(node)("system sun")  # 2026-01-01, Sydney: 5:48


def test_sun_is_known_without_internet_after_a_power_cut(world: Any) -> None:
    node = _node(world)
    world.run_for(10)
    before = world.shell(node)("system sun")
    node.power_off()
    with world.lan.faults.start("internet_down"):
        node.power_on()
        shell = world.shell(node)
        shell("system setclock 2026 1 1 12 0 0")
        assert shell("system sun") == before != ""
        world.run_for(HOUR)


def test_own_place_goes_before_the_one_that_was_found(world: Any) -> None:
    _site(world, 3600, -33.8688, 151.2093)
    shell = world.shell(_node(world, lat="47.4979", lon="19.0402"))
    world.run_for(10)
    assert "sunrise: (7, 3" in shell("system sun")  # 2026-01-01, Budapest: 7:32


def test_sun_times_are_stored_once_a_day_as_they_always_were(world: Any) -> None:
    node = _node(world, cron=True)
    world.run_for(10)
    text = node.flash.read("/sun.pds").decode()
    assert text.startswith("sunrise:7-3") and ";sunset:16-" in text
    before = node.flash.operations
    world.run_for(3 * 24 * HOUR)
    assert 0 < node.flash.operations - before <= 3 * 2


def test_stored_sun_times_count_while_the_place_is_unknown(world: Any) -> None:
    world.lan.faults.start("internet_down")
    tasks = "sunset+10!system heartbeat"
    node = world.add_node(
        "node01",
        config={"cron": True, "crontasks": tasks, "dbg": True},
        files={"/sun.pds": b"sunset:19-45-10;sunrise:5-2-3"},
    )
    shell = world.shell(node)
    assert shell("system sun") == " sunrise: (5, 2, 3)\n sunset: (19, 45, 10)"
    shell("system setclock 2026 5 5 19 55 0")
    world.run_for(5)
    before = node.console.text().count("<3 heartbeat")
    world.run_for(10)
    assert (before, node.console.text().count("<3 heartbeat")) == (0, 1)


@pytest.mark.parametrize("text", [b"lat:91;lon:0", b"lat:1", b"", b"\xff\xfe", b"lat:1;lon:x", b"x" * 5000])
def test_damaged_place_is_reported_and_found_anew(world: Any, text: bytes) -> None:
    with world.lan.faults.start("http_error", host="ip-api.com"):
        node = world.add_node("node01", files={"/place.pds": text})
        shell = world.shell(node)
        world.run_for(10)
        assert shell("system sun") == ""
        assert "[WARN] place.pds is damaged" in shell("system alarms")
    world.run_for(2 * HOUR)
    assert node.flash.read("/place.pds") == b"lat:47.4979;lon:19.0402"


@pytest.mark.parametrize(
    ("lat", "lon", "clock", "shown"),
    [
        ("69.65", "18.96", "2026 6 21 12 0 0", " polar: day"),
        ("69.65", "18.96", "2026 12 21 12 0 0", " polar: night"),
    ],
)
def test_sun_that_does_not_rise_or_set_says_why(world: Any, lat: str, lon: str, clock: str, shown: str) -> None:
    world.lan.faults.start("internet_down")
    shell = world.shell(_node(world, lat=lat, lon=lon))
    shell("system setclock " + clock)
    assert shell("system sun") == shown


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"<html>",
        b"",
        b"{}",
        b"[" * 1000,
        b"\xff\xfe\x00",
        *(
            json.dumps({**_GOOD, **wrong}).encode()
            for wrong in (
                {"lat": 91},
                {"lat": "47"},
                {"lat": None},
                {"lat": True},
                {"lon": -181},
                {"offset": 86_400},
                {"offset": -46_800},
                {"offset": [1]},
            )
        ),
        json.dumps({**_GOOD, "more": "x" * 1000}).encode(),
    ],
)
def test_answer_that_is_none_is_not_taken(world: Any, answer: bytes) -> None:
    site = world.lan.internet.geolocation
    site.http.route("/json/", lambda request: (200, {}, answer))
    node = _node(world, utc=90, cron=True)
    world.run_for(20)
    shell = world.shell(node)
    assert shell("system clock").startswith("2026.1.1  1:30:")
    assert shell("system sun") == "" and "place.pds" not in shell("system cachedump")
    assert shell("system alarms").count("[WARN] geolocation error: ") == 1
    assert shell("system alarms").endswith("OK alarm: 0")


_JSON = json.dumps(_GOOD).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello\r\n\r\n" + _JSON,
        b"HTTP/1.0\r\n\r\n" + _JSON,
        b"HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n" + _JSON,
        b"HTTP/1.0 200 OK\r\nContent-Length: 50000\r\n\r\n" + b" " * 50_000,
        b"HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n" + _JSON,
        b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n" + _JSON,
        b"HTTP/1.0 302 Found\r\nLocation: /login\r\n\r\n" + _JSON,
        b"HTTP/1.0 200 OK\r\n\r\n" + b" " * 20_000 + _JSON,
    ],
)
def test_stream_that_is_no_answer_is_not_taken(world: Any, data: bytes) -> None:
    _raw(world, _say(data))
    node = _node(world, utc=90)
    world.run_for(30)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:30:")
    assert "HTTP" in world.shell(node)("system sun refresh=True")


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + _JSON,
        b"HTTP/1.0 200 OK\r\ncontent-length:%d\r\n\r\n" % len(_JSON) + _JSON + b"rest",
    ],
)
def test_answer_of_another_server_is_taken(world: Any, data: bytes) -> None:
    _raw(world, _say(data))
    node = _node(world)
    world.run_for(10)
    assert world.shell(node)("system clock").startswith("2026.1.1  11:0:")


def test_answer_in_pieces_is_taken(world: Any) -> None:
    site = _site(world, 19_800)
    site.http.chunks, site.http.delay_ms = 20, 100
    shell = world.shell(_node(world))
    world.run_for(20)
    assert shell("system clock").startswith("2026.1.1  5:30:")


@pytest.mark.parametrize(("chunks", "delay_ms"), [(100, 1000), (2, 20_000)])
def test_slow_service_holds_up_neither_shell_nor_clock(world: Any, chunks: int, delay_ms: int) -> None:
    site = _site(world, 19_800)
    site.http.chunks, site.http.delay_ms = chunks, delay_ms
    shell = world.shell(_node(world, utc=90))
    for _ in range(20):
        sent = world.now_s
        assert shell("hello").startswith("hello:node01")
        assert world.now_s - sent < 0.2
        world.run_for(1)
    assert shell("system clock").startswith("2026.1.1  1:30:")


def test_service_that_says_nothing_is_given_up(world: Any) -> None:
    _raw(world, lambda connection: None)
    shell = world.shell(_node(world, utc=90))
    world.run_for(15)
    assert shell("system clock").startswith("2026.1.1  1:30:")


def test_service_that_was_out_of_order_is_asked_again_and_told_once(world: Any) -> None:
    _site(world, 19_800)
    with world.lan.faults.start("http_error", host="ip-api.com", status=429) as fault:
        node = _node(world, utc=0, cron=True)
        world.run_for(12 * HOUR)
        shell = world.shell(node)
        assert shell("system clock").startswith("2026.1.1  12:0:")
        assert shell("system alarms").count("geolocation error: HTTP: status 429") == 1
        assert 10 <= fault.count <= 14
    world.run_for(2 * HOUR)
    assert world.shell(node)("system clock").startswith("2026.1.1  19:30:")


def test_refresh_by_hand_asks_at_once(world: Any) -> None:
    site = _site(world, 3600)
    shell = world.shell(_node(world))
    world.run_for(10)
    site.lat_deg, site.lon_deg, site.offset_s = -33.8688, 151.2093, 39_600
    assert "sunrise: (5, 4" in shell("system sun refresh=True")
    assert shell("system clock").startswith("2026.1.1  11:0:")
