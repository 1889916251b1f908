"""``neoeffects`` draws frames on the string of ``neopixel``."""

from __future__ import annotations

import json
from typing import Any

import pytest

_DARK = (0, 0, 0)


@pytest.fixture
def node(world: Any) -> Any:
    return world.add_node("node01", wiring="neoeffects")


@pytest.fixture
def ring(node: Any) -> Any:
    return node.part("ring")


@pytest.fixture
def send(world: Any, shell: Any) -> Any:
    """Send a command; a moment later the pixels show it."""

    def send(command: str) -> str:
        reply = str(shell(command))
        world.run_for(0.001)
        return reply

    return send


def test_meteor_has_a_tail(ring: Any, send: Any) -> None:
    assert send("neoeffects meteor 100 50 0 ledcnt=4") == "Meteor R100:G50:B0 N:4"
    assert ring.get("pixels")[:5] == ((22, 11, 0), (45, 22, 0), (68, 34, 0), (90, 45, 0), _DARK)


def test_meteor_moves_when_it_is_told(ring: Any, send: Any) -> None:
    send("neoeffects meteor 100 50 0 ledcnt=4")
    send("neoeffects meteor 100 50 0")
    assert [pixel[0] for pixel in ring.get("pixels")[:4]] == [22, 45, 68, 90]
    for reds in ([90, 22, 45, 68], [68, 90, 22, 45], [45, 68, 90, 22], [22, 45, 68, 90]):
        send("neoeffects meteor 100 50 0 shift=True")
        assert [pixel[0] for pixel in ring.get("pixels")[:4]] == reds


def test_cycle_runs_round(ring: Any, send: Any) -> None:
    send("neopixel load_n_init ledcnt=5")
    for place in (1, 2, 3, 4, 0, 1):
        assert send("neoeffects cycle 100 55 5") == "Cycle: True"
        shown = ring.get("pixels")[:5]
        assert [shown[(place + i) % 5] for i in range(5)] == [(10, 6, 0), (100, 55, 5), (10, 6, 0), _DARK, _DARK]


def test_cycle_needs_three_pixels(ring: Any, send: Any) -> None:
    assert "cycle needs 3 pixels, there are 2" in send("neoeffects cycle 1 2 3 ledcnt=2")
    assert ring.get("lit") == 0


def test_rainbow_is_the_wheel_round_the_string(ring: Any, send: Any) -> None:
    assert send("neoeffects rainbow ledcnt=4") == "Rainbow: True"
    # places 0, 64, 128 and 192 of the wheel, one pixel further on
    assert ring.get("pixels")[:4] == ((66, 0, 189), (255, 0, 0), (63, 192, 0), (0, 126, 129))
    send("neoeffects rainbow")
    assert ring.get("pixels")[2] == (210, 45, 0)    # place 15


def test_rainbow_begins_anew_behind_the_end_of_the_wheel(ring: Any, send: Any) -> None:
    for k in range(3):
        send("neoeffects rainbow step=128 ledcnt=4")
        assert ring.get("pixels")[(k + 1) % 4] == ((255, 0, 0), (0, 126, 129), (255, 0, 0))[k]


def test_rainbow_has_its_brightness(ring: Any, send: Any) -> None:
    send("neoeffects rainbow br=50 ledcnt=4")
    assert ring.get("pixels")[:2] == ((33, 0, 94), (128, 0, 0))


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("meteor 256 0 0", "r: 256 is not in 0-255"),
        ("meteor 0 -1 0", "g: -1 is not in 0-255"),
        ("cycle 0 0 256", "b: 256 is not in 0-255"),
        ("rainbow step=0", "step: 0 is not in 1-255"),
        ("rainbow step=256", "step: 256 is not in 0-255"),
        ("rainbow br=101", "br: 101 is not in 0-100"),
        ("rainbow ledcnt=801", "ledcnt: 801 is not in 0-800"),
    ],
)
def test_argument_out_of_range_is_refused(ring: Any, send: Any, command: str, text: str) -> None:
    assert text in send(f"neoeffects {command}")
    assert ring.get("lit") == 0


def test_effects_leave_the_remembered_colour_and_the_flash(world: Any, node: Any, ring: Any, send: Any) -> None:
    """D-20: the last pixel of each frame was remembered, and written to the flash."""
    send("neopixel load_n_init ledcnt=8")
    send("neopixel neopixel 10 20 30 smooth=False")
    world.run_for(3)
    before = dict(node.flash.writes)
    for _ in range(10):
        send("neoeffects rainbow")
        world.run_for(3)
    assert json.loads(send("neopixel status >json")) == {"R": 10, "G": 20, "B": 30, "S": 1}
    assert node.flash.read("/neopixel.pds") == b"10,20,30,1"
    assert node.flash.writes == before
    send("neopixel neopixel 10 20 30 smooth=False")
    assert ring.get("pixels")[:8] == ((10, 20, 30),) * 8


def test_light_of_an_effect_can_be_switched_off(ring: Any, send: Any) -> None:
    send("neoeffects rainbow ledcnt=8")
    assert json.loads(send("neopixel status >json")) == {"R": 100, "G": 100, "B": 100, "S": 1}
    send("neopixel toggle False")
    assert ring.get("lit") == 0


def test_effect_runs_by_the_timer(world: Any) -> None:
    config = {"timirq": True, "timirqseq": 100, "timirqcbf": "neoeffects rainbow", "boothook": "neopixel load_n_init"}
    node = world.add_node("node02", wiring="neoeffects", config=config)
    shell = world.shell(node)
    world.run_for(2)
    first = node.part("ring").get("frames")
    world.run_for(5)
    assert node.part("ring").get("frames") - first == pytest.approx(50, abs=1)
    assert node.part("ring").get("lit") == 24
    assert shell("system heartbeat") == "<3 heartbeat <3"


def test_effect_runs_as_a_job_until_it_is_stopped(world: Any, ring: Any, shell: Any) -> None:
    shell("neoeffects cycle 10 20 30 &&")
    world.run_for(1)
    assert ring.get("frames") > 10
    shell("bgjob stop")
    world.run_for(0.5)
    frames = ring.get("frames")
    world.run_for(1)
    assert ring.get("frames") == frames


def test_replaced_neopixel_is_drawn_on_at_once(ring: Any, send: Any) -> None:
    send("neoeffects meteor 100 100 100 ledcnt=4")
    send("system module unload='LM_neopixel'")
    send("neopixel load_n_init ledcnt=6")
    assert send("neoeffects meteor 100 100 100").endswith("N:6")
    send("neopixel toggle False")
    assert ring.get("lit") == 0


def test_it_needs_neopixel(node: Any, send: Any) -> None:
    assert send("neoeffects lmdep") == "neopixel"
    for name in ("neoeffects", "neopixel"):
        send(f"system module unload='LM_{name}'")
    for ending in ("py", "mpy"):
        if node.flash.exists(f"/modules/LM_neopixel.{ending}"):
            node.flash.remove(f"/modules/LM_neopixel.{ending}")
    assert "no module named 'LM_neopixel'" in send("neoeffects rainbow")


def test_help_has_its_lines(send: Any) -> None:
    assert json.loads(send("neoeffects help >json")) == [
        "meteor r=<0-255> g=<0-255> b=<0-255> shift=False ledcnt=24",
        "cycle r g b ledcnt=24",
        "rainbow step=15 br=<5-100> ledcnt=24",
    ]
