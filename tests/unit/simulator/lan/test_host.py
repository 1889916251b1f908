"""A node's radio and IP stack through resets."""

import pytest

from simulator.errors import StateError
from simulator.lan import HOME_PASSWORD, HOME_SSID

JOIN = f"""
import network, time
wlan = network.WLAN()
wlan.active(True)
wlan.connect({HOME_SSID!r}, {HOME_PASSWORD!r})
while not wlan.isconnected():
    time.sleep_ms(100)
"""
LISTEN = """
import socket
server = socket.socket()
server.bind(('', 80))
server.listen(2)
"""


def net(bare):
    return bare.machine.parts["net"]


def test_node_without_link_has_no_address(bare):
    with pytest.raises(StateError, match="bare is on no network"):
        bare.world.lan.address(bare.machine)


def test_joined_node_has_the_leased_address(bare):
    bare.run(JOIN)
    assert bare.world.lan.address(bare.machine) == "10.0.1.2"


def test_access_point_node_has_192_168_4_1(bare):
    bare.run("import network; network.WLAN(1).active(True)")
    assert bare.world.lan.address(bare.machine) == "192.168.4.1"


def test_hard_reset_ends_link_and_sockets_without_a_word(bare):
    bare.run(JOIN + LISTEN)
    client = bare.world.lan.client("pc").connect("10.0.1.2", 80)
    bare.world.run_for(0.1)
    bare.node.reset()
    bare.world.run_for(1)
    assert client.connected
    assert not net(bare).station.active
    assert not bare.world.lan.listening(bare.machine, 80)


def test_soft_reset_keeps_the_link_and_closes_sockets(bare):
    bare.run(JOIN + LISTEN)
    client = bare.world.lan.client("pc").connect("10.0.1.2", 80)
    bare.world.run_for(0.1)
    bare.node.start("import machine; machine.soft_reset()")
    bare.world.run_for(1)
    assert client.closed
    assert net(bare).station.connected
    assert bare.run("import network; print(network.WLAN().isconnected())") == "True\n"


def test_power_cut_frees_the_address_but_not_the_lease(bare):
    bare.run(JOIN)
    bare.node.power_off()
    bare.world.run_for(0.1)
    assert "10.0.1.2" not in bare.world.lan.home.members
    bare.node.power_on()
    bare.world.run_for(1)
    bare.run(JOIN)
    assert bare.world.lan.address(bare.machine) == "10.0.1.2"


def test_reset_node_answers_an_old_peer_with_reset(bare):
    bare.run(JOIN + LISTEN)
    client = bare.world.lan.client("pc").connect("10.0.1.2", 80)
    bare.world.run_for(0.1)
    bare.node.reset()
    bare.world.run_for(1)
    client.send(b"anybody there?")
    bare.world.run_for(1)
    assert not client.closed
    bare.run(JOIN)
    bare.world.run_for(20)
    assert client.reset


def test_client_joins_the_nodes_own_access_point(bare):
    bare.run("import network; network.WLAN(1).active(True)" + LISTEN)
    lan = bare.world.lan
    client = lan.client("phone", access_point=net(bare).soft_ap.point)
    assert client.ip == "192.168.4.2"
    connection = client.connect("192.168.4.1", 80)
    bare.world.run_for(0.1)
    assert connection.connected


def test_node_joins_another_nodes_access_point(bare):
    bare.run("import network; network.WLAN(1).active(True)" + LISTEN)
    other = bare.world.add_node("other", firmware=False)
    bare.world.run_for(1)
    ssid = net(bare).soft_ap.point.ssid
    assert ssid == "ESP_000002"
    printed = bare.world.run_on(
        other,
        f"""
import network, socket, time
wlan = network.WLAN()
wlan.active(True)
wlan.connect({ssid!r})
while not wlan.isconnected():
    time.sleep_ms(100)
peer = socket.socket()
peer.connect(('192.168.4.1', 80))
print(wlan.ifconfig())
""",
    )
    assert printed == "('192.168.4.2', '255.255.255.0', '192.168.4.1', '192.168.4.1')\n"


def test_fleet_of_300_gets_different_addresses(world):
    nodes = [world.make_node(f"n{number}") for number in range(300)]
    leases = {world.lan.home.dhcp.lease(node.machine.unique_id) for node in nodes}
    assert len(leases) == 300
    assert None not in leases
