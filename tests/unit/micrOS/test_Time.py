"""The clock: when it is set, and from what it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.world import World

MINUTE, HOUR = 60, 3600


def _node(world: Any, **config: Any) -> Any:
    node = world.add_node("node01", config=config)
    world.run_until(lambda: node.listening(9008), timeout_s=2 * MINUTE)
    return node


def test_clock_shows_local_time_soon_after_boot(world: Any) -> None:
    node = _node(world, utc=90, utcauto=False)
    world.run_for(10)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:30:")


def test_node_that_found_its_network_late_gets_the_time_too(world: Any) -> None:
    with world.lan.faults.start("ap_off"):
        node = _node(world, utc=0, utcauto=False)
        world.run_for(HOUR)
    world.run_for(10 * MINUTE)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:1")


def test_time_server_that_was_silent_is_asked_again(world: Any) -> None:
    with world.lan.faults.start("ntp_silent"):
        node = _node(world, utc=0, utcauto=False)
        world.run_for(HOUR)
        assert world.shell(node)("system clock").startswith("2000.1.1 ")
    world.run_for(20 * MINUTE)
    assert world.shell(node)("system clock").startswith("2026.1.1  1:2")


@pytest.mark.parametrize("cron", [False, True])
def test_failure_is_logged_once_and_only_if_cron_needs_the_time(world: Any, cron: bool) -> None:
    with world.lan.faults.start("internet_down"):
        node = _node(world, cron=cron)
        world.run_for(12 * HOUR)
    assert world.shell(node)("system alarms").count("ntptime error: name lookup failed (-202)") == int(cron)


@pytest.mark.parametrize(("kind", "params"), [("ntp_kiss", {}), ("ntp_wrong", {"offset_s": -10 * 365 * 86_400})])
def test_time_that_cannot_be_right_is_not_taken(world: Any, kind: str, params: dict[str, Any]) -> None:
    with world.lan.faults.start(kind, **params):
        node = _node(world)
        world.run_for(10)
        shell = world.shell(node)
        assert shell("system ntp").startswith("(False, (2000, 1, 1, ")
        assert "ntptime error: no valid time" in shell("system alarms")


def test_offset_that_is_set_by_hand_moves_the_clock_at_once(world: Any) -> None:
    shell = world.shell(_node(world, utc=0, utcauto=False))
    world.run_for(10)
    shell("conf")
    assert shell("utc -90") == "Saved"
    shell("noconf")
    assert shell("system clock").startswith("2025.12.31  22:30:")


def test_offset_does_not_move_a_clock_that_was_never_set(world: Any) -> None:
    with world.lan.faults.start("internet_down"):
        shell = world.shell(_node(world, utc=0, utcauto=False))
        shell("conf")
        assert shell("utc -90") == "Saved"
        shell("noconf")
        assert shell("system clock").startswith("2000.1.1  0:0:")


@pytest.mark.parametrize(
    ("start", "after"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), "2026.3.29  6:0:"),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), "2026.10.25  5:0:"),
    ],
)
@pytest.mark.parametrize("cron", [False, True])
def test_clock_follows_summer_time_in_the_night(start: datetime, after: str, cron: bool) -> None:
    with World(seed=0, utc=start) as world:
        node = _node(world, cron=cron)
        world.run_until(lambda: world.utc_now() >= start + timedelta(hours=16), timeout_s=20 * HOUR)
        assert world.shell(node)("system clock").startswith(after)


def test_clock_that_is_wrong_is_right_the_next_morning(world: Any) -> None:
    node = _node(world, utc=0, utcauto=False)
    world.run_for(10)
    world.shell(node)("system setclock 2026 1 1 0 20 0")
    world.run_for(4 * HOUR)
    assert world.shell(node)("system clock").startswith("2026.1.1  4:0:")


def test_nodes_of_a_home_do_not_ask_all_at_once(world: Any) -> None:
    asked: list[float] = []
    for i in range(4):
        world.add_node(f"node{i}", config={"utcauto": False}, unique_id=bytes([0, 0, 0, 0, 0, 60 * i]))
    world.run_for(60)
    world.lan.internet.ntp.interferences.append(lambda packet: asked.append(world.now_s))
    world.run_for(24 * HOUR)
    assert len(asked) == 4
    assert all(later - sooner > 600 for sooner, later in zip(asked, asked[1:], strict=False))
    assert asked[0] >= 2 * HOUR and asked[-1] <= 3 * HOUR


@pytest.mark.slow
def test_time_server_that_is_down_for_days_leaves_the_node_alone(world: Any) -> None:
    node = _node(world, utc=0, utcauto=False, cron=True)
    world.run_for(60)
    with world.lan.faults.start("ntp_silent"):
        world.run_for(4 * 24 * HOUR)
        shell = world.shell(node)
        assert shell("system clock").startswith("2026.1.5  0:1:")
        assert shell("system alarms").count("ntptime error") == 1
        shell("system setclock 2026 1 5 1 0 0")
    world.run_for(30 * MINUTE)
    assert world.shell(node)("system clock").startswith("2026.1.5  0:31:")


@pytest.mark.slow
def test_clock_and_uptime_go_on_when_the_ticks_wrap(world: Any) -> None:
    node = _node(world, utc=0, utcauto=False)
    world.run_for(13 * 24 * HOUR)  # ticks_ms wraps after 12.4 days
    shell = world.shell(node)
    assert shell("system uptime").startswith("13 days 0:00:")
    shell("system setclock 2026 1 14 0 20 0")
    world.run_for(4 * HOUR)
    shell = world.shell(node)
    assert shell("system clock").startswith("2026.1.14  4:0:")
