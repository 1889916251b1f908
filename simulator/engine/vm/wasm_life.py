"""Firmware on MicroPython for wasm32: a heap with the words of a board, to measure memory on.

It is :class:`simulator.engine.vm.life.VmLife` on another machine. Files of the flash are unpacked into a folder, which
is the machine's root, and packed again when the life ends.

Limits: one thread, so what a worker thread does runs in one go while the loop waits; ``run_on`` beside a program that
runs is not there; writing to the flash takes no time, wears nothing and never fails; no LittleFS, whose buffers on the
heap are missed (see docs/memory.md).
"""

from __future__ import annotations

import inspect
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator.engine.vm.board_folder import board_folder
from simulator.engine.vm.image import ImageFlash, Machine
from simulator.engine.vm.life import VmLife
from simulator.engine.vm.process import VmProcess
from simulator.engine.vm.wasm_process import WasmProcess

#: 3 bits of table for each block of 16 bytes.
_TABLE = 1 + 3 / 128
#: What a board's frozen ``asyncio`` takes when firmware imports it: classes and names, while its code stays in flash.
#: Here it is loaded with the shadows, code and all. Source: measured on the other machine, in words of 4 bytes;
#: tests/system/test_wasm.py measures it anew.
ASYNCIO_BYTES = 4_000
_SHADOWS = "/.board"
_SCRIPT = f"{_SHADOWS}/_main.py"
_NOISE = bytes(range(256))


class FolderFlash(ImageFlash):
    """A flash whose files are in a folder while the node runs.

    Attributes:
        folder: with ``root`` and ``dev``; None while the node is off.
    """

    folder: Path | None = None

    def begin_life(self, machine: Machine, store: Callable[[str, bytes], None]) -> None:
        """Unpack the files; the machine is asked from now on."""
        self._forget()
        self.folder = Path(tempfile.mkdtemp(prefix="micros-wasm-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        root = self.folder / "root"
        root.mkdir()
        for name in self.folders():
            (root / name[1:]).mkdir()
        for name, data in self.files().items():
            (root / name[1:]).write_bytes(data)
        (self.folder / "dev").mkdir()
        (self.folder / "dev" / "random").write_bytes(_NOISE)
        super().begin_life(machine, store)
        self.take_over()

    def take_over(self) -> None:
        """The files are in the machine's folder already."""
        if self.machine is None:
            super().take_over()

    def close_all(self) -> None:
        """The machine is gone: pack its files."""
        super().close_all()
        if self.folder is None:
            return
        root = self.folder / "root"
        now = {"/" + path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*"))}
        for name in [name for name in self.files() if name not in now]:
            self.remove(name)
        for name, path in now.items():
            if path.is_dir():
                if not self.exists(name):
                    self.mkdir(name)
            elif not self.exists(name) or self.read(name) != path.read_bytes():
                self.write(name, path.read_bytes())
        self._forget()

    def _forget(self) -> None:
        if self.folder is not None:
            self._remove()
            self.folder = None


class WasmLife(VmLife):
    """One run of a node on a 32-bit heap."""

    _scale = 1
    _table = _TABLE
    _board_folders = ("board", "board_wasm")

    def _find_overhead(self) -> int:
        return super()._find_overhead() - ASYNCIO_BYTES

    def _describe(self) -> dict[str, Any]:
        facts = super()._describe()
        modules = self._calls.modules
        facts["modules"] = {name: (*each, _names(modules[name])) for name, each in facts["modules"].items()}
        self._engine_calls[".statvfs"] = self._do_statvfs
        return facts

    def _do_statvfs(self) -> tuple[int, ...]:
        flash = self._flash
        assert isinstance(flash, FolderFlash) and flash.folder is not None
        sizes = [path.stat().st_size for path in (flash.folder / "root").rglob("*") if path.is_file()]
        block = flash.block_bytes
        blocks = flash.capacity_bytes // block
        free = blocks - sum(-(-size // block) for size in sizes)
        return block, block, blocks, free, free, 0, 0, 0, 0, 255

    def _open_process(self, heap_bytes: int) -> VmProcess:
        flash = self._flash
        assert isinstance(flash, FolderFlash) and flash.folder is not None
        folders = {
            "/": flash.folder / "root",
            "/dev": flash.folder / "dev",
            _SHADOWS: board_folder(self._board_folders),
        }
        return WasmProcess(heap_bytes, _SCRIPT, folders)


def _names(module: ModuleType) -> list[str]:
    """Names of methods, constants and parameters of a module's classes and functions: a board has them in flash."""
    found: set[str] = set()
    for key, value in vars(module).items():
        if key.startswith("__") or not callable(value):
            continue
        found |= _parameters(value)
        if isinstance(value, type):
            members = [name for name in dir(value) if not name.startswith("_")]
            found.update(members, *(_parameters(getattr(value, name)) for name in members))
    return sorted(found)


def _parameters(value: Any) -> set[str]:
    try:
        return set(inspect.signature(value).parameters) if callable(value) else set()
    except ValueError:  # a class or function of Python's own
        return set()
