"""What ``--simulate`` prints: the nodes' serial consoles, line by line, and its own remarks.

Nodes print from within virtual time; nothing is written there but a list. ``flush`` writes it out between two
stretches of virtual time, in one piece, so that a closed window is noticed where it can be handled.

What a terminal would act upon (colours, too: the firmware has none) is shown as its number, in remarks as well, since
they quote nodes and files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from simulator.errors import NodeHung
from simulator.node import Node

#: A line that grows beyond this is shown in pieces.
_LONGEST_LINE = 4_096


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
        """Add a line of our own, or several with line breaks between them."""
        self._lines += [visible(part) for part in line.split("\n")]

    def attach(self, node: Node) -> None:
        """Add each complete line that a node prints, with its name before it."""
        node.console.listeners.append(_LineCutter(f"[{node.name}] ", self.say))

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
            self._take(self._prefix + line.rstrip("\r"))


def visible(line: str) -> str:
    """A line as it may be shown: what neither can be printed nor is a tab (control characters, those that turn the
    direction of writing, halves of characters) stands as its number, as Python writes it.
    """
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() or char == "\t" else _number(ord(char)) for char in line)


def _number(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def last_lines(node: Node, count: int) -> list[str]:
    """The newest lines that a node printed."""
    lines = [line.rstrip("\r") for line in node.console.text().split("\n")]
    return [line for line in lines if line.strip()][-count:]


def hang_report(error: NodeHung) -> list[str]:
    """What to tell about a thread that never waits, line by line."""
    lines = [f"{error.node}: HUNG: thread {error.thread!r} ran {error.ran_us / 1e6:.0f} s without waiting once, at"]
    lines += [f"    {frame}" for frame in reversed(error.stack)] or ["    an unknown place"]
    return [*lines, f"{error.node}: reset, as a watchdog would"]
