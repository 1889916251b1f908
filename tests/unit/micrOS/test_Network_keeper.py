"""A node that loses and finds its WiFi, for minutes, days and weeks, without a reboot. Times in virtual seconds."""

from __future__ import annotations

import random
from typing import Any

import pytest

from simulator.firmware import image

PHONE = "a phone's"
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.fixture
def home(world: Any) -> Any:
    """The access point of the home network."""
    return world.lan.home_ap


def up(world: Any, config: dict[str, object] | None = None) -> Any:
    """A node that has booted."""
    node = world.add_node("node01", config=config)
    world.run_until(lambda: node.listening(9008), timeout_s=90)
    world.run_for(1)
    return node


def mode(world: Any, node: Any) -> str:
    """STA or AP, as somebody there is told."""
    radio = node.machine.parts["net"]
    if not radio.soft_ap.active:
        shell = world.shell(node)
        reply = shell("system ifconfig")
        shell.close()
    else:
        reply = on_fallback(world, node, "system ifconfig")
    return str(reply)[2:].partition("'")[0]


def on_fallback(world: Any, node: Any, command: str, name: str = "phone") -> str:
    """What the node answers to somebody who joins its own access point."""
    point = node.machine.parts["net"].soft_ap.point
    phone = world.lan.client(name, access_point=point)
    connection = phone.connect("192.168.4.1", 9008)
    world.run_until(lambda: connection.received.endswith(b" $  "), timeout_s=10)
    connection.received.clear()
    connection.send(command.encode() + b"\n")
    world.run_until(lambda: connection.received.endswith(b" $  "), timeout_s=10)
    connection.close()
    return bytes(connection.received).decode()


def hello(world: Any, node: Any) -> str:
    """What the node answers in the home network."""
    shell = world.shell(node)
    reply: str = shell("hello")
    shell.close()
    return reply


def leave(world: Any, node: Any, name: str = "phone") -> None:
    """The guest of the fallback access point goes."""
    node.machine.parts["net"].soft_ap.point.leave(world.lan.clients[name].interface, lambda: None)


def log(node: Any) -> str:
    """The error log, older part first."""
    parts = [node.flash.read(path) for path in sorted(node.flash.files()) if path.endswith(".log")]
    return b"".join(reversed(parts)).decode()


def devip(node: Any) -> str:
    """The stored address."""
    import json

    return str(json.loads(node.flash.read("/node_config.json"))["devip"])


def writes(node: Any) -> int:
    """Durable steps on the flash so far."""
    return sum(node.flash.writes.values())


def own_ip(node: Any) -> str:
    """Address of the station."""
    return str(node.machine.parts["net"].station.interface.ip)


def connected(node: Any) -> bool:
    return bool(node.machine.parts["net"].station.connected)


def router(world: Any, network: Any) -> Any:
    """A host at the gateway's address, which refuses connections."""
    host = world.lan.client("gateway")
    host.interface.unlink()
    host.interface.configure(network.gateway, network.subnet.mask, network.gateway, network.dns)
    host.interface.link(network, None)
    return host


# --- the access point goes and comes ----------------------------------------------------------------


@pytest.mark.parametrize("away_s", [3, 30, 3 * MINUTE, 7 * MINUTE, 10 * MINUTE, 25 * MINUTE, DAY])
def test_node_answers_again_after_the_access_point_was_off(world: Any, home: Any, away_s: int) -> None:
    node = up(world)
    home.up = False
    world.run_for(away_s)
    home.up = True
    world.run_for(4 * MINUTE)
    assert hello(world, node).startswith("hello:node01:")
    assert mode(world, node) == "STA"
    assert node.boots == 1
    assert not node.machine.parts["net"].soft_ap.active


def test_loss_and_return_are_logged_once(world: Any, home: Any) -> None:
    node = up(world)
    home.up = False
    world.run_for(5 * MINUTE)
    home.up = True
    world.run_for(2 * MINUTE)
    assert log(node).count("[NW: STA] connection lost") == 1
    assert log(node).count("[NW: STA] connected again after ") == 1


