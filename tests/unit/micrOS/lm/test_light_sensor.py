"""``light_sensor`` tells how bright it is."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="light_sensor")


@pytest.fixture
def light(node):
    return node.part("temt6000")


def test_vector_of_the_specification(world):
    """1.792 V read as 2048."""
    node = world.add_node("node01")
    node.machine.parts["pads"].net(36).set_volts(1.792)
    shell = world.shell(node)
    assert shell("light_sensor illuminance") == " illuminance [lux]: 360.09"
    assert shell("light_sensor intensity") == " light intensity [%]: 50.01"


def test_brighter_is_more_up_to_the_end(shell, light):
    told = []
    for lux in (0, 50, 100, 200, 400, 600, 100_000):
        light.set("lux", lux)
        told.append(json.loads(shell("light_sensor illuminance >json"))["illuminance [lux]"])
    assert told == sorted(told)
    assert told[0] == 0.0
    # the chip's converter begins at 0.14 V, which are 28 lux; the formula takes its scale as 0..3.6 V
    assert told[1:6] == [pytest.approx(lux, abs=28) for lux in (50, 100, 200, 400, 600)]
    assert told[6] <= 720


@pytest.mark.parametrize(("volts", "text", "number"), [(0.0, "0.00", 0.0), (5.0, "100.00", 100.0)])
def test_text_has_two_decimals_and_json_a_number(world, volts, text, number):
    """Numbers were texts in JSON; in the plain reply they read as ever."""
    node = world.add_node("node01")
    node.machine.parts["pads"].net(36).set_volts(volts)
    shell = world.shell(node)
    assert shell("light_sensor intensity") == f" light intensity [%]: {text}"
    assert json.loads(shell("light_sensor intensity >json")) == {"light intensity [%]": number}


def test_pin_of_another_module_is_refused(shell):
    shell("light_sensor intensity")
    assert "pin 36 (36) is in use by light_sensor" in shell("genIO get_adc 36")


def test_pinmap_and_help(shell):
    assert shell("light_sensor pinmap") == " temp6000: 36"
    assert shell("light_sensor help") == " intensity,\n illuminance,\n pinmap,\n INFO sensor:TEMP600,"
