"""Weak signal and access points off the air. Times in virtual seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.lan import HOME_SSID


def weak(home: Any, dbm: int) -> Callable[[], None]:
    end: Callable[[], None] = home.lan.faults.start("weak_signal", dbm=dbm, host="radio1").end
    return end


def test_weak_signal_is_what_the_station_reads(home: Any) -> None:
    station = home.joined()
    end = weak(home, -80)
    assert station.rssi(home.lan.home_ap) == -80
    end()
    assert station.rssi(home.lan.home_ap) == -50


@pytest.mark.parametrize(("dbm", "low", "high"), [(-85, 0, 0), (-88, 200, 400), (-92, 600, 800)])
def test_weak_signal_loses_frames(home: Any, dbm: int, low: int, high: int) -> None:
    station = home.joined()
    client = home.lan.client("client")
    weak(home, dbm)
    before = home.lan.home.lost
    for _ in range(1000):
        client.send_udp(b"x", (station.interface.ip, 7), port=9)
    home.run(1)
    assert low <= home.lan.home.lost - before <= high


def test_too_weak_signal_costs_the_link_after_6_s_and_forbids_a_new_one(home: Any) -> None:
    station = home.joined()
    with home.lan.faults.start("weak_signal", dbm=-93, ssid=HOME_SSID) as fault:
        home.run(5.9)
        assert station.connected
        assert home.lan.faults.cut("radio1", "outside", count=False)
        home.run(0.2)
        assert (station.connected, station.reason) == (False, 200)
        home.run(60)
        assert (station.connected, station.reason, station.hear()) == (False, 201, [])
        assert fault.count > 20
    home.run(10)
    assert station.connected


def test_short_weakness_keeps_the_link(home: Any) -> None:
    station = home.joined()
    end = weak(home, -100)
    home.run(3)
    end()
    home.run(10)
    assert station.connected


def test_access_points_off_cut_stations_off_until_the_end(home: Any) -> None:
    station = home.joined()
    other = home.lan.add_access_point("other")
    with home.lan.faults.start("ap_off") as fault:
        assert (fault.count, home.lan.home_ap.up, other.up) == (1, False, False)
        home.run(600)
        assert not station.connected
        assert fault.count > 100
    assert (home.lan.home_ap.up, other.up) == (True, True)
    home.run(5)
    assert station.connected


def test_access_point_off_by_two_faults_is_on_after_the_second(home: Any) -> None:
    home.joined()
    first = home.lan.faults.start("ap_off", ssid=HOME_SSID)
    second = home.lan.faults.start("ap_off")
    first.end()
    assert not home.lan.home_ap.up
    second.end()
    assert home.lan.home_ap.up


def test_access_point_that_was_off_stays_off(home: Any) -> None:
    home.lan.home_ap.up = False
    home.lan.faults.start("ap_off").end()
    assert not home.lan.home_ap.up
