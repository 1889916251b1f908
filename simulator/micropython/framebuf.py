"""``framebuf``: drawing into a buffer of pixels.

Source: extmod/modframebuf.c, py/objarray.c (v1.28); every drawing compared with the VM's own module.

Limits: a FrameBuffer gives no buffer of its own (``memoryview(fb)`` raises TypeError): use the one it was made from;
numbers do not wrap at 32 bits while an ellipse or a polygon is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from simulator.micropython._args import ABSENT, to_int, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._framebuf_font import FONT
from simulator.micropython._text import buffer_of, encoded, text_of
from simulator.micropython.runtime import running

__all__ = [
    "GS2_HMSB",
    "GS4_HMSB",
    "GS8",
    "MONO_HLSB",
    "MONO_HMSB",
    "MONO_VLSB",
    "MVLSB",
    "RGB565",
    "FrameBuffer",
    "FrameBuffer1",
]

MONO_VLSB = MVLSB = 0
RGB565 = 1
GS2_HMSB = 5
GS4_HMSB = 2
GS8 = 6
MONO_HLSB = 3
MONO_HMSB = 4

#: Format -> (bits per pixel, pixels to which a row is rounded up).
_LAYOUT = {MONO_VLSB: (1, 1), RGB565: (16, 1), GS2_HMSB: (2, 4), GS4_HMSB: (4, 2), GS8: (8, 1)}
_LAYOUT |= {MONO_HLSB: (1, 8), MONO_HMSB: (1, 8)}
_MAX_SIZE = 0xFFFF
_COLOUR = 0xFFFFFFFF
#: Time per call and per 32 pixels: an estimate.
_CALL_US, _PIXELS_PER_US = 5, 32
_CELL = 8
_Q1, _Q2, _Q3, _Q4, _ALL = 1, 2, 4, 8, 15
_Point = tuple[int, int]


class _Canvas:
    """Pixels in memory, in one of the formats; what is outside is left out."""

    def __init__(self, memory: Any, width: int, height: int, layout: int, stride: int) -> None:
        self.width, self.height, self.stride = width, height, stride
        self.bits = _LAYOUT[layout][0]
        self.memory = memory
        self._is_vertical = layout == MONO_VLSB
        self._is_reversed = layout in (MONO_HLSB, GS4_HMSB)

    def place(self, x: int, y: int) -> _Point:
        """(byte, shift) of a pixel of less than 8 bits."""
        if self._is_vertical:
            return (y >> 3) * self.stride + x, y & 7
        per_byte = 8 // self.bits
        at = x % per_byte
        return (x + y * self.stride) // per_byte, (per_byte - 1 - at if self._is_reversed else at) * self.bits

    def get(self, x: int, y: int) -> int:
        """The colour of a pixel within the canvas."""
        if self.bits >= 8:
            size = self.bits // 8
            at = (x + y * self.stride) * size
            return int.from_bytes(self.memory[at : at + size], "little")
        at, shift = self.place(x, y)
        return int(self.memory[at] >> shift & (1 << self.bits) - 1)

    def set(self, x: int, y: int, colour: int) -> None:
        """Colour a pixel within the canvas."""
        if self.bits >= 8:
            size = self.bits // 8
            at = (x + y * self.stride) * size
            self.memory[at : at + size] = (colour & (1 << self.bits) - 1).to_bytes(size, "little")
            return
        at, shift = self.place(x, y)
        mask = (1 << self.bits) - 1
        value = (colour & _COLOUR != 0) if self.bits == 1 else colour & mask
        self.memory[at] = self.memory[at] & ~(mask << shift) | value << shift

    def has(self, x: int, y: int) -> bool:
        """Whether the pixel is within the canvas."""
        return 0 <= x < self.width and 0 <= y < self.height

    def point(self, x: int, y: int, colour: int) -> None:
        """Colour a pixel if it is within the canvas."""
        if self.has(x, y):
            self.set(x, y, colour)

    def fill(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Colour a rectangle."""
        if width < 1 or height < 1:
            return
        columns = range(max(x, 0), min(x + width, self.width))
        rows = range(max(y, 0), min(y + height, self.height))
        if self._is_vertical:
            self._fill_pages(columns, rows, is_lit=colour & _COLOUR != 0)
            return
        for row in rows:
            for column in columns:
                self.set(column, row, colour)

    def _fill_pages(self, columns: range, rows: range, *, is_lit: bool) -> None:
        """The same where a byte is eight pixels of a column: what a program does to a display before each frame."""
        for page in range(rows.start >> 3, rows.stop + 7 >> 3):
            mask = sum(1 << row - 8 * page for row in rows if row >> 3 == page)
            start, stop = (page * self.stride + column for column in (columns.start, columns.stop))
            if mask == 0xFF and start < stop:
                self.memory[start:stop] = bytes((0xFF * is_lit,)) * (stop - start)
            else:
                for at in range(start, stop):
                    self.memory[at] = self.memory[at] & ~mask | mask * is_lit

    def line(self, x1: int, y1: int, x2: int, y2: int, colour: int) -> None:
        """Colour a line, both ends included (Bresenham)."""
        dx, dy = abs(x2 - x1), abs(y2 - y1)
        step_x, step_y = (1 if x2 > x1 else -1), (1 if y2 > y1 else -1)
        is_steep = dy > dx
        longer, shorter = (dy, dx) if is_steep else (dx, dy)
        error = 2 * shorter - longer
        for _ in range(longer):
            self.point(x1, y1, colour)
            aside = error >= 0
            error += 2 * shorter - (2 * longer if aside else 0)
            x1 += step_x if aside or not is_steep else 0
            y1 += step_y if aside or is_steep else 0
        self.point(x2, y2, colour)


