"""Days of a node in a home where things go wrong, in virtual time.

The promise of each: when it is over, the node answers ``hello`` within five minutes and without a restart, its
configuration is as it was, its flash was hardly written, and what a user should know stands in the error log.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

MINUTE, HOUR, DAY = 60, 3600, 86_400
_BACK_S = 5 * MINUTE
#: The lines that an error log holds, and what a boot and an address may cost.
_FEW_WRITES = 30


def _settled(world: Any, **config: Any) -> Any:
    """A node that has booted and has done what it does after a boot."""
    node = world.add_node("node01", config={"soctout": 30, **config})
    world.run_until(lambda: node.listening(9008), timeout_s=2 * MINUTE)
    world.run_for(2 * MINUTE)
    return node


def _config(node: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(node.flash.read("/node_config.json"))
    return found


def _log(node: Any) -> str:
    return b"".join(node.flash.read(path) for path in sorted(node.flash.files()) if path.endswith(".log")).decode()


def _writes(node: Any) -> int:
    return sum(node.flash.writes.values())


def _answers(world: Any, node: Any) -> bool:
    """One attempt of a client to say hello."""
    if node.machine.parts["net"].address is None or not node.listening(9008):
        return False
    connection = world.lan.client("visitor").connect(world.lan.address(node.machine), 9008)
    connection.send(b"hello\n")
    world.run_for(10)
    reply = bytes(connection.received)
    connection.abort()
    return b"\nhello:node01:" in b"\n" + reply.replace(b"$  ", b"\n")


def _wait_for_hello(world: Any, node: Any, limit_s: float = _BACK_S) -> None:
    until_s = world.now_s + limit_s
    while not _answers(world, node):
        assert world.now_s < until_s, f"no hello within {limit_s} s; console: {node.console.text()[-500:]}"
        world.run_for(5)


@pytest.mark.parametrize(
    ("kind", "params", "seconds"),
    [
        ("loss", {"ratio": 0.3}, HOUR),
        ("loss", {"ratio": 0.9}, HOUR),
        ("latency", {"ms": 800, "jitter_ms": 400, "reorder": True}, HOUR),
        ("duplicate", {"ratio": 0.5}, HOUR),
        ("reorder", {"ratio": 0.3, "by_ms": 50}, HOUR),
        ("partition", {"a": "node01", "b": "visitor"}, HOUR),
        ("one_way", {"host": "visitor", "peer": "node01"}, HOUR),
        ("one_way", {"host": "node01", "peer": "visitor"}, HOUR),
        ("vanish", {"host": "node01"}, HOUR),
        ("ap_off", {}, 10 * MINUTE),
        ("ap_off", {}, DAY),
        ("weak_signal", {"dbm": -90, "host": "node01"}, HOUR),
        ("weak_signal", {"dbm": -95, "host": "node01"}, HOUR),
        ("dhcp_silent", {}, 3 * HOUR),
        ("dhcp_renumber", {}, 3 * HOUR),
    ],
)
def test_node_outlives_the_fault(world: Any, kind: str, params: dict[str, Any], seconds: int) -> None:
    node = _settled(world)
    world.lan.client("visitor")
    config, writes = _config(node), _writes(node)
    with world.lan.faults.start(kind, **params):
        until_s = world.now_s + seconds
        while world.now_s < until_s:
            _answers(world, node)
            world.run_for(seconds / 20)
    _wait_for_hello(world, node)
    assert node.boots == 1
    assert {**_config(node), "devip": ""} == {**config, "devip": ""}
    assert _writes(node) - writes <= _FEW_WRITES


@pytest.mark.parametrize("kind", ["ntp_silent", "internet_down", "dns_silent", "captive_dns"])
def test_boot_and_days_without_time_service(world: Any, kind: str) -> None:
    with world.lan.faults.start(kind):
        node = _settled(world, cron=True)
        _wait_for_hello(world, node)
        writes = _writes(node)
        world.run_for(3 * DAY)
        _wait_for_hello(world, node)
    assert node.boots == 1
    assert "ntptime error" in _log(node)
    assert _writes(node) == writes


def test_wrong_time_does_no_harm(world: Any) -> None:
    with world.lan.faults.start("ntp_wrong", offset_s=10 * 365 * DAY):
        node = _settled(world)
        assert world.shell(node)("system clock").startswith("2035.")
    _wait_for_hello(world, node)


@pytest.mark.parametrize("kind", ["dhcp_silent", "dhcp_exhausted", "ap_off"])
def test_boot_into_a_broken_network_ends_in_the_home_network(world: Any, kind: str) -> None:
    with world.lan.faults.start(kind):
        node = world.add_node("node01")
        world.run_for(20 * MINUTE)
    world.run_for(_BACK_S)
    _wait_for_hello(world, node)
    assert node.machine.parts["net"].station.connected
    assert node.boots == 1


def test_session_lives_through_loss_and_delay(world: Any) -> None:
    node = _settled(world, soctout=600)
    connection = world.lan.client("visitor").connect(world.lan.address(node.machine), 9008)
    world.run_for(1)
    with (
        world.lan.faults.start("loss", ratio=0.3),
        world.lan.faults.start("latency", ms=50, jitter_ms=100, reorder=True),
    ):
        for name, gpio in [(b"irq1", b"4"), (b"irq2", b"18"), (b"irq3", b"5"), (b"irq4", b"13")] * 10:
            connection.received.clear()
            connection.send(b"system pinmap '" + name + b"'\n")
            world.run_until(lambda: connection.received.endswith(b"$  "), timeout_s=5 * MINUTE)
            lines = sorted(connection.received.splitlines())  # a dict has no promised order
            assert lines == [b" " + name + b": " + gpio, b" pinmap: esp32", b"node01 $  "]


def test_peer_that_forgot_its_session_frees_its_place(world: Any) -> None:
    node = _settled(world, sessions=1)
    ip = world.lan.address(node.machine)
    world.lan.client("visitor").connect(ip, 9008)
    world.run_for(1)
    with world.lan.faults.start("half_open", host="visitor", peer="node01"):
        world.run_for(60)
    _wait_for_hello(world, node)


def test_week_of_an_access_point_that_comes_and_goes(world: Any) -> None:
    node = _settled(world)
    config, writes = _config(node), _writes(node)
    away_s = [20, 3 * MINUTE, 8 * MINUTE, 45 * MINUTE, 3 * HOUR]
    for turn in range(7 * 8):
        with world.lan.faults.start("ap_off"):
            world.run_for(away_s[turn % len(away_s)])
        world.run_for(3 * HOUR - away_s[turn % len(away_s)] + MINUTE)
        _wait_for_hello(world, node)
    assert node.boots == 1
    assert {**_config(node), "devip": ""} == {**config, "devip": ""}
    assert _writes(node) - writes <= 7 * 24  # one an hour at most


def test_full_flash_refuses_what_it_cannot_keep_and_says_so(world: Any) -> None:
    node = _settled(world)
    config = _config(node)
    node.flash.fill()
    shell = world.shell(node)
    shell("conf")
    assert shell("boothook " + "x" * 4000).endswith("Failed to save")
    shell("noconf")
    assert shell("hello").startswith("hello:node01:")
    node.reset()
    world.run_for(10)
    _wait_for_hello(world, node)
    assert _config(node) == config


def test_quiet_node_writes_nothing_in_a_week(world: Any) -> None:
    node = _settled(world)
    world.run_for(HOUR)
    before = dict(node.flash.writes)
    world.run_for(7 * DAY)
    assert node.flash.writes == before
    _wait_for_hello(world, node)
    assert node.boots == 1
