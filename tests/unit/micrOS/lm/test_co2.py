"""``co2`` tells what an MQ135 says about the air."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="co2")


def _set(part, **values):
    for name, value in values.items():
        part.set(name, value)


def _error(shell, command):
    return shell("co2 " + command).partition("\n")[0].partition("->measure_mq135: ")[2]


@pytest.mark.parametrize(
    ("raw", "rs_kohm", "warm", "cold"),
    [
        (100, "92.3", "64.0 - PERFECT", "101.58 - PERFECT"),
        (200, "41.15", "599.29 - PERFECT", "951.24 - PERFECT"),
        (250, "30.92", "1322.39 - POOR", "2098.99 - WARNING"),
        (512, "9.98", "30283.08 - CRITICAL", "48067.53 - CRITICAL"),
    ],
)
def test_vectors_of_the_specification(world, raw, rs_kohm, warm, cold):
    """raw is the share of the sensor's 5 V in 1/1023."""
    node = world.add_node("node01")
    node.machine.parts["pads"].net(35).set_volts(5 * raw / 1023)
    shell = world.shell(node)
    assert shell("co2 raw_measure_mq135") == f"{rs_kohm}/(1023, 3.6)"
    assert shell("co2 measure_mq135 25 40") == warm
    assert shell("co2 measure_mq135 temperature=10 humidity=40") == cold


@pytest.mark.parametrize("ppm", [400, 700, 1000, 2000, 5000, 20_000])
@pytest.mark.parametrize(("temp_c", "hum_pct"), [(20, 33), (25, 40), (-5, 90), (35.5, 10)])
def test_concentration_of_the_sensor_is_told(node, shell, ppm, temp_c, hum_pct):
    _set(node.part("mq135"), ppm=ppm, temp_c=temp_c, hum_pct=hum_pct)
    told = float(shell(f"co2 measure_mq135 {temp_c} {hum_pct}").split(" - ")[0])
    assert told == pytest.approx(ppm, rel=0.025)


@pytest.mark.parametrize(("ppm", "verdict"), [(900, "PERFECT"), (1900, "POOR"), (3800, "WARNING"), (4300, "CRITICAL")])
def test_verdict_follows_the_concentration(node, shell, ppm, verdict):
    _set(node.part("mq135"), ppm=ppm, temp_c=25, hum_pct=40)
    assert shell("co2 measure_mq135 25 40").endswith(" - " + verdict)


@pytest.mark.parametrize(("volts", "rs_kohm"), [(0.0, "-1"), (3.6, "0.0")])
def test_voltage_at_the_end_of_the_converter_is_no_measurement(world, volts, rs_kohm):
    node = world.add_node("node01")
    node.machine.parts["pads"].net(35).set_volts(volts)
    shell = world.shell(node)
    assert shell("co2 measure_mq135 25 40") == "measure_mq135 ERROR: math domain error"
    assert shell("co2 raw_measure_mq135") == f"{rs_kohm}/(1023, 3.6)"


@pytest.mark.parametrize("fault", ["cold", "disconnected"])
def test_sensor_that_conducts_nothing_is_an_error(node, shell, fault):
    node.part("mq135").fail(fault)
    assert shell("co2 measure_mq135 25 40") == "measure_mq135 ERROR: math domain error"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("", "temperature: None is not in -40..85"),
        ("25", "humidity: None is not in 0..100"),
        ("86 40", "temperature: 86 is not in -40..85"),
        ("25 101", "humidity: 101 is not in 0..100"),
        ("'warm' 40", "temperature: warm is not in -40..85"),
        ("temp=25", "unexpected argument: temp"),
    ],
)
def test_wrong_arguments_are_told(shell, arguments, text):
    assert _error(shell, "measure_mq135 " + arguments) == text


def test_help_names_the_arguments_that_are_accepted(shell):
    """D-41: it named others."""
    usage = json.loads(shell("co2 help >json"))
    assert usage == ["measure_mq135 temperature=<int> humidity=<int>", "raw_measure_mq135", "pinmap"]
    assert " - " in shell("co2 " + usage[0].replace("<int>", "25"))


def test_it_does_not_disturb_other_users_of_the_converter(node, shell):
    """D-40: it set the width of the converter for everybody."""
    node.machine.parts["pads"].net(36).set_volts(1.792)
    node.machine.parts["pads"].net(39).set_volts(1.792)
    before = shell("co2 raw_measure_mq135")
    for _ in range(2):
        assert shell("light_sensor illuminance") == " illuminance [lux]: 360.09"
        assert json.loads(shell("genIO get_adc 'ph' >json"))["raw"] == 2048
        assert shell("co2 raw_measure_mq135") == before


def test_narrow_converter_of_somebody_else_does_not_disturb_it(node, shell, world):
    before = shell("co2 raw_measure_mq135")
    world.run_on(node, "from machine import ADC\nADC(39).width(10)")
    assert float(shell("co2 raw_measure_mq135").split("/")[0]) == pytest.approx(float(before.split("/")[0]), rel=0.02)


def test_pinmap(shell):
    assert shell("co2 pinmap") == " co2: 35"
