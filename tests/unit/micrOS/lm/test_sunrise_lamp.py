"""A sunrise: at six cron begins a transition of half an hour, and the timer carries it out on a string of pixels."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.node import Node
from simulator.world import World

_GOAL = (255, 160, 60)
_CONFIG = {
    "cron": True,
    "crontasks": "*:6:0:0!neopixel set_transition 255 160 60 1800",
    "timirq": True,
    "timirqseq": 1000,
    "timirqcbf": "neopixel run_transition",
    "boothook": "neopixel load_n_init ledcnt=24",
    "utc": 60,
}


def _steps(node: Node) -> int:
    """Steps of the flash that had to do with the state file."""
    return sum(count for path, count in node.flash.writes.items() if path.startswith("/neopixel.pds"))


def _steps_per_save(world: World, node: Node) -> int:
    """How many steps one save is; the lamp is off afterwards."""
    shell = world.shell(node)
    world.run_for(5)
    before = _steps(node)
    for state in ("True", "False"):
        shell(f"neopixel toggle {state}")
        world.run_for(3)
    assert _steps(node) > before
    return (_steps(node) - before) // 2


def test_sun_rises_for_half_an_hour_and_the_flash_hardly_notices() -> None:
    """The clock comes from NTP; the lamp was off and kept another colour."""
    with World(seed=3, utc=datetime(2026, 1, 10, 4, 50, tzinfo=UTC)) as world:
        node = world.add_node("lamp", wiring="neopixel", config=_CONFIG, files={"/neopixel.pds": b"10,20,30,0"})
        strip = node.part("strip")
        per_save = _steps_per_save(world, node)
        world.run_for((datetime(2026, 1, 10, 4, 59, 50, tzinfo=UTC) - world.utc_now()).total_seconds())
        assert strip.get("lit") == 0
        seen, before = [], _steps(node)
        for _ in range(1850):
            world.run_for(1)
            seen.append((world.utc_now(), strip.get("pixels")))
        assert all(len(set(pixels)) == 1 for _, pixels in seen)
        colours = [pixels[0] for _, pixels in seen]
        for channel in range(3):
            values = [colour[channel] for colour in colours]
            assert values == sorted(values)
            assert max(b - a for a, b in zip(values, values[1:], strict=False)) <= 1
        began = next(when for when, pixels in seen if any(pixels[0]))
        ended = next(when for when, pixels in seen if pixels[0] == _GOAL)
        assert 0 <= (began - datetime(2026, 1, 10, 5, 0, tzinfo=UTC)).total_seconds() <= 15
        assert (ended - began).total_seconds() == pytest.approx(1800, abs=10)
        assert _steps(node) - before == per_save
        assert node.flash.read("/neopixel.pds") == b"255,160,60,1"
        assert world.shell(node)("neopixel run_transition") == "Nothing to run."


def test_night_falls_and_the_colour_of_before_is_still_there() -> None:
    """D-14, D-15: one write, for the lamp that is off."""
    config = {**_CONFIG, "crontasks": "*:6:0:0!neopixel set_transition 0 0 0 600"}
    with World(seed=4, utc=datetime(2026, 1, 10, 4, 55, tzinfo=UTC)) as world:
        node = world.add_node("lamp", wiring="neopixel", config=config, files={"/neopixel.pds": b"9,9,9,0"})
        strip = node.part("strip")
        per_save = _steps_per_save(world, node)
        world.shell(node)("neopixel neopixel 200 100 50")
        world.run_for(200)
        assert strip.get("rgb") == (200, 100, 50)
        before = _steps(node)
        world.run_for(700)
        assert strip.get("lit") == 0
        assert _steps(node) - before == per_save
        assert node.flash.read("/neopixel.pds") == b"200,100,50,0"
        world.shell(node)("neopixel toggle")
        world.run_for(0.01)
        assert strip.get("rgb") == (200, 100, 50)


def test_lamp_that_lost_power_at_dawn_comes_back_with_the_day() -> None:
    """After a power cut within the transition the lamp shows its goal."""
    with World(seed=5, utc=datetime(2026, 1, 10, 4, 58, tzinfo=UTC)) as world:
        node = world.add_node("lamp", wiring="neopixel", config=_CONFIG)
        world.run_for(600)
        strip = node.part("strip")
        assert 0 < strip.get("rgb")[0] < 255
        node.power_off()
        strip.set("powered", False)
        world.run_for(5)
        strip.set("powered", True)
        node.power_on()
        world.run_for(20)
        assert strip.get("rgb") == _GOAL
