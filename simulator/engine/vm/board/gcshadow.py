"""Shadow of `gc`: the collector is the real one; its figures are in words of the board, which has 4 bytes to a word."""

import utime

import _link

_PARK_US = 20       # of the host


class Gc:
    def __init__(self, real, scale, overhead):
        self._real = real
        self._scale = scale
        self._overhead = overhead
        self.enable = real.enable
        self.disable = real.disable
        self.isenabled = real.isenabled

    def collect(self):
        # The collector looks into the stacks of all threads. One that has handed over just now may not be back at its
        # gate, and still hold what it leaves there else: what is free would depend on when the host let it run.
        if not _link.is_alone():
            utime.sleep_us(_PARK_US)
        return self._real.collect()

    def threshold(self, *amount):
        scale = self._scale
        if not amount:
            now = self._real.threshold()
            return now if now < 0 else now // scale
        self._real.threshold(amount[0] * scale if amount[0] > 0 else amount[0])

    def mem_free(self):
        _link.charge(600)
        return self._real.mem_free() // self._scale

    def mem_alloc(self):
        _link.charge(600)
        return (self._real.mem_alloc() - self._overhead) // self._scale
