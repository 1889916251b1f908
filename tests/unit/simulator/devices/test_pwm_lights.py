"""Lamps behind power switches: what they give for a duty, and what fails."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from simulator.devices.device import Site
from simulator.devices.pwm_lights import CctStrip, DimmedLamp, RgbStrip
from simulator.errors import UsageError

_PINS = {"r": 14, "g": 12, "b": 15}


@pytest.fixture
def strip(bare: Any) -> RgbStrip:
    return RgbStrip(Site("strip", bare.machine.parts["pads"], _PINS))


def _cct(bare: Any, **options: Any) -> CctStrip:
    return CctStrip(Site("strip", bare.machine.parts["pads"], {"cold": 26, "warm": 27}), **options)


def _lamp(bare: Any, **options: Any) -> DimmedLamp:
    return DimmedLamp(Site("lamp", bare.machine.parts["pads"], {"gate": 33}), **options)


def test_light_is_the_duty(bare: Any, strip: RgbStrip) -> None:
    bare.run(
        "from machine import PWM, Pin\n"
        "PWM(Pin(14), freq=1000, duty_u16=65535)\nPWM(Pin(12), freq=1000, duty_u16=16384)\n"
        "PWM(Pin(15), freq=1000, duty=0)"
    )
    assert strip.get("rgb") == (255, 64, 0)
    assert (strip.get("r_pct"), strip.get("g_pct"), strip.get("b_pct")) == (100, 25, 0)
    assert strip.get("freq_hz") == pytest.approx(1000, rel=0.01)


def test_picture_has_its_colour(bare: Any, strip: RgbStrip) -> None:
    bare.run("from machine import PWM, Pin\nPWM(Pin(14), duty_u16=65535)\nPWM(Pin(12), duty_u16=16384)")
    png = strip.shot()
    rows = zlib.decompress(png[41 : 41 + int.from_bytes(png[33:37])])
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (96, 12)
    assert rows[1:4] == rows[-3:] == bytes((255, 64, 0))


def test_plain_level_is_full_light(bare: Any, strip: RgbStrip) -> None:
    bare.run("from machine import Pin\nPin(12, Pin.OUT, value=1)")
    assert strip.get("rgb") == (0, 255, 0)
    assert strip.get("freq_hz") == 0


@pytest.mark.parametrize("mode", ["Pin.IN", "Pin.IN, Pin.PULL_UP"])
def test_gate_that_no_output_drives_is_dark(bare: Any, strip: RgbStrip, mode: str) -> None:
    bare.run(f"from machine import Pin\nPin(12, Pin.OUT, value=1)\nPin(12, {mode})")
    assert strip.get("rgb") == (0, 0, 0)


def test_reset_of_the_board_is_dark(bare: Any, strip: RgbStrip) -> None:
    bare.run("from machine import PWM, Pin\nPWM(Pin(14), freq=1000, duty_u16=65535)")
    bare.node.reset()
    assert strip.get("rgb") == (0, 0, 0)


def test_flash_of_light_is_remembered(bare: Any, strip: RgbStrip) -> None:
    """A PWM without a duty starts at one half."""
    bare.run("from machine import PWM, Pin\np = PWM(Pin(14), freq=1000)\np.duty(0)")
    assert (strip.get("r_pct"), strip.get("most_pct")) == (0, pytest.approx(50, abs=0.1))
    strip.set("most_pct", 0)
    bare.run("p.duty(102)")
    assert strip.get("most_pct") == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize(("fault", "rgb"), [("no_supply", (0, 0, 0)), ("fet_shorted", (255, 255, 0))])
def test_broken_strip_shows_what_it_can(bare: Any, strip: RgbStrip, fault: str, rgb: tuple[int, ...]) -> None:
    bare.run("from machine import Pin\nPin(12, Pin.OUT, value=1)")
    strip.fail(fault)
    assert strip.get("rgb") == rgb
    strip.fail(fault, on=False)
    assert strip.get("rgb") == (0, 255, 0)


@pytest.mark.parametrize(
    ("cold", "warm", "light_pct", "colour_k"),
    [(0, 0, 0, 0), (65535, 0, 50, 6500), (0, 65535, 50, 2700), (65535, 65535, 100, 3815), (32768, 32768, 50, 3815)],
)
def test_white_is_a_mixture(bare: Any, cold: int, warm: int, light_pct: float, colour_k: float) -> None:
    strip = _cct(bare)
    bare.run(f"from machine import PWM, Pin\nPWM(Pin(26), duty_u16={cold})\nPWM(Pin(27), duty_u16={warm})")
    assert strip.get("light_pct") == pytest.approx(light_pct)
    assert strip.get("colour_k") == pytest.approx(colour_k, abs=1)
    assert (strip.get("cold_pct"), strip.get("warm_pct")) == pytest.approx((cold / 655.36, warm / 655.36), abs=0.01)


def test_lamp_takes_its_share_of_power(bare: Any) -> None:
    lamp = _lamp(bare, watts=40)
    bare.run("from machine import PWM, Pin\nPWM(Pin(33), freq=20480, duty_u16=16384)")
    assert lamp.get("light_pct") == 25
    assert lamp.get("power_w") == 10


@pytest.mark.parametrize("options", [{"watts": -1}, {"watts": "1"}])
def test_wrong_power_is_refused(bare: Any, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="watts must be"):
        _lamp(bare, **options)


@pytest.mark.parametrize("options", [{"cold_k": 0}, {"warm_k": True}])
def test_wrong_colour_temperature_is_refused(bare: Any, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="_k must be"):
        _cct(bare, **options)
