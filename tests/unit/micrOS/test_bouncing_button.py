"""An event input with a button that bounces: one press is one event."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.inputs import Button

_COUNT = b"count = 0\n\n\ndef note():\n    global count\n    count += 1\n\n\ndef show():\n    return count\n"
_IRQ1_GPIO = 4


@pytest.mark.parametrize(
    ("to", "pull", "trigger", "events"),
    [("supply", "down", "up", 5), ("ground", "up", "down", 5), ("supply", "down", "both", 10)],
)
@pytest.mark.parametrize("hold_s", [0.002, 0.1, 1.0])
def test_press_runs_the_callback_once(world: Any, to: str, pull: str, trigger: str, events: int, hold_s: float) -> None:
    """Twenty edges in 5 ms when it closes, and as many when it opens."""
    config = {"irq1": True, "irq1_cbf": "t note", "irq1_trig": trigger, "irq1_pull": pull}
    node = world.add_node("node01", config=config, files={"/LM_t.py": _COUNT})
    button = Button(Site("button", node.machine.parts["pads"], {"out": _IRQ1_GPIO}), to=to, bounces=20, bounce_ms=5)
    shell = world.shell(node)
    assert shell("t show") == "0"
    for _ in range(5):
        button.press(hold_s)
        world.run_for(hold_s + 1)
    if hold_s > 0.01 or trigger != "both":
        assert shell("t show") == str(events)
    else:
        assert 5 <= int(shell("t show")) <= 10
    assert shell("system alarms").endswith(" OK alarm: 0")
