"""Error log lines of what may happen again and again for years: few enough for the flash."""

import time

from Debug import console_write, errlog_add

_SAME_LINE_S = 86400        # the same problem is logged once in this time
_LINES = 6                  # so many lines at once,
_LINE_S = 14400             # and then one in this time
_MAX_TEXTS = 8


class Clock:
    """Seconds that never wrap. It must be asked more often than ticks wrap, which is every 6 days."""

    def __init__(self):
        self._seconds = 0
        self._ticks = time.ticks_ms()

    def now(self):
        """Return the seconds since the clock was made, int."""
        passed_s = time.ticks_diff(time.ticks_ms(), self._ticks) // 1000
        self._seconds += passed_s
        self._ticks = time.ticks_add(self._ticks, passed_s * 1000)
        return self._seconds


class SparseLog:
    """Writes some lines at once and then one every 4 hours; what is left out is counted.

    Args:
        clock: Clock.
    """

    def __init__(self, clock):
        self._clock = clock
        self._budget = _LINES
        self._since = 0         # when the budget was last raised
        self._told = {}         # problem -> when
        self._left_out = 0

    def problem(self, text, level='ERR'):
        """Log something that is wrong and stays so; the same once a day."""
        now = self._clock.now()
        if text in self._told and now - self._told[text] < _SAME_LINE_S:
            console_write(text)
        elif self.event(text, level):
            if len(self._told) >= _MAX_TEXTS:
                self._told.clear()
            self._told[text] = now

    def event(self, text, level='ERR'):
        """Log something that happened; False if it was left out."""
        now = self._clock.now()
        raised = (now - self._since) // _LINE_S
        self._since += raised * _LINE_S
        self._budget = min(_LINES, self._budget + raised)
        if not self._budget:
            self._left_out += 1
            console_write(text)
            return False
        self._budget -= 1
        errlog_add(text + (' (%d lines left out)' % self._left_out if self._left_out else ''), level)
        self._left_out = 0
        return True
