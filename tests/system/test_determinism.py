"""Processes with different hash seeds see the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_RUN = """
from simulator.world import World
with World(seed=7) as world:
    nodes = [world.add_node(f"node{n:02}") for n in range(COUNT)]
    shell = world.shell(nodes[-1])
    for command in ("system info", "system heartbeat", "help", "conf", "dump"):
        shell(command)
    world.run_for(5)
    print(world.trace.digest())
"""


def digest(count: int, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-c", _RUN.replace("COUNT", str(count))]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=True)
    return run.stdout.strip()


@pytest.mark.parametrize("count", [1, 20])
def test_digest_does_not_depend_on_the_hash_seed(count: int) -> None:
    digests = {digest(count, seed) for seed in ("0", "1", "4242")}
    assert len(digests) == 1
    assert len(digests.pop()) == 32
