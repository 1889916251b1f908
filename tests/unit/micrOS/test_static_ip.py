"""The wanted address: judged by mask and gateway."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("address", "mask", "gateway", "expected"),
    [
        ("10.0.1.84", "255.255.255.0", "10.0.1.1", True),
        ("10.0.2.84", "255.255.255.0", "10.0.1.1", False),
        ("10.0.2.84", "255.255.0.0", "10.0.1.1", True),
        ("192.168.1.200", "255.255.255.128", "192.168.1.1", False),
        ("10.0.1.0", "255.255.255.0", "10.0.1.1", False),
        ("10.0.1.255", "255.255.255.0", "10.0.1.1", False),
        ("10.0.1.1", "255.255.255.0", "10.0.1.1", False),
        ("n/a", "255.255.255.0", "10.0.1.1", False),
        ("10.0.1", "255.255.255.0", "10.0.1.1", False),
        ("10.0.1.300", "255.255.255.0", "10.0.1.1", False),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0", False),
        ("10.0.1.84", "255.255.255.0", "0.0.0.0", False),
    ],
)
def test_static_address_must_be_a_host_of_this_network(
    memory_flash: Any, address: str, mask: str, gateway: str, expected: bool
) -> None:
    judge = memory_flash().boot().load("static_ip")
    assert judge.is_host_in_network(address, mask, gateway) is expected
