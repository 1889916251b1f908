"""WS2812 pixels: vectors of the data sheet, what is no bit to them, and a driver of somebody else."""

from __future__ import annotations

import importlib.metadata
import zlib
from typing import Any

import pytest

from simulator.devices.device import Site
from simulator.devices.ws2812 import Ws2812
from simulator.errors import UsageError

_GPIO = 15
#: MicroPython's own timing (extmod/machine_bitstream, neopixel.py).
_FAST = (400, 850, 800, 450)


@pytest.fixture
def strip(bare: Any) -> Ws2812:
    return _strip(bare, count=4)


def _strip(bare: Any, **options: Any) -> Ws2812:
    return Ws2812(Site("strip", bare.machine.parts["pads"], {"din": _GPIO}), **options)


def _send(bare: Any, data: str, timing: tuple[int, ...] = _FAST) -> None:
    pin = f"machine.Pin({_GPIO}, machine.Pin.OUT)"
    bare.run(f"import machine\nmachine.bitstream({pin}, 0, {timing}, bytes.fromhex('{data}'))")


def _rest(bare: Any) -> None:
    bare.world.run_for(0.001)


def test_bytes_are_green_red_blue(bare: Any, strip: Ws2812) -> None:
    _send(bare, "140a1e 000102")
    _rest(bare)
    assert strip.pixels == ((10, 20, 30), (1, 0, 2), (0, 0, 0), (0, 0, 0))
    assert (strip.get("rgb"), strip.get("lit"), strip.get("frames")) == ((10, 20, 30), 2, 1)


@pytest.mark.parametrize(
    ("order", "sent", "shown"),
    [("RGB", "0a141e", (10, 20, 30)), ("BRG", "1e0a14", (10, 20, 30)), ("GRBW", "140a1e28", (10, 20, 30, 40))],
)
def test_order_of_colours_is_an_option(bare: Any, order: str, sent: str, shown: tuple[int, ...]) -> None:
    strip = _strip(bare, count=1, order=order)
    _send(bare, sent)
    _rest(bare)
    assert strip.pixels == (shown,)


def test_pixels_beyond_the_end_are_nobodys(bare: Any, strip: Ws2812) -> None:
    _send(bare, "010203" * 6)
    _rest(bare)
    assert strip.pixels == ((2, 1, 3),) * 4


def test_short_train_leaves_the_rest_as_it_was(bare: Any, strip: Ws2812) -> None:
    _send(bare, "ffffff" * 4)
    _rest(bare)
    _send(bare, "000000")
    _rest(bare)
    assert strip.pixels == ((0, 0, 0), (255, 255, 255), (255, 255, 255), (255, 255, 255))


def test_nothing_shows_before_the_reset_time(bare: Any, strip: Ws2812) -> None:
    _send(bare, "0a0000" * 4)
    assert strip.lit == 0
    bare.world.run_for(280e-6)
    assert strip.lit == 4


@pytest.mark.parametrize(("latch_us", "expected"), [(280, ((1, 0, 0), (2, 0, 0))), (50, ((2, 0, 0), (0, 0, 0)))])
def test_train_within_the_reset_time_goes_on_with_the_next_pixel(bare: Any, latch_us: int, expected: Any) -> None:
    strip = _strip(bare, count=2, latch_us=latch_us)
    pin = f"machine.Pin({_GPIO}, machine.Pin.OUT)"
    send = f"machine.bitstream(pin, 0, {_FAST}, bytes((0, %d, 0)))\n"
    bare.run(f"import machine, time\npin = {pin}\n" + send % 1 + "time.sleep_us(100)\n" + send % 2)
    _rest(bare)
    assert strip.pixels == expected


@pytest.mark.parametrize(
    ("timing", "data", "wrong"),
    [
        ((800, 1700, 1600, 900), "ff00ff", "T0H is 800 ns, not 250..550"),
        ((400, 850, 600, 450), "ffffff", "T1H is 600 ns, not 650..950"),
        ((240, 850, 800, 450), "000001", "T0H is 240 ns, not 250..550"),
        ((400, 1001, 800, 450), "000001", "T0L is 1001 ns, not 700..1000"),
        ((400, 850, 800, 299), "000001", "T1L is 299 ns, not 300..600"),
    ],
)
def test_pulse_out_of_the_data_sheet_is_no_bit(
    bare: Any, strip: Ws2812, timing: tuple[int, ...], data: str, wrong: str
) -> None:
    _send(bare, "0a0a0a")
    _rest(bare)
    _send(bare, data, timing)
    _rest(bare)
    assert strip.pixels[0] == (10, 10, 10)
    assert strip.get("lost") == 1
    assert [fault.text for fault in bare.machine.parts["pads"].faults()] == [f"strip: {wrong}"]


def test_pulses_that_do_not_occur_do_not_count(bare: Any, strip: Ws2812) -> None:
    _send(bare, "ffffff", (10_000, 10_000, 800, 450))
    _rest(bare)
    assert (strip.pixels[0], strip.lost) == ((255, 255, 255), 0)


def test_reset_of_the_board_leaves_the_light(bare: Any, strip: Ws2812) -> None:
    _send(bare, "0a0a0a" * 4)
    _rest(bare)
    bare.node.reset()
    bare.world.run_for(2)
    assert strip.lit == 4


