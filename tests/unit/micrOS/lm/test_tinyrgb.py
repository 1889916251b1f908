"""``tinyrgb`` drives the TinyPICO's own LED."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def node(world: Any) -> Any:
    return world.add_node("pico", board="tinypico", wiring="tinyrgb")


@pytest.fixture
def shell(world: Any, node: Any) -> Any:
    return world.shell(node)


@pytest.fixture
def led(node: Any) -> Any:
    return node.part("led")


@pytest.mark.parametrize(
    ("command", "reply", "pixel"),
    [
        ("10 20 30", "RGB: [(10, 20, 30)] (50.0%)", (10, 20, 30, 16)),
        ("r=255 g=0 b=1 br=1", "RGB: [(255, 0, 1)] (100.0%)", (255, 0, 1, 31)),
        ("1 2 3 0.3", "RGB: [(1, 2, 3)] (30.0%)", (1, 2, 3, 10)),
        ("1 2 3 br=0", "RGB: [(1, 2, 3)] (0.0%)", (1, 2, 3, 0)),
    ],
)
def test_colour_is_shown_with_its_brightness(
    led: Any, shell: Any, command: str, reply: str, pixel: tuple[int, ...]
) -> None:
    """Brightness counts once: with 1 the LED is fully on."""
    assert shell(f"tinyrgb setrgb {command}") == reply
    assert led.get("powered") is True
    assert led.get("pixels") == (pixel,)


def test_what_is_not_given_stays(led: Any, shell: Any) -> None:
    shell("tinyrgb setrgb 10 20 30 br=1")
    assert shell("tinyrgb setrgb g=99") == "RGB: [(10, 99, 30)] (100.0%)"
    assert led.get("pixels") == ((10, 99, 30, 31),)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("setrgb 256", "r: 256 is not in 0-255"),
        ("setrgb 1 -1", "g: -1 is not in 0-255"),
        ("setrgb b='a'", "b: a is not in 0-255"),
        ("setrgb br=1.5", "br: 1.5 is not in 0-1"),
        ("setrgb br='a'", "br: a is not in 0-1"),
        ("wheel br=-1", "br: -1 is not in 0-1"),
    ],
)
def test_argument_out_of_range_is_refused(led: Any, shell: Any, command: str, text: str) -> None:
    shell("tinyrgb setrgb 10 20 30")
    assert text in shell(f"tinyrgb {command}")
    assert led.get("pixels") == ((10, 20, 30, 16),)
    assert shell("tinyrgb getstate") == "((10, 20, 30), [1, 0.5])"


def test_toggle_means_what_it_is_told(led: Any, shell: Any) -> None:
    """D-21: True switched off."""
    shell("tinyrgb setrgb 10 20 30")
    steps = [("False", "Turn OFF"), ("True", "Turn ON"), ("True", "Turn ON"), ("0", "Turn OFF"), ("1", "Turn ON")]
    for state, reply in [*steps, ("", "Turn OFF"), ("", "Turn ON")]:
        assert shell(f"tinyrgb toggle {state}") == reply
        assert led.get("pixels") == ((10, 20, 30, 16) if reply == "Turn ON" else (0, 0, 0, 0),)


def test_first_toggle_switches_off(led: Any, shell: Any) -> None:
    assert shell("tinyrgb toggle") == "Turn OFF"
    assert led.get("rgb") == (0, 0, 0)
    assert shell("tinyrgb toggle") == "Turn ON"
    assert led.get("pixels") == ((100, 100, 100, 16),)


def test_state_is_data(shell: Any) -> None:
    """D-22: it was the driver's object."""
    assert shell("tinyrgb getstate") == "(None, [1, 0.5])"
    shell("tinyrgb setrgb 10 20 30 br=0.25")
    assert shell("tinyrgb getstate") == "((10, 20, 30), [1, 0.25])"
    shell("tinyrgb toggle")
    assert json.loads(shell("tinyrgb getstate >json")) == [[10, 20, 30], [0, 0.25]]


def test_wheel_goes_on_by_three_of_255(led: Any, shell: Any) -> None:
    replies = [shell("tinyrgb wheel") for _ in range(30)]
    assert replies[:2] == ["RGB: 255:0:0 (50.0%)", "RGB: 246:0:9 (50.0%)"]
    assert replies[29] == "RGB: 0:6:249 (50.0%)"
    assert led.get("pixels") == ((0, 6, 249, 16),)


def test_wheel_has_a_brightness_of_its_own(led: Any, shell: Any) -> None:
    assert shell("tinyrgb wheel br=1") == "RGB: 255:0:0 (50.0%)"
    assert led.get("pixels") == ((255, 0, 0, 31),)
    shell("tinyrgb wheel")
    assert led.get("pixels")[0][3] == 16


def test_wheel_begins_anew_after_501(node: Any, shell: Any) -> None:
    far = b"import LM_tinyrgb\nasync def go(count):\n    for _ in range(count):\n        await LM_tinyrgb.wheel()\n"
    node.install({"/LM_far.py": far})
    shell("far go 501")
    assert shell("tinyrgb wheel") == "RGB: 174:81:0 (50.0%)"     # 1503 modulo 255 is 228
    assert shell("tinyrgb wheel") == "RGB: 255:0:0 (50.0%)"


def test_progress_led_leaves_it_alone(world: Any, node: Any, led: Any, shell: Any) -> None:
    shell("tinyrgb setrgb 10 20 30")
    frames = led.get("frames")
    world.run_on(node, "from Debug import console_write\nfor _ in range(5): console_write('x')")
    assert led.get("frames") == frames
    shell("system module unload='LM_tinyrgb'")
    world.run_on(node, "from Debug import console_write\nfor _ in range(5): console_write('x')")
    assert led.get("frames") > frames


def test_pin_of_another_is_refused(node: Any, shell: Any) -> None:
    node.install({"/LM_mine.py": b"import LogicalPins\ndef take():\n    return LogicalPins.bind(2, 'mine')\n"})
    shell("mine take")
    assert "pin 2 (2) is in use by mine" in shell("tinyrgb setrgb 1 2 3")


def test_lamp_without_supply_is_no_error(led: Any, shell: Any) -> None:
    """Nothing comes back from the LED: the node cannot know."""
    led.fail("no_supply")
    assert shell("tinyrgb setrgb 10 20 30") == "RGB: [(10, 20, 30)] (50.0%)"
    assert led.get("rgb") == (0, 0, 0)


def test_led_is_let_go(shell: Any) -> None:
    shell("tinyrgb setrgb 10 20 30")
    assert shell("tinyrgb deinit") == "None"
    assert shell("genIO get_in 2").startswith(" pin: 2")
    assert shell("genIO deinit") == "None"
    assert shell("tinyrgb setrgb 1 2 3") == "RGB: [(1, 2, 3)] (50.0%)"


def test_other_board_answers_help_and_refuses_the_rest(world: Any) -> None:
    shell = world.shell(world.add_node("node02"))
    assert json.loads(shell("tinyrgb help >json")) == [
        "setrgb r=<0-232> g=<0-232> b=<0-232> br=<0-1>",
        "getstate",
        "toggle",
        "wheel",
        "NOTE: Available on tinyPICO, used by progressLED",
    ]
    assert shell("tinyrgb getstate") == "(None, [1, 0.5])"
    for command in ("setrgb 1 2 3", "toggle", "wheel"):
        assert "no module named 'tinypico'" in shell(f"tinyrgb {command}")
