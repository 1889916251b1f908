"""Lines on their way from a Load Module to the client that called it."""

import time

from micropython import const

_MAX_AHEAD = const(4096)    # bytes that may wait for the client
_LINE_BYTES = const(32)     # what a line takes besides its characters
_POLL_MS = const(5)
_WAIT_MS = const(10000)     # so long a worker waits for a client that does not read


class Outbox:
    """Holds lines until they are taken, and not too many of them."""

    def __init__(self):
        self._lines = []
        self._ahead = 0         # bytes that _lines take
        self._dropped = 0
        self._is_closed = False

    def add(self, text):
        """Add a line that the Load Module streams; it is dropped, and counted, if too much waits."""
        if self._is_closed:
            return
        if self._ahead > _MAX_AHEAD:
            self._dropped += 1
            return
        self._lines.append(str(text))
        self._ahead += _LINE_BYTES + len(self._lines[-1])

    def end(self, lines):
        """Add the reply itself, which is never dropped."""
        if not self._is_closed:
            self._note_dropped()
            self._lines.extend(lines)

    def take(self):
        """Return the lines that wait."""
        self._note_dropped()
        lines, self._lines = self._lines, []
        self._ahead = 0
        return lines

    def close(self):
        """Throw away what waits and what comes."""
        self._is_closed = True
        self._lines = []

    def wait_for_room(self):
        """Block the calling thread, for some seconds at most, while too much waits."""
        start = time.ticks_ms()
        while self._ahead > _MAX_AHEAD and not self._is_closed:
            if time.ticks_diff(time.ticks_ms(), start) > _WAIT_MS:
                return
            time.sleep_ms(_POLL_MS)

    def _note_dropped(self):
        if self._dropped:
            self._lines.append('[...] %d lines dropped' % self._dropped)
            self._dropped = 0
