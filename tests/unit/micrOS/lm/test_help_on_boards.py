"""All Load Modules answer ``help`` and ``pinmap`` on every board, with nothing wired, and leave the pins alone."""

from __future__ import annotations

import json

import pytest

from tests.unit.micrOS.lm.boards import NAMES, pin_map


def test_all_modules_of_the_readme_are_here():
    assert len(NAMES) >= 32


@pytest.mark.parametrize("board", ["esp32", "tinypico"])
def test_modules_tell_how_they_are_used(world, board):
    node = world.add_node("node01", board=board)
    shell, pins = world.shell(node), pin_map(board)
    for name in NAMES:
        lines = json.loads(shell(f"{name} help >json"))
        assert lines and all(isinstance(line, str) for line in lines), name
        if "pinmap" in lines:
            told = json.loads(shell(f"{name} pinmap >json"))
            assert told == {pin: pins.get(pin) for pin in told}, name
        booked = world.run_on(node, "import LogicalPins\nprint(LogicalPins.State.booked)")
        assert booked == "{}\n", name
        if name != "system":
            assert shell(f"system module 'LM_{name}'") == f"Module unload LM_{name} done."
    assert json.loads(shell("system alarms >json"))["result"] == {"OK alarm": 0}
