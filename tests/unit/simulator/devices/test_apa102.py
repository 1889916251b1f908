"""APA102 pixels: frames of the data sheet, the power switch, bits made pin by pin."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from simulator.devices.apa102 import Apa102
from simulator.devices.device import Site
from simulator.errors import UsageError

_CLK, _DATA, _POWER = 12, 2, 13


def _led(bare: Any, *, power: bool = False, **options: Any) -> Apa102:
    pins = {"clk": _CLK, "data": _DATA, **({"power": _POWER} if power else {})}
    led = Apa102(Site("led", bare.machine.parts["pads"], pins), **options)
    bare.world.run_for(0.05)
    return led


def _send(bare: Any, data: str, *, miso: int = 19) -> None:
    bare.run(
        "from machine import Pin, SoftSPI\n"
        f"SoftSPI(sck=Pin({_CLK}), mosi=Pin({_DATA}), miso=Pin({miso})).write(bytes.fromhex('{data}'))"
    )


def test_frame_is_brightness_blue_green_red(bare: Any) -> None:
    led = _led(bare)
    _send(bare, "00000000 F0 0F0A05 FF")
    assert led.get("pixels") == ((5, 10, 15, 16),)
    assert led.get("rgb") == (3, 5, 8)


def test_any_data_in_pin_will_do(bare: Any) -> None:
    led = _led(bare)
    _send(bare, "00000000 FF 010203 FF", miso=4)
    assert led.pixels == ((3, 2, 1, 31),)
    _send(bare, "00000000 FF 040506 FF", miso=19)
    assert led.pixels == ((6, 5, 4, 31),)


def test_hardware_spi_reaches_it_too(bare: Any) -> None:
    led = _led(bare)
    bare.run(
        "from machine import Pin, SPI\n"
        f"SPI(1, 4_000_000, sck=Pin({_CLK}), mosi=Pin({_DATA}), miso=None).write(bytes.fromhex('00000000FF010203FF'))"
    )
    assert led.pixels == ((3, 2, 1, 31),)


def test_each_pixel_takes_the_first_frame_and_hands_on_the_rest(bare: Any) -> None:
    led = _led(bare, count=3)
    _send(bare, "00000000 FF000001 FF000002 FF000003 FF000004 FF")
    assert [pixel[0] for pixel in led.pixels] == [1, 2, 3]


def test_frame_without_a_beginning_is_nobodys(bare: Any) -> None:
    led = _led(bare)
    _send(bare, "FF000001 FF")
    assert led.pixels == ((0, 0, 0, 0),)


def test_frame_after_the_end_of_another_needs_a_beginning(bare: Any) -> None:
    led = _led(bare)
    _send(bare, "00000000 FF000001 FF")
    _send(bare, "FF000002")
    assert led.pixels[0][0] == 1
    _send(bare, "00000000 FF000003")
    assert led.pixels[0][0] == 3


def test_last_pixels_wait_for_the_clocks_of_the_end(bare: Any) -> None:
    led = _led(bare, count=20)
    _send(bare, "00000000" + "FF000001" * 20)
    assert [pixel[0] for pixel in led.pixels] == [1] + [1] * 18 + [0]
    _send(bare, "FF")
    assert [pixel[0] for pixel in led.pixels] == [1] * 19 + [0]
    _send(bare, "FFFF")
    assert [pixel[0] for pixel in led.pixels] == [1] * 20


def test_frame_without_three_ones_is_a_fault(bare: Any) -> None:
    led = _led(bare)
    _send(bare, "00000000 BF000001 FF000002")
    assert led.get("bad_frames") == 1
    assert led.pixels[0][0] == 2
    assert [fault.text for fault in bare.machine.parts["pads"].faults()] == [
        "led: frame bf000001 does not begin with three ones"
    ]


def test_bits_made_pin_by_pin_are_taken_at_the_rising_clock(bare: Any) -> None:
    led = _led(bare)
    bare.run(
        f"from machine import Pin\nclk, data = Pin({_CLK}, Pin.OUT, value=0), Pin({_DATA}, Pin.OUT)\n"
        "for byte in bytes.fromhex('00000000FF010203FF'):\n"
        "    for place in range(7, -1, -1):\n"
        "        data(byte >> place & 1)\n        clk(1)\n        clk(0)\n"
    )
    assert led.pixels == ((3, 2, 1, 31),)


def test_without_its_power_switch_on_it_is_dark(bare: Any) -> None:
    led = _led(bare, power=True)
    _send(bare, "00000000 FF010203 FF")
    assert (led.get("powered"), led.pixels) == (False, ((0, 0, 0, 0),))
    bare.run(f"from machine import Pin\nPin({_POWER}, Pin.OUT, value=0)")
    assert led.get("powered") is True
    _send(bare, "00000000 FF010203 FF")
    assert led.pixels == ((0, 0, 0, 0),)  # the supply has not settled
    bare.world.run_for(0.035)
    _send(bare, "00000000 FF010203 FF")
    assert led.pixels == ((3, 2, 1, 31),)
    bare.run(f"Pin({_POWER}, Pin.IN)")
    assert (led.get("powered"), led.pixels) == (False, ((0, 0, 0, 0),))


@pytest.mark.parametrize(("fault", "shown"), [("no_supply", (0, 0, 0, 0)), ("data_open", (3, 2, 1, 31))])
def test_broken_led_shows_what_it_can(bare: Any, fault: str, shown: tuple[int, ...]) -> None:
    led = _led(bare)
    _send(bare, "00000000 FF010203 FF")
    led.fail(fault)
    _send(bare, "00000000 FF040506 FF")
    assert led.pixels == (shown,)


@pytest.mark.parametrize(("options", "text"), [({"count": 0}, "count"), ({"settle_ms": -1}, "settle_ms")])
def test_wrong_option_is_refused(bare: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        _led(bare, **options)


def test_picture_is_as_bright_as_the_pixels(bare: Any) -> None:
    led = _led(bare, count=2)
    _send(bare, "00000000 FF0A141E EF0A141F FF")
    png = led.shot()
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    rows = zlib.decompress(png[41 : 41 + int.from_bytes(png[33:37])])
    assert (width, height) == (24, 12)
    assert tuple(rows[1:4]) == (30, 20, 10)
    assert tuple(rows[1 + 3 * 12 : 4 + 3 * 12]) == (15, 10, 5)


def test_driver_of_the_board_lights_it(world: Any) -> None:
    """The example of the LED's driver: brightness 16 of 31, colours halved and cut."""
    node = world.add_node("pico", board="tinypico", firmware=False)
    world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
    led = Apa102(Site("led", node.machine.parts["pads"], {"clk": _CLK, "data": _DATA, "power": _POWER}))
    world.run_on(
        node,
        "import tinypico\nfrom dotstar import DotStar\nfrom machine import Pin, SoftSPI\n"
        "spi = SoftSPI(sck=Pin(tinypico.DOTSTAR_CLK), mosi=Pin(tinypico.DOTSTAR_DATA), miso=Pin(tinypico.SPI_MISO))\n"
        "tinypico.set_dotstar_power(True)\n"
        "led = DotStar(spi, 1, brightness=0.5)\nled[0] = (10, 20, 30, 0.5)",
    )
    assert led.pixels == ((5, 10, 15, 16),)
