"""Applies one mutant after the other to a copy of the tree and runs the tests that must notice."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import ROOT, Mutant

#: What a run of the tests needs of the tree; everything else stays behind.
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".tox", ".hypothesis", ".*_cache", "__pycache__", "*.egg-info", "dist", "build"
)
_PYTEST = (
    "-m",
    "pytest",
    "-q",
    "-x",
    "--no-header",
    "--tb=line",
    "-p",
    "no:cacheprovider",
    "-p",
    "tests.mutants.plugin",
)
_FAILED = 1
_HUNG = -1


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        mutant: which.
        killed: a named test has noticed it.
        text: in a word or a line.
        took_s: wall seconds.
    """

    mutant: Mutant
    killed: bool
    text: str
    took_s: float


class Copy:
    """A copy of the tree in which tests are run.

    Args:
        root: the tree.
    """

    def __init__(self, root: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name) / "tree"
        shutil.copytree(root, self.path, ignore=_LEFT_OUT)
        self._changes = 0
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(self.path),
            "MICROS_CACHE_DIR": "",  # instrumented code that was kept would hide a mutant of the instrumentation
            "COVERAGE_PROCESS_START": "",
        }

    def run(self, tests: Sequence[str], limit_s: float) -> tuple[int, str]:
        """Run tests; returns pytest's exit code, or -1 if it did not end, and the end of its output."""
        command = [sys.executable, *_PYTEST, *tests]
        try:
            done = subprocess.run(
                command,
                cwd=self.path,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _HUNG, ""
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        return done.returncode, "\n".join(lines[-12:])

    def write(self, file: str, text: str) -> None:
        """Replace a file. Its time differs from every earlier one, so that no compiled form of it is taken."""
        path = self.path / file
        path.write_text(text, encoding="utf-8", newline="\n")
        self._changes += 1
        stamp = time.time_ns() + self._changes * 2_000_000_000
        os.utime(path, ns=(stamp, stamp))

    def judge(self, mutant: Mutant, limit_s: float) -> Verdict:
        """Apply a mutant, run its tests, take it back."""
        begun = time.monotonic()
        good = (self.path / mutant.file).read_text(encoding="utf-8")
        self.write(mutant.file, good.replace(mutant.old, mutant.new))
        try:
            code, output = self.run(mutant.tests, limit_s)
        finally:
            self.write(mutant.file, good)
        killed = code == _FAILED or (code == _HUNG and mutant.hangs)
        return Verdict(mutant, killed, _text(code, output, mutant), time.monotonic() - begun)

    def close(self) -> None:
        """Remove the copy."""
        self._folder.cleanup()


def _text(code: int, output: str, mutant: Mutant) -> str:
    if code == _FAILED:
        return "killed"
    if code == _HUNG:
        return "killed, the test did not end" if mutant.hangs else "NOT KILLED: the test did not end"
    if code == 0:
        return "SURVIVED: the named tests pass: " + ", ".join(mutant.tests)
    return f"NOT KILLED: pytest ended with code {code}\n{output}"


def baseline(copy: Copy, wanted: Iterable[Mutant], limit_s: float) -> str | None:
    """Run every named test on the good tree; returns what is wrong, None if all pass."""
    tests = sorted({test for mutant in wanted for test in mutant.tests})
    code, output = copy.run(tests, limit_s)
    if code == 0:
        return None
    return "the named tests do not end" if code == _HUNG else f"the named tests fail without any mutant:\n{output}"


def run(
    wanted: Sequence[Mutant],
    report: Callable[[Verdict], object],
    *,
    root: Path = ROOT,
    jobs: int = 2,
    limit_s: float = 60.0,
) -> str | None:
    """Judge mutants.

    Args:
        wanted: which.
        report: called with each verdict as it comes, from one thread at a time.
        root: the tree.
        jobs: how many copies work at once.
        limit_s: wall seconds for the tests of one mutant; the first run, of all tests, gets four times that.

    Returns:
        What made it impossible to begin, None if all were judged.
    """
    first = Copy(root)
    copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    try:
        wrong = baseline(first, wanted, limit_s * 4)
        if wrong:
            return wrong
        copies.put(first)
        for _ in range(jobs - 1):
            copies.put(Copy(root))

        def judge(mutant: Mutant) -> Verdict:
            copy = copies.get()
            try:
                return copy.judge(mutant, limit_s)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(jobs) as pool:
            for verdict in pool.map(judge, wanted):
                report(verdict)
        return None
    finally:
        first.close()
        while not copies.empty():
            copies.get().close()
