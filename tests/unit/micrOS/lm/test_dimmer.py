"""``dimmer`` drives one lamp."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def node(world: Any) -> Any:
    return world.add_node("node01", wiring="dimmer")


@pytest.fixture
def lamp(node: Any) -> Any:
    return node.part("lamp")


def _state(reply: str) -> tuple[int, int]:
    """Value and state of a JSON reply."""
    told = json.loads(reply)
    assert set(told) == {"X", "S"}
    return told["X"], told["S"]


@pytest.mark.parametrize(
    ("value", "state", "light_pct"),
    [("300", (300, 1), 30), ("1000", (1000, 1), 100), ("value=500.9", (500, 1), 50), ("'250'", (250, 1), 25)],
)
def test_value_is_shown_at_once(lamp: Any, shell: Any, value: str, state: tuple[int, int], light_pct: float) -> None:
    assert _state(shell(f"dimmer set_value {value} >json")) == state
    assert lamp.get("light_pct") == pytest.approx(light_pct, abs=0.1)
    assert lamp.get("power_w") == pytest.approx(12 * light_pct / 100, abs=0.02)


def test_full_scale_is_fully_on(lamp: Any, shell: Any) -> None:
    shell("dimmer set_value 1000")
    assert lamp.get("light_pct") == 100


@pytest.mark.parametrize("value", ["1001", "-1", "5000"])
def test_value_out_of_range_has_its_reply(lamp: Any, shell: Any, value: str) -> None:
    shell("dimmer set_value 300")
    assert shell(f"dimmer set_value {value}") == f"DIMMER ERROR, VALUE 0-1000 ONLY, GIVEN: {value}"
    assert lamp.get("light_pct") == pytest.approx(30, abs=0.1)


def test_value_that_is_no_number_is_refused(shell: Any) -> None:
    assert shell("dimmer set_value 'x'").startswith("exec_lm_core LM_dimmer->set_value: invalid")


def test_zero_switches_off_and_keeps_the_value(lamp: Any, shell: Any) -> None:
    shell("dimmer set_value 300")
    assert _state(shell("dimmer set_value 0 >json")) == (300, 0)
    assert lamp.get("light_pct") == 0
    assert _state(shell("dimmer set_value >json")) == (300, 1)
    assert lamp.get("light_pct") == pytest.approx(30, abs=0.1)


def test_toggle_goes_over_or_where_it_is_told(lamp: Any, shell: Any) -> None:
    shell("dimmer set_value 1000")
    for state, is_on in (("", 0), ("", 1), ("True", 1), ("False", 0), ("state=0", 0), ("1", 1)):
        assert _state(shell(f"dimmer toggle {state} >json")) == (1000, is_on)
        assert lamp.get("light_pct") == 100 * is_on


def test_toggle_writes_the_output_in_any_case(node: Any, lamp: Any, shell: Any) -> None:
    shell("dimmer set_value 1000")
    node.install({"/LM_hand.py": b"from machine import PWM, Pin\ndef down():\n    PWM(Pin(33)).duty_u16(0)\n"})
    shell("hand down")
    assert lamp.get("light_pct") == 0
    shell("dimmer toggle True")
    assert lamp.get("light_pct") == 100


@pytest.mark.parametrize("command", ["set_value 1000 smooth=True", "toggle smooth=True"])
def test_smooth_takes_its_time(world: Any, lamp: Any, shell: Any, command: str) -> None:
    shell("dimmer set_value 1000")
    shell("dimmer set_value 0")
    start = world.now_s
    shell(f"dimmer {command}")
    assert world.now_s - start > 0.29
    assert lamp.get("light_pct") > 49


def test_transition_has_its_replies(lamp: Any, shell: Any) -> None:
    shell("dimmer set_value 900")
    assert shell("dimmer set_transition 0 3") == "Settings was applied... wait for: run_transition"
    replies = [shell("dimmer run_transition") for _ in range(6)]
    assert replies == [
        "Transition X900",
        "Transition X600",
        "Transition X300",
        "Transition X0",
        "Transition done",
        "Nothing to run.",
    ]
    assert (lamp.get("light_pct"), _state(shell("dimmer status >json"))) == (0, (900, 0))
    shell("dimmer set_transition value=100 sec=5")
    shell("dimmer toggle False")
    assert shell("dimmer run_transition") == "Transition deactivated"


def test_state_file_begins_with_the_state(world: Any, node: Any, shell: Any) -> None:
    assert shell("dimmer load_n_init") == "CACHE: True"
    assert _state(shell("dimmer status >json")) == (500, 0)
    shell("dimmer set_value 300")
    world.run_for(3)
    assert node.flash.read("/dimmer.pds") == b"1,300"


@pytest.mark.parametrize(
    ("text", "state", "light_pct"), [(b"1,300", (300, 1), 30), (b"0,700", (700, 0), 0), (b"300,1", (500, 0), 0)]
)
def test_state_is_restored(
    node: Any, lamp: Any, shell: Any, text: bytes, state: tuple[int, int], light_pct: int
) -> None:
    node.flash.write("/dimmer.pds", text)
    shell("dimmer load_n_init")
    assert _state(shell("dimmer status >json")) == state
    assert lamp.get("light_pct") == pytest.approx(light_pct, abs=0.1)


def test_state_is_not_used_without_cache(node: Any, lamp: Any, shell: Any) -> None:
    node.flash.write("/dimmer.pds", b"1,300")
    assert shell("dimmer load_n_init cache=False") == "CACHE: False"
    assert lamp.get("light_pct") == 0


def test_pin_of_another_is_refused(node: Any, shell: Any) -> None:
    node.install({"/LM_mine.py": b"import LogicalPins\ndef take():\n    return LogicalPins.bind('dim_1', 'mine')\n"})
    shell("mine take")
    assert "pin 33 (dim_1) is in use by mine" in shell("dimmer set_value 1")


def test_lamp_starts_without_a_flash(lamp: Any, shell: Any) -> None:
    """D-09."""
    shell("dimmer load_n_init")
    assert lamp.get("most_pct") == 0


def test_pins_are_told(shell: Any) -> None:
    assert json.loads(shell("dimmer pinmap >json")) == {"dim_1": 33}


def test_help_has_its_lines(shell: Any) -> None:
    assert json.loads(shell("dimmer help >json")) == [
        "set_value value=<0-1000> smooth=False",
        "toggle state=None smooth=False",
        "load_n_init",
        "set_transition value=<0-1000> sec",
        "run_transition",
        "status",
        "pinmap",
    ]


def test_output_is_let_go(lamp: Any, shell: Any) -> None:
    shell("dimmer set_value 1000")
    shell("dimmer deinit")
    assert lamp.get("light_pct") == 0
