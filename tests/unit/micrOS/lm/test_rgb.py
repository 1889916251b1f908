"""``rgb`` drives a strip of three colours. What it shares with other lamps is in test_lamp.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.pwm_lights import DimmedLamp


@pytest.fixture
def node(world: Any) -> Any:
    return world.add_node("node01", wiring="rgb")


def test_each_channel_has_its_colour(node: Any, shell: Any) -> None:
    assert shell("rgb load_n_init") == "CACHE: True"
    for command, rgb in (("r=1000 g=0 b=0", (255, 0, 0)), ("0 1000 0", (0, 255, 0)), ("0 0 b=1000", (0, 0, 255))):
        shell(f"rgb rgb {command} smooth=False")
        assert node.part("strip").get("rgb") == rgb
    assert node.part("strip").get("freq_hz") == pytest.approx(20480, rel=0.01)


def test_transition_has_its_replies(shell: Any) -> None:
    """D-13: the label of green was R."""
    shell("rgb rgb 500 0 0 False")
    assert shell("rgb set_transition 0 0 0 3") == "Settings was applied... wait for: run_transition"
    assert [shell("rgb run_transition") for _ in range(6)] == [
        "Transition R500G0B0",
        "Transition R333G0B0",
        "Transition R167G0B0",
        "Transition R0G0B0",
        "Transition done",
        "Nothing to run.",
    ]


def test_transition_of_a_lamp_that_is_off_has_its_reply(shell: Any) -> None:
    shell("rgb rgb 500 0 0 False")
    shell("rgb set_transition 1000 0 0 3")
    shell("rgb toggle False False")
    assert shell("rgb run_transition") == "Transition deactivated"


def test_lamp_starts_without_a_flash(node: Any, shell: Any) -> None:
    """D-09: a new PWM output stands at one half until somebody says otherwise."""
    shell("rgb load_n_init")
    shell("rgb rgb 10 20 30 smooth=False")
    assert node.part("strip").get("most_pct") == pytest.approx(3, abs=0.1)


def test_other_frequency_on_another_pin_disturbs_nothing(node: Any, shell: Any) -> None:
    """D-08."""
    lamp = DimmedLamp(Site("other", node.machine.parts["pads"], {"gate": 33}))
    other = b"from machine import PWM, Pin\np = []\ndef go():\n    p.append(PWM(Pin(33), freq=50, duty_u16=6554))\n"
    node.install({"/LM_other.py": other})
    shell("rgb rgb 500 250 1000 smooth=False")
    shell("other go")
    shell("rgb rgb 500 250 100 smooth=False")
    strip = node.part("strip")
    assert strip.get("rgb") == (128, 64, 25) or strip.get("rgb") == pytest.approx((128, 64, 26), abs=1)
    assert strip.get("freq_hz") == pytest.approx(20480, rel=0.01)
    assert (lamp.get("freq_hz"), lamp.get("light_pct")) == pytest.approx((50, 10), rel=0.01)


def test_widget_reads_json(shell: Any) -> None:
    shell("rgb rgb 1 2 3 smooth=False")
    assert json.loads(shell("rgb status >json")) == {"R": 1, "G": 2, "B": 3, "S": 1}
    assert json.loads(shell("rgb status 'toggle' >json")) == {"R": 1, "G": 2, "B": 3, "S": 1}


def test_pins_are_told(shell: Any) -> None:
    assert json.loads(shell("rgb pinmap >json")) == {"redgb": 14, "rgreenb": 12, "rgbue": 15}


def test_tinypico_has_other_pins(world: Any) -> None:
    node = world.add_node("pico", board="tinypico", wiring="rgb")
    shell = world.shell(node)
    assert json.loads(shell("rgb pinmap >json")) == {"redgb": 25, "rgreenb": 26, "rgbue": 27}
    shell("rgb rgb 1000 0 0 smooth=False")
    assert node.part("strip").get("rgb") == (255, 0, 0)


def test_help_has_its_lines(shell: Any) -> None:
    assert json.loads(shell("rgb help >json")) == [
        "rgb r=<0-1000> g=<0-1000> b=<0,1000> smooth=True force=True",
        "toggle state=None smooth=True",
        "load_n_init",
        "brightness percent=<0-100> smooth=True",
        "set_transition r=<0-1000> g b sec",
        "run_transition",
        "status",
        "pinmap",
    ]


def test_outputs_are_let_go(node: Any, shell: Any) -> None:
    shell("rgb rgb 1000 1000 1000 smooth=False")
    assert shell("rgb deinit") == "None"
    assert node.part("strip").get("rgb") == (0, 0, 0)
    assert json.loads(shell("rgb status >json"))["S"] == 0
    assert shell("switch set_state2 0") == "SET STATE(2): 0"
    assert "pin 14 (redgb) is in use by switch" in shell("rgb toggle True smooth=False")
    shell("system module 'LM_switch'")
    shell("rgb rgb 1000 1000 1000 smooth=False")
    assert node.part("strip").get("rgb") == (255, 255, 255)


def test_lamp_that_was_let_go_comes_back(node: Any, shell: Any) -> None:
    shell("rgb load_n_init")
    shell("rgb rgb 1000 0 1000 smooth=False")
    shell("rgb deinit")
    assert node.flash.read("/rgb.pds") == b"1000,0,1000,1"
    shell("rgb toggle True smooth=False")
    assert node.part("strip").get("rgb") == (255, 0, 255)
