"""``cct`` drives a white strip of two colours. What it shares with other lamps is in test_lamp.py."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def node(world: Any) -> Any:
    return world.add_node("node01", wiring="cct")


def test_cold_and_warm_have_their_channels(node: Any, shell: Any) -> None:
    strip = node.part("strip")
    assert shell("cct load_n_init") == "CACHE: True"
    shell("cct white c=1000 w=0 smooth=False")
    assert (strip.get("cold_pct"), strip.get("warm_pct"), strip.get("colour_k")) == (100, 0, 6500)
    shell("cct white 0 1000 smooth=False")
    assert (strip.get("cold_pct"), strip.get("warm_pct"), strip.get("colour_k")) == (0, 100, 2700)
    assert strip.get("freq_hz") == pytest.approx(20480, rel=0.01)


def test_state_is_what_was_asked_for(shell: Any) -> None:
    """D-16: it was read back from the output, which has other steps."""
    for value in (1, 3, 333, 501, 999):
        assert json.loads(shell(f"cct white {value} {1000 - value} smooth=False >json")) == {
            "CW": value,
            "WW": 1000 - value,
            "S": 1,
        }


def test_transition_has_its_replies(shell: Any) -> None:
    shell("cct white 0 600 smooth=False")
    assert shell("cct set_transition cw=300 ww=0 sec=3") == "Settings was applied... wait for: run_transition"
    assert [shell("cct run_transition") for _ in range(6)] == [
        "SET : CW0 WW600",
        "SET : CW100 WW400",
        "SET : CW200 WW200",
        "SET : CW300 WW0",
        "GenEnd.",
        "Nothing to run.",
    ]


def test_transition_of_a_lamp_that_is_off_has_its_reply(shell: Any) -> None:
    shell("cct set_transition 1000 0 3")
    shell("cct toggle False False")
    assert shell("cct run_transition") == "Run deactivated"


def test_wrong_goal_is_told_by_its_argument(shell: Any) -> None:
    assert "ww: 1001 is not in 0-1000" in shell("cct set_transition 0 1001 3")


def test_lamp_starts_without_a_flash(node: Any, shell: Any) -> None:
    """D-09."""
    shell("cct load_n_init")
    assert node.part("strip").get("most_pct") == 0


def test_pins_are_told(shell: Any) -> None:
    assert json.loads(shell("cct pinmap >json")) == {"cwhite": 26, "wwhite": 27}


def test_help_has_its_lines(shell: Any) -> None:
    assert json.loads(shell("cct help >json")) == [
        "white c=<0-1000> w=<0-1000> smooth=True force=True",
        "toggle state=None smooth=True",
        "load_n_init",
        "brightness percent=<0-100> smooth=True",
        "set_transition cw=<0-1000> ww=<0-1000> sec",
        "run_transition",
        "status",
        "pinmap",
    ]


def test_outputs_are_let_go(node: Any, shell: Any) -> None:
    shell("cct white 1000 1000 smooth=False")
    shell("cct deinit")
    assert node.part("strip").get("light_pct") == 0
