"""The measured process of the bench ``kernel``: ``python -m bench.kernel_run ROUNDS EVENTS`` prints samples as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from greenlet import getcurrent

from bench.floors.heap_loop import run_floor
from simulator.kernel import Fiber, Kernel

_PERIOD_US = 1_000


def run_subject(fibers: int, events: int) -> None:
    """Let fibers of our kernel sleep by turns, for ``events`` events in all."""
    kernel = Kernel()

    def sleep() -> None:
        fiber = getcurrent()
        assert isinstance(fiber, Fiber)
        while True:
            fiber.sleep_until(kernel.now + _PERIOD_US)

    for _ in range(fibers):
        Fiber(kernel, sleep).start()
    kernel.run(0)
    kernel.run(events // fibers * _PERIOD_US)


def _events_per_s(run: Callable[[int, int], None], fibers: int, events: int) -> float:
    started = time.perf_counter()
    run(fibers, events)
    return events / (time.perf_counter() - started)


def main() -> None:
    """Measure with one fiber and with a thousand."""
    rounds, events = int(sys.argv[1]), int(sys.argv[2])
    samples: dict[str, dict[str, list[float]]] = {}
    for name, fibers in (("events_per_s", 1), ("events_per_s_1000", 1_000)):
        sides: dict[str, list[float]] = {"floor": [], "subject": []}
        for _ in range(rounds):
            sides["floor"].append(_events_per_s(run_floor, fibers, events))
            sides["subject"].append(_events_per_s(run_subject, fibers, events))
        samples[name] = sides
    print(json.dumps(samples))


if __name__ == "__main__":
    main()
