"""Shadow of `gc`: the collector is the real one; its figures are in words of the board, which has 4 bytes to a word."""

import _link


class Gc:
    def __init__(self, real, scale, overhead):
        self._real = real
        self._scale = scale
        self._overhead = overhead
        self.collect = real.collect
        self.enable = real.enable
        self.disable = real.disable
        self.isenabled = real.isenabled

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
