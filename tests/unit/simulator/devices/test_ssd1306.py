"""The SSD1306 shows what its memory and registers say; a third-party driver draws on it."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.ssd1306 import Ssd1306
from simulator.errors import UsageError
from tests.unit.screen import read_text
from tests.unit.simulator.devices.i2c_bench import Bench, install_circuitpython
from tests.unit.simulator.devices.test_png import read

#: Spec 5.2, each command byte in a write of its own.
SETUP = bytes.fromhex("ae200040a1a83fc8d300da12d580d9f1db3081ffa4a6ad308d14af")


@pytest.fixture
def bench():
    return ready(Bench(Ssd1306))


def ready(bench):
    for code in SETUP:
        bench.put(0x80, code)
    window(bench, 0, 127, 0, 7)
    bench.put(0x40, *bytes(1024))
    return bench


def window(bench, *limits):
    bench.put(0x00, 0x21, limits[0], limits[1], 0x22, limits[2], limits[3])


def lit(bench):
    panel = bench.part
    return {(x, y) for y in range(panel.height) for x in range(128) if panel.pixel(x, y)}


def test_set_up_display_is_dark_and_on(bench):
    assert (bench.part.get("on"), bench.part.get("lit"), bench.part.get("contrast")) == (True, 0, 255)
    assert bench.part.ignored == []


def test_byte_of_a_frame_is_a_column_of_eight(bench):
    """Spec 8.3.6: byte p * 128 + x, bit k = pixel (x, 8 p + k)."""
    window(bench, 0, 127, 0, 7)
    frame = bytearray(1024)
    frame[0], frame[3 * 128 + 127] = 0x01, 0x80
    bench.put(0x40, *frame)
    assert lit(bench) == {(0, 0), (127, 31)}
    assert bench.part.get("frames") == 2


def test_data_fill_the_window_and_wrap(bench):
    window(bench, 10, 11, 2, 3)
    bench.put(0x40, 1, 1, 1, 1, 3)
    assert lit(bench) == {(10, 16), (10, 17), (11, 16), (10, 24), (11, 24)}


def test_vertical_mode_fills_pages_first(bench):
    bench.put(0x00, 0x20, 0x01)
    window(bench, 10, 11, 2, 3)
    bench.put(0x40, 1, 2, 4)
    assert lit(bench) == {(10, 16), (10, 25), (11, 18)}


def test_page_mode_stays_in_its_page(bench):
    bench.put(0x00, 0x20, 0x02, 0xB3, 0x0E, 0x17)  # page 3, column 0x7E
    bench.put(0x40, 1, 1, 1)
    assert lit(bench) == {(126, 24), (127, 24), (0, 24)}


def test_control_bytes_mix_commands_and_data(bench):
    window(bench, 0, 127, 0, 7)
    bench.put(0xC0, 0x01, 0x80, 0xA7, 0x40, 0x02)
    assert bench.part.get("inverted")
    assert not bench.part.pixel(0, 0)
    assert not bench.part.pixel(1, 1)
    assert bench.part.get("lit") == 128 * 64 - 2


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ((0xA5,), 128 * 64),
        ((0xA7,), 128 * 64 - 1),
        ((0xAE,), 0),
        ((0x8D, 0x10), 0),
        ((0xA8, 31), 0),
        ((0xA7, 0xA8, 31), 128 * 32),
    ],
)
def test_commands_decide_what_is_lit(bench, commands, expected):
    window(bench, 0, 0, 7, 7)
    bench.put(0x40, 0x80)
    for code in commands:
        bench.put(0x80, code)
    assert bench.part.get("lit") == expected


@pytest.mark.parametrize(
    ("commands", "pixel"),
    [
        ((), (5, 1)),
        ((0xC0,), (5, 62)),
        ((0x41,), (5, 0)),
        ((0xD3, 3), (5, 62)),
        ((0xD3, 61), (5, 4)),
    ],
)
def test_rows_are_moved_and_turned_at_once(bench, commands, pixel):
    window(bench, 5, 5, 0, 0)
    bench.put(0x40, 0x02)
    bench.put(0x00, *commands)
    assert lit(bench) == {pixel}


def test_columns_are_turned_for_what_is_written_later(bench):
    window(bench, 5, 5, 0, 0)
    bench.put(0x40, 0x02)
    bench.put(0x00, 0xA0)
    bench.put(0x40, 0x02)
    assert lit(bench) == {(5, 1), (122, 1)}


def test_fresh_display_holds_noise_and_shows_nothing():
    bench = Bench(Ssd1306)
    assert bench.part.get("lit") == 0
    bench.put(0x00, 0x8D, 0x14, 0xAF)
    assert 3_000 < bench.part.get("lit") < 5_000


def test_display_that_was_unplugged_has_to_be_set_up_again(bench):
    bench.part.fail("absent")
    bench.part.fail("absent", on=False)
    bench.put(0x40, 0xFF)
    assert (bench.part.get("on"), bench.part.get("lit")) == (False, 0)


def test_status_says_whether_it_is_off(bench):
    assert bench.bus.transfer(0x3C, [1]) == (0, [b"\x00"])
    bench.put(0x80, 0xAE)
    assert bench.bus.transfer(0x3C, [1]) == (0, [b"\x40"])


def test_broken_panel_shows_nothing(bench):
    bench.put(0x80, 0xA5)
    bench.part.fail("dark")
    assert bench.part.get("lit") == 0


def test_command_that_is_not_modelled_is_noted_once(bench):
    for _ in range(2):
        bench.put(0x00, 0x26, 0, 0, 0, 7, 0, 0xFF, 0x2F, 0xA7)
    assert bench.part.ignored == [0x26, 0x2F]
    assert bench.notes.count("part ignores command 26") == 1
    assert bench.part.get("inverted")


def test_picture_is_four_times_as_large(bench):
    window(bench, 1, 1, 0, 0)
    bench.put(0x40, 0x01)
    width, height, rows = read(bench.part.shot())
    assert (width, height) == (512, 256)
    colours = {rows[y][x * 3 : x * 3 + 3] for y in range(4) for x in range(4, 8)}
    assert colours == {bytes((178, 229, 255))}
    assert rows[4][4 * 3 : 5 * 3] == rows[0][3 * 3 : 4 * 3] == bytes((8, 8, 12))
    bench.put(0x00, 0x81, 0)
    assert read(bench.part.shot())[2][0][4 * 3 : 5 * 3] == bytes((67, 86, 96))


def test_small_display_has_32_rows():
    bench = ready(Bench(Ssd1306, height=32, address=0x3D))
    bench.put(0x00, 0xA8, 31)
    window(bench, 0, 0, 3, 3)
    bench.put(0x40, 0x80)
    assert lit(bench) == {(0, 31)}
    with pytest.raises(UsageError, match=r"no pixel \(0, 32\)"):
        bench.part.pixel(0, 32)


@pytest.mark.parametrize(
    ("options", "text"),
    [({"address": 0x3E}, "address 0x3e is not one of"), ({"height": 48}, "height must be 64 or 32")],
)
def test_wrong_option_is_refused(options, text):
    with pytest.raises(UsageError, match=text):
        Bench(Ssd1306, **options)


@pytest.mark.parametrize("height", [64, 32])
def test_adafruit_driver_draws_on_it(bare, height):
    """PyPI adafruit-circuitpython-ssd1306, on the node's own framebuf."""
    panel = Ssd1306(Site("oled", bare.machine.parts["pads"], {"scl": 22, "sda": 21}), height=height)
    install_circuitpython(bare.node, "adafruit-circuitpython-ssd1306")
    bare.run(
        "import circuitpython, busio\nfrom adafruit_ssd1306 import SSD1306_I2C\n"
        f"d = SSD1306_I2C(128, {height}, busio.I2C())\n"
        f"d.text('Hello, world', 3, 5, 1)\nd.rect(0, 0, 128, {height}, 1)\nd.show()"
    )
    assert read_text(panel, 3, 5) == "Hello, world"
    assert panel.pixel(127, height - 1)
    assert panel.ignored == []
    bare.run("d.contrast(16)\nd.invert(True)")
    assert (panel.get("contrast"), panel.get("inverted"), panel.pixel(0, 0)) == (16, True, False)
    bare.run("d.poweroff()")
    assert panel.get("lit") == 0
