"""``network`` as a program on the board sees it."""

import pytest

from simulator.errors import NodeError

JOIN = """
import network, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
"""
STA = "import network, time\nwlan = network.WLAN()\nwlan.active(True)\n"
AP = "import network\nap = network.WLAN(network.AP_IF)\nap.active(True)\n"


def raises(bare, source, text):
    with pytest.raises(NodeError) as error:
        bare.run(source)
    assert str(error.value).rstrip().splitlines()[-1] == text


def test_constants_have_the_ports_values(bare):
    assert bare.run("from network import *; print(STA_IF, AP_IF, AUTH_WPA2_PSK, STAT_GOT_IP, STAT_WRONG_PASSWORD)") == (
        "0 1 3 1010 202\n"
    )
    assert bare.run("print(WLAN.IF_AP, WLAN.SEC_WPA2, WLAN.PM_PERFORMANCE, WLAN.PROTOCOL_DEFAULT)") == "1 3 1 7\n"


def test_wlan_is_one_object_per_interface(bare):
    printed = bare.run("from network import WLAN; print(WLAN() is WLAN(0), WLAN(1) is WLAN(0), WLAN(1) is WLAN(1))")
    assert printed == "True False True\n"


def test_wlan_with_other_number_raises(bare):
    raises(bare, "import network; network.WLAN(2)", "ValueError: invalid WLAN interface identifier")


def test_active_tells_and_switches(bare):
    printed = bare.run("import network; w = network.WLAN(); print(w.active(), w.active(True), w.active(), w.active(0))")
    assert printed == "False True True False\n"


def test_connect_gives_addresses_rssi_and_status(bare):
    printed = bare.run(JOIN + "print(wlan.ifconfig(), wlan.status(), wlan.status('rssi'))")
    assert printed == "('10.0.1.2', '255.255.0.0', '10.0.1.1', '10.0.1.1') 1010 -50\n"


def test_status_while_connecting_and_after_failures(bare):
    source = STA + (
        "print(wlan.status())\n"
        "wlan.connect('your_wifi_name', 'wrong password'); print(wlan.status())\n"
        "time.sleep(5); print(wlan.status()); wlan.disconnect(); print(wlan.status())\n"
        "wlan.connect('nowhere', 'password'); time.sleep(3); print(wlan.status())"
    )
    assert bare.run(source).split() == ["1000", "1001", "202", "1000", "201"]


def test_connect_to_secured_network_without_password_ends_in_210(bare):
    assert bare.run(STA + "wlan.connect('your_wifi_name'); time.sleep(2); print(wlan.status())") == "210\n"


def test_connect_of_inactive_station_raises(bare):
    raises(bare, "import network; network.WLAN().connect('x', 'y')", "OSError: Wifi Not Started")


def test_connect_while_connecting_raises(bare):
    source = STA + "wlan.connect('nowhere', 'password')\nwlan.connect('nowhere', 'password')"
    raises(bare, source, "OSError: Wifi Internal State Error")


def test_connect_while_connected_raises(bare):
    raises(bare, JOIN + "wlan.connect('nowhere', 'password')", "OSError: Wifi Internal Error")


def test_connect_without_arguments_joins_the_last_network_again(bare):
    source = JOIN + "wlan.disconnect(); wlan.connect()\nwhile not wlan.isconnected(): time.sleep_ms(50)\nprint('back')"
    assert bare.run(source) == "back\n"


def test_connect_with_wrong_bssid_finds_nothing(bare):
    source = STA + "wlan.connect('your_wifi_name', 'your_wifi_passwd', bssid=b'abcdef'); time.sleep(3)"
    assert bare.run(source + "; print(wlan.status())") == "201\n"


def test_scan_takes_two_seconds_and_gives_tuples(bare):
    bare.world.lan.add_access_point("hidden one", rssi_dbm=-80, channel=11).hidden = True
    source = STA + "t = time.ticks_ms(); found = wlan.scan(); print(time.ticks_diff(time.ticks_ms(), t))\nprint(found)"
    lines = bare.run(source).splitlines()
    assert lines[0] == "2040"
    assert lines[1] == (
        r"[(b'your_wifi_name', b'\x02\x00\x00\x00\xaa\x01', 6, -50, 3, False), "
        r"(b'', b'\x02\x00\x00\x00\xaa\x02', 11, -80, 0, False)]"
    )


