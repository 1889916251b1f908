"""APA102 ("DotStar"): pixels on clock and data. Roles ``clk`` and ``data``; ``power`` if a switch feeds them.

Theory of operation. At least 32 zeros begin anew; then each pixel takes the first 32 bits that begin with a one: three
ones, five bits of brightness, blue, green, red, most significant bit first, and hands on what follows, half a clock
late. So pixel k shows its colour k/2 clocks after its last bit, which is why a frame has an end: it only gives clocks.
A frame that does not begin with three ones is no frame; it is counted and noted on the net.

The power switch is a P-channel MOSFET: low is on, and a resistor keeps it off while nobody drives it. Pixels that get
power are dark; what is sent before the supply has settled is lost.

Source: Shiji APA102 data sheet (frames); cpldcpu.wordpress.com, "Understanding the APA102 Superled" (delay, end);
TinyPICO schematic (switch), ports/esp32/boards/UM_TINYPICO/modules/tinypico.py (35 ms to settle).

Limits: no limit of the clock, SPI mode 0 is taken for granted (bits made pin by pin are sampled at the rising clock);
colours are shown as sent, without gamma.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.devices.png import encode
from simulator.electrical.net import WEAK, Fault
from simulator.errors import UsageError

_MAX_PIXELS = 1_000
_START_ZEROS = 32
_FRAME_BITS = 32
_MARK = 0b111
_FULL = 31
_SETTLE_MS = 35
_SETTLES_MS = (0, 1_000)
_CELL = 12

#: Red, green, blue 0..255 and brightness 0..31.
Pixel = tuple[int, int, int, int]
_DARK: Pixel = (0, 0, 0, 0)


@part("apa102")
class Apa102(Device):
    """A string of pixels.

    Args:
        site: where it is soldered.
        count: how many pixels.
        settle_ms: time from the power switch until they take data.

    Attributes:
        pixels: what they show.
        frames: pixels' frames taken so far, by all of them.
        bad_frames: frames that began wrong.
    """

    roles = ("clk", "data")
    optional_roles = ("power",)
    quantities = {
        "pixels": Quantity("(red, green, blue 0..255, brightness 0..31) of each", kind=tuple, is_reading=True),
        "rgb": Quantity("light of the first pixel, 0..255 per colour", kind=tuple, is_reading=True),
        "frames": Quantity("frames taken", kind=int, is_reading=True),
        "bad_frames": Quantity("frames that began wrong", kind=int, is_reading=True),
        "powered": Quantity("they have their supply", kind=bool, is_reading=True),
    }
    faults = {"no_supply": "the supply is off: dark", "data_open": "the data line is cut: all bits read as zeros"}

    def __init__(self, site: Site, *, count: int = 1, settle_ms: float = _SETTLE_MS) -> None:
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MAX_PIXELS:
            raise UsageError(f"count must be 1..{_MAX_PIXELS}, not {count!r}")
        super().__init__(site)
        self._settle_us = round(1000 * check_number("settle_ms", settle_ms, *_SETTLES_MS))
        self._count = count
        self.frames = self.bad_frames = 0
        self.powered = False
        self._data = site.net("data")
        self._forget()
        self._switch = site.net("power") if "power" in site.pins else None
        if self._switch is not None:
            self._switch.driver(f"{site.name} switch").drive(1, strength=WEAK)
            self._switch.on_change(lambda level: self.update())
        clock = site.net("clk")
        clock.on_change(lambda level: self._shift(self._data.level()) if level else None)
        site.pads.on_spi(site.gpio("clk"), site.gpio("data"), self._take)
        self.update()

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Light of the first pixel."""
        red, green, blue, brightness = self.pixels[0]
        return round(red * brightness / _FULL), round(green * brightness / _FULL), round(blue * brightness / _FULL)

    def update(self) -> None:
        """The supply was switched, or a fault."""
        is_fed = "no_supply" not in self.failed and (self._switch is None or not self._switch.level())
        if is_fed != self.powered:
            self.powered = is_fed
            self._forget()
            self.site.record("on" if is_fed else "off")

    def _forget(self) -> None:
        self._ready_us = self.site.now + self._settle_us
        self.pixels: tuple[Pixel, ...] = (_DARK,) * self._count
        self._zeros = 0  # in a row, so many at most as begin anew
        self._next = self._count  # pixel that takes the next frame; there is none before a beginning
        self._bits = 0  # of the frame that comes in
        self._word = 0
        self._late: list[tuple[int, int, Pixel]] = []  # (clocks to go, pixel, colour)

    def _take(self, data: bytes) -> None:
        for byte in data:
            for place in range(7, -1, -1):
                self._shift(byte >> place & 1)

    def _shift(self, bit: int) -> None:
        """One clock."""
        if not self.powered or self.site.now < self._ready_us:
            return
        if "data_open" in self.failed:
            bit = 0
        if self._late:
            self._show_late()
        self._zeros = 0 if bit else self._zeros + 1
        if self._zeros == _START_ZEROS:
            self._next = self._bits = self._word = 0
            return
        if self._next >= self._count or (not bit and not self._bits):
            return
        self._word = self._word << 1 | bit
        self._bits += 1
        if self._bits == _FRAME_BITS:
            self._end_frame()

    def _end_frame(self) -> None:
        word, self._word, self._bits = self._word, 0, 0
        if word >> 29 != _MARK:
            self.bad_frames += 1
            text = f"{self.site.name}: frame {word:08x} does not begin with three ones"
            self._data.real().faults.append(Fault(self.site.now, self._data.name, text))
            self.site.record(text)
            return
        colour = (word & 0xFF, word >> 8 & 0xFF, word >> 16 & 0xFF, word >> 24 & _FULL)
        self._late.append(((self._next + 1) // 2, self._next, colour))
        self._next += 1
        self._show_due()

    def _show_late(self) -> None:
        self._late = [(clocks - 1, at, colour) for clocks, at, colour in self._late]
        self._show_due()

    def _show_due(self) -> None:
        for clocks, at, colour in self._late:
            if clocks <= 0:
                self.pixels = (*self.pixels[:at], colour, *self.pixels[at + 1 :])
                self.frames += 1
                self.site.record(f"pixel {at} {colour}")
        self._late = [entry for entry in self._late if entry[0] > 0]

    def shot(self) -> bytes:
        """The pixels in a row, as bright as they are; PNG."""
        row = b"".join(bytes(round(value * pixel[3] / _FULL) for value in pixel[:3]) * _CELL for pixel in self.pixels)
        return encode(_CELL * self._count, _CELL, row * _CELL)
