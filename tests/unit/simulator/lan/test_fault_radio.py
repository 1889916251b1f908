"""Weak signal and access points off the air. Times in virtual seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.errors import UsageError
from simulator.lan import HOME_SSID
from simulator.world import World


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


def test_access_point_that_comes_while_all_are_off_is_silent_until_the_end(home: Any) -> None:
    home.joined()
    with home.lan.faults.start("ap_off") as fault:
        late = home.lan.add_access_point("late", rssi_dbm=-20)
        late_as_well = home.lan.add_access_point(HOME_SSID, "your_wifi_passwd")
        home.run(60)
        assert (late.up, late_as_well.up, late_as_well.stations) == (False, False, [])
        assert fault.count > 10
    assert late.up


def test_access_point_with_another_name_is_not_silenced(home: Any) -> None:
    home.lan.faults.start("ap_off", ssid=HOME_SSID).excuse()
    assert home.lan.add_access_point("late").up


def test_access_point_switched_on_while_it_is_silenced_is_heard_after_the_end(home: Any) -> None:
    fault = home.lan.faults.start("ap_off")
    home.lan.home_ap.up = False
    home.lan.home_ap.up = True
    assert not home.lan.home_ap.up
    home.lan.home_ap.up = False
    fault.end()
    assert not home.lan.home_ap.up


def test_client_of_an_access_point_is_cut_off_each_time_it_falls_silent(desk: Any) -> None:
    point = desk.guests()
    guest = desk.lan.client("guest1", access_point=point)
    for _ in range(2):
        with desk.lan.faults.start("ap_off", ssid="guest") as fault:
            assert (fault.count, guest.interface.has_carrier) == (1, False)
        assert (point.stations, guest.interface.has_carrier) == ([guest.interface], True)


def test_client_whose_place_is_gone_when_the_access_point_is_back_leaves(desk: Any) -> None:
    point = desk.guests()
    guest = desk.lan.client("guest1", access_point=point)
    point.up, point.max_stations = False, 0
    point.up = True
    assert (point.stations, guest.interface.network) == ([], None)


def test_client_by_cable_cannot_be_had_by_radio(desk: Any) -> None:
    point = desk.guests()
    with pytest.raises(UsageError, match="client is there already, and not on this access point"):
        desk.lan.client("client", access_point=point)
    assert desk.lan.client("guest1", access_point=point) is desk.lan.client("guest1", access_point=point)


OFFER = "import network\nap = network.WLAN(network.AP_IF)\nap.active(True)\nap.config(ssid='lamp')\n"


def test_access_point_of_a_node_stays_silent_when_the_node_starts_anew(bare: Any) -> None:
    lan = bare.world.lan
    bare.run(OFFER)
    point = lan.access_point("lamp")
    with lan.faults.start("ap_off", ssid="lamp") as fault:
        fault.excuse()  # nobody has joined it
        bare.run("ap.active(False); ap.active(True); ap.config(ssid='lamp')")
        assert (point.up, bare.machine.parts["net"].reachable) == (False, False)
        bare.run("ap.config(ssid='other')")
        assert point.up
    assert point.up


def test_access_point_that_takes_a_silenced_name_falls_silent(bare: Any) -> None:
    lan = bare.world.lan
    lan.add_access_point("lamp")
    bare.run("import network\nap = network.WLAN(network.AP_IF)\nap.active(True)")
    point = lan.access_points[-1]
    lan.client("phone", access_point=point)
    with lan.faults.start("ap_off", ssid="lamp") as fault:
        assert (fault.count, point.up) == (0, True)
        bare.run("ap.config(ssid='lamp')")
        assert (fault.count, point.up) == (1, False)


def test_weak_signal_reaches_into_a_guest_network(desk: Any) -> None:
    point = desk.guests()
    one, two = desk.lan.client("one", access_point=point), desk.lan.client("two", access_point=point)
    port = two.bind_udp(7)
    with desk.lan.faults.start("weak_signal", dbm=-110, ssid="guest") as fault:
        one.send_udp(b"x", (two.ip, 7), port=9)
        desk.run(10)
        assert (fault.count, list(port.received)) == (1, [])


def test_same_seed_and_silence_give_the_same_run() -> None:
    def run() -> str:
        with World(seed=7) as world:
            world.add_node("node01")
            world.run_for(20)
            with world.lan.faults.start("ap_off"):
                world.lan.add_access_point("late")
                world.run_for(20)
            world.run_for(20)
            return world.trace.digest()

    assert run() == run()
