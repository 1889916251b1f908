"""``pytest --engine``: the same tests on either engine, and those that are for one only are counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_TESTS = """
import pytest
from simulator.world import World

def platform(world, **named):
    node = world.add_node("bare", firmware=False, **named)
    world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
    return world.run_on(node, "import gc; print('l0' if hasattr('', 'removeprefix') else 'vm', gc.mem_free() // 1000)")

def test_pure(): pass

def test_direct(engine):
    with World() as world:
        assert world.engine == engine
        assert platform(world).startswith("vm") is (engine == "micropython")

@pytest.mark.engine("cpython", reason="engine-internals")
def test_inside(): assert World().engine == "cpython"

@pytest.mark.engine("micropython", reason="memory")
def test_heap():
    with World() as world:
        assert 215 < int(platform(world).split()[1]) < 225
"""


def pytest_run(folder: Path, *options: str, tests: str = _TESTS) -> tuple[int, str]:
    """Exit code and output of pytest on one file."""
    (folder / "test_it.py").write_text(tests)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-v",
            "-p",
            "no:cacheprovider",
            "-p",
            "simulator.parity.plugin",
            *options,
            ".",
        ],
        cwd=folder,
        env={**{key: value for key, value in os.environ.items() if "PYTEST" not in key}, "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def outcomes(output: str) -> dict[str, str]:
    """Name of a test -> PASSED, FAILED…"""
    rows = [line.split() for line in output.splitlines() if "test_it.py::" in line and "%" in line]
    return {row[0].partition("::")[2]: row[1] for row in rows}


def test_cpython_is_the_default(tmp_path: Path) -> None:
    code, output = pytest_run(tmp_path)
    assert code == 0, output
    assert outcomes(output) == {"test_pure": "PASSED", "test_direct": "PASSED", "test_inside": "PASSED"}
    assert "   1 not on cpython: memory: " in output


def test_micropython_with_more_heap_and_what_is_left_out(tmp_path: Path) -> None:
    code, output = pytest_run(tmp_path, "--engine", "micropython", "--vm-heap", "2")
    assert code == 0, output
    assert outcomes(output) == {"test_pure": "PASSED", "test_direct": "PASSED", "test_heap": "PASSED"}
    assert "1 deselected" in output and "   1 not on micropython: engine-internals: " in output


def test_both_run_each_test_that_makes_worlds_twice(tmp_path: Path) -> None:
    code, output = pytest_run(tmp_path, "--engine", "both", "--vm-heap", "2")
    assert code == 0, output
    names = {"test_direct[cpython]", "test_direct[micropython]", "test_inside[cpython]", "test_heap[micropython]"}
    assert names <= set(outcomes(output)) and set(outcomes(output).values()) == {"PASSED"}
    assert "   1 not on micropython: engine-internals: " in output and "   1 not on cpython: memory: " in output


def test_workers_tell_what_they_left_out(tmp_path: Path) -> None:
    code, output = pytest_run(tmp_path, "--engine", "micropython", "--vm-heap", "2", "-n", "2")
    assert code == 0, output
    assert "   1 not on micropython: engine-internals: " in output


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ('"cpython", reason="because"', "no reason 'because' in the ledger"),
        ('"cpython"', 'write engine("cpython" or "micropython", reason="...")'),
        ('"pypy", reason="memory"', 'write engine("cpython" or "micropython", reason="...")'),
    ],
)
def test_mark_without_a_reason_of_the_ledger_stops_the_run(tmp_path: Path, mark: str, text: str) -> None:
    tests = f"import pytest\n@pytest.mark.engine({mark})\ndef test_it(): pass\n"
    code, output = pytest_run(tmp_path, tests=tests)
    assert code == pytest.ExitCode.USAGE_ERROR and text in output
