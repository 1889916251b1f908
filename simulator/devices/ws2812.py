"""WS2812B: a string or ring of RGB pixels that pass a train of bits on. Role ``din``.

Theory of operation. Each pixel takes the first bits that reach it and lets the rest through, until the line rests low
for the reset time; then all show what they took. A train that follows sooner goes on where the last one ended. A pulse
of a length that the data sheet does not allow is no bit: its train is lost, the pixels stay as they were, and a fault
is noted on the net.

Source: Worldsemi WS2812B data sheet (T0H 0.4, T1H 0.8, T0L 0.85, T1L 0.45 us, all +-150 ns; order G R B, most
significant bit first); reset time above 50 us, above 280 us since WS2812B-V5 (its data sheet). SK6812RGBW data sheet
for strings of four channels.

Limits: bits arrive as :class:`~simulator.electrical.net.BitStream`, which has one timing for all of its bits; pulses
made pin edge by pin edge, by SPI or by RMT are not decoded; colours are shown as sent, without gamma.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.devices.png import encode
from simulator.electrical.net import BitStream, Fault
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

#: Name, nanoseconds: (high of 0, low of 0, high of 1, low of 1).
_PULSES = (("T0H", 400), ("T0L", 850), ("T1H", 800), ("T1L", 450))
_TOLERANCE_NS = 150
_MAX_PIXELS = 2_000
_LATCH_US = 280
_LATCHES_US = (50, 10_000)
_ORDERS = ("GRB", "RGB", "BGR", "BRG", "GBR", "RBG", "GRBW", "RGBW")
_SHAPES = ("strip", "ring")
_CELL = 12
_FIRST_RADIUS = 2.5
_SPACING = 1.5
_RGB = 3

#: Red, green, blue, and white if it has it; 0..255.
Pixel = tuple[int, ...]


@part("ws2812")
class Ws2812(Device):
    """A string of pixels with a supply of its own.

    Args:
        site: where it is soldered.
        count: how many pixels.
        order: of the colours on the wire: GRB (the part's own), another one of RGB, or GRBW, RGBW.
        latch_us: reset time of the part; what is sent again sooner is not shown.
        shape: ``strip`` or ``ring``, for the picture.

    Attributes:
        pixels: what they show.
        frames: how often they have taken over what was sent.
        lost: trains that were no bits to them.
        powered: they have their supply; without it they go dark and forget.
    """

    roles = ("din",)
    quantities = {
        "pixels": Quantity("(red, green, blue) of each, 0..255", kind=tuple, is_reading=True),
        "rgb": Quantity("of the first pixel, 0..255", kind=tuple, is_reading=True),
        "lit": Quantity("how many are not dark", kind=int, is_reading=True),
        "frames": Quantity("how often they took over what was sent", kind=int, is_reading=True),
        "lost": Quantity("trains that were no bits to them", kind=int, is_reading=True),
        "powered": Quantity("they have their supply", kind=bool),
    }
    faults = {
        "data_open": "the data line is cut in front of the first pixel",
        "half_dead": "the second half gets no data",
    }

    def __init__(
        self, site: Site, *, count: int = 24, order: str = "GRB", latch_us: float = _LATCH_US, shape: str = "strip"
    ) -> None:
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MAX_PIXELS:
            raise UsageError(f"count must be 1..{_MAX_PIXELS}, not {count!r}")
        if order not in _ORDERS:
            raise UsageError(f"order must be one of {', '.join(_ORDERS)}, not {order!r}")
        if shape not in _SHAPES:
            raise UsageError(f"shape must be one of {', '.join(_SHAPES)}, not {shape!r}")
        super().__init__(site)
        self._latch_us = round(check_number("latch_us", latch_us, *_LATCHES_US))
        self._count, self._shape = count, shape
        self._wire = ["RGBW".index(letter) for letter in order]
        self._taken = bytearray(count * len(order))  # what the pixels hold, as it came
        self._place = 0  # where the next byte goes; beyond the end it leaves the string
        self._rest_since = -math.inf
        self._latching: Event | None = None
        self.frames = self.lost = 0
        self.powered = True
        self.pixels: tuple[Pixel, ...] = ()
        self._go_dark()
        self._net = site.net("din")
        self._net.on_stream(self._take)

    @property
    def rgb(self) -> Pixel:
        """Of the first pixel."""
        return self.pixels[0][:_RGB]

    @property
    def lit(self) -> int:
        """How many are not dark."""
        return sum(any(pixel) for pixel in self.pixels)

    def update(self) -> None:
        """The supply was switched."""
        if not self.powered:
            self._go_dark()

    def _go_dark(self) -> None:
        self._taken[:] = bytes(len(self._taken))
        self._place = 0
        self._cancel()
        self.pixels = ((0,) * len(self._wire),) * self._count

    def _take(self, stream: BitStream) -> None:
        """Take a train that has just ended."""
        if not self.powered or "data_open" in self.failed:
            return
        wrong = _wrong_pulse(stream)
        if wrong:
            self.lost += 1
            self._net.real().faults.append(Fault(stream.t_us, self._net.name, f"{self.site.name}: {wrong}"))
            self.site.record(wrong)
            return
        begin_us = stream.t_us - _length_ns(stream) / 1000
        if begin_us - self._rest_since >= self._latch_us:
            self._place = 0
        end = min(len(self._taken), self._place + len(stream.data))
        if "half_dead" in self.failed:
            end = min(end, self._count // 2 * len(self._wire))
        if end > self._place:
            self._taken[self._place : end] = stream.data[: end - self._place]
        self._place += len(stream.data)
        self._rest_since = stream.t_us
        self._cancel()
        self._latching = self.site.kernel.after(self._latch_us, self._latch)

    def _cancel(self) -> None:
        if self._latching is not None:
            self.site.kernel.cancel(self._latching)
            self._latching = None

    def _latch(self) -> None:
        """The line has rested: all pixels show what they took."""
        self._latching = None
        self._place = 0
        width = len(self._wire)
        shown = []
        for at in range(0, len(self._taken), width):
            colour = [0] * width
            for place, channel in enumerate(self._wire):
                colour[channel] = self._taken[at + place]
            shown.append(tuple(colour))
        self.pixels = tuple(shown)
        self.frames += 1
        self.site.record(f"shows {self._taken[:24].hex()}")

    def shot(self) -> bytes:
        """The pixels in a row, 32 to a line, or round a ring, the first one at the top and on clockwise; PNG."""
        places = list(_ring(self._count) if self._shape == "ring" else _rows(self._count))
        width = max(x for x, _ in places) + _CELL
        height = max(y for _, y in places) + _CELL
        rows = bytearray(width * height * _RGB)
        for (left, top), pixel in zip(places, self.pixels, strict=True):
            white = pixel[_RGB] if len(pixel) > _RGB else 0
            colour = bytes(min(255, value + white) for value in pixel[:_RGB])
            for y in range(top + 1, top + _CELL - 1):
                at = (y * width + left + 1) * _RGB
                rows[at : at + (_CELL - 2) * _RGB] = colour * (_CELL - 2)
        return encode(width, height, bytes(rows))


def _wrong_pulse(stream: BitStream) -> str:
    """Which pulse of a train is out of the data sheet's limits; empty if none is. Only pulses that occur count."""
    ones = sum(byte.bit_count() for byte in stream.data)
    there = (ones < 8 * len(stream.data), ones > 0)
    for at, ((name, typical), given) in enumerate(zip(_PULSES, stream.timing_ns, strict=True)):
        if there[at // 2] and abs(given - typical) > _TOLERANCE_NS:
            return f"{name} is {given} ns, not {typical - _TOLERANCE_NS}..{typical + _TOLERANCE_NS}"
    return ""


def _length_ns(stream: BitStream) -> int:
    high0, low0, high1, low1 = stream.timing_ns
    ones = sum(byte.bit_count() for byte in stream.data)
    return ones * (high1 + low1) + (8 * len(stream.data) - ones) * (high0 + low0)


def _rows(count: int, per_row: int = 32) -> Iterator[tuple[int, int]]:
    """Upper left corners of the pixels of a strip."""
    for at in range(count):
        yield at % per_row * _CELL, at // per_row * _CELL


def _ring(count: int) -> Iterator[tuple[int, int]]:
    """Upper left corners of the pixels of a ring."""
    radius = max(_FIRST_RADIUS * _CELL, count * _SPACING * _CELL / math.tau)
    for at in range(count):
        angle = math.tau * at / count
        yield round(radius + radius * math.sin(angle)), round(radius - radius * math.cos(angle))
