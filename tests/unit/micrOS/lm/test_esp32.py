"""``esp32`` tells what the chip senses itself."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="esp32")


@pytest.mark.parametrize(("temp_c", "text"), [(53.3, "53.3"), (60, "60.0"), (0, "0.0"), (-40, "-40.0")])
def test_temperature_reads_as_ever_and_is_a_number_in_json(node, shell, temp_c, text):
    node.part("chip").set("temp_c", temp_c)
    assert shell("esp32 temp") == f" CPU temp [ºC]: {text}"
    assert json.loads(shell("esp32 temp >json")) == {"CPU temp [ºC]": pytest.approx(temp_c)}


def test_hall_is_not_supported_and_says_so(shell):
    assert shell("esp32 hall") == "hall_sensor: not supported by this MicroPython"


def test_finger_on_the_pad_is_told(world, node, shell):
    assert json.loads(shell("esp32 touch >json")) == {"isTouched": False, "value": 600}
    node.part("touch_pad").press(1)
    assert json.loads(shell("esp32 touch >json")) == {"isTouched": True, "value": 200}
    assert json.loads(shell("esp32 touch triglvl=200 >json"))["isTouched"] is False
    world.run_for(1)
    assert json.loads(shell("esp32 touch 601 >json")) == {"isTouched": True, "value": 600}
    assert "->touch: triglvl: low is no number\n" in shell("esp32 touch 'low'")


def test_battery_is_only_on_the_tinypico(world, shell):
    assert "->battery: no module named 'tinypico'\n" in shell("esp32 battery")


def test_battery_of_the_tinypico(world):
    node = world.add_node("tiny", board="tinypico", wiring="esp32")
    shell = world.shell(node)
    assert json.loads(shell("esp32 battery >json")) == {"volt": 3.49, "state": False}
    node.part("battery").set("charging", True)
    node.part("battery").set("battery_v", 3.3)
    assert json.loads(shell("esp32 battery >json")) == {"volt": 3.08, "state": True}
    assert json.loads(shell("esp32 touch >json"))["value"] == 600


def test_touch_refuses_the_pin_of_another_module(shell):
    shell("genIO get_in 13")
    assert "pin 13 (touch_0) is in use by genIO" in shell("esp32 touch")


def test_touch_refuses_the_pin_of_an_event_input(world):
    """GPIO 13 is ``irq4`` too."""
    node = world.add_node("node01", config={"irq4": True, "irq4_cbf": "system heartbeat"})
    assert "pin 13 (touch_0) is in use by irq4" in world.shell(node)("esp32 touch")


def test_pinmap_and_help(shell):
    assert shell("esp32 pinmap") == " touch_0: 13"
    assert json.loads(shell("esp32 help >json")) == [
        "hall",
        "temp",
        "touch",
        "battery",
        "pinmap",
        "NOTE: battery only available on tinypico",
    ]
