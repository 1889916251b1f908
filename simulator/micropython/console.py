"""The console of a node: what it prints, what is typed at it.

Lines typed by a test or a person (:meth:`Console.type`) are for ``input()`` and ``sys.stdin``. Bytes that a second
terminal receives (:meth:`Console.put`) are for the REPL too.
"""

from __future__ import annotations

from collections.abc import Callable

_KEEP_BYTES = 65_536
#: Source: ports/esp32/mphalport.c, stdin_ringbuf_array: 260 bytes, of which one stays free.
_INPUT_BYTES = 259


class Console:
    """Output with a bounded memory, listeners, and an input queue.

    Attributes:
        listeners: called with each printed text, in order.
        copy: the second terminal; gets each printed text after the listeners.
        on_input: called when :meth:`put` has taken a byte.
    """

    def __init__(self) -> None:
        self.listeners: list[Callable[[str], object]] = []
        self._kept: list[str] = []
        self._kept_size = 0
        self.copy: Callable[[str], object] | None = None
        self.on_input: Callable[[], object] = lambda: None
        self._typed: list[str] = []
        self._received = bytearray()

    def write(self, text: str) -> None:
        """Print ``text``; the newest 64 kB are kept."""
        self._kept.append(text)
        self._kept_size += len(text)
        if self._kept_size > 2 * _KEEP_BYTES:
            self._kept = [self.text()[-_KEEP_BYTES:]]
            self._kept_size = len(self._kept[0])
        for listener in self.listeners[:]:
            listener(text)
        if self.copy is not None:
            self.copy(text)

    def text(self) -> str:
        """What was printed, at most the newest part of it."""
        return "".join(self._kept)

    def type(self, line: str) -> None:
        """Type a line for ``input()``."""
        self._typed.append(line)

    def read_line(self) -> str | None:
        """The oldest line typed and not yet read, None if there is none."""
        if self._typed:
            return self._typed.pop(0)
        end = self._received.find(b"\r")
        if end < 0:
            return None
        line = self._received[:end].decode(errors="replace")
        del self._received[: end + 1]
        return line

    def put(self, byte: int) -> None:
        """A byte from the second terminal; it is lost when the input is full."""
        if len(self._received) < _INPUT_BYTES:
            self._received.append(byte)
            self.on_input()

    def get(self) -> int | None:
        """The oldest byte of :meth:`put` that was not read, None if there is none."""
        return self._received.pop(0) if self._received else None

    def begin_life(self) -> None:
        """After a reset: nothing was received, and there is no second terminal."""
        self._received.clear()
        self.copy = None
        self.on_input = lambda: None
