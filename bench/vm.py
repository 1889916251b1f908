"""Bench ``vm``: a booted node on the engine ``micropython`` with a 1 s and a 3 s timer in a user's Load Module.

``speed``: virtual seconds per second; ``cpu_speed``: per second of processor time, which other programs disturb less.
Floor: a bare machine in lock-step with two timers on a heap (``floors/vm_timers.py``). ``equal_digests``: how many of
so many runs (its floor) end with the commonest identity: trace, console and replies. Each of these runs has another
``PYTHONHASHSEED``, and every second one a busy process beside it.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.environment import ROOT, ready_python
from bench.figures import Figure, Report
from bench.process import run_json

EXTRA = ("--simulate", "--engine", "micropython")
FLOOR = ROOT / "bench" / "floors" / "vm_timers.py"
_LIMIT_S = 600.0


def measure(quick: bool) -> Report:
    """Run floor and subject by turns, then the runs that must be equal.

    Raises:
        BenchError: the engine is not available, a node restarted, or a timer missed a beat.
    """
    rounds, hours, runs, run_hours = (1, 0.1, 4, 0.05) if quick else (6, 4.0, 40, 0.5)
    sides: dict[str, list[Any]] = {"floor": [], "subject": []}
    for _ in range(rounds):
        sides["floor"].append(run_json(str(FLOOR), hours, limit_s=_LIMIT_S, extra=EXTRA))
        sides["subject"].append(run_json("bench.vm_run", hours, limit_s=_LIMIT_S, extra=EXTRA))
    figures = {
        name: Figure(_mean_speed(sides["subject"], name), "s/s", _mean_speed(sides["floor"], name))
        for name in ("speed", "cpu_speed")
    }
    digests = Counter(_digest(number, run_hours) for number in range(runs))
    figures["equal_digests"] = Figure(digests.most_common(1)[0][1], "runs", runs)
    return Report(
        figures,
        f"{rounds} rounds of {hours:g} virtual hours, floor and subject by turns; {runs} runs of {run_hours:g} virtual "
        "hours for the digests",
    )


def _mean_speed(samples: list[Any], name: str) -> float:
    """Speed of all rounds together, each of which is as long in virtual time."""
    return len(samples) / sum(1 / sample[name] for sample in samples)


def _digest(number: int, hours: float) -> str:
    with _busy(number % 2 == 1):
        seen = run_json("bench.vm_run", hours, limit_s=_LIMIT_S, extra=EXTRA, environ={"PYTHONHASHSEED": str(number)})
        return str(seen["digest"])


@contextmanager
def _busy(is_busy: bool) -> Iterator[None]:
    """A process that computes meanwhile, if asked for."""
    if not is_busy:
        yield
        return
    with subprocess.Popen([ready_python(*EXTRA), "-c", "while True: pass"]) as child:
        try:
            yield
        finally:
            child.kill()
