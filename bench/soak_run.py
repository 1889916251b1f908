"""The measured process of the bench ``soak``: ``python -m bench.soak_run LINES`` prints what it saw as JSON."""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from bench.rss import rss_bytes
from bench.soak_traffic import ECHO, Session, Tally, hosts
from simulator.node import Node
from simulator.world import World

SESSIONS = 16
#: Sixteen clients, the listener, and some for the node itself; a stock port has ten.
_SOCKETS = 20
_BATCH = 8
_STEP_S = 0.02
_BATCH_LIMIT_S = 120.0
#: Memory is first looked at when this share of the lines was sent: caches are full then.
_WARM = 0.2


def start(world: World) -> Node:
    """A node that takes sixteen sessions, listening: a board with PSRAM, for their buffers."""
    config = {"devfid": "soak", "sessions": SESSIONS, "soctout": 86_400, "dbg": False}
    node = world.add_node("soak", board="tinypico", config=config, files={"/modules/LM_echo.py": ECHO}, power=False)
    node.machine.parts["max_sockets"] = _SOCKETS
    node.power_on()
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    return node


def connect(world: World, node: Node, rng: random.Random, tally: Tally) -> list[Session]:
    """Sixteen sessions, each from a host of its own."""
    ip = world.lan.address(node.machine)
    return [
        Session(number, lambda host=host: host.connect(ip, 9008), random.Random(rng.random()), tally)  # type: ignore[misc]
        for number, host in enumerate(hosts(world.lan.client, SESSIONS))
    ]


def exchange(world: World, sessions: list[Session], size: int) -> None:
    """All sessions send a batch at once; returns when all were answered, or after a limit."""
    for session in sessions:
        session.send_batch(size)
    limit_s = world.now_s + _BATCH_LIMIT_S
    while world.now_s < limit_s and not all(session.is_answered for session in sessions):
        world.run_for(_STEP_S)
    for session in sessions:
        session.judge()


def soak(lines: int, seed: int = 1) -> dict[str, Any]:
    """Send so many lines, and tell what came of it."""
    tally = Tally()
    with World(seed=seed) as world:
        node = start(world)
        sessions = connect(world, node, random.Random(seed), tally)
        world.run_for(1)
        warm_bytes, started = 0, time.perf_counter()
        while tally.lines < lines and not tally.faults:
            exchange(world, sessions, _BATCH)
            if not warm_bytes and tally.lines >= lines * _WARM:
                warm_bytes = rss_bytes()
        wall_s = time.perf_counter() - started
        if node.boots != 1:
            tally.blame(f"the node restarted: {node.console.text()[-300:]}")
        return {
            "lines": tally.lines,
            "replies_mb": tally.replies / 1e6,
            "lines_per_s": tally.lines / wall_s,
            "virtual_s": world.now_s,
            "growth_mb": (rss_bytes() - warm_bytes) / 1e6,
            "faults": tally.faults,
        }


def main() -> None:
    """Measure and print."""
    print(json.dumps(soak(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
