"""``dht22`` measures temperature and humidity, with patience."""

from __future__ import annotations

import json
import re

import pytest

#: How an error reads; the virtual machine has no name for the chip's number of a time-out.
_TIMED_OUT = r"(\[Errno 116\] ETIMEDOUT|116)"


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="dht22")


@pytest.fixture
def sensor(node):
    return node.part("dht22")


def _measure(shell, function="measure"):
    return json.loads(shell(f"dht22 {function} >json"))


@pytest.mark.parametrize(("temp_c", "hum_pct"), [(26.9, 65.8), (-0.1, 0.1), (-40, 100), (80, 0)])
def test_measure_gives_tenths(shell, sensor, temp_c, hum_pct):
    sensor.set("temp_c", temp_c)
    sensor.set("hum_pct", hum_pct)
    assert _measure(shell) == {"temp [ºC]": pytest.approx(temp_c), "hum [%]": pytest.approx(hum_pct)}


def test_reply_reads_as_ever(shell, sensor):
    sensor.set("temp_c", 26.9)
    assert set(shell("dht22 measure").split("\n")) == {" temp [ºC]: 26.9", " hum [%]: 45.0"}


def test_co2_is_corrected_for_the_air(node, shell, sensor):
    node.part("mq135").set("ppm", 1500)
    for name, value in (("temp_c", 30), ("hum_pct", 70)):
        sensor.set(name, value)
        node.part("mq135").set(name, value)
    values = _measure(shell, "measure_w_co2")
    ppm, verdict = values.pop("co2 [ppm]").split(" - ")
    assert values == {"temp [ºC]": 30.0, "hum [%]": 70.0}
    assert (float(ppm), verdict) == (pytest.approx(1500, rel=0.02), "POOR")


def test_within_two_seconds_the_last_values_are_told_at_once(world, shell, sensor):
    _measure(shell)
    sensor.set("temp_c", 30)
    began = world.now_s
    assert _measure(shell)["temp [ºC]"] == 21.0
    assert world.now_s - began < 0.05
    world.run_for(2)
    assert _measure(shell)["temp [ºC]"] == 30.0


def test_old_values_are_not_taken_for_new_ones_when_ticks_have_wrapped(shell, sensor):
    """Ticks wrap after 12 days; the clock tells such a day from the moment of the last measurement."""
    shell("system setclock 2026 1 1 12 0 0")
    _measure(shell)
    sensor.fail("silent")
    shell("system setclock 2026 1 13 12 0 0")
    assert re.search(_TIMED_OUT, shell("dht22 measure"))


@pytest.mark.parametrize("fault", ["checksum", "silent", "broken_off"])
def test_failure_that_passes_is_not_seen(world, shell, sensor, fault):
    sensor.fail(fault)
    world.at(world.kernel.now + 1_000_000, lambda: sensor.fail(fault, on=False))
    began = world.now_s
    assert _measure(shell)["temp [ºC]"] == 21.0
    assert world.now_s - began < 2.8


@pytest.mark.parametrize(
    ("fault", "error"),
    [("checksum", "checksum error"), ("silent", _TIMED_OUT), ("stuck_low", _TIMED_OUT)],
)
def test_failure_that_stays_is_told_and_the_sensor_can_come_back(world, shell, sensor, fault, error):
    _measure(shell)
    world.run_for(2)
    sensor.fail(fault)
    for function in ("measure", "measure_w_co2"):
        assert re.match(rf"exec_lm_core LM_dht22->{function}: {error}\n", shell("dht22 " + function))
    sensor.fail(fault, on=False)
    assert _measure(shell)["temp [ºC]"] == 21.0


def test_others_are_served_while_it_waits(world, node, shell, sensor):
    sensor.fail("silent")
    other = world.shell(node)
    other("system heartbeat")
    shell._connection.send(b"dht22 measure\n")
    for _ in range(20):
        world.run_for(0.1)
        began = world.now_s
        assert other("system heartbeat") == "<3 heartbeat <3"
        assert world.now_s - began < 0.05
    assert re.search(_TIMED_OUT, shell._read_reply(5, "the measurement"))


def test_it_works_without_the_module_for_co2(node, shell):
    for suffix in (".py", ".mpy"):
        if node.flash.exists("/modules/LM_co2" + suffix):
            node.flash.remove("/modules/LM_co2" + suffix)
    assert _measure(shell)["temp [ºC]"] == 21.0
    assert "no module named 'LM_co2'" in shell("dht22 measure_w_co2")


def test_pin_of_another_module_is_refused(shell):
    shell("dht22 measure")
    assert "pin 32 (dhtpin) is in use by dht22" in shell("dht11 measure")
    assert shell("system module 'LM_dht22'") == "Module unload LM_dht22 done."
    assert "in use" not in shell("dht11 measure")


def test_pinmap_lmdep_and_help(shell):
    assert shell("dht22 pinmap") == " dhtpin: 32"
    assert shell("dht22 lmdep") == "co2"
    assert shell("dht22 help") == " measure,\n measure_w_co2,\n lmdep,\n pinmap,"
