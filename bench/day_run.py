"""The measured process of ``day`` and ``year``: ``python -m bench.day_run KIND ENGINE HOURS`` prints figures as JSON.

One booted node acts by itself: cron with ten entries, in a ``day`` (a kind of run, however long) also the periodic
timer every second; a button is pressed every minute, in a ``year`` every hour. All of it calls a plain function of a
user's Load Module. Virtual time runs unpaced.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench import machines
from simulator.node import Node
from simulator.world import World

_PORT = 9008
_BOOT_LIMIT_S = 60.0
_IRQ1_GPIO = 4
_HOLD_US = 300_000
_US = 1_000_000
#: A count may be off by what happens while the node boots, or is just about to.
_MISSED = 3
#: What the user's module does: it counts, by the name of who calls.
BEAT = b"""
counts = {'cron': 0, 'timirq': 0, 'irq': 0}


def note(name):
    counts[name] += 1


def show():
    return counts
"""
_ENTRIES = ";".join(f"*:{2 * number}:30:0!beat note 'cron'" for number in range(10))


@dataclass(frozen=True)
class Kind:
    """What a node does.

    Attributes:
        config: its configuration.
        press_s: seconds between two presses of the button.
        timer_s: seconds between two events of the periodic timer; 0 for none.
    """

    config: Mapping[str, object]
    press_s: int
    timer_s: int


_COMMON = {"cron": True, "crontasks": _ENTRIES, "irq1": True, "irq1_cbf": "beat note 'irq'", "irq1_trig": "up"}
ACTIVE = {"timirq": True, "timirqseq": 1000, "timirqcbf": "beat note 'timirq'"}
KINDS = {
    "day": Kind({**_COMMON, **ACTIVE, "cronseq": 3000}, 60, 1),
    "year": Kind({**_COMMON, "cronseq": 60_000}, 3600, 0),
}


def start(world: World, engine: str, kind: Kind) -> Node:
    """A node that has booted and acts, and a hand that presses its button."""
    node = world.add_node("node01", config=kind.config, files={"/LM_beat.py": BEAT}, engine=engine)
    world.run_until(lambda: node.listening(_PORT), timeout_s=_BOOT_LIMIT_S)
    net = node.machine.parts["pads"].net(_IRQ1_GPIO)

    def press() -> None:
        net.drive(1)
        world.at(world.kernel.now + _HOLD_US, lambda: net.drive(0))
        world.at(world.kernel.now + kind.press_s * _US, press)

    press()
    world.run_for(1)
    return node


def counts(world: World, node: Node) -> dict[str, int]:
    """How often the node did what; asked through a session of its own."""
    shell = world.shell(node)
    found: dict[str, int] = json.loads(shell("beat show >json"))
    shell.close()
    world.run_for(1)
    return found


def run(kind: Kind, engine: str, hours: float) -> dict[str, Any]:
    """Let time pass and tell how fast it did.

    Returns:
        ``speed`` and ``cpu_speed``: virtual seconds per second, and per second of processor time of all processes;
        ``counts``: what the node did meanwhile.

    Raises:
        RuntimeError: the node restarted, or something did not happen as often as it should.
    """
    with World(seed=1) as world:
        node = start(world, engine, kind)
        before = counts(world, node)
        processes = machines.family(os.getpid())
        began_s, began_cpu_s, started = world.now_s, machines.cpu_s(processes), time.perf_counter()
        world.run_for(hours * 3600)
        wall_s = time.perf_counter() - started
        cpu_s = machines.cpu_s(processes) - began_cpu_s
        passed_s = world.now_s - began_s
        after = counts(world, node)
        done = {name: after[name] - before[name] for name in after}
        check(node, kind, done, passed_s)
    return {"speed": passed_s / wall_s, "cpu_speed": passed_s / max(cpu_s, 0.01), "counts": done}


def check(node: Node, kind: Kind, done: Mapping[str, int], seconds: float) -> None:
    """See that the node is in its first life and that nothing was missed.

    Raises:
        RuntimeError: it restarted, or something was.
    """
    if node.boots != 1:
        raise RuntimeError(f"{node.name} has restarted: {node.console.text()[-300:]}")
    expected = {
        "cron": seconds / 86_400 * 10,
        "irq": seconds / kind.press_s,
        "timirq": seconds / kind.timer_s if kind.timer_s else 0,
    }
    for name, count in expected.items():
        allowed = _MISSED + (10 if name == "cron" and seconds % 86_400 else 0)
        if abs(done[name] - count) > allowed:
            raise RuntimeError(f"{name}: {done[name]} times in {seconds:g} s, not {count:.0f}")


def main() -> None:
    """Measure and print."""
    kind, engine, hours = sys.argv[1:]
    print(json.dumps(run(KINDS[kind], engine, float(hours))))


if __name__ == "__main__":
    main()