def test_fallback_opens_after_ten_minutes_and_not_before(world: Any, home: Any) -> None:
    node = up(world)
    home.up = False
    world.run_for(10 * MINUTE)
    assert not node.machine.parts["net"].soft_ap.active
    world.run_for(MINUTE)
    point = node.machine.parts["net"].soft_ap.point
    assert node.machine.parts["net"].soft_ap.active
    assert (point.ssid, point.security, point.password) == ("node01", 3, "ADmin123")
    assert "hello:node01:" in on_fallback(world, node, "hello")


def test_boot_without_access_point_finds_it_later(world: Any, home: Any) -> None:
    home.up = False
    node = up(world)
    assert world.now_s < 15
    assert mode(world, node) == "AP"
    leave(world, node)
    world.run_for(HOUR)
    home.up = True
    world.run_for(4 * MINUTE)
    assert hello(world, node).startswith("hello:node01:")
    assert node.boots == 1


def test_guest_on_the_fallback_is_not_thrown_out(world: Any, home: Any) -> None:
    home.up = False
    node = up(world)
    assert "hello:node01:" in on_fallback(world, node, "hello")
    home.up = True
    world.run_for(30 * MINUTE)
    assert node.machine.parts["net"].soft_ap.active
    leave(world, node)
    world.run_for(MINUTE)
    assert mode(world, node) == "STA"


def test_guest_that_never_leaves_does_not_keep_the_node_from_home(world: Any, home: Any) -> None:
    home.up = False
    node = up(world)
    on_fallback(world, node, "hello")
    home.up = True
    world.run_for(2 * HOUR + 5 * MINUTE)
    assert mode(world, node) == "STA"


def test_sessions_go_on_while_the_node_looks_around(world: Any, home: Any) -> None:
    home.up = False
    node = up(world)
    on_fallback(world, node, "hello")
    leave(world, node)
    station = node.machine.parts["net"].station
    world.run_until(lambda: station.active, timeout_s=5 * MINUTE)
    world.run_for(0.3)
    before = world.now_s
    assert "<3 heartbeat <3" in on_fallback(world, node, "system heartbeat", "laptop")
    assert world.now_s - before < 0.5
    assert station.active


def test_wished_access_point_stays(world: Any) -> None:
    node = up(world, {"nwmd": "AP"})
    world.run_for(HOUR)
    assert mode(world, node) == "AP"
    assert not node.machine.parts["net"].station.active


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("ap_off", {}),
        ("weak_signal", {"dbm": -99, "host": "node01"}),
        ("loss", {"ratio": 0.3}),
        ("vanish", {"host": "router"}),
    ],
)
@pytest.mark.parametrize("minutes", [9, 120])
def test_node_answers_again_after_a_fault(world: Any, kind: str, params: dict[str, object], minutes: int) -> None:
    world.lan.home.dhcp.lease_s = 600
    node = up(world)
    with world.lan.faults.start(kind, **params):
        world.run_for(minutes * MINUTE)
    world.run_for(5 * MINUTE)
    assert hello(world, node).startswith("hello:node01:")
    assert node.boots == 1


def test_network_that_was_joined_last_is_called_between_searches(world: Any, home: Any) -> None:
    node = up(world, {"staessid": "away;your_wifi_name", "stapwd": "x;your_wifi_passwd"})
    home.up = False
    world.run_for(3 * MINUTE)
    home.up = True
    world.run_for(15)
    assert connected(node)


def test_five_nodes_answer_again_without_reboot(world: Any, home: Any) -> None:
    nodes = [world.add_node(f"node{i}") for i in range(5)]
    world.run_for(20)
    home.up = False
    world.run_for(10 * MINUTE)
    home.up = True
    world.run_for(4 * MINUTE)
    assert [hello(world, node).split(":")[1] for node in nodes] == [f"node{i}" for i in range(5)]
    assert [node.boots for node in nodes] == [1] * 5


def test_mode_that_was_typed_waits_for_the_reboot(world: Any) -> None:
    node = up(world)
    shell = world.shell(node)
    shell("conf")
    assert shell("nwmd AP") == "Saved"
    world.run_for(MINUTE)
    assert shell("nwmd") == "AP"
    assert connected(node)