class FrameBuffer(metaclass=Builtin):
    """Pixels in a buffer.

    Args:
        buffer: where the pixels are; something that can be written, long enough.
        width: pixels per row, 1..65535.
        height: rows, 1..65535.
        format: one of the module's constants.
        stride: pixels from one row to the next in the buffer; the width by default.

    Raises:
        ValueError: no such format, an impossible size, or the buffer is too short.
        TypeError: the buffer cannot be written.
    """

    __slots__ = ("__canvas",)

    def __init__(self, buffer: Any, width: int, height: int, format: int, stride: int = ABSENT, /) -> None:
        running().cpu.charge(_CALL_US)
        self.__canvas = _canvas((buffer, width, height, format, *([] if stride is ABSENT else [stride])), writable)

    def fill(self, c: int, /) -> None:
        """Give all pixels one colour."""
        canvas = self.__canvas
        canvas.fill(0, 0, canvas.width, canvas.height, to_int(c))
        _charge(canvas.width * canvas.height)

    def fill_rect(self, x: int, y: int, w: int, h: int, c: int, /) -> None:
        """Draw a filled rectangle."""
        x, y, w, h, c = _ints(x, y, w, h, c)
        self.__canvas.fill(x, y, w, h, c)
        _charge(w * h)

    def pixel(self, x: int, y: int, c: int = ABSENT, /) -> int | None:
        """Colour a pixel, or without ``c`` return its colour; None outside."""
        _charge(1)
        x, y = _ints(x, y)
        if not self.__canvas.has(x, y):
            return None
        if c is ABSENT:
            return self.__canvas.get(x, y)
        self.__canvas.set(x, y, to_int(c))
        return None

    def hline(self, x: int, y: int, w: int, c: int, /) -> None:
        """Draw a horizontal line to the right."""
        self.fill_rect(x, y, w, 1, c)

    def vline(self, x: int, y: int, h: int, c: int, /) -> None:
        """Draw a vertical line downwards."""
        self.fill_rect(x, y, 1, h, c)

    def rect(self, x: int, y: int, w: int, h: int, c: int, f: Any = False, /) -> None:
        """Draw a rectangle's edge, or with ``f`` all of it."""
        x, y, w, h, c = _ints(x, y, w, h, c)
        parts = ((x, y, w, h),) if f else ((x, y, w, 1), (x, y + h - 1, w, 1), (x, y, 1, h), (x + w - 1, y, 1, h))
        for part in parts:
            self.__canvas.fill(*part, c)
        _charge(w * h if f else 2 * (w + h))

    def line(self, x1: int, y1: int, x2: int, y2: int, c: int, /) -> None:
        """Draw a line, both ends included."""
        x1, y1, x2, y2, c = _ints(x1, y1, x2, y2, c)
        self.__canvas.line(x1, y1, x2, y2, c)
        _charge(max(abs(x2 - x1), abs(y2 - y1)))

    def ellipse(self, x: int, y: int, xr: int, yr: int, c: int, f: Any = False, m: int = ABSENT, /) -> None:
        """Draw an ellipse around (x, y), filled with ``f``; bits of ``m`` choose quadrants, counter-clockwise."""
        x, y, xr, yr, c = _ints(x, y, xr, yr, c)
        quadrants = _ALL if m is ABSENT else to_int(m) & _ALL
        canvas = self.__canvas
        if xr == 0 and yr == 0:
            if quadrants:
                canvas.point(x, y, c)
            return
        corners = ((_Q1, 1, -1), (_Q2, -1, -1), (_Q3, -1, 1), (_Q4, 1, 1))
        signs = [(sx, sy) for bit, sx, sy in corners if quadrants & bit]
        for dx, dy in _ellipse(xr, yr):
            for sx, sy in signs:
                if f:
                    canvas.fill(x if sx > 0 else x - dx, y + sy * dy, dx + 1, 1, c)
                else:
                    canvas.point(x + sx * dx, y + sy * dy, c)
        _charge(xr * yr if f else xr + yr)

    def poly(self, x: int, y: int, coords: Any, c: int, f: Any = False, /) -> None:
        """Draw a closed polygon at (x, y) through the points of an array of x, y, x, y…; filled with ``f``."""
        x, y = _ints(x, y)
        points = _points(coords)
        if not points:
            return
        c = to_int(c)
        if f:
            _fill_polygon(self.__canvas, points, (x, y), c)
        else:
            for (x1, y1), (x2, y2) in _edges(points):
                self.__canvas.line(x + x1, y + y1, x + x2, y + y2, c)
        _charge(len(points) * 32)

    def blit(self, fbuf: Any, x: int, y: int, key: int = -1, palette: Any = None, /) -> None:
        """Draw another FrameBuffer, or (buffer, width, height, format[, stride]), at (x, y).

        Colour ``key`` is left out; ``palette`` gives the colour for each of the source's.
        """
        source, target = _source(fbuf), self.__canvas
        x, y, key = _ints(x, y, key)
        colours = None if palette is None else _source(palette)
        for row in range(max(0, -y), min(source.height, target.height - y)):
            for column in range(max(0, -x), min(source.width, target.width - x)):
                colour = source.get(column, row)
                colour = colour if colours is None else colours.get(colour, 0)
                if colour != key & _COLOUR:
                    target.set(x + column, y + row, colour)
        _charge(source.width * source.height)

    def scroll(self, xstep: int, ystep: int, /) -> None:
        """Move the picture; what it leaves behind stays as it was."""
        xstep, ystep = _ints(xstep, ystep)
        canvas = self.__canvas
        columns, rows = _moved(canvas.width, xstep), _moved(canvas.height, ystep)
        for row in rows if columns else ():
            for column in columns:
                canvas.set(column, row, canvas.get(column - xstep, row - ystep))
        _charge(len(columns) * len(rows))

    def text(self, s: str, x: int, y: int, c: int = 1, /) -> None:
        """Write text in the 8 x 8 font; characters outside of 32..127 show as 127, each byte of them."""
        line = encoded(text_of(s)).partition(b"\0")[0]
        x, y, c = _ints(x, y, c)
        for at, byte in enumerate(line):
            for column, bits in enumerate(FONT[(byte if 32 <= byte <= 127 else 127) - 32]):
                for row in range(_CELL):
                    if bits >> row & 1:
                        self.__canvas.point(x + at * _CELL + column, y + row, c)
        _charge(len(line) * _CELL * _CELL)


