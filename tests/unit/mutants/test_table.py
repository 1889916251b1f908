"""Every mutant of the table still fits the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.cli import main
from tests.mutants.mutant import ROOT, Mutant, mutants

_MUTANTS = mutants()


@pytest.mark.parametrize("mutant", _MUTANTS, ids=lambda mutant: mutant.name)
def test_entry_fits_the_source(mutant: Mutant) -> None:
    assert mutant.problem() is None


@pytest.mark.parametrize("mutant", _MUTANTS, ids=lambda mutant: mutant.name)
def test_named_tests_are_there(mutant: Mutant) -> None:
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8")


def test_mutated_python_is_still_python() -> None:
    for mutant in _MUTANTS:
        source = (ROOT / mutant.file).read_text(encoding="utf-8").replace(mutant.old, mutant.new)
        compile(source, mutant.file, "exec")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"file": "a/b.py"}, "no file a/b.py"),
        ({"old": "x = 3"}, "the old text stands 0 times in a.py, not once"),
        ({"old": "x"}, "the old text stands 2 times in a.py, not once"),
        ({"tests": ("test_b.py::test_b",)}, "no file test_b.py"),
        ({"tests": ()}, "no test is named, or nothing is changed"),
        ({"new": "x = 1"}, "no test is named, or nothing is changed"),
    ],
)
def test_entry_that_does_not_fit_is_told(tmp_path: Path, change: dict[str, object], text: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\nx += 1\n")
    (tmp_path / "test_a.py").write_text("")
    entry = {"name": "n", "file": "a.py", "old": "x = 1", "new": "x = 2", "tests": ("test_a.py::test_a",)}
    assert Mutant(**{**entry, **change}).problem(tmp_path) == text  # type: ignore[arg-type]


def test_parts_hold_each_mutant_once(capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for number in range(1, 4):
        assert main(["--list", "--part", f"{number}/3"]) == 0
        found += [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(found) == sorted(mutant.name for mutant in _MUTANTS)


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "a/b", "1/"])
def test_part_that_is_none_is_refused(part: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--part", part])
    assert ended.value.code == 2
