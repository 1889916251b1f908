"""Chooses the engine of worlds that name none."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

from simulator import world
from simulator.electrical.boards import BOARDS
from simulator.engine.engines import MICROPYTHON


@contextlib.contextmanager
def running_on(engine: str, *, heap_factor: float = 1.0) -> Iterator[None]:
    """Have worlds that name no engine use this one meanwhile.

    Args:
        engine: its name.
        heap_factor: nodes on micropython get so many times their board's heap.
    """
    before, boards = world.default_engine, dict(BOARDS)
    world.default_engine = engine
    if engine == MICROPYTHON and heap_factor != 1.0:
        for key, board in boards.items():
            BOARDS[key] = dataclasses.replace(board, heap_bytes=int(board.heap_bytes * heap_factor))
    try:
        yield
    finally:
        world.default_engine = before
        BOARDS.update(boards)
