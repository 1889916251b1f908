"""Bench ``boot``: from launch to the first answer, against a bare asyncio server.

Subject: ``python3 devToolKit.py --simulate --fresh --port N`` in a ready environment. Floor: a process of the same
environment's interpreter that imports asyncio, listens, and gives the same bytes. A client tries to connect every
millisecond; the clock stops when ``hello`` is answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.client import Peer, connect_when_up
from bench.environment import ROOT, TOOL, base_python, ready_python
from bench.figures import Figure, Report, median
from bench.process import Server, free_port

_LIMIT_S = 60.0
FLOOR = ROOT / "bench" / "floors" / "asyncio_server.py"


def floor_command(port: int) -> list[str]:
    """How the floor is launched."""
    return [ready_python(), str(FLOOR), str(port)]


def subject_command(port: int) -> list[str]:
    """How a person launches a node."""
    return [base_python(), str(TOOL), "--simulate", "--fresh", "--port", str(port)]


def measure(quick: bool) -> Report:
    """Launch floor and subject by turns.

    Raises:
        BenchError: one of them does not start or answer.
    """
    rounds = 3 if quick else 15
    ready_python()
    _launch_ms(floor_command)  # the first launch fills caches: the disk's, and that of instrumented code
    _launch_ms(subject_command)
    floor_ms, subject_ms = [], []
    for _ in range(rounds):
        floor_ms.append(_launch_ms(floor_command))
        subject_ms.append(_launch_ms(subject_command))
    figures = {"launch_to_hello": Figure(median(subject_ms), "ms", median(floor_ms))}
    return Report(figures, f"median of {rounds} launches each, floor and subject by turns, after one launch unmeasured")


def _launch_ms(command_for: Callable[[int], list[str]]) -> float:
    port = free_port()
    started = time.perf_counter()
    with Server(command_for(port)) as server:
        with connect_when_up(Peer(port), server.check_alive, limit_s=_LIMIT_S) as connection:
            connection.exchange()
        return (time.perf_counter() - started) * 1e3
