"""A tap on the home network: sees every TCP segment that is sent, and may swallow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.lan.tcp import Segment

_LETTERS = ((1, "S"), (2, "A"), (4, "F"), (8, "R"))


class Seen(NamedTuple):
    """A segment that was sent."""

    at_ms: float
    sender: str
    flags: str
    seq: int
    size: int
    segment: Segment


class Wire:
    """Put it on with ``Wire(desk)``; ``swallow`` decides about each segment."""

    def __init__(self, desk: Any) -> None:
        self.log: list[Seen] = []
        self.swallow: Callable[[Seen], bool] = lambda seen: False
        self._kernel = desk.kernel
        self._carry = desk.lan.home.carry
        desk.lan.home.carry = self._look

    def _look(self, sender: Any, packet: Any) -> None:
        flags = "".join(letter for bit, letter in _LETTERS if packet.flags & bit)
        at_ms = self._kernel.now / 1000
        seen = Seen(at_ms, sender.stack.name, flags, packet.seq, len(packet.data), packet)
        self.log.append(seen)
        if not self.swallow(seen):
            self._carry(sender, packet)

    def lose(self, *numbers: int, sender: str = "client", flags: str | None = None, size: int | None = None) -> None:
        """Swallow the ``numbers``-th of the matching segments from now on, counted from 1; all without numbers."""
        count = 0

        def swallow(seen: Seen) -> bool:
            nonlocal count
            if seen.sender != sender or flags not in (None, seen.flags) or size not in (None, seen.size):
                return False
            count += 1
            return not numbers or count in numbers

        self.swallow = swallow

    def times(self, sender: str, flags: str | None = None) -> list[float]:
        """When ``sender`` sent what has these flags, ms."""
        return [seen.at_ms for seen in self.log if seen.sender == sender and flags in (None, seen.flags)]

    def sizes(self, sender: str) -> list[int]:
        """Payloads that ``sender`` sent."""
        return [seen.size for seen in self.log if seen.sender == sender and seen.size]
