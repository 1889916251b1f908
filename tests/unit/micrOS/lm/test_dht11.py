"""``dht11`` measures temperature and humidity."""

from __future__ import annotations

import json
import re

import pytest

from simulator.devices import Site
from simulator.devices.dht import Dht11


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="dht11")


def _set(part, **values):
    for name, value in values.items():
        part.set(name, value)


def test_measure_gives_whole_numbers(node, shell):
    _set(node.part("dht11"), temp_c=23.4, hum_pct=56.3)
    assert set(shell("dht11 measure").split("\n")) == {" temp [ºC]: 23", " hum [%]: 56"}


@pytest.mark.parametrize(
    ("temp_c", "hum_pct", "text"), [(23.6, 45.4, "23.6 45.4"), (-5.2, 50.0, "-5.2 50"), (-7.0, 5.1, "-7 5.1")]
)
def test_tenths_and_sign_of_the_newer_part_are_read(world, temp_c, hum_pct, text):
    node = world.add_node("node01")
    part = Dht11(Site("newer", node.machine.parts["pads"], {"data": 32}), tenths=True)
    _set(part, temp_c=temp_c, hum_pct=hum_pct)
    values = json.loads(world.shell(node)("dht11 measure >json"))
    assert [values["temp [ºC]"], values["hum [%]"]] == [pytest.approx(float(word)) for word in text.split()]


def test_a_new_measurement_comes_after_a_second(world, node, shell):
    assert " temp [ºC]: 21" in shell("dht11 measure")
    node.part("dht11").set("temp_c", 30)
    assert " temp [ºC]: 21" in shell("dht11 measure")
    world.run_for(1)
    assert " temp [ºC]: 30" in shell("dht11 measure")


def test_co2_is_told_too(node, shell):
    node.part("mq135").set("ppm", 5000)
    values = json.loads(shell("dht11 measure_w_co2 >json"))
    assert sorted(values) == ["co2 [ppm]", "hum [%]", "temp [ºC]"]
    assert values["co2 [ppm]"].endswith(" - CRITICAL")


@pytest.mark.parametrize(
    ("fault", "error"), [("checksum", "checksum error"), ("silent", r"(\[Errno 116\] ETIMEDOUT|116)")]
)
def test_failure_is_told(node, shell, fault, error):
    """The virtual machine has no name for the chip's error number."""
    node.part("dht11").fail(fault)
    assert re.match(rf"exec_lm_core LM_dht11->measure: {error}\n", shell("dht11 measure"))


def test_pinmap_lmdep_and_help(shell):
    assert shell("dht11 pinmap") == " dhtpin: 32"
    assert shell("dht11 lmdep") == "co2"
    assert shell("dht11 help") == " measure,\n measure_w_co2,\n lmdep,\n pinmap,"
