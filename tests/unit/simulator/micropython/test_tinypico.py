"""tinypico and dotstar on a TinyPICO, and their absence elsewhere."""

import pytest

from simulator.errors import NodeError


@pytest.fixture
def tiny(world):
    """A TinyPICO without firmware: call it with source to get what it prints."""
    node = world.add_node("tiny", board="tinypico", firmware=False)
    world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)

    def run(source):
        return world.run_on(node, source)

    run.pads = node.machine.parts["pads"]
    return run


LED = (
    "import tinypico, dotstar\nfrom machine import Pin, SoftSPI\n"
    "s = SoftSPI(sck=Pin(tinypico.DOTSTAR_CLK), mosi=Pin(tinypico.DOTSTAR_DATA), miso=Pin(tinypico.SPI_MISO))\n"
    "d = dotstar.DotStar(s, 1, brightness=0.5)\n"
)


@pytest.mark.parametrize("name", ["tinypico", "dotstar"])
def test_other_boards_lack_the_modules(bare, name):
    with pytest.raises(NodeError, match="ImportError"):
        bare.run(f"import {name}")


def test_pixel_frame_is_that_of_the_specification(tiny):
    seen = []
    tiny.pads.spi_bus(12, 2, 19).sent.append(seen.append)
    assert tiny(LED + "d[0] = (10, 20, 30, 0.5)\nprint(d[0], d, len(d))") == "(10, 20, 30) [(10, 20, 30)] 1\n"
    assert seen == [bytes.fromhex("00000000f00f0a05ff")]


def test_integer_colour_and_full_brightness(tiny):
    seen = []
    tiny.pads.spi_bus(12, 2, 19).sent.append(seen.append)
    tiny(LED + "d.brightness = 5\nd[0] = 0x010203\nd.fill((7, 8, 9))\nd.deinit()")
    assert [frame[4:8].hex() for frame in seen] == ["ff000000", "ff030201", "ff090807", "ff000000"]


def test_without_auto_write_only_show_sends(tiny):
    seen = []
    tiny.pads.spi_bus(12, 2, 19).sent.append(seen.append)
    tiny(LED + "e = dotstar.DotStar(s, 17, auto_write=False)\ne[0:2] = [(1, 1, 1), (2, 2, 2)]\n")
    assert not seen
    tiny("e.show()")
    assert (len(seen[0]), seen[0][-2:]) == (4 + 17 * 4 + 2, b"\xff\xff")


def test_wrong_pixels_are_refused(tiny):
    for use, error in (
        ("d[1]", "IndexError"),
        ("d[0:1] = [1, 2]", "ValueError: Slice and input"),
        ("d[0] = (1, 2)", "IndexError"),
    ):
        with pytest.raises(NodeError, match=error):
            tiny(LED + use)


def test_dotstar_power_is_low_for_on(tiny):
    tiny.pads.net(13).driver("transistor pull-up").drive(1, strength=1)
    tiny("import tinypico\ntinypico.set_dotstar_power(True)")
    assert tiny.pads.net(13).level() == 0
    tiny("tinypico.set_dotstar_power(False)")
    assert tiny.pads.net(13).level() == 1


@pytest.mark.parametrize(
    ("place", "colour"),
    [(0, "(255, 0, 0)"), (84, "(3, 0, 252)"), (85, "(0, 0, 255)"), (170, "(0, 255, 0)"), (255, "(255, 0, 0)")],
)
def test_colour_wheel(tiny, place, colour):
    assert tiny(f"import tinypico\nprint(tinypico.dotstar_color_wheel({place}))") == colour + "\n"


def test_battery(tiny):
    tiny.pads.net(34).drive(1)
    tiny.pads.net(35).set_volts(3.3)
    assert (
        tiny("import tinypico\nprint(tinypico.get_battery_voltage(), tinypico.get_battery_charging())") == "3.7 False\n"
    )
    tiny.pads.net(34).drive(0)
    assert tiny("print(tinypico.get_battery_charging())") == "True\n"
