"""What time it is in a world, and how nodes learn it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.errors import UsageError
from simulator.world import World


def test_world_begins_in_2026_and_its_time_passes(world: World) -> None:
    world.run_for(90)
    assert world.utc_now() == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)


def test_world_begins_when_it_is_told_to() -> None:
    moment = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    with World(utc=moment) as world:
        assert world.utc_now() == moment
        world.run_for(1)
        assert world.utc_now() == moment + timedelta(seconds=1)


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a time zone"):
        World(utc=datetime(2024, 1, 1))


def test_node_sets_its_clock_to_local_time_in_the_background(world: World) -> None:
    node = world.add_node(config={"utc": 90, "utcauto": False})
    shell = world.shell(node)
    world.run_for(2)
    date, hour, minute, second = re.split(r"\s+|:", shell("system clock"))[:4]
    assert (date, hour, minute) == ("2026.1.1", "1", "30")
    assert 0 <= world.utc_now().second - int(second) <= 1  # ntptime cuts the fraction off


def test_node_that_cannot_ask_keeps_its_clock(world: World) -> None:
    world.lan.internet.up = False
    shell = world.shell(world.add_node())
    world.run_for(30)
    assert re.match(r"2000\.1\.1 ", shell("system clock"))


def test_clock_survives_days_without_time_server(world: World, node: Any, shell: Any) -> None:
    world.run_for(2)
    with world.lan.faults.start("ntp_silent") as fault:
        assert shell("system ntp", timeout_s=60).startswith("(False, (2026, 1, 1, ")
        assert fault.count == 2
    world.run_for(3 * 86_400)
    again = world.shell(node)  # the first session has timed out
    assert again("system ntp", timeout_s=60).startswith("(True, (2026, 1, 4, 1, 0, ")


def test_clock_is_set_behind_a_home_that_loses_packets(world: World, shell: Any) -> None:
    with world.lan.faults.start("loss", ratio=0.3, host="router"):
        replies = [shell("system ntp", timeout_s=60) for _ in range(12)]
    assert sum(reply.startswith("(True, (2026, 1, 1, ") for reply in replies) >= 8
