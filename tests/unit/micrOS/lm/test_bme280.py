"""``bme280`` measures the air."""

from __future__ import annotations

import json

import pytest

from tests.unit.micrOS.lm import stillness


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="bme280")


@pytest.fixture
def sensor(node):
    return node.part("bme280")


def set_air(sensor, temp_c, hum_pct, pressure_hpa):
    sensor.set("temp_c", temp_c)
    sensor.set("hum_pct", hum_pct)
    sensor.set("pressure_hpa", pressure_hpa)


@pytest.mark.parametrize(
    "air", [(25.08, 56.2, 1006.53), (-18.97, 54.23, 939.71), (-0.05, 45, 1013.25), (40, 10, 1013.25), (84, 99, 310)]
)
def test_air_is_told(shell, sensor, air):
    """D-37, D-38, D-39: -0.05 is -0.05."""
    set_air(sensor, *air)
    reply = json.loads(shell("bme280 measure >json"))
    assert reply == pytest.approx(dict(zip(("temp [ºC]", "hum [%]", "pressure [hPa]"), air, strict=True)), abs=0.011)


def test_reply_has_two_decimals(shell, sensor):
    set_air(sensor, -0.05, 45, 1013.25)
    lines = shell("bme280 measure").split("\n")
    assert " temp [ºC]: -0.05" in lines
    assert [len(line.partition(".")[2]) <= 2 for line in lines] == [True] * 3


def test_every_call_is_a_new_measurement(shell, sensor):
    first = shell("bme280 measure")
    sensor.set("temp_c", 5)
    assert shell("bme280 measure") != first
    assert sensor.get("measured") == 2


def test_gas_is_measured_in_this_air(shell, node, sensor):
    set_air(sensor, 25, 40, 1000)
    with_gas = json.loads(shell("bme280 measure_w_co2 >json"))
    assert with_gas.pop("co2 [ppm]") == shell("co2 measure_mq135 25.0 40.0")
    assert with_gas == json.loads(shell("bme280 measure >json"))


def test_without_the_gas_module_the_air_is_told_all_the_same(shell, node):
    for name in [name for name in node.flash.listdir("/modules") if name.startswith("LM_co2.")]:
        node.flash.remove(f"/modules/{name}")
    assert "no module named 'LM_co2'" in shell("bme280 measure_w_co2")
    assert "temp" in shell("bme280 measure")


def test_part_at_the_other_address_is_found(world):
    node = world.add_node("node02", wiring="bme280", files={})
    node.part("bme280").move(0x77)
    assert "temp" in world.shell(node)("bme280 measure")


def test_absent_part_is_an_error_and_is_found_when_it_is_back(world, shell, sensor):
    assert "temp" in shell("bme280 measure")
    sensor.fail("absent")
    for _ in range(2):
        assert "exec_lm_core LM_bme280->measure: [Errno 19] ENODEV" in shell("bme280 measure")
    sensor.fail("absent", on=False)
    world.run_for(0.01)
    assert "temp" in shell("bme280 measure")


@pytest.mark.parametrize(
    ("fault", "text"), [("scl_stuck", "116"), ("sda_stuck", "chip id 0x00"), ("deaf", "chip id 0x00")]
)
def test_broken_bus_at_the_first_call_is_an_error(shell, sensor, fault, text):
    sensor.fail(fault)
    assert text in shell("bme280 measure").split("\n")[0]
    sensor.fail(fault, on=False)
    assert "temp" in shell("bme280 measure")


@pytest.mark.parametrize(("fault", "text"), [("scl_stuck", "116"), ("sda_stuck", "Errno 5"), ("deaf", "Errno 5")])
def test_bus_that_breaks_later_is_an_error(shell, sensor, fault, text):
    shell("bme280 measure")
    sensor.fail(fault)
    assert text in shell("bme280 measure").split("\n")[0]
    sensor.fail(fault, on=False)
    assert "temp" in shell("bme280 measure")


def test_part_without_humidity_is_refused_by_name(world, tmp_path):
    wiring = tmp_path / "bmp280.toml"
    wiring.write_text(
        'about = "a BMP280"\n[[part]]\nname = "bmp280"\nkind = "bme280"\n'
        'pins = { scl = "i2c_scl", sda = "i2c_sda" }\noptions = { chip_id = 0x58 }\n'
    )
    shell = world.shell(world.add_node("node02", wiring=str(wiring)))
    assert "no BME280 at 0x76: chip id 0x58" in shell("bme280 measure")


def test_loop_goes_on_while_it_measures(node, shell):
    stillness.watch(node, shell)
    shell("bme280 measure")
    assert stillness.longest_ms(shell) < 50


def test_what_it_needs_is_told(shell):
    assert shell("bme280 lmdep") == "co2"
    assert shell("bme280 pinmap") == " i2c_scl: 22\n i2c_sda: 21"
    assert shell("bme280 help") == " measure,\n measure_w_co2,\n lmdep,\n pinmap,"
