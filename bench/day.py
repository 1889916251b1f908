"""Benches ``day`` and ``year``: a node that acts by itself, in virtual seconds per second.

``day``: cron every 3 s with ten entries, a timer every second, a button pressed every minute; on the CPython engine
(``speed``) and on the virtual machine (``vm_speed``). ``year``: 365 days with cron every minute, the same entries, and
a button pressed every hour. ``cpu_speed`` is per second of processor time, which other programs disturb less.
Floor: as many timers on a heap (``floors/timers.py``).
"""

from __future__ import annotations

from typing import Any

from bench.environment import ROOT
from bench.figures import Figure, Report
from bench.process import run_json

EXTRA = ("--simulate", "--engine", "micropython")
FLOOR = ROOT / "bench" / "floors" / "timers.py"
_PERIODS_S = {"day": (1, 3, 60), "year": (60, 3600)}
_LIMIT_S = 3600.0


def measure(quick: bool) -> Report:
    """Run floor and subjects by turns.

    Raises:
        BenchError: a node restarted, or something did not happen as often as it should; the engine is not available.
    """
    rounds, hours = (1, 0.5) if quick else (3, 24.0)
    samples: dict[str, list[Any]] = {"floor": [], "cpython": [], "micropython": []}
    for _ in range(rounds):
        samples["floor"].append(_floor("day", hours))
        for engine in ("cpython", "micropython"):
            samples[engine].append(_subject("day", engine, hours))
    figures = {
        f"{prefix}{name}": Figure(_mean(samples[engine], name), "s/s", _mean(samples["floor"], name))
        for prefix, engine in (("", "cpython"), ("vm_", "micropython"))
        for name in ("speed", "cpu_speed")
    }
    return Report(figures, f"{rounds} rounds of {hours:g} virtual hours, floor and subjects by turns")


def measure_year(quick: bool) -> Report:
    """Run floor and subject once; a quick year has ten days.

    Raises:
        BenchError: as ``measure``.
    """
    days = 10 if quick else 365
    floor, subject = _floor("year", days * 24), _subject("year", "cpython", days * 24)
    figures = {name: Figure(subject[name], "s/s", floor[name]) for name in ("speed", "cpu_speed")}
    return Report(figures, f"one run of {days} virtual days")


def _floor(kind: str, hours: float) -> Any:
    return run_json(str(FLOOR), hours, *_PERIODS_S[kind], limit_s=_LIMIT_S)


def _subject(kind: str, engine: str, hours: float) -> Any:
    extra = EXTRA if engine == "micropython" else ()
    return run_json("bench.day_run", kind, engine, hours, limit_s=_LIMIT_S, extra=extra)


def _mean(rounds: list[Any], name: str) -> float:
    """Speed of all rounds together, each of which is as long in virtual time."""
    return len(rounds) / sum(1 / sample[name] for sample in rounds)
