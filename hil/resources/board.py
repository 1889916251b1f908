"""A board of the rig, as the rig file names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BoardResource:
    """One board.

    Attributes:
        name: unique in the rig.
        rung: which driver reaches it; ``simulated`` is the one there is so far.
        board: type of board, ``esp32`` or ``tinypico``.
        capabilities: what tests may ask for with ``@pytest.mark.needs``.
    """

    name: str
    rung: str
    board: str
    capabilities: frozenset[str] = frozenset()
