"""The serial console of a node: what it prints, what is typed at it."""

from __future__ import annotations

from collections.abc import Callable

_KEEP_BYTES = 65_536


class Console:
    """Output with a bounded memory, listeners, and an input queue.

    Attributes:
        listeners: called with each printed text, in order.
    """

    def __init__(self) -> None:
        self.listeners: list[Callable[[str], object]] = []
        self._kept: list[str] = []
        self._kept_size = 0
        self._typed: list[str] = []

    def write(self, text: str) -> None:
        """Print ``text``; the newest 64 kB are kept."""
        self._kept.append(text)
        self._kept_size += len(text)
        if self._kept_size > 2 * _KEEP_BYTES:
            self._kept = [self.text()[-_KEEP_BYTES:]]
            self._kept_size = len(self._kept[0])
        for listener in self.listeners[:]:
            listener(text)

    def text(self) -> str:
        """What was printed, at most the newest part of it."""
        return "".join(self._kept)

    def type(self, line: str) -> None:
        """Type a line for ``input()``."""
        self._typed.append(line)

    def read_line(self) -> str | None:
        """The oldest line typed and not yet read, None if there is none."""
        return self._typed.pop(0) if self._typed else None