# --- which network --------------------------------------------------------------------------------


def test_second_network_is_joined_when_the_first_has_gone(world: Any, home: Any) -> None:
    world.lan.add_access_point("garden", "roses are red")
    node = up(world, {"staessid": "your_wifi_name;garden", "stapwd": "your_wifi_passwd;roses are red"})
    home.up = False
    world.run_for(4 * MINUTE)
    assert mode(world, node) == "STA"
    assert node.machine.parts["net"].station.ssid == "garden"


def test_wrong_password_is_named_and_the_next_network_joined(world: Any) -> None:
    world.lan.add_access_point("garden", "roses are red")
    node = up(world, {"staessid": "garden;your_wifi_name", "stapwd": "violets are;your_wifi_passwd"})
    assert world.now_s < 12
    assert mode(world, node) == "STA"
    assert "wrong password for garden" in log(node)


def test_password_changed_on_the_router_and_back(world: Any, home: Any) -> None:
    node = up(world)
    home.up = False
    world.run_for(20)
    home.password = "changed by somebody"
    home.up = True
    world.run_for(30 * MINUTE)
    assert node.machine.parts["net"].soft_ap.active
    assert log(node).count("wrong password for your_wifi_name") == 1
    home.password = "your_wifi_passwd"
    world.run_for(4 * MINUTE)
    assert mode(world, node) == "STA"


def test_hidden_network_is_joined(world: Any, home: Any) -> None:
    home.hidden = True
    node = up(world)
    assert mode(world, node) == "STA"


def test_hidden_network_that_comes_later_is_joined(world: Any, home: Any) -> None:
    home.hidden = True
    home.up = False
    node = up(world)
    world.run_for(10 * MINUTE)
    home.up = True
    world.run_for(4 * MINUTE)
    assert mode(world, node) == "STA"


def test_network_without_password_in_the_configuration_is_named(world: Any) -> None:
    node = up(world, {"staessid": "your_wifi_name;garden", "stapwd": "wrong password"})
    assert "no password for garden" in log(node)


# --- address --------------------------------------------------------------------------------------


def test_address_is_stored_when_connected_and_zeros_never(world: Any, home: Any) -> None:
    home.up = False
    node = up(world)
    world.run_for(HOUR)
    assert devip(node) == "n/a"
    home.up = True
    world.run_for(4 * MINUTE)
    assert devip(node) == own_ip(node) != "0.0.0.0"


def test_first_address_sticks_when_the_router_offers_another(world: Any, home: Any) -> None:
    node = up(world)
    first = own_ip(node)
    world.lan.home.dhcp.reserve(node.machine.unique_id, "10.0.1.200")
    home.up = False
    world.run_for(MINUTE)
    home.up = True
    world.run_for(2 * MINUTE)
    assert own_ip(node) == devip(node) == first
    assert hello(world, node).startswith("hello:")


def test_first_address_is_left_to_who_has_it_now(world: Any, home: Any) -> None:
    node = up(world)
    first = own_ip(node)
    home.up = False
    world.run_for(MINUTE)
    world.lan.home.dhcp.reserve(node.machine.unique_id, "10.0.1.200")
    other = world.lan.client("printer")
    other.interface.configure(first, "255.255.0.0", "10.0.1.1", "10.0.1.1")
    home.up = True
    world.run_for(2 * MINUTE)
    assert own_ip(node) == devip(node) == "10.0.1.200"
    assert f"devip {first} is used by another host" in log(node)
    assert world.lan.home.members[first] is other.interface


def test_wish_of_a_used_address_is_refused_at_boot(world: Any) -> None:
    printer = world.lan.client("printer")
    node = up(world, {"devip": printer.ip})
    assert own_ip(node) == devip(node) != printer.ip


