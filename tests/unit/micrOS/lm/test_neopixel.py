"""``neopixel`` drives a string of WS2812. What it shares with other lamps is in test_lamp.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.ws2812 import Ws2812

_DARK = (0, 0, 0)


@pytest.fixture
def node(world: Any) -> Any:
    return world.add_node("node01", wiring="neopixel")


@pytest.fixture
def strip(node: Any) -> Any:
    return node.part("strip")


@pytest.fixture
def send(world: Any, shell: Any) -> Any:
    """Send a command; a moment later the pixels show it."""

    def send(command: str) -> str:
        reply = str(shell("neopixel " + command))
        world.run_for(0.001)
        return reply

    return send


def test_first_who_uses_it_counts_the_pixels(strip: Any, send: Any) -> None:
    assert send("load_n_init ledcnt=4") == "CACHE: True, LED CNT: 4"
    assert send("load_n_init cache=False ledcnt=9") == "CACHE: False, LED CNT: 4"
    send("neopixel 10 20 30 smooth=False")
    assert strip.get("pixels") == ((10, 20, 30),) * 4 + (_DARK,) * 20


def test_there_are_24_pixels_unless_told(strip: Any, send: Any) -> None:
    send("neopixel 10 20 30 smooth=False")
    assert strip.get("lit") == 24
    assert send("load_n_init") == "CACHE: True, LED CNT: 24"


@pytest.mark.parametrize("count", ["0", "-1", "801", "'a'"])
def test_impossible_count_is_refused(send: Any, count: str) -> None:
    assert "ledcnt: " in send(f"load_n_init ledcnt={count}")
    assert send("load_n_init ledcnt=4") == "CACHE: True, LED CNT: 4"


def test_boot_clears_what_the_pixels_still_show(world: Any, node: Any, strip: Any, send: Any) -> None:
    """D-18: they have a supply of their own, and showed the light of before."""
    send("load_n_init")
    send("neopixel 10 20 30 smooth=False")
    send("toggle smooth=False")
    send("segment 9 9 9 5")
    world.run_for(3)
    node.reset()
    shell = world.shell(node)
    assert strip.get("lit") == 1
    shell("neopixel load_n_init")
    world.run_for(0.001)
    assert strip.get("lit") == 0


def test_fade_has_151_frames(strip: Any, send: Any) -> None:
    send("load_n_init")
    before = strip.get("frames")
    send("neopixel 255 255 255")
    assert strip.get("frames") - before == 151


def test_longest_string_keeps_the_loop_free(world: Any, node: Any, shell: Any) -> None:
    Ws2812(Site("long", node.machine.parts["pads"], {"din": 15}), count=800)
    shell("neopixel load_n_init ledcnt=800")
    other = world.shell(node)
    shell._connection.send(b"neopixel neopixel 200 100 50\n")
    world.run_for(0.5)
    waits = []
    for _ in range(5):
        start = world.now_s
        other("system heartbeat")
        waits.append(world.now_s - start)
    assert max(waits) < 0.15    # a frame, what the reply takes, and a frame


def test_segment_gives_one_pixel_a_colour(strip: Any, send: Any) -> None:
    send("load_n_init ledcnt=4")
    assert json.loads(send("segment 1 2 3 >json")) == {"R": 100, "G": 100, "B": 100, "S": 0}
    assert strip.get("pixels")[:5] == ((1, 2, 3), _DARK, _DARK, _DARK, _DARK)
    send("segment r=4 g=5 b=6 s=3")
    assert strip.get("pixels")[:5] == ((1, 2, 3), _DARK, _DARK, (4, 5, 6), _DARK)


def test_segment_without_write_waits_for_the_next(strip: Any, send: Any) -> None:
    send("load_n_init ledcnt=4")
    send("segment 1 2 3 0 write=False")
    assert strip.get("lit") == 0
    send("segment 1 2 3 1")
    assert strip.get("lit") == 2


def test_segment_takes_the_remembered_colour_for_none(strip: Any, send: Any) -> None:
    send("neopixel 10 20 30 smooth=False")
    send("segment r=99 s=2")
    assert strip.get("pixels")[1:4] == ((10, 20, 30), (99, 20, 30), (10, 20, 30))


def test_segment_with_cache_is_remembered(world: Any, node: Any, strip: Any, send: Any) -> None:
    send("load_n_init ledcnt=4")
    assert json.loads(send("segment 1 2 3 0 cache=True >json")) == {"R": 1, "G": 2, "B": 3, "S": 1}
    assert json.loads(send("segment 0 0 0 1 cache=True >json")) == {"R": 1, "G": 2, "B": 3, "S": 1}
    world.run_for(3)
    assert node.flash.read("/neopixel.pds") == b"1,2,3,1"
    assert strip.get("lit") == 1


@pytest.mark.parametrize(("place", "reply"), [
    ("3", None),
    ("4", "NEOPIXEL index error: 4 > 4"),
    ("5", "NEOPIXEL index error: 5 > 4"),
    ("-1", "s: -1 is not in 0-3"),
    ("'a'", "s: a is not in 0-3"),
])
def test_segment_behind_the_end_is_refused(strip: Any, send: Any, place: str, reply: str | None) -> None:
    """D-19: the first place behind the end raised an index error."""
    send("load_n_init ledcnt=4")
    said = send(f"segment 1 2 3 {place}")
    assert reply is None or reply in said
    assert strip.get("lit") == (reply is None)


def test_segment_value_out_of_range_is_refused(strip: Any, send: Any) -> None:
    assert "g: 256 is not in 0-255" in send("segment 1 256 3")
    assert strip.get("lit") == 0


def test_transition_has_its_replies(send: Any) -> None:
    """D-13: the label of green was R."""
    send("neopixel 90 0 0 smooth=False")
    assert send("set_transition 0 30 0 3") == "Settings was applied... wait for: run_transition"
    assert [send("run_transition") for _ in range(6)] == [
        "Run R90G0B0",
        "Run R60G10B0",
        "Run R30G20B0",
        "Run R0G30B0",
        "GenEnd.",
        "Nothing to run.",
    ]
    send("set_transition 255 0 0 3")
    send("toggle False")
    assert send("run_transition") == "Run deactivated"


def test_cut_data_line_is_no_error(strip: Any, send: Any) -> None:
    """Nothing comes back from a string of pixels: the node cannot know."""
    strip.fail("data_open")
    assert json.loads(send("neopixel 1 2 3 smooth=False >json"))["S"] == 1
    assert strip.get("lit") == 0
    strip.fail("data_open", on=False)
    send("neopixel 1 2 3 smooth=False")
    assert strip.get("lit") == 24


def test_pins_are_told(send: Any) -> None:
    assert json.loads(send("pinmap >json")) == {"neop": 15}


def test_pin_is_shared_with_rgb_by_refusal(node: Any, send: Any, shell: Any) -> None:
    """D-07: GPIO 15 is `neop` and `rgbue`; who is refused keeps none of its other pins."""
    node.install({"/LM_mine.py": b"import LogicalPins\ndef take():\n    return LogicalPins.bind('redgb', 'mine')\n"})
    send("load_n_init")
    assert "pin 15 (rgbue) is in use by neopixel" in shell("rgb load_n_init")
    assert shell("mine take") == "14"
    shell("system module unload='LM_mine'")
    shell("system module unload='LM_neopixel'")
    assert shell("rgb load_n_init") == "CACHE: True"
    assert "pin 15 (neop) is in use by rgb" in send("load_n_init")


def test_help_has_its_lines(send: Any) -> None:
    assert json.loads(send("help >json")) == [
        "neopixel r=<0-255> g b smooth=True force=True",
        "toggle state=None smooth=True",
        "load_n_init ledcnt=24",
        "brightness percent=<0-100> smooth=True",
        "segment r, g, b, s=<0-n>",
        "set_transition r=<0-255> g b sec",
        "run_transition",
        "status",
        "pinmap",
    ]


def test_pixels_can_be_counted_anew_after_deinit(send: Any) -> None:
    send("load_n_init ledcnt=4")
    assert send("deinit") == "None"
    assert send("load_n_init ledcnt=8") == "CACHE: True, LED CNT: 8"


def test_deinit_gives_the_pin_back(shell: Any, send: Any) -> None:
    send("load_n_init ledcnt=4")
    assert "in use by neopixel" in shell("rgb toggle True False")
    send("deinit")
    assert "in use" not in shell("rgb toggle True False")