def test_scan_of_inactive_station_is_empty(bare):
    assert bare.run("import network; print(network.WLAN().scan())") == "[]\n"


def test_scan_while_only_the_access_point_is_on_raises(bare):
    raises(bare, AP + "network.WLAN().scan()", "OSError: STA must be active")


def test_scan_of_the_access_point_does_not_hear_itself(bare):
    assert bare.run(AP + STA + "print([found[0] for found in wlan.scan()])") == "[b'your_wifi_name']\n"


def test_status_rssi_without_link_raises(bare):
    raises(bare, STA + "wlan.status('rssi')", "OSError: Wifi Not Connected")


def test_status_of_unknown_parameter_raises(bare):
    raises(bare, STA + "wlan.status('x')", "ValueError: unknown status param")


def test_status_stations_of_the_station_raises(bare):
    raises(bare, STA + "wlan.status('stations')", "OSError: AP required")


def test_status_stations_lists_who_has_joined(bare):
    bare.run(AP)
    assert bare.run("print(ap.isconnected(), ap.status('stations'), ap.status())") == "False [] None\n"
    bare.world.lan.client("phone", access_point=bare.machine.parts["net"].soft_ap.point)
    assert bare.run("print(ap.isconnected(), ap.status('stations'))") == (
        r"True [(b'\x02\x00\x00\x00\xcc\x01', '192.168.4.2')]" + "\n"
    )


def test_ifconfig_before_anything_is_zeros_and_the_aps_own(bare):
    printed = bare.run("from network import WLAN; print(WLAN(0).ifconfig()[:2], WLAN(1).ifconfig())")
    assert printed == "('0.0.0.0', '0.0.0.0') ('192.168.4.1', '255.255.255.0', '192.168.4.1', '0.0.0.0')\n"


def test_ifconfig_set_is_static_until_dhcp(bare):
    source = JOIN + (
        "wlan.ifconfig(('10.0.7.7', 16, '10.0.1.1', '8.8.8.8'))\n"
        "print(wlan.ifconfig(), wlan.isconnected(), wlan.ipconfig('dhcp4'))\n"
        "wlan.ifconfig('dhcp'); print(wlan.isconnected()); time.sleep(1); print(wlan.ifconfig()[0])"
    )
    assert bare.run(source) == ("('10.0.7.7', '255.255.0.0', '10.0.1.1', '8.8.8.8') True False\nFalse\n10.0.1.2\n")


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("'static'", "ValueError: invalid arguments"),
        ("('10.0.7.7', 16, '10.0.1.1')", "ValueError: requested length 4 but object has length 3"),
        ("('10.0.7.777', 16, '10.0.1.1', '')", "ValueError: invalid arguments"),
    ],
)
def test_ifconfig_of_wrong_arguments_raises(bare, argument, text):
    raises(bare, f"import network; network.WLAN().ifconfig({argument})", text)


def test_ipconfig_gets_and_sets_addresses(bare):
    source = JOIN + (
        "print(wlan.ipconfig('addr4'), wlan.ipconfig('gw4'), wlan.ipconfig('dhcp4'))\n"
        "wlan.ipconfig(addr4='10.0.9.9/20', gw4='10.0.1.7')\n"
        "print(wlan.ipconfig('addr4'), wlan.ipconfig('gw4'), wlan.ipconfig('dhcp4'))"
    )
    assert bare.run(source) == (
        "('10.0.1.2', '255.255.0.0') 10.0.1.1 True\n('10.0.9.9', '255.255.240.0') 10.0.1.7 False\n"
    )


def test_ipconfig_of_unknown_key_raises(bare):
    raises(bare, "import network; network.WLAN().ipconfig('addr6')", "ValueError: unexpected key")


def test_network_ipconfig_sets_the_name_server(bare):
    source = JOIN + "network.ipconfig(dns='1.2.3.4'); print(network.ipconfig('dns'), wlan.ifconfig()[3])"
    assert bare.run(source) == "1.2.3.4 1.2.3.4\n"


