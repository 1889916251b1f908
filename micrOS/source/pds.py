"""What a Load Module remembers over a power cut: whole numbers in one line of a file `<name>.pds`.

    store = Store('rgb', (197, 35, 10, 0), ((0, 1000), (0, 1000), (0, 1000), (0, 1)))
    store.load(cache)               # from now on the flash is used
    store.keep((1, 2, 3, 1))        # the file follows when nothing has changed for 2 s
"""

import asyncio
import os
import sys
import time

import hal
import locks
from Debug import errlog_add
from micropython import const

_SETTLE_MS = const(2000)
_LOCK_MS = const(5000)      # longer than a file takes to be written
_MAX_COUNT = const(500)     # of numbers
_MAX_CHARS = const(8192)    # of a file; more is none of ours


class Store:
    """The state of one module.

    Args:
        name: str, of the file without `.pds`.
        defaults: numbers before anything was kept.
        limits: (lowest, highest) of each number; None: up to 500 of any size.

    Attributes:
        values: list of int, the current state.
        is_on: True once `load()` has said so: the flash is used.
    """

    def __init__(self, name, defaults, limits=None):
        self.values = list(defaults)
        self.is_on = False
        self._path = name + '.pds'
        self._limits = limits
        self._saved = None          # text in the file, as far as it is known
        self._changed = 0           # ticks of the last `keep`
        self._is_waiting = False    # a task will write
        self._lock = locks.BoundedLock(_LOCK_MS)

    def load(self, cache=None):
        """Take the state from the file, and keep it there from now on. Never raises.

        A file that is damaged is set aside as `<name>.pds.bad` and logged; what is known stays then, as without a file.

        Args:
            cache: bool, use the file or not; None: wherever a flash has room for it.

        Returns:
            bool: the file is used.
        """
        self.flush()
        self.is_on = sys.platform != 'esp8266' if cache is None else bool(cache)
        if self.is_on:
            hal.at_reset[self._path] = self.flush
            self._saved = None
            try:
                hal.remove_leftover(self._path)
                self._read()
            except OSError as e:
                errlog_add('%s: %s' % (self._path, e))
        return self.is_on

    def keep(self, values):
        """Remember a new state; from any thread.

        Raises:
            ValueError: it does not fit the limits, which is a mistake of the module.
        """
        self.values = self._checked(values)
        self._changed = time.ticks_ms()
        if self.is_on and not self._is_waiting:
            self._is_waiting = True
            asyncio.create_task(self._settle())

    def flush(self):
        """Write what has changed, now; False if the flash refused, and the error log says why."""
        try:
            with self._lock:
                text = ','.join([str(value) for value in self.values])
                if self.is_on and text != self._saved:
                    hal.replace_file(self._path, text)
                    self._saved = text
        except OSError as e:
            errlog_add('%s: %s' % (self._path, e))
            return False
        return True

    async def _settle(self):
        left_ms = _SETTLE_MS
        while left_ms > 0:
            await asyncio.sleep_ms(left_ms)
            left_ms = _SETTLE_MS - time.ticks_diff(time.ticks_ms(), self._changed)
        self._is_waiting = False    # before it is written: a change meanwhile gets a task of its own
        self.flush()

    def _read(self):
        try:
            text = hal.read_file(self._path, _MAX_CHARS + 1)
            if text is not None:
                if len(text) > _MAX_CHARS or text.count(',') >= _MAX_COUNT:
                    raise ValueError
                # float: other versions wrote `100.0`
                values = [round(float(field)) for field in text.split(',')] if text else []
                self.values = self._checked(values)
                self._saved = text
        except (ValueError, OverflowError):     # no UTF-8, no numbers, `inf`, too much
            os.rename(self._path, self._path + '.bad')
            errlog_add('%s is damaged, kept as %s.bad' % (self._path, self._path))

    def _checked(self, values):
        limits = self._limits
        is_right = len(values) <= _MAX_COUNT if limits is None else len(values) == len(limits)
        for i in range(len(values) if limits and is_right else 0):
            is_right = is_right and limits[i][0] <= values[i] <= limits[i][1]
        if not is_right:
            raise ValueError('%s: %s does not fit' % (self._path, values))
        return [int(value) for value in values]
