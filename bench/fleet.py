"""Bench ``fleet``: many nodes in one process.

Per size: seconds until all nodes listen, RSS of a node, virtual seconds per second while nobody asks anything; of the
largest also virtual seconds per second while all act by themselves: cron every 3 s, a timer every second. Each
size runs in a process of its own. There is no floor: nothing barer does the job.
"""

from __future__ import annotations

from typing import Any

from bench.figures import Figure, Report, median
from bench.process import run_json

_LIMIT_S = 300.0


def measure(quick: bool) -> Report:
    """Boot fleets. A quick run has smaller ones, and its figures bear their size in the name.

    Raises:
        BenchError: a fleet does not boot.
    """
    sizes, rounds, idle_s, active_s = ([1, 20], 1, 0.2, 0.2) if quick else ([1, 100, 1_000], 3, 2.0, 10.0)
    samples: dict[int, list[Any]] = {size: [] for size in sizes}
    active: list[float] = []
    for _ in range(rounds):
        for size in sizes:
            samples[size].append(run_json("bench.fleet_run", size, idle_s, limit_s=_LIMIT_S))
        active.append(run_json("bench.fleet_run", sizes[-1], active_s, "active", limit_s=_LIMIT_S)["active_speed"])
    figures: dict[str, Figure] = {}
    rss_1 = median([sample["rss_bytes"] for sample in samples[1]])
    for size in sizes:
        figures[f"boot_{size}"] = Figure(median([sample["boot_s"] for sample in samples[size]]), "s")
        if size > 1:
            rss = median([sample["rss_bytes"] for sample in samples[size]])
            figures[f"rss_per_node_{size}"] = Figure((rss - rss_1) / (size - 1) / 1e6, "MB")
        figures[f"idle_speed_{size}"] = Figure(median([sample["idle_speed"] for sample in samples[size]]), "s/s")
    figures[f"active_speed_{sizes[-1]}"] = Figure(median(active), "s/s")
    sizes_text = ", ".join(map(str, sizes))
    return Report(figures, f"median of {rounds} process(es) for each size of {sizes_text} nodes; MB = 10^6 bytes")
