"""Floor of the benches ``day`` and ``year``: a heap of timers, each of which calls a plain function, and nothing else.

Run as ``python timers.py HOURS PERIOD_S...``; prints virtual seconds per second, and per second of processor time.
"""

from __future__ import annotations

import json
import sys
import time
from heapq import heapify, heapreplace

_US = 1_000_000


def fire(hours: float, periods_s: list[int]) -> int:
    """Let the timers fire until the time is over; returns how often they did."""
    count = 0

    def note() -> None:
        nonlocal count
        count += 1

    heap = [(period_s * _US, number, period_s * _US, note) for number, period_s in enumerate(periods_s)]
    heapify(heap)
    until_us = hours * 3600 * _US
    while heap[0][0] <= until_us:
        due_us, number, period_us, call = heap[0]
        call()
        heapreplace(heap, (due_us + period_us, number, period_us, call))
    return count


def main() -> None:
    """Measure and print."""
    hours, periods_s = float(sys.argv[1]), [int(period) for period in sys.argv[2:]]
    started, began_cpu_s = time.perf_counter(), time.process_time()
    fire(hours, periods_s)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - began_cpu_s
    print(json.dumps({"speed": hours * 3600 / wall_s, "cpu_speed": hours * 3600 / max(cpu_s, 1e-6)}))


if __name__ == "__main__":
    main()
