"""Which engines there are: what runs a node's firmware, and what its flash is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from simulator.engine.cpython import Life
from simulator.errors import StateError, UsageError
from simulator.micropython.flash import Flash

CPYTHON = "cpython"
MICROPYTHON = "micropython"
#: MicroPython with the words of a board, to measure memory on; offered to nobody. See bench/README.md.
WASM32 = "wasm32"


class EngineLife(Protocol):
    """One run of a node, from reset to reset."""

    def run(self, source: str, done: Callable[[BaseException | None], None]) -> None:
        """Execute source in ``__main__``."""

    def end(self) -> None:
        """Let go of all that this life held."""


@dataclass(frozen=True)
class Engine:
    """An engine.

    Attributes:
        life: begins a life on a machine.
        flash: makes a flash of so many bytes; with the file of its image, where there is one.
        ships_bytecode: firmware is compiled for it, as for a board.
    """

    life: Callable[..., EngineLife]
    flash: Callable[[int, Path | None], Flash]
    ships_bytecode: bool


def _no_image(capacity_bytes: int, image: Path | None) -> Flash:
    if image is not None:
        raise UsageError("the engine cpython keeps no image of its flash")
    return Flash(capacity_bytes=capacity_bytes)


def find_engine(name: str) -> Engine:
    """The engine of that name.

    Raises:
        UsageError: there is none.
        StateError: it is not available here.
    """
    if name == CPYTHON:
        return Engine(Life, _no_image, ships_bytecode=False)
    if name == WASM32:
        return _wasm32()
    if name != MICROPYTHON:
        raise UsageError(f"no engine {name!r}; there are: {CPYTHON}, {MICROPYTHON}")
    from simulator.engine.vm.process import why_not

    problem = why_not()
    if problem:
        raise StateError(problem)
    from simulator.engine.vm.image import ImageFlash
    from simulator.engine.vm.life import VmLife

    return Engine(
        VmLife, lambda size, path: ImageFlash(capacity_bytes=size, path=path), ships_bytecode=True
    )


def _wasm32() -> Engine:
    from simulator.engine.vm.process import why_not
    from simulator.engine.vm.wasm_process import why_not as why_not_wasm

    problem = why_not() or why_not_wasm()
    if problem:
        raise StateError(problem)
    from simulator.engine.vm.wasm_life import FolderFlash, WasmLife

    return Engine(WasmLife, lambda size, path: FolderFlash(capacity_bytes=size, path=path), ships_bytecode=True)
