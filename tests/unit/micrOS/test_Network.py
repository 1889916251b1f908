"""A node comes up: as a station, or as an access point."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("config", "mode"),
    [({}, "STA"), ({"nwmd": "AP"}, "AP"), ({"staessid": "not in sight"}, "AP"), ({"stapwd": "wrong password"}, "AP")],
)
def test_node_comes_up_as_station_or_access_point(world: Any, config: dict[str, object], mode: str) -> None:
    node = world.add_node("node01", config=config)
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    world.run_for(0.1)
    assert f"network mode: {mode}" in node.console.text()


def test_second_of_several_networks_is_joined(world: Any) -> None:
    node = world.add_node("node01", config={"staessid": "away; your_wifi_name", "stapwd": "x; your_wifi_passwd"})
    assert world.shell(node)("system ifconfig").startswith("('STA', ")


def test_first_address_is_kept_and_a_wanted_one_taken(world: Any) -> None:
    node = world.add_node("node01")
    shell = world.shell(node)
    first = world.lan.address(node.machine)
    shell("conf")
    assert shell("devip") == first
    wanted = first.rpartition(".")[0] + ".77"
    shell(f"devip {wanted}")
    node.reset()
    world.run_for(1)
    assert f"('STA', ('{wanted}', " in world.shell(node)("system ifconfig")


def test_boot_of_a_known_node_writes_nothing(world: Any) -> None:
    node = world.add_node("node01")
    world.shell(node)
    before = {path: node.flash.read(path) for path in ("/node_config.json", "/node_config.json.bak")}
    node.reset()
    world.run_for(1)
    world.shell(node)
    assert {path: node.flash.read(path) for path in before} == before
