"""Command line of the mutants: choose, run, tell."""

from __future__ import annotations

import argparse
import time
import zlib
from collections.abc import Sequence

from tests.mutants.mutant import Mutant, mutants
from tests.mutants.runner import Verdict, run

#: Where tests that start processes are.
_PROCESSES = "tests/system/"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the mutants that are named, all by default.

    Returns:
        0 if every one was killed, 1 if not, 2 if an entry or the call is wrong.
    """
    options = _parser().parse_args(arguments)
    known = mutants()
    wanted = [mutant for mutant in known if not options.names or mutant.name in options.names]
    if options.quick:
        slow = [mutant for mutant in wanted if any(test.startswith(_PROCESSES) for test in mutant.tests)]
        wanted = [mutant for mutant in wanted if mutant not in slow]
        print(f"{len(slow)} left out: the tests that notice them start processes; without --quick they are judged too")
    entries = wanted
    if options.part is not None:
        wanted = [mutant for mutant in wanted if _part_of(mutant.name, options.part[1]) == options.part[0]]
        place = "part {} of {}".format(*options.part)
        print(f"{place}: {len(wanted)} of {len(entries)}; without --part all are judged")
    unknown = sorted(set(options.names) - {mutant.name for mutant in known})
    problems = [f"no mutant {name!r}; see --list" for name in unknown]
    problems += [f"{mutant.name}: {mutant.problem()}" for mutant in entries if mutant.problem()]
    if problems:
        print("\n".join(problems))
        return 2
    if options.list:
        print("\n".join(f"{mutant.name:45} {mutant.file}" for mutant in wanted))
        return 0
    return _judge(wanted, options.jobs)


def _part_of(name: str, count: int) -> int:
    """Which of ``count`` parts a mutant belongs to, 1..count; whatever other mutants there are."""
    return zlib.crc32(name.encode()) % count + 1


def _part(text: str) -> tuple[int, int]:
    number, slash, count = text.partition("/")
    if not (slash and number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no K/N with K from 1 to N")
    return int(number), int(count)


def _judge(wanted: list[Mutant], jobs: int) -> int:
    begun = time.monotonic()
    alive: list[Verdict] = []

    def report(verdict: Verdict) -> None:
        if not verdict.killed:
            alive.append(verdict)
        print(f"{verdict.took_s:5.1f} s  {verdict.mutant.name:45} {verdict.text}", flush=True)

    wrong = run(wanted, report, jobs=jobs)
    if wrong:
        print(wrong)
        return 1
    took_s = time.monotonic() - begun
    print(f"{len(wanted) - len(alive)} of {len(wanted)} mutants killed in {took_s:.0f} s")
    return 1 if alive else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description="Known defects, each of which a named test must notice."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="judge these only")
    parser.add_argument("--list", action="store_true", help="list the mutants and end")
    parser.add_argument("--quick", action="store_true", help="leave out those whose tests start processes")
    parser.add_argument("--part", type=_part, metavar="K/N", help="judge the K-th of N parts, chosen by name")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="work in N copies of the tree at once (2)")
    return parser
