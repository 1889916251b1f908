"""Shadow of the frozen `neopixel`: a frame is one call of the world."""

from machine import bitstream


class NeoPixel:
    ORDER = (1, 0, 2, 3)

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.pin.init(pin.OUT)
        fast, slow = (400, 850, 800, 450), (800, 1700, 1600, 900)
        self.timing = (fast if timing else slow) if isinstance(timing, int) else timing

    def __len__(self):
        return self.n

    def __setitem__(self, i, v):
        offset = i * self.bpp
        for part in range(self.bpp):
            self.buf[offset + self.ORDER[part]] = v[part]

    def __getitem__(self, i):
        offset = i * self.bpp
        return tuple([self.buf[offset + self.ORDER[part]] for part in range(self.bpp)])

    def fill(self, v):
        b = self.buf
        step = self.bpp
        for part in range(step):
            c = v[part]
            for j in range(self.ORDER[part], len(b), step):
                b[j] = c

    def write(self):
        bitstream(self.pin, 0, self.timing, self.buf)
