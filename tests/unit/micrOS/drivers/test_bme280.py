"""The formulas of the driver, with the data sheet's figures: raw values from plain registers."""

from __future__ import annotations

import random
import struct

import pytest

from simulator.devices import Site
from simulator.devices.bme280 import Bme280
from simulator.devices.i2c_registers import I2cRegisters
from simulator.errors import NodeError

#: Spec 8.3.1, check vector.
_WORDS = (27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
_HUMIDITY_WORDS = bytes.fromhex("7201001329031e")
_READ = "from machine import SoftI2C\nfrom drivers.bme280 import Bme280\nprint(Bme280(SoftI2C(22, 21), 0x76).read())"


def _content(adc_t, adc_p, adc_h, *, chip=0x60, status=0, words=_WORDS):
    registers = bytearray(256)
    registers[0x88:0xA0] = struct.pack("<HhhHhhhhhhhh", *words)
    registers[0xA1] = 75
    registers[0xD0] = chip
    registers[0xE1:0xE8] = _HUMIDITY_WORDS
    registers[0xF3] = status
    registers[0xF7:0xFF] = (adc_p << 4).to_bytes(3, "big") + (adc_t << 4).to_bytes(3, "big") + adc_h.to_bytes(2, "big")
    return registers.hex()


@pytest.fixture
def part(world, node):
    world.run_for(10)  # what the boot prints is over
    return I2cRegisters(Site("part", node.machine.parts["pads"], {"scl": 22, "sda": 21}), address=0x76)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ((519888, 415148, 30000), (25.08, 56.20, 1006.53)),
        ((380000, 415148, 30000), (-18.97, 54.23, 939.71)),
    ],
)
def test_check_vector(world, node, part, raw, expected):
    """D-37, D-38."""
    part.set("content", _content(*raw))
    temp, humidity, pressure = [int(text) for text in world.run_on(node, _READ).strip("()\n").split(", ")]
    assert (temp / 100, round(humidity / 1024, 2), round(pressure / 25_600, 2)) == expected


@pytest.mark.parametrize(("adc_h", "expected"), [(0, 0), (65535, 419430400 >> 12)])
def test_humidity_is_limited(world, node, part, adc_h, expected):
    part.set("content", _content(519888, 415148, adc_h))
    assert int(world.run_on(node, _READ).split(", ")[1]) == expected


def test_part_without_pressure_word_divides_by_nothing(world, node, part):
    part.set("content", _content(519888, 415148, 30000, words=(*_WORDS[:3], 0, *_WORDS[4:])))
    assert world.run_on(node, _READ).endswith(", 0)\n")


def test_driver_and_model_agree_over_the_whole_range(world, node):
    """The driver's whole numbers against the model's floating point."""
    sensor = Bme280(Site("bme280", node.machine.parts["pads"], {"scl": 22, "sda": 21}))
    world.run_for(10)
    world.run_on(node, _READ.partition("print")[0] + "b = Bme280(SoftI2C(22, 21), 0x76)")
    chance = random.Random(0)
    for _ in range(40):
        air = (chance.uniform(-40, 85), chance.uniform(0, 100), chance.uniform(300, 1100))
        for name, value in zip(("temp_c", "hum_pct", "pressure_hpa"), air, strict=True):
            sensor.set(name, value)
        printed = world.run_on(node, "import time\ntime.sleep_ms(b.start())\nprint(*b.read())")
        temp, humidity, pressure = [int(text) for text in printed.split()]
        assert (temp / 100, humidity / 1024, pressure / 25_600) == pytest.approx(air, abs=0.03)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (_content(1, 1, 1, chip=0x58), "ValueError: no BME280 at 0x76: chip id 0x58"),
        (_content(519888, 415148, 30000, status=8), "OSError: .*116"),
        (_content(0x80000, 415148, 30000), "OSError: .*116"),
        (_content(519888, 0x80000, 30000), "OSError: .*116"),
        (_content(0, 0, 0), "OSError: .*5"),
    ],
)
def test_what_is_no_measurement_is_refused(world, node, part, content, error):
    part.set("content", content)
    with pytest.raises(NodeError, match=error):
        world.run_on(node, _READ)
