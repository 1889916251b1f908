"""A network: who gets which address, who is reached by name."""

import pytest

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan import Lan


def make(prefix=24):
    lan = Lan(Kernel(1))
    return lan.add_network("test", f"10.1.2.0/{prefix}", gateway="10.1.2.1", first_lease="10.1.2.1")


def mac(number):
    return bytes([2, 0, 0, 0, 0, number])


def test_lease_counts_on_and_skips_the_gateway():
    dhcp = make().dhcp
    assert [dhcp.lease(mac(1)), dhcp.lease(mac(2))] == ["10.1.2.2", "10.1.2.3"]


def test_lease_for_the_same_mac_is_the_same():
    dhcp = make().dhcp
    first = dhcp.lease(mac(1))
    dhcp.lease(mac(2))
    assert dhcp.lease(mac(1)) == first


def test_lease_of_an_exhausted_network_is_none():
    dhcp = make(prefix=30).dhcp
    assert dhcp.lease(mac(1)) == "10.1.2.2"
    assert dhcp.lease(mac(2)) is None


def test_reserve_gives_the_wished_address():
    dhcp = make().dhcp
    dhcp.reserve(mac(9), "10.1.2.99")
    assert dhcp.lease(mac(9)) == "10.1.2.99"


@pytest.mark.parametrize("ip", ["10.9.9.9", "10.1.2.2"])
def test_reserve_of_foreign_or_taken_address_raises(ip):
    dhcp = make().dhcp
    dhcp.lease(mac(1))
    with pytest.raises(UsageError):
        dhcp.reserve(mac(9), ip)


def test_lease_skips_an_address_that_somebody_uses(desk):
    desk.client.interface.configure("10.0.1.4", "255.255.0.0", "10.0.1.1", "10.0.1.1")
    assert desk.lan.home.dhcp.lease(mac(1)) == "10.0.1.5"


def test_network_with_gateway_outside_raises():
    with pytest.raises(UsageError):
        Lan(Kernel(1)).add_network("test", "10.1.2.0/24", gateway="10.1.3.1", first_lease="10.1.2.2")


def test_resolve_knows_host_names_with_and_without_local(desk):
    home = desk.lan.home
    assert home.resolve("Server") == home.resolve("server.local") == desk.server.ip
    assert home.resolve("nobody") is None


def test_resolve_forgets_who_has_left(desk):
    desk.server.interface.unlink()
    assert desk.lan.home.resolve("server") is None


def test_packet_to_nobody_counts_as_lost(desk):
    desk.client.connect("10.0.77.77", 80)
    desk.run(2)
    assert desk.lan.home.lost == 1


def test_later_host_with_the_same_address_takes_it_over(desk):
    desk.client.interface.configure(desk.server.ip, "255.255.0.0", "10.0.1.1", "10.0.1.1")
    assert desk.lan.home.members[desk.server.ip] is desk.client.interface
    desk.server.interface.unlink()
    assert desk.lan.home.members[desk.client.ip] is desk.client.interface