def test_hostname_is_known_to_the_router_after_joining(bare):
    bare.run("import network; print(network.hostname()); network.hostname('kitchen')" + JOIN)
    assert bare.world.lan.home.resolve("kitchen") == "10.0.1.2"


def test_hostname_of_33_characters_raises(bare):
    raises(bare, "import network; network.hostname('x' * 33)", "ValueError:")


def test_country_has_two_letters(bare):
    assert bare.run("import network; print(network.country()); network.country('HU'); print(network.country())") == (
        "XX\nHU\n"
    )
    raises(bare, "network.country('HUN')", "ValueError:")


def test_config_gets_what_the_port_has(bare):
    printed = bare.run(JOIN + "print(wlan.config('mac'), wlan.config('ssid'), wlan.config('channel'))")
    assert printed == r"b'$\n\xc4\x00\x00\x01' your_wifi_name 6" + "\n"
    printed = bare.run("for p in ('reconnects', 'txpower', 'pm', 'protocol', 'hostname'): print(wlan.config(p))")
    assert printed.split() == ["-1", "20.0", "1", "7", "mpy-esp32"]


def test_config_of_unknown_parameter_raises(bare):
    raises(bare, STA + "wlan.config('colour')", "ValueError: unknown config param")
    raises(bare, STA + "wlan.config(colour=1)", "ValueError: unknown config param")


@pytest.mark.parametrize("call", ["config()", "config('mac', 'ssid')", "config('mac', pm=0)"])
def test_config_of_wrong_form_raises(bare, call):
    with pytest.raises(NodeError, match="TypeError"):
        bare.run(STA + f"wlan.{call}")


def test_config_of_the_access_point_makes_it_secured(bare):
    bare.run(AP + "ap.config(ssid='node01', key='password1', security=3, max_clients=1, channel=9, hidden=True)")
    point = bare.world.lan.access_point("node01")
    assert (point.password, point.security, point.max_stations, point.channel, point.hidden) == (
        "password1",
        3,
        1,
        9,
        True,
    )
    assert bare.run("print(ap.config('essid'), ap.config('authmode'), ap.config('max_clients'))") == "node01 3 1\n"


def test_config_of_a_short_password_raises_and_changes_nothing(bare):
    raises(bare, AP + "ap.config(ssid='x', password='short', authmode=3)", "OSError: Wifi Invalid Password")
    assert bare.run("print(ap.config('ssid'), ap.config('authmode'))") == "ESP_000002 0\n"


def test_config_of_inactive_access_point_raises(bare):
    raises(bare, "import network; network.WLAN(1).config(ssid='x')", "OSError: Wifi Invalid Mode")


def test_config_of_the_other_interfaces_parameter_raises(bare):
    raises(bare, STA + "wlan.config(ssid='x')", "OSError: AP required")
    raises(bare, STA + AP + "ap.config(reconnects=3)", "OSError: STA required")
    raises(bare, "ap.config('reconnects')", "OSError: STA required")


def test_reconnects_ends_the_attempts(bare):
    source = STA + "wlan.config(reconnects=1); wlan.connect('nowhere', 'password'); time.sleep(20)\n"
    bare.run(source)
    assert not bare.machine.parts["net"].station.busy


def test_station_is_not_connected_when_its_access_point_has_gone(bare):
    bare.run(JOIN)
    bare.world.lan.home_ap.up = False
    assert bare.run("time.sleep(7); print(wlan.isconnected(), wlan.status() in (200, 201, 1001))") == "False True\n"
    bare.world.lan.home_ap.up = True
    assert bare.run("time.sleep(5); print(wlan.isconnected())") == "True\n"


def test_switching_the_station_off_ends_the_link(bare):
    assert bare.run(JOIN + "wlan.active(False); print(wlan.isconnected(), wlan.ifconfig()[0])") == "False 0.0.0.0\n"


def test_what_is_not_modelled_says_so(bare):
    raises(bare, STA + "wlan.csi_enable()", "NotImplementedError: network.WLAN.csi_enable")


@pytest.mark.engine("cpython", reason="new-attributes")
def test_class_cannot_be_changed(bare):
    with pytest.raises(NodeError, match="AttributeError"):
        bare.run("import network; network.WLAN.extra = 1")
    with pytest.raises(NodeError, match="AttributeError"):
        bare.run("network.WLAN().extra = 1")
