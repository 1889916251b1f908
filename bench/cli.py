"""The command line of the bench.

Exit codes: 0 measured; 1 something could not be measured or, with ``--check``, missed its target or differs from the
project's documents; 2 called wrongly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence

from bench import boot, day, devices, fleet, kernel, memory, shell, soak, vm, vm_fleet
from bench.errors import BenchError
from bench.figures import TARGETS, Report
from bench.table import render

#: Name -> what measures it; called with True for a quick run.
Benches = Mapping[str, Callable[[bool], Report]]

BENCHES: Benches = {
    "boot": boot.measure,
    "shell": shell.measure,
    "kernel": kernel.measure,
    "fleet": fleet.measure,
    "day": day.measure,
    "year": day.measure_year,
    "devices": devices.measure,
    "soak": soak.measure,
    "memory": memory.measure,
    "vm": vm.measure,
    "vm-fleet": vm_fleet.measure,
}


def main(arguments: Sequence[str] | None = None, *, benches: Benches = BENCHES) -> int:
    """Measure what ``arguments`` (default: those of the process) ask for, print it and return the exit code."""
    parser = _make_parser(benches)
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in benches:
            parser.error(f"no bench {name!r}; there are: {', '.join(benches)}")
    try:
        reports, failed = _measure(list(dict.fromkeys(given.names)) or list(benches), benches, given.quick)
    except KeyboardInterrupt:
        return 130
    _print(reports, as_json=given.json)
    problems = _documents(reports, is_renewed=given.write) if given.write or given.check else []
    if given.check:
        problems += [f"target missed: {bench} {name}" for bench, name in _missed(reports)]
    for problem in problems:
        _say(problem)
    return 1 if failed or problems else 0


def _make_parser(benches: Benches) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure the project's figures, each beside its floor.", allow_abbrev=False
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"of {', '.join(benches)} (default: all)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--quick", action="store_true", help="few runs and a small fleet: does it work, not how fast")
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if a figure misses its target, or a document tells another"
    )
    parser.add_argument("--write", action="store_true", help="renew the figures in the project's documents")
    return parser


def _measure(names: list[str], benches: Benches, quick: bool) -> tuple[dict[str, Report], bool]:
    """Run the benches; one that fails is told on stderr and does not keep the others from being measured."""
    reports: dict[str, Report] = {}
    for name in names:
        _say(f"measuring {name} ...")
        try:
            reports[name] = benches[name](quick)
        except (BenchError, OSError) as error:
            _say(f"{name}: {error}")
    return reports, len(reports) < len(names)


def _print(reports: Mapping[str, Report], *, as_json: bool) -> None:
    if as_json:
        figures = {
            bench: {name: figure.as_json() for name, figure in report.figures.items()}
            for bench, report in reports.items()
        }
        print(json.dumps(figures))
    elif reports:
        print(render(reports))


def _documents(reports: Mapping[str, Report], *, is_renewed: bool) -> list[str]:
    """Renew the documents that tell the figures, or compare them; returns what is wrong."""
    problems = []
    for bench, report in reports.items():
        if report.document is not None:
            try:
                if is_renewed:
                    report.document.write(bench, report.figures)
                problems += [f"{bench}: {text}" for text in report.document.problems(report.figures)]
            except (BenchError, OSError) as error:
                problems.append(f"{bench}: {error}")
    return problems


def _missed(reports: Mapping[str, Report]) -> list[tuple[str, str]]:
    return [
        (bench, name)
        for bench, report in reports.items()
        for name, figure in report.figures.items()
        if (bench, name) in TARGETS and not TARGETS[bench, name].is_met(figure)
    ]


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
