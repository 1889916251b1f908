"""Loads firmware modules by path, beside the host's own modules, with a flash in memory where they need one."""

from __future__ import annotations

import builtins
import errno
import io
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

import pytest

from simulator.engine import line_recorder

_SOURCE = Path(__file__).resolve().parents[3] / "micrOS" / "source"
_FOLDERS = (_SOURCE, _SOURCE / "modules")


@cache
def _compiled(path: Path) -> CodeType:
    text = path.read_text(encoding="utf-8")
    if line_recorder.active is not None:
        return line_recorder.active.compile(text, str(path))
    return compile(text, str(path), "exec")


_MICROPYTHON = SimpleNamespace(const=lambda value: value)


def _still_time() -> SimpleNamespace:
    """Stand-in for MicroPython's ``time``, in which no time passes."""
    return SimpleNamespace(
        ticks_ms=lambda: 0,
        ticks_diff=lambda a, b: a - b,
        localtime=lambda: time.gmtime(0),
        sleep_ms=lambda ms: None,
    )


class Firmware:
    """A module table of its own for firmware modules; ``sys.modules`` never sees them. Cold ones stay in it.

    Args:
        open: takes the place of the built-in function.
        stand_ins: modules that take the place of those that need hardware or MicroPython.
    """

    def __init__(self, *, open: Callable[..., Any] = open, **stand_ins: Any) -> None:
        self._modules: dict[str, Any] = {"micropython": _MICROPYTHON, "time": _still_time(), **stand_ins}
        self._builtins = {**vars(builtins), "__import__": self._import, "open": open}

    def load(self, name: str) -> Any:
        """Import a firmware module and what it needs of the firmware."""
        if name not in self._modules:
            path = next(folder / f"{name}.py" for folder in _FOLDERS if (folder / f"{name}.py").exists())
            module = ModuleType(name)
            self._modules[name] = module
            namespace = module.__dict__
            namespace["__builtins__"] = self._builtins
            exec(_compiled(path), namespace)  # noqa: S102 - this is the importer
        return self._modules[name]

    def _import(self, name: str, *rest: Any) -> Any:
        if name in self._modules or any((folder / f"{name}.py").exists() for folder in _FOLDERS):
            return self.load(name)
        return builtins.__import__(name, *rest)


class PowerCut(BaseException):
    """The power failed: nothing of this life runs on."""


class _Writing(io.StringIO):
    """A file that is being written; its content reaches the flash when it is closed."""

    def __init__(self, flash: MemoryFlash, path: str, before: str) -> None:
        super().__init__()
        self.write(before)
        self._flash = flash
        self._path = path

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self._flash.commit(self._path, self.getvalue())
        super().__exit__(*error)


class MemoryFlash:
    """Files by path. Each change of the flash is one step; see ``cut_after`` and ``is_full``.

    Attributes:
        files: path -> text.
        steps: changes so far.
        cut_after: so many further changes happen, then the power fails; None for never.
        is_full: True refuses every written file.
    """

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.steps = 0
        self.cut_after: int | None = None
        self.is_full = False

    @property
    def os(self) -> Any:
        """Stand-in for MicroPython's ``os``."""
        return SimpleNamespace(
            rename=self._rename, remove=self._remove, stat=self._stat, listdir=lambda path="": sorted(self.files)
        )

    def open(self, path: str, mode: str = "r") -> Any:
        """Stand-in for ``open`` with modes r, rb, w and a."""
        if mode in ("r", "rb"):
            self._stat(path)
            text = self.files[path]
            return io.StringIO(text) if mode == "r" else io.BytesIO(text.encode())
        self._step()
        self.files.setdefault(path, "")
        before = self.files[path] if mode == "a" else ""
        return _Writing(self, path, before)

    def commit(self, path: str, text: str) -> None:
        """Put a written file on the flash, unless it is full."""
        if self.is_full:
            raise OSError(errno.ENOSPC)
        self._step()
        self.files[path] = text

    def _step(self) -> None:
        if self.cut_after is not None:
            if self.cut_after == 0:
                raise PowerCut
            self.cut_after -= 1
        self.steps += 1

    def _rename(self, old: str, new: str) -> None:
        self._stat(old)
        self._step()
        self.files[new] = self.files.pop(old)

    def _remove(self, path: str) -> None:
        self._stat(path)
        self._step()
        del self.files[path]

    def _stat(self, path: str) -> tuple[int, ...]:
        if path not in self.files:
            raise OSError(errno.ENOENT)
        return (0o100000,)

    def boot(self) -> Firmware:
        """Firmware modules that have this flash and no other hardware, as after a reset."""
        return Firmware(open=self.open, os=self.os, machine=None, network=None)


@pytest.fixture
def firmware() -> Callable[..., Firmware]:
    """Makes a firmware module table: ``firmware(hal=stand_in).load("ConfigHandler")``."""
    return Firmware


@pytest.fixture(scope="session")
def pure() -> Firmware:
    """Firmware modules that need no hardware: ``pure.load("literals")``."""
    return Firmware()


@pytest.fixture(scope="session")
def source() -> Path:
    """Folder of the firmware's sources."""
    return _SOURCE


@pytest.fixture(scope="session")
def memory_flash() -> type[MemoryFlash]:
    """Makes a flash in memory: ``memory_flash().boot().load("ConfigHandler")``."""
    return MemoryFlash


@pytest.fixture(scope="session")
def power_cut() -> type[BaseException]:
    """What ends a life when the power fails."""
    return PowerCut
