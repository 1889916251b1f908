"""Bench ``soak``: a million fuzzed lines over sixteen sessions of one node, in virtual time.

It fails if a session hears a byte of another one, ends, or gets no answer, and if the node restarts. Its figures are
``lines_per_s`` and ``growth_mb``: how much the process has grown from the first fifth of the run to its end.
"""

from __future__ import annotations

from bench.errors import BenchError
from bench.figures import Figure, Report
from bench.process import run_json

_LINES = 1_000_000
_QUICK_LINES = 20_000
_LIMIT_S = 1800.0


def measure(quick: bool) -> Report:
    """Run the soak in a process of its own.

    Raises:
        BenchError: that process fails, or a session saw something wrong; the text says what.
    """
    seen = run_json("bench.soak_run", _QUICK_LINES if quick else _LINES, limit_s=_LIMIT_S)
    if seen["faults"]:
        raise BenchError("; ".join(seen["faults"]))
    figures = {"lines_per_s": Figure(seen["lines_per_s"], "1/s"), "growth_mb": Figure(seen["growth_mb"], "MB")}
    runs = (
        f"{seen['lines']} lines, 16 sessions, {seen['replies_mb']:.0f} MB of replies, {seen['virtual_s']:.0f} s virtual"
    )
    return Report(figures, runs)
