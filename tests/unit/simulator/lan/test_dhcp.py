"""Leases: got, renewed, run out, given to others; and the faults of DHCP. Times in virtual seconds."""

from __future__ import annotations

from typing import Any

import pytest

HOUR_S = 3600
#: Scan, authentication, four messages, probe.
JOIN_S = 6 * 0.12 + 0.1 + 4 * 0.002 + 0.5


def requests(home: Any) -> list[float]:
    """From now on, when the server is asked for an address, s."""
    times: list[float] = []
    request = home.dhcp.request

    def spy(mac: bytes, ip: str, host: str) -> bool | None:
        times.append(home.kernel.now / 1e6)
        return request(mac, ip, host)

    home.dhcp.request = spy
    return times


def leave_one_address(home: Any) -> None:
    """From now on there is one more address, 10.0.255.254."""
    home.dhcp._next = home.dhcp._last


def test_lease_is_renewed_at_half_time(home: Any) -> None:
    station = home.joined()
    times = requests(home)
    home.run(23.5 * HOUR_S)
    assert len(times) == 23
    assert times[0] == pytest.approx(JOIN_S - 0.5 + HOUR_S, abs=0.01)
    assert times[1] - times[0] == pytest.approx(HOUR_S, abs=0.01)
    assert station.interface.ip == "10.0.1.2"


def test_quiet_station_costs_few_events(home: Any) -> None:
    home.joined()
    before = home.kernel._seq
    home.run(24 * HOUR_S)
    assert home.kernel._seq - before <= 5 * 24


def test_static_address_is_never_renewed(home: Any) -> None:
    station = home.joined()
    station.set_static("10.0.9.9", "255.255.0.0", "10.0.1.1", "10.0.1.1")
    times = requests(home)
    home.run(48 * HOUR_S)
    assert (times, station.interface.ip, station.connected) == ([], "10.0.9.9", True)


def test_reset_station_leaves_no_timer(home: Any) -> None:
    station = home.joined()
    station.reset()
    assert home.kernel.next_us() is None


def test_silent_server_costs_the_address_when_the_lease_runs_out(home: Any) -> None:
    station = home.joined()
    with home.lan.faults.start("dhcp_silent") as fault:
        home.run(2 * HOUR_S - 2)
        assert station.interface.ip == "10.0.1.2"
        assert 8 < fault.count < 30
        home.run(2)
        assert station.interface.ip == "0.0.0.0"
        assert "10.0.1.2" not in home.lan.home.members
        assert (station.connected, station.access_point) == (True, home.lan.home_ap)
        home.run(HOUR_S)
        assert station.interface.ip == "0.0.0.0"
    home.run(5)
    assert station.interface.ip == "10.0.1.2"


def test_discovery_is_repeated_with_growing_pauses(home: Any) -> None:
    times: list[float] = []
    discover = home.dhcp.discover
    home.dhcp.discover = lambda mac, host: (times.append(home.kernel.now / 1e6), discover(mac, host))[1]
    with home.lan.faults.start("dhcp_silent") as fault:
        station = home.station()
        home.run(20)
    assert fault.count == len(times)
    gaps = [round(b - a, 3) for a, b in zip(times, times[1:], strict=False)]
    assert gaps == [0.5, 1, 2, 4, 4, 4]
    assert (station.connected, station.busy) == (False, True)


def test_loss_delays_the_exchange_but_does_not_stop_it(home: Any) -> None:
    with home.lan.faults.start("loss", ratio=0.5) as fault:
        stations = [home.station(number) for number in range(1, 11)]
        home.run(JOIN_S)
        assert not all(station.connected for station in stations)
        home.run(120)
    assert fault.count > 5
    assert all(station.connected for station in stations)
    assert len({station.interface.ip for station in stations}) == 10


def test_doubled_and_late_messages_give_one_lease(home: Any) -> None:
    with home.lan.faults.start("duplicate", ratio=1), home.lan.faults.start("latency", ms=700):
        station = home.station()
        home.run(10)
        assert (station.connected, station.interface.ip) == (True, "10.0.1.2")
        assert list(home.dhcp.leases.values()) == ["10.0.1.2"]
    times = requests(home)
    home.run(HOUR_S)
    assert len(times) == 1


def test_exhausted_server_refuses_new_stations_only(home: Any) -> None:
    station = home.joined()
    with home.lan.faults.start("dhcp_exhausted") as fault:
        home.run(3 * HOUR_S)
        assert (station.interface.ip, fault.count) == ("10.0.1.2", 0)
        late = home.station(2)
        home.run(20)
        assert (late.connected, fault.count > 3) == (False, True)
    home.run(5)
    assert late.connected


def test_renumbering_gives_each_station_another_address_once(home: Any) -> None:
    first, second = home.joined(1), home.joined(2)
    with home.lan.faults.start("dhcp_renumber") as fault:
        home.run(HOUR_S + 5)
        assert [first.interface.ip, second.interface.ip] == ["10.0.1.4", "10.0.1.5"]
        home.run(5 * HOUR_S)
        assert [first.interface.ip, second.interface.ip] == ["10.0.1.4", "10.0.1.5"]
    assert fault.count == 2


def test_renumbering_resets_connections_of_the_old_address(home: Any) -> None:
    station = home.joined()
    server = home.lan.client("server")
    listening = server.listen(80)
    stream = station.interface.stack.connect((server.ip, 80))
    assert stream is not None
    home.run(1)
    with home.lan.faults.start("dhcp_renumber", host="radio1"):
        home.run(HOUR_S + 5)
    assert stream.error == "ECONNABORTED"
    assert listening.connections[0].reset


def test_run_out_lease_goes_to_another_station_when_no_other_is_free(home: Any) -> None:
    leave_one_address(home)
    first = home.joined(1)
    assert first.interface.ip == "10.0.255.254"
    first.disconnect()
    second = home.station(2)
    home.run(2 * HOUR_S - 60)
    assert not second.connected
    home.run(120)
    assert second.interface.ip == "10.0.255.254"
    first.connect()
    home.run(60)
    assert not first.connected


def test_station_that_comes_back_gets_its_address_again(home: Any) -> None:
    first, second = home.joined(1), home.joined(2)
    for station in (first, second):
        station.disconnect()
    home.run(10 * HOUR_S)
    for station in (second, first):
        station.connect()
        home.run(JOIN_S)
    assert [first.interface.ip, second.interface.ip] == ["10.0.1.2", "10.0.1.3"]


def test_address_in_use_is_declined(home: Any) -> None:
    first = home.joined(1)
    first.disconnect()
    home.lan.client("squatter").interface.configure("10.0.1.2", "255.255.0.0", "10.0.1.1", "10.0.1.1")
    first.connect()
    home.run(JOIN_S + 11)
    assert (first.connected, first.interface.ip) == (True, "10.0.1.4")
    assert home.lan.home.conflicts == 0


def test_conflict_is_counted_and_the_first_host_is_heard_again(home: Any) -> None:
    station = home.joined()
    client = home.lan.client("client")
    client.interface.configure(station.interface.ip, "255.255.0.0", "10.0.1.1", "10.0.1.1")
    network = home.lan.home
    assert (network.conflicts, network.members["10.0.1.2"]) == (1, client.interface)
    client.interface.unlink()
    assert network.members["10.0.1.2"] is station.interface
    station.disconnect()
    assert "10.0.1.2" not in network.members
