"""``dotstar``, frozen into the TinyPICO's firmware: a string of APA102 pixels on an SPI.

Each pixel has a brightness of its own (5 bits) beside its colour (8 bits per colour).

Source: API and frame of github.com/mattytrentini/micropython-dotstar, dotstar.py, which is what
ports/esp32/boards/UM_TINYPICO freezes; APA102 data sheet.

Limits: the class refuses assignment (it is shared by all nodes).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import running

__all__ = ["BGR", "BRG", "GBR", "GRB", "LED_START", "RBG", "RGB", "START_HEADER_SIZE", "DotStar"]

START_HEADER_SIZE = 4
LED_START = 0xE0

#: Which of (r, g, b) is sent first, second, third.
RGB = (0, 1, 2)
RBG = (0, 2, 1)
GRB = (1, 0, 2)
GBR = (1, 2, 0)
BRG = (2, 0, 1)
BGR = (2, 1, 0)

_CALL_US = 30
_PIXEL_BYTES = 4
_BRIGHTNESS_MAX = 31
_PIXELS_PER_END_BYTE = 16


class DotStar(metaclass=Builtin):
    """A string of pixels.

    Args:
        spi: anything with ``write(bytes)``.
        n: how many pixels.
        brightness: factor for all colours, 0…1.
        auto_write: send after every change; otherwise :meth:`show` sends.
        pixel_order: ``BGR`` or another of the orders.
    """

    auto_write: bool
    end_header_index: int
    end_header_size: int
    pixel_order: Sequence[int]

    def __init__(
        self,
        spi: Any,
        n: int,
        *,
        brightness: float = 1.0,
        auto_write: bool = True,
        pixel_order: Sequence[int] = BGR,
    ) -> None:
        self._spi = spi
        self._n = n
        self.end_header_size = -(-n // _PIXELS_PER_END_BYTE)
        self.end_header_index = START_HEADER_SIZE + n * _PIXEL_BYTES
        self._buf = bytearray(bytes(START_HEADER_SIZE) + b"\xff\0\0\0" * n + b"\xff" * self.end_header_size)
        self.pixel_order = pixel_order
        self.auto_write = False
        self.brightness = brightness
        self.auto_write = auto_write

    def __repr__(self) -> str:
        return "[" + ", ".join(str(pixel) for pixel in self) + "]"

    def __enter__(self) -> DotStar:
        return self

    def __exit__(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self.deinit()

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(self._n))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._colour(at) for at in range(*index.indices(self._n))]
        at = index + self._n if index < 0 else index
        if not 0 <= at < self._n:
            raise IndexError
        return self._colour(at)

    def __setitem__(self, index: Any, val: Any) -> None:
        running().cpu.charge(_CALL_US)
        if isinstance(index, slice):
            places = range(*index.indices(self._n))
            if len(val) != len(places):
                raise ValueError("Slice and input sequence size do not match.")
            for at, value in zip(places, val, strict=True):
                self._set_item(at, value)
        else:
            self._set_item(index, val)
        if self.auto_write:
            self.show()

    @property
    def brightness(self) -> float:
        """Factor for all colours, 0…1; set values are limited to that."""
        return self._brightness

    @brightness.setter
    def brightness(self, brightness: float) -> None:
        self._brightness = min(max(brightness, 0.0), 1.0)
        if self.auto_write:
            self.show()

    def deinit(self) -> None:
        """Make all pixels black and free the SPI."""
        self.auto_write = False
        for at in range(START_HEADER_SIZE, self.end_header_index):
            if at % _PIXEL_BYTES:
                self._buf[at] = 0
        self.show()
        if self._spi:
            self._spi.deinit()

    def fill(self, color: Any) -> None:
        """Give all pixels one colour."""
        auto_write, self.auto_write = self.auto_write, False
        for at in range(self._n):
            self[at] = color
        if auto_write:
            self.show()
        self.auto_write = auto_write

    def show(self) -> None:
        """Send the colours, each times the brightness."""
        running().cpu.charge(_CALL_US)
        frame = bytearray(self._buf)
        if self._brightness < 1.0:
            for at in range(START_HEADER_SIZE, self.end_header_index):
                if at % _PIXEL_BYTES:
                    frame[at] = int(frame[at] * self._brightness)
        if self._spi:
            self._spi.write(frame)

    def _set_item(self, index: int, value: Any) -> None:
        """Store (r, g, b), (r, g, b, brightness 0…1) or 0xRRGGBB."""
        if isinstance(value, int):
            value = (value >> 16, value >> 8 & 0xFF, value & 0xFF)
        share = value[3] if len(value) == 4 else 1
        at = START_HEADER_SIZE + index * _PIXEL_BYTES
        self._buf[at] = LED_START | math.ceil(share * _BRIGHTNESS_MAX) & _BRIGHTNESS_MAX
        for place in range(3):
            self._buf[at + 1 + place] = value[self.pixel_order[place]] & 0xFF

    def _colour(self, index: int) -> tuple[int, int, int]:
        """(r, g, b) of a pixel; as in the original this is right for ``BGR`` only."""
        at = START_HEADER_SIZE + index * _PIXEL_BYTES
        return self._buf[at + 3], self._buf[at + 2], self._buf[at + 1]
