"""IPv4 addresses and subnets."""

import pytest

from simulator.errors import UsageError
from simulator.lan.addresses import Subnet, ip_number, ip_text, is_ip, mask_text, same_net


@pytest.mark.parametrize("text", ["0.0.0.0", "10.0.1.2", "255.255.255.255"])
def test_is_ip_of_dotted_quad_is_true(text):
    assert is_ip(text)


@pytest.mark.parametrize("text", ["", "10.0.1", "10.0.1.256", "10.0.1.2.3", "a.b.c.d", "10.0.1.-1", "10.0.1.²"])
def test_is_ip_of_anything_else_is_false(text):
    assert not is_ip(text)


def test_ip_number_goes_there_and_back():
    assert ip_number("10.0.1.2") == 0x0A000102
    assert ip_text(0x0A000102) == "10.0.1.2"


def test_ip_number_of_no_address_raises():
    with pytest.raises(UsageError, match="not an IPv4 address: 'x'"):
        ip_number("x")


def test_mask_text_of_prefix():
    assert [mask_text(8), mask_text(20), mask_text(24)] == ["255.0.0.0", "255.255.240.0", "255.255.255.0"]


def test_same_net_looks_at_the_mask_only():
    assert same_net("10.0.1.2", "10.0.9.9", "255.255.0.0")
    assert not same_net("10.0.1.2", "10.0.9.9", "255.255.255.0")


def test_subnet_parse_gives_mask_and_broadcast():
    subnet = Subnet.parse("192.168.4.0/24")
    assert (subnet.mask, subnet.broadcast) == ("255.255.255.0", "192.168.4.255")
    assert subnet.contains("192.168.4.7")
    assert not subnet.contains("192.168.5.7")


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.0/x", "10.0.0.1/24", "10.0.0.0/31", "10.0.0.0/7"])
def test_subnet_parse_of_no_subnet_raises(text):
    with pytest.raises(UsageError):
        Subnet.parse(text)
