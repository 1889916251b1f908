"""The measured process of the bench ``vm``: ``python -m bench.vm_run HOURS`` prints figures as JSON.

One node on the engine ``micropython``, booted, with a Load Module of two periodic timers; virtual time runs unpaced.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from typing import Any

from bench import machines
from simulator.node import Node
from simulator.world import World

ENGINE = "micropython"
_PORT = 9008
_BOOT_LIMIT_S = 60.0
#: A callback may be late by the boot of its module's first call, not more.
_MISSED = 2
#: What the user's module does: a timer of 1 s and one of 3 s, counted.
BEAT = b"""
from machine import Timer

beats = [0, 0]


def _each(timer):
    beats[0] += 1


def _third(timer):
    beats[1] += 1


def go():
    Timer(2).init(period=1000, callback=_each)
    Timer(3).init(period=3000, callback=_third)
    return 'beating'


def show():
    return beats
"""
ASKED = ("beat show", "hello", "system heartbeat", "system clock", "system alarms", "nosuch", "help")


def start(world: World) -> Node:
    """A node with the module, listening, its timers running.

    Raises:
        RuntimeError: it did not start them.
    """
    node = world.add_node("node01", files={"/LM_beat.py": BEAT}, engine=ENGINE)
    world.run_until(lambda: node.listening(_PORT), timeout_s=_BOOT_LIMIT_S)
    reply = world.shell(node)("beat go")
    if reply.strip() != "beating":
        raise RuntimeError(f"beat go: {reply}")
    return node


def run(hours: float, seed: int = 1) -> dict[str, Any]:
    """Let time pass, and tell how fast it did and what came out.

    Returns:
        ``speed`` and ``cpu_speed``: virtual seconds per second, and per second of processor time of all processes;
        ``beats``: of both timers; ``digest``: of the trace, all that the node printed, and its replies at the end.

    Raises:
        RuntimeError: the node restarted, or a timer did not fire.
    """
    with World(seed=seed) as world:
        node = start(world)
        printed: list[str] = [node.console.text()]
        node.console.listeners.append(printed.append)
        processes = machines.family(os.getpid())
        began_s, began_cpu_s, started = world.now_s, machines.cpu_s(processes), time.perf_counter()
        world.run_for(hours * 3600)
        wall_s = time.perf_counter() - started
        cpu_s = machines.cpu_s(processes) - began_cpu_s
        passed_s = world.now_s - began_s
        shell = world.shell(node)
        replies = [shell(command) for command in ASKED]
        beats = json.loads(replies[0])
        check(node, beats, passed_s)
        identity = [world.trace.digest(), *printed, *replies]
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()
    return {"speed": passed_s / wall_s, "cpu_speed": passed_s / max(cpu_s, 0.01), "beats": beats, "digest": digest}


def check(node: Node, beats: list[int], seconds: float) -> None:
    """See that the node is in its first life and that no timer missed a beat.

    Raises:
        RuntimeError: it restarted, or one did.
    """
    if node.boots != 1:
        raise RuntimeError(f"{node.name} has restarted: {node.console.text()[-300:]}")
    for count, period_s in zip(beats, (1, 3), strict=True):
        if abs(count - seconds / period_s) > _MISSED + _BOOT_LIMIT_S / period_s * 0.1:
            raise RuntimeError(f"the timer of {period_s} s fired {count} times in {seconds:g} s")


def main() -> None:
    """Measure and print."""
    print(json.dumps(run(float(sys.argv[1]))))


if __name__ == "__main__":
    main()
