"""What a mutant is, and the table of all of them."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import defects

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """One defect in one file.

    Attributes:
        name: short, unique, says what is wrong.
        file: path from the root of the checkout.
        old: text of the file, there exactly once.
        new: what takes its place.
        tests: node ids of the tests that must notice; one that fails is enough.
        hangs: the tests notice by not ending: a run that is killed at its limit counts as noticed.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    hangs: bool = False

    def problem(self, root: Path = ROOT) -> str | None:
        """Why this entry cannot be used, None if it can."""
        path = root / self.file
        if not path.is_file():
            return f"no file {self.file}"
        count = path.read_text(encoding="utf-8").count(self.old)
        if count != 1:
            return f"the old text stands {count} times in {self.file}, not once"
        for test in self.tests:
            if not (root / test.partition("::")[0]).is_file():
                return f"no file {test.partition('::')[0]}"
        return None if self.tests and self.old != self.new else "no test is named, or nothing is changed"


def mutants() -> list[Mutant]:
    """Every mutant of every module in ``defects``, in the order of the modules' names.

    Raises:
        ValueError: two have the same name.
    """
    found: list[Mutant] = []
    for module in pkgutil.iter_modules(defects.__path__):
        found += importlib.import_module(f"{defects.__name__}.{module.name}").MUTANTS
    names = [mutant.name for mutant in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"names that stand twice: {', '.join(twice)}")
    return found