@pytest.mark.parametrize("wish", ["n/a", "10.0.1.77"])
def test_other_subnet_after_the_outage_is_taken(world: Any, home: Any, wish: str) -> None:
    node = up(world, {"devip": wish})
    other = world.lan.add_network("other", "192.168.7.0/24", gateway="192.168.7.1", first_lease="192.168.7.30")
    home.up = False
    world.run_for(MINUTE)
    home.network = other
    home.up = True
    world.run_for(3 * MINUTE)
    assert own_ip(node) == devip(node) == "192.168.7.30"


def test_static_address_that_leads_nowhere_is_given_up(world: Any) -> None:
    gateway = router(world, world.lan.home)
    deaf = "10.0.1.77"
    take = gateway.stack.receive
    gateway.stack.receive = lambda packet: None if packet.source[0] == deaf else take(packet)
    node = up(world, {"devip": deaf})
    assert own_ip(node) == devip(node) != deaf
    assert f"devip {deaf} leads nowhere" in log(node)


def test_static_address_is_kept_when_the_router_answers(world: Any) -> None:
    router(world, world.lan.home)
    node = up(world, {"devip": "10.0.1.77"})
    assert own_ip(node) == devip(node) == "10.0.1.77"


def test_static_address_is_given_up_where_the_network_has_silently_become_another(world: Any, home: Any) -> None:
    router(world, world.lan.home)
    node = up(world, {"devip": "10.0.1.77"})
    world.run_for(2 * HOUR)
    assert own_ip(node) == "10.0.1.77"
    other = world.lan.add_network("other", "192.168.7.0/24", gateway="192.168.7.1", first_lease="192.168.7.30")
    world.lan.add_access_point(home.ssid, home.password, network=other, rssi_dbm=-80)
    home.up = False
    world.run_for(10)
    assert (connected(node), own_ip(node)) == (True, "10.0.1.77")
    world.run_for(HOUR)
    assert own_ip(node) == devip(node) == "192.168.7.30"


def test_static_address_survives_a_router_that_restarts(world: Any) -> None:
    gateway = router(world, world.lan.home)
    node = up(world, {"devip": "10.0.1.77"})
    take = gateway.stack.receive
    gateway.stack.receive = lambda packet: None
    world.run_for(15 * MINUTE)
    gateway.stack.receive = take
    world.run_for(2 * HOUR)
    assert own_ip(node) == devip(node) == "10.0.1.77"


def test_address_that_changes_while_connected_is_stored(world: Any) -> None:
    node = up(world)
    station = node.machine.parts["net"].station
    station.interface.configure("10.0.1.99", "255.255.0.0", "10.0.1.1", "10.0.1.1")
    world.run_for(30)
    assert devip(node) == "10.0.1.99"


def test_wish_that_was_typed_survives_until_the_reboot(world: Any) -> None:
    node = up(world)
    shell = world.shell(node)
    shell("conf")
    shell("devip 10.0.1.77")
    world.run_for(2 * HOUR)
    assert devip(node) == "10.0.1.77"


def test_lease_that_the_router_changes_is_followed(world: Any) -> None:
    world.lan.home.dhcp.lease_s = 600
    node = up(world)
    first = own_ip(node)
    with world.lan.faults.start("dhcp_renumber"):
        world.run_for(11 * MINUTE)
    assert own_ip(node) == devip(node) not in (first, "0.0.0.0")
    assert hello(world, node).startswith("hello:node01:")


@pytest.mark.parametrize("fault", ["dhcp_silent", "dhcp_exhausted"])
def test_router_without_addresses_is_waited_for(world: Any, fault: str) -> None:
    with world.lan.faults.start(fault):
        node = up(world)
        assert "your_wifi_name gives no address" in log(node)
        world.run_for(30 * MINUTE)
        assert node.machine.parts["net"].soft_ap.active
    world.run_for(5 * MINUTE)
    assert hello(world, node).startswith("hello:node01:")
    assert node.boots == 1


def test_lease_that_runs_out_is_got_again(world: Any) -> None:
    world.lan.home.dhcp.lease_s = 600
    node = up(world)
    with world.lan.faults.start("dhcp_silent"):
        world.run_for(12 * MINUTE)
        assert own_ip(node) == "0.0.0.0"
    world.run_for(5 * MINUTE)
    assert hello(world, node).startswith("hello:node01:")
    assert devip(node) == own_ip(node)


