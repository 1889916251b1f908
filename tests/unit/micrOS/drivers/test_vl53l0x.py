"""Which reference SPADs the driver enables."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("good", "count", "is_aperture", "chosen"),
    [
        ("ff0f00ff0f00", 5, 1, "0000001f0000"),
        ("ff0f00ff0f00", 5, 0, "1f0000000000"),
        ("ffffffffffff", 2, 1, "003000000000"),
        ("000000000000", 3, 0, "000000000000"),
        ("ffffffffffff", 0, 0, "000000000000"),
    ],
)
def test_first_good_spads_of_the_kind_are_enabled(world, node, good, count, is_aperture, chosen):
    """D-46; spec 8.3.4 gives the first one."""
    source = (
        "from drivers.vl53l0x import choose_spads\n"
        f"print(choose_spads(bytes.fromhex('{good}'), {count}, {is_aperture}).hex())"
    )
    assert world.run_on(node, source) == chosen + "\n"
