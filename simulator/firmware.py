"""Firmware images: which host file goes where on a node's flash.

Core modules go to the root, ``modules/`` to ``/modules``, ``drivers/`` to ``/lib/drivers``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
