"""The shadow modules of a virtual machine as bytecode, in a folder that it can import them from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

from simulator import mpy
from simulator.disk_cache import cache_dir


@cache
def board_folder(names: tuple[str, ...]) -> Path:
    """A folder with the shadow modules of these folders as bytecode, of the last that has one; made once."""
    here = Path(__file__).parent
    sources = {path.name: path.read_bytes() for name in names for path in sorted((here / name).glob("*.py"))}
    digest = hashlib.sha256(b"".join(name.encode() + data for name, data in sources.items())).hexdigest()[:16]
    folder = (cache_dir("vm") or Path(tempfile.gettempdir())) / f"board-{digest}"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in sources.items():
            if name == "_main.py":
                _replace(folder / name, data)
            else:
                _replace(folder / f"{Path(name).stem}.mpy", mpy.compile_source(data, f"/{name}"))
        _replace(folder / "done", b"")
    return folder


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(data)
    part.replace(path)