# --- access point -----------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["", "short", "pässwort", "x" * 64])
def test_invalid_appwd_opens_nothing_and_the_node_goes_on_looking(world: Any, home: Any, password: str) -> None:
    home.up = False
    node = up(world, {"appwd": password})
    world.run_for(30 * MINUTE)
    assert not node.machine.parts["net"].soft_ap.active
    assert "set_access_point error: appwd: 8..63 ASCII characters expected" in log(node)
    home.up = True
    world.run_for(MINUTE)
    assert hello(world, node).startswith("hello:node01:")


@pytest.mark.parametrize("password", ["12345678", "123456789", "an older and longer one"])
def test_valid_appwd_protects_the_access_point(world: Any, password: str) -> None:
    node = up(world, {"nwmd": "AP", "appwd": password})
    point = node.machine.parts["net"].soft_ap.point
    assert (point.password, point.security, point.ssid) == (password, 3, "node01")


# --- system ------------------------------------------------------------------------------------------


def test_rssi_without_link_is_a_clear_error(world: Any) -> None:
    node = up(world, {"nwmd": "AP"})
    reply = on_fallback(world, node, "system rssi")
    assert "access point mode: no signal to measure" in reply
    assert "Traceback" not in reply


def test_ha_sta_in_the_wished_access_point_does_nothing(world: Any) -> None:
    node = up(world, {"nwmd": "AP"})
    assert "AP mode, OK" in on_fallback(world, node, "system ha_sta")
    assert node.boots == 1


def test_ha_sta_without_link_restarts(world: Any, home: Any) -> None:
    home.up = False
    node = up(world)
    point = node.machine.parts["net"].soft_ap.point
    connection = world.lan.client("phone", access_point=point).connect("192.168.4.1", 9008)
    connection.send(b"system ha_sta\n")
    world.run_for(5)
    assert node.boots == 2


# --- flash -------------------------------------------------------------------------------------------


def test_quiet_day_writes_nothing(world: Any) -> None:
    node = up(world)
    before = writes(node)
    world.run_for(DAY)
    assert writes(node) == before


@pytest.mark.parametrize("is_regular", [True, False])
def test_week_of_a_flapping_access_point_wears_no_flash(world: Any, home: Any, is_regular: bool) -> None:
    node = up(world)
    before = writes(node)
    dice = random.Random(1)
    while world.now_s < 7 * DAY:
        world.run_for(57 * MINUTE if is_regular else dice.randrange(2 * HOUR))
        home.up = False
        world.run_for(3 * MINUTE if is_regular else dice.randrange(20 * MINUTE))
        home.up = True
    world.run_for(4 * MINUTE)
    assert hello(world, node).startswith("hello:node01:")
    assert node.boots == 1
    assert writes(node) - before < 100
    assert "lines left out" in log(node)


def test_week_of_another_address_at_each_return_wears_no_flash(world: Any, home: Any) -> None:
    node = up(world)
    before = writes(node)
    networks = [
        world.lan.add_network(f"n{i}", f"192.168.{i}.0/24", gateway=f"192.168.{i}.1", first_lease=f"192.168.{i}.2")
        for i in range(2)
    ]
    for turn in range(7 * 24 * 4):
        home.up = False
        world.run_for(20)
        home.network = networks[turn % 2]
        home.up = True
        world.run_for(15 * MINUTE - 20)
    assert connected(node)
    assert writes(node) - before < 7 * 24 * 5 + 100


def test_port_that_refuses_to_call_is_asked_less_and_less_often(world: Any, home: Any) -> None:
    refusing = b"\nasync def keep_calling(station, ssid):\n    raise OSError('Wifi Internal State Error')\n"
    files = {"/wifi_join.py": image()["/wifi_join.py"] + refusing}
    node = world.add_node("node01", files=files)
    world.run_until(lambda: node.listening(9008), timeout_s=90)
    home.up = False
    world.run_for(9 * MINUTE)
    assert node.console.text().count("[NW: STA] not connected") == 2
    assert "network keeper error: Wifi Internal State Error" in log(node)
