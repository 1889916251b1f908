"""Scenarios, and how one is run on an engine.

Example::

    def blink(world, node, recorder):
        recorder.watch_pins(2)
        recorder.talk().ask("lamp on")

    record = run(Scenario("blink", blink, files={"/modules/LM_lamp.py": LAMP}), "micropython")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.node import Node
from simulator.parity.record import Record, Recorder
from simulator.world import World

#: What the console says when the firmware is up.
UP = "is up, network mode"

#: So that the node does not ask for the time where a millisecond decides which second it is told.
_BEFORE_S = 0.4


@dataclass(frozen=True)
class Scenario:
    """Something that is done to one node.

    Attributes:
        name: unique.
        play: function(world, node, recorder); the node has started.
        config: keys of its configuration that differ from the defaults.
        files: further files on its flash, path -> source.
        start: what its console says when it has started.
        prepare: function(world, node, recorder), called before it has power.
        firmware: False for a bare board.
        wiring: what hangs on its pins, see :meth:`simulator.world.World.add_node`; None for nothing.
        board: which kind.
        is_quick: part of what runs on every change.
    """

    name: str
    play: Callable[[World, Node, Recorder], None]
    config: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    start: str = UP
    prepare: Callable[[World, Node, Recorder], None] = lambda world, node, recorder: None
    firmware: bool = True
    wiring: str | None = None
    board: str = "esp32"
    is_quick: bool = False


def run(scenario: Scenario, engine: str) -> Record:
    """Play a scenario on a new node in a new world."""
    with World(seed=1, engine=engine) as world:
        node = world.add_node(
            "node01",
            board=scenario.board,
            wiring=scenario.wiring,
            config=scenario.config,
            files={path: text.encode() for path, text in scenario.files.items()},
            firmware=scenario.firmware,
            power=False,
        )
        world.run_for(_BEFORE_S)
        recorder = Recorder(world, node)
        scenario.prepare(world, node, recorder)
        node.power_on()
        recorder.align(scenario.start)
        scenario.play(world, node, recorder)
        if node.powered:
            recorder.files()
        return recorder.record(scenario.name)
