"""Lines of the firmware that ran on the virtual machine, and their way into coverage.py's data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: Runs a node on each engine for some seconds and prints the lines of two modules that ran.
_PROGRAM = """
import dataclasses
from simulator.electrical.boards import BOARDS
from simulator.engine import line_recorder
from simulator.firmware import default_source
from simulator.world import World

BOARDS["esp32"] = dataclasses.replace(BOARDS["esp32"], heap_bytes=500_000)
recorder = line_recorder.activate(default_source())
for engine in ("cpython", "micropython"):
    with World(seed=1, engine=engine) as world:
        node = world.add_node("node01")
        shell = world.shell(node)
        shell("version")
        world.run_for(5)
    ran = recorder.lines()
    print([sorted(ran[str(default_source() / name)]) for name in ("framing.py", "InterpreterShell.py")])
    recorder.hits[:] = bytes(len(recorder.hits))
"""


def test_both_engines_run_the_same_lines() -> None:
    """In a process of its own: what a process has compiled keeps its marks."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert len(first) > 150
    assert first == second