#: The fields of a FrameBuffer are C's: no attribute of firmware's shows them.
_CANVAS = "_FrameBuffer__canvas"


def FrameBuffer1(buffer: Any, width: int, height: int, stride: int = ABSENT, /) -> FrameBuffer:
    """A FrameBuffer in format MVLSB: the name from before there were others."""
    return FrameBuffer(buffer, width, height, MVLSB, width if stride is ABSENT else stride)


def _canvas(items: tuple[Any, ...] | list[Any], view: Callable[[Any], Any]) -> _Canvas:
    width, height, layout = _ints(*items[1:4])
    stride = to_int(items[4]) if len(items) == 5 else width
    if not (1 <= width <= _MAX_SIZE and 1 <= height <= _MAX_SIZE and width <= stride <= _MAX_SIZE):
        raise ValueError
    if layout not in _LAYOUT:
        raise ValueError("invalid format")
    bits, unit = _LAYOUT[layout]
    stride += -stride % unit
    needed_height = height + -height % _CELL if layout == MONO_VLSB else height
    strides = needed_height - (_CELL if layout == MONO_VLSB else 1)
    memory = view(items[0])
    if (strides * stride + (needed_height - strides) * (width + -width % unit)) * bits // 8 > len(memory):
        raise ValueError
    return _Canvas(memory, width, height, layout, stride)


