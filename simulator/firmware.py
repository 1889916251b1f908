"""Firmware images: which host file goes where on a node's flash.

Core modules go to the root, ``modules/`` to ``/modules``, ``drivers/`` to ``/lib/drivers``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from simulator.engine import line_recorder
from simulator.engine.code import store
from simulator.errors import UsageError

#: Source folder -> folder on flash.
_FOLDERS = {".": "", "modules": "/modules", "drivers": "/lib/drivers"}
_SUFFIXES = {".py", ".idx"}


def default_source() -> Path:
    """The firmware beside this package, in a checkout as in an installation."""
    return Path(__file__).resolve().parent.parent / "micrOS" / "source"


@cache
def image(source: Path | None = None) -> dict[str, bytes]:
    """Flash path -> content of a firmware, sorted by path; the same objects at each call.

    Raises:
        UsageError: the folder holds no firmware.
    """
    folder = source or default_source()
    files: dict[str, bytes] = {}
    for name, target in _FOLDERS.items():
        for file in sorted((folder / name).glob("*")):
            if file.suffix in _SUFFIXES and file.is_file():
                path = f"{target}/{file.name}"
                files[path] = file.read_bytes()
                store().register_origin(path, files[path], str(file))
    if "/main.py" not in files:
        raise UsageError(f"no firmware in {folder}: main.py is missing")
    return files


_shipped: dict[int, tuple[dict[str, bytes], dict[str, bytes]]] = {}


def shipped(files: dict[str, bytes]) -> dict[str, bytes]:
    """What goes onto a board of an :func:`image`: bytecode for its modules.

    Raises:
        CompileError: a file is not what MicroPython takes.
        NoCompiler: the compiler is not installed.
    """
    from simulator.mpy import board_files

    known = _shipped.get(id(files))
    if known is None or known[0] is not files:
        known = _shipped[id(files)] = (files, board_files(_marked(files)))
    return known[1]


def _marked(files: dict[str, bytes]) -> dict[str, bytes]:
    """The sources as they are, or with marks if the lines that run are recorded.

    Those that ship as sources stay as they are: boot.py knows the digest of main.py.
    """
    from simulator.mpy import NEVER_COMPILED

    recorder = line_recorder.active
    if recorder is None:
        return files
    marked = dict(files)
    for path, data in files.items():
        origin = store().origin(path, data)
        if path.endswith(".py") and path not in NEVER_COMPILED and origin is not None and recorder.counts(origin):
            marked[path] = recorder.text(data.decode(), origin).encode()
    return marked
