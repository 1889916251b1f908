"""``neopixel``, frozen into the port: strings of WS2812 and the like.

Source: micropython-lib micropython/drivers/led/neopixel (0.1.0), docs/library/neopixel.rst.

Limits: the class refuses assignment (it is shared by all nodes); ``ORDER`` can be set on an object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.micropython._builtin import Builtin
from simulator.micropython._pulse import bitstream
from simulator.micropython.runtime import running

__all__ = ["NeoPixel"]

_PIXEL_US = 20
#: Nanoseconds (high of 0, low of 0, high of 1, low of 1) at 800 kHz and at 400 kHz.
_FAST = (400, 850, 800, 450)
_SLOW = (800, 1700, 1600, 900)


class NeoPixel(metaclass=Builtin):
    """A string of pixels; nothing is sent before :meth:`write`.

    Args:
        pin: a Pin; becomes an output.
        n: how many pixels.
        bpp: 3 for RGB, 4 for RGBW.
        timing: 1 for 800 kHz, 0 for 400 kHz, or four lengths in ns.
    """

    #: Where the colours of (r, g, b, w) go in the bytes sent.
    ORDER: Sequence[int] = (1, 0, 2, 3)

    def __init__(self, pin: Any, n: int, bpp: int = 3, timing: Any = 1) -> None:
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.pin.init(pin.OUT)
        self.timing = (_FAST if timing else _SLOW) if isinstance(timing, int) else timing

    def __len__(self) -> int:
        return self.n

    def __setitem__(self, i: int, v: Sequence[int]) -> None:
        running().cpu.charge(_PIXEL_US)
        for colour in range(self.bpp):
            _store(self.buf, i * self.bpp + self.ORDER[colour], v[colour])

    def __getitem__(self, i: int) -> tuple[int, ...]:
        running().cpu.charge(_PIXEL_US)
        return tuple(self.buf[i * self.bpp + self.ORDER[colour]] for colour in range(self.bpp))

    def fill(self, v: Sequence[int]) -> None:
        """Give all pixels one colour."""
        running().cpu.charge(_PIXEL_US * max(1, self.n))
        for colour in range(self.bpp):
            for at in range(self.ORDER[colour], len(self.buf), self.bpp):
                _store(self.buf, at, v[colour])

    def write(self) -> None:
        """Send the colours to the pixels."""
        bitstream(self.pin, 0, self.timing, self.buf)


def _store(buf: bytearray, at: int, value: int) -> None:
    """Put a number into a byte as MicroPython does: only its low eight bits count."""
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    buf[at] = value & 0xFF