def _source(value: Any) -> _Canvas:
    """What is drawn by blit: its buffer may be constant."""
    if isinstance(value, FrameBuffer):
        canvas: _Canvas = getattr(value, _CANVAS)
        return canvas
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"object '{type(value).__name__}' isn't a tuple or list")
    if len(value) not in (4, 5):
        raise ValueError
    return _canvas(value, buffer_of)


def _charge(pixels: int) -> None:
    running().cpu.charge(_CALL_US + max(0, pixels) // _PIXELS_PER_US)


def _ints(*values: Any) -> list[int]:
    return [to_int(value) for value in values]


def _moved(size: int, step: int) -> range:
    """The pixels that a scroll writes, in an order that reads each before it is written."""
    return range(size - 1, step - 1, -1) if step >= 0 else range(0, max(0, size + step))


def _ellipse(xr: int, yr: int) -> Iterator[_Point]:
    """The points of one quadrant, flat part then steep part, by the midpoint method in whole numbers."""
    for is_steep, (a, b) in ((True, (xr, yr)), (False, (yr, xr))):
        along, aside, error = 0, a, 0
        change_along, change_aside = a * a, b * b * (1 - 2 * a)
        stop_along, stop_aside = 0, 2 * b * b * a
        while stop_aside >= stop_along:
            yield (aside, along) if is_steep else (along, aside)
            along += 1
            stop_along += 2 * a * a
            error += change_along
            change_along += 2 * a * a
            if 2 * error + change_aside > 0:
                aside -= 1
                stop_aside -= 2 * b * b
                error += change_aside
                change_aside += 2 * b * b


def _points(coords: Any) -> list[_Point]:
    if isinstance(coords, str):
        coords = encoded(coords)
    try:
        values = memoryview(coords).tolist()
    except TypeError:
        raise TypeError("object with buffer protocol required") from None
    numbers = _ints(*values[: len(values) // 2 * 2])
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _edges(points: list[_Point]) -> Iterator[tuple[_Point, _Point]]:
    """From the first point backwards around."""
    last = points[0]
    for point in reversed(points):
        yield last, point
        last = point


def _fill_polygon(canvas: _Canvas, points: list[_Point], origin: _Point, colour: int) -> None:
    """Fill between pairs of crossings, row by row; lowest points and level edges are drawn by themselves."""
    x, y = origin
    rows = [py for _, py in points]
    for row in range(min(rows), max(rows) + 1):
        crossings = []
        for (x1, y1), (x2, y2) in _edges(points):
            if y1 != y2 and min(y1, y2) <= row < max(y1, y2):
                crossings.append(_cut(32 * x1 + _cut(32 * (x2 - x1) * (row - y1), y2 - y1) + 16, 32))
            elif row == max(y1, y2):
                if y1 == y2:
                    canvas.line(x + x1, y + y1, x + x2, y + y2, colour)
                else:
                    canvas.point(x + (x2 if y1 < y2 else x1), y + row, colour)
        crossings.sort()
        for left, right in zip(crossings[::2], crossings[1::2], strict=True):
            canvas.fill(x + left, y + row, right - left + 1, 1, colour)


def _cut(number: int, divisor: int) -> int:
    """Division as C does it, towards zero."""
    quotient = abs(number) // abs(divisor)
    return quotient if (number < 0) == (divisor < 0) else -quotient
