"""What ``--simulate`` prints: the nodes' serial consoles, line by line, and its own remarks.

Nodes print from within virtual time; nothing is written there but a list. ``flush`` writes it out between two
stretches of virtual time, in one piece, so that a closed window is noticed where it can be handled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TextIO

from simulator.errors import NodeHung
from simulator.node import Node

#: A line that grows beyond this is shown in pieces.
_LONGEST_LINE = 4_096
#: What a terminal would act upon: control characters but the tab.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Printer:
    """Collects lines, and writes them when told.

    Args:
        stream: where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that lacks a character gets its number, not an exception
            reconfigure(errors="backslashreplace")

    def say(self, line: str) -> None:
        """Add a line of our own."""
        self._lines.append(line)

    def attach(self, node: Node) -> None:
        """Add each complete line that a node prints, with its name before it."""
        node.console.listeners.append(_LineCutter(f"[{node.name}] ", self._lines.append))

    def flush(self) -> None:
        """Write what was collected.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        if self._lines:
            text = "\n".join(self._lines) + "\n"
            self._lines.clear()
            self._stream.write(text)
            self._stream.flush()


class _LineCutter:
    """Makes lines of the pieces of text that a console prints."""

    def __init__(self, prefix: str, take: Callable[[str], object]) -> None:
        self._prefix = prefix
        self._take = take
        self._rest = ""

    def __call__(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = ""
        for line in lines:
            self._take(self._prefix + _CONTROL.sub(_visible, line.rstrip("\r")))


def _visible(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def last_lines(node: Node, count: int) -> list[str]:
    """The newest lines that a node printed, ready to be shown."""
    lines = [line.rstrip("\r") for line in node.console.text().split("\n")]
    return [_CONTROL.sub(_visible, line) for line in lines if line.strip()][-count:]


def hang_report(error: NodeHung) -> list[str]:
    """What to tell about a thread that never waits, line by line."""
    lines = [f"{error.node}: HUNG: thread {error.thread!r} ran {error.ran_us / 1e6:.0f} s without waiting once, at"]
    lines += [f"    {frame}" for frame in reversed(error.stack)] or ["    an unknown place"]
    return [*lines, f"{error.node}: reset, as a watchdog would"]
