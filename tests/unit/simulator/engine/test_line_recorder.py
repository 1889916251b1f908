"""Marks before statements, and what is counted by them."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.engine import line_recorder
from simulator.engine.line_recorder import MARK, LineRecorder

_SOURCE = '''"""Docstring."""
import os

LIMIT = (
    3
)


def f(x):
    """Docstring."""
    global LIMIT
    if x > LIMIT:
        return 1
    elif x < 0:
        return 2
    for i in range(x):
        try:
            os.nosuch
        except AttributeError:
            pass
        except ValueError:
            x = 0
        finally:
            x -= 1
    while False: x = 9
    return x


@staticmethod
def g():
    return 0
'''


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[LineRecorder]:
    """A recorder of the files of a folder, active meanwhile."""
    before = line_recorder.active
    yield line_recorder.activate(tmp_path)
    line_recorder.active = before


def run(recorder: LineRecorder, path: Path, *calls: int) -> set[int]:
    """Lines of the source that ran after calls of f."""
    names: dict[str, object] = {"__builtins__": {**vars(builtins), MARK: recorder.mark}}
    exec(recorder.compile(_SOURCE, str(path)), names)  # noqa: S102 - the source above
    for argument in calls:
        names["f"](argument)  # type: ignore[operator]
    return recorder.lines()[str(path)]


def test_import_runs_definitions_only(recorder: LineRecorder, tmp_path: Path) -> None:
    assert run(recorder, tmp_path / "a.py") == {2, 4, 9, 29, 30}


def test_each_branch_is_counted_when_it_runs(recorder: LineRecorder, tmp_path: Path) -> None:
    at_import = {2, 4, 9, 29, 30}
    assert run(recorder, tmp_path / "a.py", 5) - at_import == {12, 13}
    assert run(recorder, tmp_path / "b.py", -1) - at_import == {12, 14, 15}
    assert run(recorder, tmp_path / "c.py", 1) - at_import == {12, 14, 16, 17, 18, 19, 20, 24, 25, 26}


def test_files_elsewhere_have_no_marks(recorder: LineRecorder) -> None:
    assert MARK not in recorder.compile("x = 1\n", "/elsewhere/a.py").co_names


def test_text_with_marks_counts_the_same_lines(recorder: LineRecorder, tmp_path: Path) -> None:
    """As another interpreter does it: an array of its own, handed over at the end."""
    path = str(tmp_path / "a.py")
    text = recorder.text(_SOURCE, path)
    hits = bytearray(len(recorder.hits))
    names: dict[str, object] = {"__builtins__": {**vars(builtins), MARK: hits.__setitem__}}
    exec(text, names)  # noqa: S102 - made from the source above
    names["f"](5)  # type: ignore[operator]
    assert recorder.lines() == {}
    recorder.add(bytes(hits))
    assert recorder.lines() == {path: {2, 4, 9, 12, 13, 29, 30}}


def test_same_line_has_one_number_in_all_copies(recorder: LineRecorder, tmp_path: Path) -> None:
    path = str(tmp_path / "a.py")
    assert recorder.text(_SOURCE, path) == recorder.text(_SOURCE, path)