def test_supply_that_fails_makes_them_forget(bare: Any, strip: Ws2812) -> None:
    _send(bare, "0a0a0a" * 4)
    _rest(bare)
    strip.set("powered", "off")
    assert strip.lit == 0
    _send(bare, "0b0b0b" * 4)
    strip.set("powered", "on")
    _rest(bare)
    assert strip.lit == 0
    _send(bare, "0c0c0c")
    _rest(bare)
    assert strip.pixels[:2] == ((12, 12, 12), (0, 0, 0))


@pytest.mark.parametrize(("fault", "lit"), [("data_open", 0), ("half_dead", 2)])
def test_broken_string_shows_what_it_gets(bare: Any, strip: Ws2812, fault: str, lit: int) -> None:
    strip.fail(fault)
    _send(bare, "0a0a0a" * 4)
    _rest(bare)
    assert strip.lit == lit


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"count": 0}, r"count must be 1\.\.2000, not 0"),
        ({"count": 2.0}, "count"),
        ({"order": "GBW"}, "order must be one of GRB"),
        ({"latch_us": 10}, r"latch_us must be 50\.\.10000, not 10"),
        ({"shape": "star"}, "shape must be one of strip, ring"),
    ],
)
def test_wrong_option_is_refused(bare: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        _strip(bare, **options)


def test_readings_cannot_be_set(strip: Ws2812) -> None:
    with pytest.raises(UsageError, match="can be read only"):
        strip.set("pixels", "1")


def _size_and_rows(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and rows (each behind its filter byte 0) of a picture."""
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    length = int.from_bytes(png[33:37])
    assert png[37:41] == b"IDAT"
    return width, height, zlib.decompress(png[41 : 41 + length])


def test_picture_of_a_strip_has_a_square_per_pixel(bare: Any, strip: Ws2812) -> None:
    _send(bare, "140a1e 000000 281e32 000000")
    _rest(bare)
    width, height, rows = _size_and_rows(strip.shot())
    assert (width, height) == (48, 12)
    middle = rows[6 * (1 + 3 * width) + 1 :][: 3 * width]
    assert [tuple(middle[3 * x : 3 * x + 3]) for x in (6, 18, 30)] == [(10, 20, 30), (0, 0, 0), (30, 40, 50)]


def test_picture_of_a_ring_begins_at_the_top_and_goes_clockwise(bare: Any) -> None:
    ring = _strip(bare, count=4, shape="ring")
    _send(bare, "140a1e 281e32 000000 000000")
    _rest(bare)
    width, height, rows = _size_and_rows(ring.shot())
    pixels = [rows[y * (1 + 3 * width) + 1 + 3 * x :][:3] for y in (6, height // 2) for x in (width // 2, width - 6)]
    assert width == height
    assert [tuple(pixel) for pixel in pixels] == [(10, 20, 30), (0, 0, 0), (0, 0, 0), (30, 40, 50)]


def test_driver_of_the_port_shows_its_colours(bare: Any, strip: Ws2812) -> None:
    bare.run(
        f"import machine, neopixel\nnp = neopixel.NeoPixel(machine.Pin({_GPIO}), 4)\n"
        "np[0] = (10, 20, 30)\nnp[3] = (255, 0, 1)\nnp.write()"
    )
    _rest(bare)
    assert strip.pixels == ((10, 20, 30), (0, 0, 0), (0, 0, 0), (255, 0, 1))


def test_slow_driver_of_the_port_shows_nothing(bare: Any, strip: Ws2812) -> None:
    bare.run(
        f"import machine, neopixel\nnp = neopixel.NeoPixel(machine.Pin({_GPIO}), 4, timing=0)\n"
        "np.fill((1, 2, 3))\nnp.write()"
    )
    _rest(bare)
    assert (strip.lit, strip.lost) == (0, 1)


def test_np_animation_from_pypi_runs_a_knight_rider(bare: Any) -> None:
    strip = _strip(bare, count=10)
    files = [path for path in importlib.metadata.files("np-animation") or [] if path.suffix == ".py"]
    bare.node.install({f"/lib/{path}": path.read_binary() for path in files})
    bare.run(
        "from np_animation import NPAnimation, knight_rider, indicators, grb\n"
        f"npa = NPAnimation([[[0, 1, 2, 3, 4, 5], knight_rider(period=2000, width=6)], "
        f"[[8, 9], indicators(name='left')]], pin={_GPIO})\n"
        "npa.update_leds(time=300, left=True)"
    )
    _rest(bare)
    frames = [strip.pixels]
    for time_ms in (900, 1400):
        bare.run(f"npa.update_leds(time={time_ms}, left=True)")
        _rest(bare)
        frames.append(strip.pixels)
    assert strip.frames == 3
    assert not any(map(any, [pixel for frame in frames for pixel in frame[6:8]]))
    brightest = [max(range(6), key=lambda at, frame=frame: frame[at][0]) for frame in frames]
    assert len(set(brightest)) == 3  # it moves
    assert {frame[8] for frame in frames} >= {(0, 0, 0)}
    assert any(any(frame[8]) for frame in frames)
    bare.run("npa.leds_off()")
    _rest(bare)
    assert strip.lit == 0
