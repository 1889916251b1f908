"""The measured process of the bench ``vm-fleet``: ``python -m bench.vm_fleet_run NODES IDLE_S`` prints JSON."""

from __future__ import annotations

import json
import os
import sys
import time

from bench import machines
from bench.fleet_run import boot, check_steady, idle_speed
from simulator.world import World

#: What a node does right after its start, such as asking for the time, is no idling.
_SETTLE_S = 10.0


def main() -> None:
    """Boot a fleet of machines in one world, weigh it, let it idle."""
    nodes, idle_s = int(sys.argv[1]), float(sys.argv[2])
    started = time.perf_counter()
    with World(seed=1, engine="micropython") as world:
        boot(world, nodes)
        boot_s = time.perf_counter() - started
        pss = machines.pss_bytes(machines.family(os.getpid()))
        world.run_for(_SETTLE_S)
        speed = idle_speed(world, idle_s)
        check_steady(world)
    print(json.dumps({"boot_s": boot_s, "pss_bytes": pss, "idle_speed": speed}))


if __name__ == "__main__":
    main()
