"""The projects of docs/projects: wiring and configuration do what their pages say, through a virtual day."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

from simulator.wiring import built_in
from simulator.world import World

#: Budapest; sunset on 1 June is at 20:33 local time, 18:33 UTC.
_PLACE = {"lat": "47.5", "lon": "19.04", "utcauto": False, "utc": 120}


def project(name, **clock):
    world = World(utc=datetime(2026, 6, 1, tzinfo=UTC, **clock))
    return world, world.add_node("node01", wiring=f"project_{name}", config=_PLACE)


def run_until(world, hour, minute=0):
    now = world.utc_now()
    world.run_for((hour - now.hour) * 3600 + (minute - now.minute) * 60 - now.second)


def test_ringlamp_follows_the_sun():
    world, node = project("ringlamp", hour=17)
    with world:
        ring = node.part("ring")
        run_until(world, 18, 20)
        assert ring.get("lit") == 0
        run_until(world, 18, 40)
        assert (ring.get("rgb"), ring.get("lit")) == ((255, 140, 40), 24)
        run_until(world, 20, 45)
        assert 100 < ring.get("rgb")[0] < 155
        run_until(world, 21, 10)
        assert ring.get("lit") == 0
        node.part("button").press(0.3)
        world.run_for(2)
        assert ring.get("rgb") == (255, 140, 40)


def test_roboarm_replays_what_it_was_taught():
    world, node = project("roboarm")
    with world:
        shell = world.shell(node)
        for place in ("100 60", "50 90"):
            shell(f"roboarm control {place}")
            shell("roboarm record")
        shell("roboarm standby")
        angles = []
        node.part("play").press(0.2)
        for _ in range(40):
            world.run_for(0.05)
            angles.append((node.part("x").get("angle_deg"), node.part("laser").get("closed")))
        assert any(closed for _, closed in angles) and not angles[-1][1]
        assert max(angle for angle, _ in angles) > 130 and angles[-1][0] < 60
        assert "Record[3]" in shell("roboarm record")


def test_rgb_cct_wakes_you():
    world, node = project("rgb_cct", hour=4, minute=20)
    with world:
        white = node.part("white")
        run_until(world, 4, 45)
        assert 45 < white.get("cold_pct") < 55
        run_until(world, 5, 5)
        assert white.get("cold_pct") == 100


def test_rgb_cct_dims_at_sunset_and_toggles_at_a_button():
    world, node = project("rgb_cct", hour=18, minute=25)
    with world:
        colour = node.part("colour")
        run_until(world, 18, 55)
        assert 35 < colour.get("r_pct") < 45
        node.part("button1").press(0.3)
        world.run_for(2)
        assert colour.get("r_pct") == 0


_CONFIGURED = [name for name, path in built_in().items() if "\n[config]\n" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", _CONFIGURED)
def test_configuration_of_a_wiring_is_taken_by_the_node(name):
    wiring = tomllib.loads(built_in()[name].read_text())
    with World() as world:
        node = world.add_node("node01", board=wiring.get("board", "esp32"), wiring=name)
        shell = world.shell(node)
        world.run_for(5)
        assert "NOK" not in shell("system alarms")
