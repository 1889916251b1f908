"""Access points and stations: times, reasons, loss and return of the link. Times in virtual ms."""

import pytest

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan import HOME_PASSWORD, HOME_SSID, Interface, Lan, Station
from simulator.lan.stack import IpStack
from simulator.lan.wifi import AccessPoint


class Radio:
    """A station on a LAN, and time."""

    def __init__(self):
        self.kernel = Kernel(seed=1)
        self.lan = Lan(self.kernel)
        stack = IpStack(self.kernel, "radio")
        stack.interfaces.append(Interface("sta", stack, b"\x24\x0a\xc4\0\0\1"))
        self.station = Station(self.lan, stack.interfaces[0])
        self.station.active = True

    def run(self, ms):
        self.kernel.run(self.kernel.now + round(ms * 1000))

    def connect(self, ssid=HOME_SSID, password=HOME_PASSWORD):
        self.station.ssid, self.station.password = ssid, password
        self.station.connect()


@pytest.fixture
def radio():
    return Radio()


def test_connect_takes_scan_handshake_and_dhcp(radio):
    radio.connect()
    radio.run(6 * 120 + 100 + 4 * 2 + 500 - 1)
    assert not radio.station.connected
    radio.run(1)
    assert radio.station.connected
    assert radio.station.interface.ip == "10.0.1.2"
    assert radio.station.interface.mask == "255.255.0.0"
    assert radio.station.interface.gateway == radio.station.interface.dns == "10.0.1.1"


def test_connect_with_wrong_password_ends_in_202_and_tries_on(radio):
    radio.connect(password="wrong password")
    radio.run(6 * 120 + 3000)
    assert (radio.station.reason, radio.station.busy) == (202, True)


def test_connect_to_unknown_name_ends_in_201_after_a_full_scan(radio):
    radio.connect(ssid="nowhere")
    radio.run(2039)
    assert radio.station.reason == 0
    radio.run(1)
    assert radio.station.reason == 201


def test_connect_without_password_to_secured_network_ends_in_210(radio):
    radio.connect(password="")
    radio.run(1000)
    assert radio.station.reason == 210


def test_connect_with_password_to_open_network_ends_in_211(radio):
    radio.lan.add_access_point("open")
    radio.connect(ssid="open")
    radio.run(1000)
    assert radio.station.reason == 211


def test_connect_to_open_network_works_without_password(radio):
    radio.lan.add_access_point("open")
    radio.connect(ssid="open", password="")
    radio.run(2000)
    assert radio.station.connected


def test_reconnects_limit_the_attempts(radio):
    radio.station.reconnects = 3
    radio.connect(ssid="nowhere")
    radio.run(60_000)
    assert not radio.station.busy
    assert radio.station.attempts == 3


def test_loudest_access_point_of_a_name_is_joined(radio):
    loud = radio.lan.add_access_point(HOME_SSID, HOME_PASSWORD, rssi_dbm=-30)
    radio.connect()
    radio.run(3000)
    assert radio.station.access_point is loud


def test_bssid_restricts_the_choice(radio):
    radio.lan.add_access_point(HOME_SSID, HOME_PASSWORD, rssi_dbm=-30)
    radio.station.bssid = radio.lan.home_ap.bssid
    radio.connect()
    radio.run(3000)
    assert radio.station.access_point is radio.lan.home_ap


def test_lost_access_point_is_noticed_after_6_s(radio):
    radio.connect()
    radio.run(3000)
    radio.lan.home_ap.up = False
    assert not radio.station.interface.has_carrier
    radio.run(5999)
    assert radio.station.connected
    radio.run(1)
    assert not radio.station.connected
    assert radio.station.reason == 200
    assert radio.station.interface.ip == "0.0.0.0"


def test_station_rejoins_when_the_access_point_is_back(radio):
    radio.connect()
    radio.run(3000)
    radio.lan.home_ap.up = False
    radio.run(600_000)
    radio.lan.home_ap.up = True
    radio.run(4000)
    assert radio.station.connected
    assert radio.station.interface.ip == "10.0.1.2"


def test_short_outage_does_not_end_a_later_link(radio):
    radio.connect()
    radio.run(3000)
    radio.lan.home_ap.up = False
    radio.lan.home_ap.up = True
    radio.station.disconnect()
    radio.connect()
    radio.run(10_000)
    assert radio.station.connected


def test_disconnect_leaves_with_reason_8(radio):
    radio.connect()
    radio.run(3000)
    radio.station.disconnect()
    radio.run(60_000)
    assert not radio.station.connected
    assert radio.station.reason == 8
    assert radio.lan.home_ap.stations == []


def test_disconnect_stops_an_attempt(radio):
    radio.connect()
    radio.run(500)
    radio.station.disconnect()
    radio.run(5000)
    assert not radio.station.connected


def test_static_address_is_used_without_dhcp(radio):
    radio.station.set_static("10.0.5.5", "255.255.0.0", "10.0.1.1", "10.0.1.1")
    radio.connect()
    radio.run(6 * 120 + 100)
    assert radio.station.connected
    assert radio.lan.home.members["10.0.5.5"] is radio.station.interface


def test_static_address_stays_over_a_disconnect(radio):
    radio.station.set_static("10.0.5.5", "255.255.0.0", "10.0.1.1", "10.0.1.1")
    radio.connect()
    radio.run(2000)
    radio.station.disconnect()
    assert radio.station.interface.ip == "10.0.5.5"


def test_exhausted_dhcp_keeps_the_station_waiting(radio):
    tiny = radio.lan.add_network("tiny", "10.7.0.0/30", gateway="10.7.0.1", first_lease="10.7.0.1")
    radio.lan.add_access_point("tiny", network=tiny)
    assert tiny.dhcp.lease(b"other.") == "10.7.0.2"
    radio.connect(ssid="tiny", password="")
    radio.run(60_000)
    assert not radio.station.connected
    assert radio.station.access_point is not None


def test_full_access_point_refuses_with_reason_5(radio):
    radio.lan.home_ap.max_stations = 0
    radio.connect()
    radio.run(1000)
    assert radio.station.reason == 5


def test_hear_sorts_by_loudness_and_skips_what_is_off(radio):
    quiet = radio.lan.add_access_point("quiet", rssi_dbm=-90)
    loud = radio.lan.add_access_point("loud", rssi_dbm=-20)
    off = radio.lan.add_access_point("off")
    off.up = False
    assert radio.station.hear() == [loud, radio.lan.home_ap, quiet]


def test_rssi_of_a_station_overrides_the_access_points(radio):
    assert radio.station.rssi(radio.lan.home_ap) == -50
    radio.station.rssi_dbm = -75
    assert radio.station.rssi(radio.lan.home_ap) == -75


@pytest.mark.parametrize(
    ("ssid", "password", "channel"), [("", "", 1), ("x" * 33, "", 1), ("x", "short", 1), ("x", "", 14)]
)
def test_access_point_with_impossible_settings_raises(radio, ssid, password, channel):
    with pytest.raises(UsageError):
        AccessPoint(radio.lan.home, ssid, password, bssid=bytes(6), channel=channel)
