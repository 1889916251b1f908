"""The worked Load Module of docs/load-modules.md: its test passes on both engines, and a debugger stops in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.engine.vm.process import why_not
from tests.unit.test_docs_devices import examples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path):
    """The files of both pages, as a reader saves them."""
    (tmp_path / "examples").mkdir()
    for name, text in {**examples("devices.md"), **examples("load-modules.md")}.items():
        (tmp_path / (name if name.startswith("test_") else f"examples/{name}")).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder, *arguments, text="", options=()):
    command = [sys.executable, *arguments, "-m", "pytest", "-q", "-s", "-p", "conftest", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), *options, "test_garden.py"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=env, input=text, capture_output=True, encoding="utf-8", timeout=100, check=False
    )


@pytest.mark.skipif(bool(why_not()), reason="no virtual machine here")
def test_example_passes_as_it_stands_on_both_engines(folder):
    ended = run(folder, options=("--engine", "both"))
    assert ended.returncode == 0 and "4 passed" in ended.stdout, ended.stdout


def test_debugger_stops_where_the_page_says(folder):
    source = (folder / "examples/LM_garden.py").read_text().splitlines()
    line = source.index("    _pump().value(1)") + 1
    assert f"b examples/LM_garden.py:{line}\n" in (ROOT / "docs/load-modules.md").read_text(encoding="utf-8")
    ended = run(folder, "-m", "pdb", text=f"b examples/LM_garden.py:{line}\nc\np 'seconds', seconds\ncl 1\nc\nq\n")
    assert f"LM_garden.py({line})water()" in ended.stdout and "('seconds', 3)" in ended.stdout, ended.stdout
