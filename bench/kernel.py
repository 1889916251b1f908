"""Bench ``kernel``: park and resume in virtual time, against a bare loop of greenlet and heapq.

``events_per_s``: one fiber that sleeps again and again; ``events_per_s_1000``: a thousand of them.
"""

from __future__ import annotations

from bench.figures import Figure, Report, median
from bench.process import run_json

_LIMIT_S = 120.0


def measure(quick: bool) -> Report:
    """Run both loops by turns, in a process of their own.

    Raises:
        BenchError: that process fails.
    """
    rounds, events = (3, 20_000) if quick else (15, 200_000)
    samples = run_json("bench.kernel_run", rounds, events, limit_s=_LIMIT_S)
    figures = {name: Figure(median(sides["subject"]), "1/s", median(sides["floor"])) for name, sides in samples.items()}
    return Report(figures, f"median of {rounds} rounds of {events} events each, floor and subject by turns")
