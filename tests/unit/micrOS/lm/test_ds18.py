"""``ds18`` measures temperatures on a 1-Wire bus."""

from __future__ import annotations

import json

import pytest

from simulator.devices import Site
from simulator.devices.ds18x20 import Ds18x20


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="ds18")


@pytest.fixture
def sensor(node):
    return node.part("ds18b20")


def _add(node, name, **options):
    return Ds18x20(Site(name, node.machine.parts["pads"], {"data": 19}), **options)


def _error(shell):
    """Text of the error that `ds18 measure` ends with."""
    head, _, rest = shell("ds18 measure").partition("\n")[0].partition("LM_ds18->measure: ")
    assert head == "exec_lm_core "
    return rest


@pytest.mark.parametrize("temp_c", [21.0625, -10.125, 125, -55, 0])
def test_one_sensor_is_told_alone(shell, sensor, temp_c):
    sensor.set("temp_c", temp_c)
    assert shell("ds18 measure") == f" temp [ºC]: {float(temp_c)}"


def test_several_sensors_are_told_by_their_addresses(node, shell, sensor):
    others = [_add(node, "s20", family="ds18s20"), _add(node, "b20"), _add(node, "ds1822", family="ds1822")]
    for number, part in enumerate([sensor, *others]):
        part.set("temp_c", 20 + number / 4)
    assert json.loads(shell("ds18 measure >json")) == {
        f"temp {part.get('rom')} [ºC]": 20 + number / 4 for number, part in enumerate([sensor, *others])
    }


@pytest.mark.parametrize("failing", [0, 1])
def test_sensor_that_fails_does_not_hide_the_others(node, shell, sensor, failing):
    sensors = [sensor, _add(node, "other")]
    sensors[failing].fail("wrong_crc")
    values = json.loads(shell("ds18 measure >json"))
    assert [values[f"temp {part.get('rom')} [ºC]"] for part in (sensors[failing], sensors[1 - failing])] == [
        "CRC error",
        21.0,
    ]


def test_busy_loop_disturbs_no_slot(node, shell, sensor):
    """The bits are timed by the processor: no other thread of the node runs in the midst of one."""
    source = b"import asyncio\nasync def spin():\n    asyncio.create_task(_spin())\n"
    source += b"async def _spin():\n    while True:\n"
    source += b"        for _ in range(500):\n            pass\n        await asyncio.sleep_ms(1)\n"
    node.install({"/LM_busy.py": source})
    shell("busy spin")
    sensor.set("temp_c", 21.5)
    for _ in range(2):
        assert shell("ds18 measure") == " temp [ºC]: 21.5"


def test_empty_bus_is_no_error(shell, sensor):
    sensor.fail("absent")
    assert shell("ds18 measure") == "Sensor(s) was not found."


def test_bus_that_is_stuck_low_is_told_at_once(world, shell, sensor):
    sensor.fail("stuck_low")
    began = world.now_s
    assert _error(shell) == "1-Wire bus is stuck low"
    assert world.now_s - began < 0.1
    sensor.fail("stuck_low", on=False)
    assert shell("ds18 measure") == " temp [ºC]: 21.0"


def test_wrong_checksum_is_an_error_and_is_tried_again(world, shell, sensor):
    sensor.fail("wrong_crc")
    assert _error(shell) == "CRC error"
    world.at(world.kernel.now + 785_000, lambda: sensor.fail("wrong_crc", on=False))
    assert shell("ds18 measure") == " temp [ºC]: 21.0"


def test_sensor_that_leaves_during_the_measurement_is_an_error(world, shell, sensor):
    world.at(world.kernel.now + 300_000, lambda: sensor.fail("absent"))
    assert _error(shell) == "no answer of the sensor"
    assert shell("ds18 measure") == "Sensor(s) was not found."


def test_power_on_value_is_no_measurement(shell, sensor):
    sensor.fail("brown_out")
    assert _error(shell) == "85 ºC: no measurement"


def test_power_on_value_is_measured_again(world, shell, sensor):
    sensor.fail("brown_out")
    world.at(world.kernel.now + 600_000, lambda: sensor.fail("brown_out", on=False))
    assert shell("ds18 measure") == " temp [ºC]: 21.0"


def test_others_are_served_while_it_measures(world, node, shell):
    other = world.shell(node)
    other("system heartbeat")
    shell._connection.send(b"ds18 measure\n")
    for _ in range(7):
        world.run_for(0.1)
        began = world.now_s
        assert other("system heartbeat") == "<3 heartbeat <3"
        assert world.now_s - began < 0.05
    assert shell._read_reply(5, "the measurement") == " temp [ºC]: 21.0"


def test_pin_of_another_module_is_refused(world):
    """On the TinyPICO the bus shares a pin with the second switch."""
    shell = world.shell(world.add_node("node01", board="tinypico", wiring="ds18"))
    shell("ds18 measure")
    assert "pin 19 (19) is in use by ds18" in shell("genIO set_out 19 1")


def test_pinmap_and_help(shell):
    assert shell("ds18 pinmap") == " ds18: 19"
    assert shell("ds18 help") == " measure,\n pinmap,"
