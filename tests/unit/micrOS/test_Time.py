"""The clock: when it is set, and from what it is not."""

from __future__ import annotations

from typing import Any

import pytest

MINUTE, HOUR = 60, 3600


def _node(world: Any, **config: Any) -> Any:
    node = world.add_node("node01", config=config)
    world.run_until(lambda: node.listening(9008), timeout_s=2 * MINUTE)
    return node


def test_clock_shows_local_time_soon_after_boot(world: Any) -> None:
    node = _node(world, utc=90)
    world.run_for(10)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:30:")


def test_node_that_found_its_network_late_gets_the_time_too(world: Any) -> None:
    with world.lan.faults.start("ap_off"):
        node = _node(world, utc=0)
        world.run_for(HOUR)
    world.run_for(10 * MINUTE)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:1")


def test_time_server_that_was_silent_is_asked_again(world: Any) -> None:
    with world.lan.faults.start("ntp_silent"):
        node = _node(world, utc=0)
        world.run_for(HOUR)
        assert world.shell(node)("system clock").startswith("2000.1.1 ")
    world.run_for(20 * MINUTE)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:2")


@pytest.mark.parametrize("cron", [False, True])
def test_failure_is_logged_once_and_only_if_cron_needs_the_time(world: Any, cron: bool) -> None:
    with world.lan.faults.start("internet_down"):
        node = _node(world, cron=cron)
        world.run_for(12 * HOUR)
    assert world.shell(node)("system alarms").count("ntptime error") == int(cron)


@pytest.mark.parametrize(("kind", "params"), [("ntp_kiss", {}), ("ntp_wrong", {"offset_s": -10 * 365 * 86_400})])
def test_time_that_cannot_be_right_is_not_taken(world: Any, kind: str, params: dict[str, Any]) -> None:
    with world.lan.faults.start(kind, **params):
        node = _node(world)
        world.run_for(10)
        shell = world.shell(node)
        assert shell("system ntp").startswith("(False, (2000, 1, 1, ")
        assert "ntptime error: no valid time" in shell("system alarms")
