"""The BME280 answers as its data sheet says; a third-party driver reads what was set."""

from __future__ import annotations

import struct

import pytest

from simulator.devices import Site
from simulator.devices.bme280 import Bme280
from simulator.errors import NodeError, UsageError
from tests.unit.simulator.devices.i2c_bench import Bench, install, install_circuitpython

#: dig_T1..T3, dig_P1..P9, dig_H1..H6.
WORDS_OF_A_PART = (
    27504,
    13 << 11,
    -1000,
    36477,
    -10685,
    3024,
    2855,
    140,
    -7,
    15500,
    -14600,
    6000,
    75,
    370,
    0,
    313,
    50,
    30,
)
#: Data sheet BST-BME280-DS002, 9.1: longest time of a measurement, each value once.
ONCE_US = 9_300


@pytest.fixture
def bench():
    bench = Bench(Bme280)
    bench.wait(2_000)
    return bench


def adc(bench):
    """(temperature, pressure, humidity) of the data registers."""
    data = bench.get(0xF7, 8)
    return int.from_bytes(data[3:6], "big") >> 4, int.from_bytes(data[:3], "big") >> 4, int.from_bytes(data[6:], "big")


def measure(bench):
    bench.put(0xF2, 1, 0xF4, 0x25)
    bench.wait(ONCE_US)
    return adc(bench)


def test_calibration_of_the_check_vector_is_read_little_endian(bench):
    words = struct.unpack("<HhhHhhhhhhhh", bench.get(0x88, 24))
    assert words == (27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
    assert bench.get(0xA1) == b"\x4b"
    assert bench.get(0xE1, 7) == b"\x72\x01\x00\x13\x29\x03\x1e"
    assert bench.get(0xD0) == b"\x60"


@pytest.mark.parametrize(
    ("temp_c", "hum_pct", "pressure_hpa", "expected"),
    [(25.08, 56.20, 1006.53, (519888, 415148, 30000)), (-18.97, 54.23, 939.71, (380000, 415148, 30000))],
)
def test_formulas_are_inverted(bench, temp_c, hum_pct, pressure_hpa, expected):
    """Spec 8.3.1; a step of the converter is 0.0003 degC, 0.002 hPa, 0.005 %."""
    for name, value in (("temp_c", temp_c), ("hum_pct", hum_pct), ("pressure_hpa", pressure_hpa)):
        bench.part.set(name, value)
    found = measure(bench)
    assert [abs(a - b) <= limit for a, b, limit in zip(found, expected, (30, 6, 4), strict=True)] == [True] * 3


def test_forced_measurement_takes_its_time_and_goes_back_to_sleep(bench):
    assert adc(bench) == (0x80000, 0x80000, 0x8000)
    bench.put(0xF2, 1, 0xF4, 0x25)
    bench.wait(ONCE_US - 1)
    assert bench.get(0xF3, 2) == b"\x08\x25"
    assert adc(bench) == (0x80000, 0x80000, 0x8000)
    bench.wait(1)
    assert bench.get(0xF3, 2) == b"\x00\x24"
    assert bench.part.get("measured") == 1
    assert adc(bench)[0] != 0x80000


def test_humidity_setting_counts_from_the_next_control_word(bench):
    bench.put(0xF4, 0x25)
    bench.put(0xF2, 1)
    bench.wait(20_000)
    assert adc(bench)[2] == 0x8000
    assert measure(bench)[2] != 0x8000


def test_normal_mode_follows_the_air(bench):
    bench.put(0xF5, 0x00, 0xF2, 1, 0xF4, 0x27)
    bench.wait(ONCE_US)
    first = adc(bench)
    assert bench.part.get("measured") == 1
    bench.part.set("temp_c", 30)
    bench.wait(500 + ONCE_US)
    assert adc(bench)[0] > first[0]
    assert bench.part.get("measured") == 2


def test_filter_takes_a_step_slowly(bench):
    bench.put(0xF5, 0x04, 0xF4, 0x25)  # half of the old, half of the new
    bench.wait(ONCE_US)
    before = adc(bench)[0]
    bench.part.set("temp_c", 31)
    bench.put(0xF4, 0x25)
    bench.wait(ONCE_US)
    after = adc(bench)[0]
    bench.put(0xF5, 0x00, 0xF4, 0x25)
    bench.wait(ONCE_US)
    assert after == (before + adc(bench)[0]) // 2


def test_soft_reset_forgets_settings_and_copies_the_calibration(bench):
    measure(bench)
    bench.put(0xE0, 0xB5)
    assert bench.get(0xF2) == b"\x01"
    bench.put(0xE0, 0xB6)
    assert bench.get(0xF2, 3) == b"\x00\x01\x00"
    assert bench.get(0x88, 2) == b"\x00\x00"
    assert adc(bench)[0] == 0x80000
    bench.wait(2_000)
    assert bench.get(0xF3) == b"\x00"
    assert bench.get(0x88, 2) == b"\x70\x6b"


def test_other_address_and_chip(bench):
    bench = Bench(Bme280, address=0x77, chip_id=0x58)
    assert bench.put(0xD0, address=0x76) is None
    assert bench.get(0xD0) == b"\x58"
    assert measure(bench)[2] == 0


def test_frozen_part_keeps_what_it_showed(bench):
    before = measure(bench)
    bench.part.fail("frozen")
    bench.part.set("temp_c", 50)
    assert measure(bench) == before


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"address": 0x78}, "address 0x78 is not one of 0x76, 0x77"),
        ({"chip_id": 0x61}, "chip_id must be 0x60 or 0x58"),
        ({"calibration": [1, 2]}, "calibration has 2 words, 18 are needed"),
        ({"calibration": [70_000] * 18}, "calibration: "),
        ({"calibration": [1] * 15 + [2_048, 1, 1]}, "12 bits"),
    ],
)
def test_wrong_option_is_refused(options, text):
    with pytest.raises(UsageError, match=text):
        Bench(Bme280, **options)


