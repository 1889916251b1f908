"""The LAN façade."""

import pytest

from simulator.errors import UsageError


def test_client_with_the_same_name_is_the_same_host(desk):
    assert desk.lan.client("client") is desk.client


def test_access_point_is_found_by_name(desk):
    assert desk.lan.access_point("your_wifi_name") is desk.lan.home_ap


def test_unknown_access_point_is_told_with_the_known_ones(desk):
    with pytest.raises(UsageError, match="no access point 'x'; there are: your_wifi_name"):
        desk.lan.access_point("x")


def test_two_access_points_lead_to_the_same_network_with_their_own_bssid(desk):
    other = desk.lan.add_access_point("upstairs", "password8")
    assert other.network is desk.lan.home
    assert other.bssid != desk.lan.home_ap.bssid


def test_set_rssi_is_what_the_node_hears(bare):
    bare.world.lan.set_rssi(bare.machine, -88)
    printed = bare.run("import network; w = network.WLAN(); w.active(True); print(w.scan()[0][3])")
    assert printed == "-88\n"


def test_listening_follows_the_node(bare):
    lan = bare.world.lan
    assert not lan.listening(bare.machine, 80)
    bare.run("import socket\ns = socket.socket(); s.bind(('', 80)); s.listen(1)")
    assert lan.listening(bare.machine, 80)
    bare.run("s.close()")
    assert not lan.listening(bare.machine, 80)


@pytest.mark.parametrize("name", ["home", "guest", "a,b", "pc"])
def test_network_whose_router_could_not_be_told_apart_is_refused(desk, name):
    desk.guests()
    desk.lan.client("router-pc")
    with pytest.raises(UsageError, match="cannot be called"):
        desk.guests(name)
