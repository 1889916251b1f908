"""The mutant runner on a project of three lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.runner import Verdict, run

_SOURCE = "def double(x):\n    while x > 99:\n        x -= 1\n    return 2 * x\n"
_TEST = """from lib import double

def test_double():
    assert double(150) == 198

def test_zero():
    assert double(0) == 0
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    plugin = root / "tests" / "mutants" / "plugin.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("")
    (root / "lib.py").write_text(_SOURCE)
    (root / "test_lib.py").write_text(_TEST)
    return root


def mutant(old: str, new: str, test: str = "test_double", **options: bool) -> Mutant:
    return Mutant("name", "lib.py", old, new, (f"test_lib.py::{test}",), **options)


def judge(project: Path, *wanted: Mutant, limit_s: float = 30) -> tuple[str | None, list[Verdict]]:
    verdicts: list[Verdict] = []
    wrong = run(wanted, verdicts.append, root=project, limit_s=limit_s)
    return wrong, verdicts


def test_defect_that_a_test_notices_is_killed_and_taken_back(project: Path) -> None:
    defect = mutant("2 * x", "3 * x")
    wrong, verdicts = judge(project, defect, mutant("return 2", "return 1"), defect)
    assert wrong is None
    assert [(verdict.killed, verdict.text) for verdict in verdicts] == [(True, "killed")] * 3
    assert (project / "lib.py").read_text() == _SOURCE


def test_defect_that_no_test_notices_survives(project: Path) -> None:
    _, verdicts = judge(project, mutant("2 * x", "3 * x", "test_zero"))
    assert [(v.killed, v.text) for v in verdicts] == [(False, "SURVIVED: the named tests pass: test_lib.py::test_zero")]


def test_defect_that_breaks_the_import_is_not_killed(project: Path) -> None:
    _, verdicts = judge(project, mutant("def double", "def duble"))
    assert not verdicts[0].killed
    assert verdicts[0].text.startswith("NOT KILLED: pytest ended with code 4")


@pytest.mark.parametrize("hangs", [True, False])
def test_test_that_does_not_end_kills_only_if_the_entry_says_so(project: Path, hangs: bool) -> None:
    _, verdicts = judge(project, mutant("        x -= 1\n", "        pass\n", hangs=hangs), limit_s=3)
    assert verdicts[0].killed is hangs


def test_test_that_fails_without_a_mutant_ends_the_run(project: Path) -> None:
    (project / "test_lib.py").write_text(_TEST.replace("198", "199"))
    wrong, verdicts = judge(project, mutant("2 * x", "3 * x"))
    assert wrong is not None
    assert wrong.startswith("the named tests fail without any mutant:")
    assert verdicts == []
