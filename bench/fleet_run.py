"""The measured process of the bench ``fleet``: ``python -m bench.fleet_run NODES WALL_S [active]``; prints JSON.

Active nodes have cron every 3 s with ten entries and a timer every second; see ``day_run``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

from bench.day_run import ACTIVE, BEAT, KINDS, counts
from bench.rss import rss_bytes
from simulator.world import World

_PORT = 9008
_BOOT_LIMIT_S = 120.0
_STEP_S = 0.1
#: No two nodes of a real fleet are switched on in the same microsecond; a second holds so many steps of this length
#: that their timers are spread over it.
_APART_S = 0.0137
#: A node that has booted asks for the time and loads what its timers call.
_SETTLE_S = 30.0


def boot(
    world: World,
    nodes: int,
    *,
    config: Mapping[str, object] | None = None,
    files: Mapping[str, bytes] | None = None,
    apart_s: float = 0.0,
) -> None:
    """Switch nodes on and let time pass until every one listens on the shell's port.

    Args:
        world: empty.
        nodes: how many.
        config: of every node.
        files: for every node's flash, by path.
        apart_s: time between one and the next.

    Raises:
        TimeoutError: not all do after _BOOT_LIMIT_S virtual seconds.
    """
    waiting = []
    for number in range(1, nodes + 1):
        waiting.append(world.add_node(f"node{number:04}", config=config, files=files))
        if apart_s:
            world.run_for(apart_s)
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


def check_active(world: World, seconds: float) -> None:
    """See that the first and the last node ran their timer's command every second.

    Raises:
        RuntimeError: one did not.
    """
    nodes = list(world.nodes.values())
    for node in (nodes[0], nodes[-1]):
        count = counts(world, node)["timirq"]
        if not seconds - _BOOT_LIMIT_S <= count <= world.now_s:
            raise RuntimeError(f"{node.name}: the timer fired {count} times in {seconds:g} s")


def measure_active(nodes: int, wall_s: float) -> dict[str, float]:
    """Boot a fleet that acts and let it."""
    with World(seed=1) as world:
        config = {**KINDS["day"].config, **ACTIVE, "irq1": False}
        boot(world, nodes, config=config, files={"/LM_beat.py": BEAT}, apart_s=_APART_S)
        world.run_for(_SETTLE_S)
        began_s = world.now_s
        speed = idle_speed(world, wall_s)
        check_steady(world)
        check_active(world, world.now_s - began_s)
    return {"active_speed": speed}


def main() -> None:
    """Boot a fleet, weigh it, let it idle; or boot one that acts."""
    nodes, idle_s = int(sys.argv[1]), float(sys.argv[2])
    if sys.argv[3:] == ["active"]:
        print(json.dumps(measure_active(nodes, idle_s)))
        return
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
