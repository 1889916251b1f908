"""The measured process of the bench ``fleet``: ``python -m bench.fleet_run NODES IDLE_S`` prints figures as JSON."""

from __future__ import annotations

import json
import sys
import time

from bench.memory import rss_bytes
from simulator.world import World

_PORT = 9008
_BOOT_LIMIT_S = 120.0
_STEP_S = 0.1


def boot(world: World, nodes: int) -> None:
    """Switch nodes on and let time pass until every one listens on the shell's port.

    Raises:
        TimeoutError: not all do after _BOOT_LIMIT_S virtual seconds.
    """
    waiting = [world.add_node(f"node{number:04}") for number in range(1, nodes + 1)]
    while waiting:
        if world.now_s > _BOOT_LIMIT_S:
            raise TimeoutError(f"{len(waiting)} of {nodes} nodes do not listen after {_BOOT_LIMIT_S:g} s")
        world.run_for(_STEP_S)
        waiting = [node for node in waiting if not node.listening(_PORT)]


def idle_speed(world: World, wall_s: float) -> float:
    """Virtual seconds per second of a world in which nothing is asked.

    Args:
        world: booted.
        wall_s: how long to measure.
    """
    began_s, started = world.now_s, time.perf_counter()
    while (elapsed_s := time.perf_counter() - started) < wall_s:
        world.run_for(1.0)
    return (world.now_s - began_s) / elapsed_s


def check_steady(world: World) -> None:
    """See that all nodes are in their first life and listen, so that no crash loop is taken for a fleet.

    Raises:
        RuntimeError: one is not; the end of what it printed is in the text.
    """
    for node in world.nodes.values():
        if node.boots != 1 or not node.listening(_PORT):
            what = "does not listen" if node.boots == 1 else "has restarted"
            raise RuntimeError(f"{node.name} {what}: {node.console.text().strip().splitlines()[-1]}")


def main() -> None:
    """Boot a fleet, weigh it, let it idle."""
    nodes, idle_s = int(sys.argv[1]), float(sys.argv[2])
    started = time.perf_counter()
    world = World(seed=1)
    boot(world, nodes)
    boot_s = time.perf_counter() - started
    rss = rss_bytes()
    speed = idle_speed(world, idle_s)
    check_steady(world)
    print(json.dumps({"boot_s": boot_s, "rss_bytes": rss, "idle_speed": speed}))


if __name__ == "__main__":
    main()