@pytest.mark.parametrize("name", ["temp_c", "hum_pct", "pressure_hpa"])
def test_impossible_air_is_refused(bench, name):
    with pytest.raises(UsageError, match=f"part.{name} must be"):
        bench.part.set(name, 1e6)


def solder(bare, **options):
    sensor = Bme280(Site("bme280", bare.machine.parts["pads"], {"scl": 22, "sda": 21}), **options)
    bare.world.run_for(0.01)  # its supply was there before the program
    return sensor


@pytest.mark.parametrize(
    ("temp_c", "hum_pct", "pressure_hpa"),
    [(25.08, 56.2, 1006.53), (-18.97, 54.23, 939.71), (-39, 3, 350), (84, 97, 1090)],
)
def test_micropython_bme280_reads_what_was_set(bare, temp_c, hum_pct, pressure_hpa):
    """PyPI micropython-bme280. It cuts off the lower 11 bits of dig_T2, so it gets a part where they are zero."""
    sensor = solder(bare, calibration=WORDS_OF_A_PART)
    for name, value in (("temp_c", temp_c), ("hum_pct", hum_pct), ("pressure_hpa", pressure_hpa)):
        sensor.set(name, value)
    install(bare.node, "micropython-bme280")
    source = (
        "from machine import SoftI2C\nimport bme280\nb = bme280.BME280(i2c=SoftI2C(22, 21))\n"
        "print(*b.read_compensated_data())"
    )
    t, p, h = [int(text) for text in bare.run(source).split()]
    assert t / 100 == pytest.approx(temp_c, abs=0.011)
    assert p / 25_600 == pytest.approx(pressure_hpa, abs=0.05)
    assert h / 1024 == pytest.approx(hum_pct, abs=0.02)


def test_adafruit_driver_reads_what_was_set(bare):
    """PyPI adafruit-circuitpython-bme280, which measures, waits for the status bit, and computes in floating point."""
    sensor = solder(bare)
    install_circuitpython(bare.node, "adafruit-circuitpython-bme280")
    sensor.set("temp_c", -7.5)
    sensor.set("hum_pct", 33)
    sensor.set("pressure_hpa", 1030)
    source = (
        "import busio\nfrom adafruit_bme280.basic import *\nb = Adafruit_BME280_I2C(busio.I2C(), 0x76)\n"
        "print(b.temperature, b.relative_humidity, b.pressure)"
    )
    found = [float(text) for text in bare.run(source).split()]
    assert found == pytest.approx([-7.5, 33, 1030], abs=0.02)


def test_adafruit_driver_refuses_another_chip(bare):
    solder(bare, chip_id=0x58)
    install_circuitpython(bare.node, "adafruit-circuitpython-bme280")
    with pytest.raises(NodeError, match="Failed to find BME280! Chip ID 0x58"):
        bare.run("import busio\nfrom adafruit_bme280.basic import *\nAdafruit_BME280_I2C(busio.I2C(), 0x76)")
