"""Processes with different hash seeds see the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_HASH_SEEDS = ("0", "1", "2", "3", "42", "4242", "99999", "1000000", "123456789", "4294967295")


def digest(count: int, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "tests.unit.simulator.busy_world", str(count)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=True)
    return run.stdout.strip()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("count", [1, 20])
def test_ten_processes_with_their_own_hash_seeds_make_the_same_run(count: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        digests = set(pool.map(lambda hash_seed: digest(count, hash_seed), _HASH_SEEDS))
    assert len(digests) == 1
    assert len(digests.pop()) == 64
