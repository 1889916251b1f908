"""Solomon Systech SSD1306: a monochrome OLED of 128 x 64 (or 32) pixels, on I2C.

Roles ``scl`` and ``sda``. What it shows is worked out from its memory and registers when it is asked for: by
:meth:`Ssd1306.pixel`, and as a picture by :meth:`Ssd1306.shot`.

Theory of operation. After a control byte come bytes of commands or of data; a command's arguments may come in later
transactions. Data go into the memory at a column and a page that step on within the window. The panel sits in its
module so that the picture is upright with segments (A1) and rows (C8) reversed, as usual.

Source: Solomon Systech SSD1306 rev 1.1: interface 8.1.5, memory 8.7, commands 9 and 10, charge pump in the application
note at its end.

Limits: no scrolling, fading or zoom, no other COM pin layouts (DA), no 3- or 4-wire SPI; these commands are taken and
noted in ``ignored``. The speed of its display clock is not modelled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.devices import png
from simulator.devices.device import Quantity, Site, part
from simulator.devices.i2c_part import I2cPart, check_address
from simulator.electrical.buses import Segment
from simulator.errors import UsageError

WIDTH = 128
_PAGE_ROWS = 8
_HEIGHTS = (32, 64)
_MEMORY_ROWS = 64
_ADDRESSES = (0x3C, 0x3D)
_BIT_SINGLE, _BIT_DATA = 0x80, 0x40
_STATUS_OFF = 0x40
_HORIZONTAL, _VERTICAL, _BY_PAGE = 0, 1, 2
_CHARGE_PUMP_ON = 0x14
#: First byte of a command -> how many arguments follow; all others have none.
_ARGUMENTS = {0x20: 1, 0x21: 2, 0x22: 2, 0x23: 1, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2}
_ARGUMENTS |= {0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD6: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
#: Commands that change nothing of the picture here: timing, levels, pins, no operation, end of scrolling.
_SILENT = frozenset({0x2E, 0xAD, 0xD5, 0xD9, 0xDA, 0xDB, 0xE3})
_SCALE = 4
_DARK = bytes((8, 8, 12))


@part("ssd1306")
class Ssd1306(I2cPart):
    """An OLED module.

    Args:
        site: where it is soldered.
        address: 0x3C or 0x3D.
        height: rows, 64 or 32.
        has_supply: the panel has its own high voltage; otherwise it is dark until the charge pump is switched on.

    Attributes:
        on: the display is switched on.
        inverted: lit and dark are exchanged.
        contrast: 0..255.
        lit: how many pixels are lit.
        frames: how often a window of memory was filled to its end.
        ignored: first bytes of commands that are not modelled, in order, each once.
    """

    quantities = {
        "on": Quantity("display is switched on", bool, is_reading=True),
        "inverted": Quantity("lit and dark are exchanged", bool, is_reading=True),
        "contrast": Quantity("brightness of lit pixels, 0..255", int, is_reading=True),
        "lit": Quantity("pixels that are lit", int, is_reading=True),
        "frames": Quantity("how often its window was filled to the end", int, is_reading=True),
        **I2cPart.quantities,
    }
    faults = {**I2cPart.faults, "dark": "its panel is broken: it shows nothing"}

    def __init__(self, site: Site, *, address: int = 0x3C, height: int = 64, has_supply: bool = False) -> None:
        address = check_address(site, address, _ADDRESSES)
        if height not in _HEIGHTS or isinstance(height, bool):
            raise UsageError(f"{site.name}: height must be 64 or 32, not {height!r}")
        self.height = height
        self._has_supply = has_supply
        self._commands = self._command_table()
        super().__init__(site, address)
        self.power_up()

    def power_up(self) -> None:
        """Begin as after its reset line was pulled; the memory holds noise, the same each time."""
        noise = self.site.random
        self._memory = bytearray(noise.randrange(256) for _ in range(WIDTH * _MEMORY_ROWS // _PAGE_ROWS))
        self._mode = _BY_PAGE
        self._columns, self._pages = (0, WIDTH - 1), (0, 7)
        self._column = self._page = 0
        self._pending: list[int] = []
        self.on = self.inverted = False
        self._all_on = self._is_mirrored = self._is_flipped = self._has_pump = False
        self.contrast = 0x7F
        self._start_line = self._offset = 0
        self._last_row = 63
        self.frames = 0
        self.ignored: list[int] = []

    # --- what is seen ---------------------------------------------------------------------------------------------

    @property
    def lit(self) -> int:
        """How many pixels are lit."""
        return sum(self.pixel(x, y) for y in range(self.height) for x in range(WIDTH))

    def pixel(self, x: int, y: int) -> bool:
        """Whether a pixel is lit; (0, 0) is at the top left.

        Raises:
            UsageError: there is no such pixel.
        """
        if not (0 <= x < WIDTH and 0 <= y < self.height):
            raise UsageError(f"{self.site.name}: no pixel ({x}, {y})")
        has_voltage = self.has_power and (self._has_pump or self._has_supply)
        if not self.on or not has_voltage or self.failed & {"dark", "absent"}:
            return False
        row = self._memory_row(y)
        if row < 0:
            return False
        if self._all_on:
            return True
        segment = WIDTH - 1 - x  # as the panel sits in its module
        bit = self._memory[(row >> 3) * WIDTH + segment] >> (row & 7) & 1
        return bool(bit) != self.inverted

    def shot(self) -> bytes:
        """What it shows, each pixel as 4 x 4."""
        level = 96 + 159 * self.contrast // 255
        lit = bytes((level * 7 // 10, level * 9 // 10, level))
        rows = []
        for y in range(self.height):
            row = b"".join((lit if self.pixel(x, y) else _DARK) * _SCALE for x in range(WIDTH))
            rows.append(row * _SCALE)
        return png.encode(WIDTH * _SCALE, self.height * _SCALE, b"".join(rows))

    def _memory_row(self, y: int) -> int:
        """The row of memory behind a row of the panel; -1 for one that is not driven."""
        line = (self.height - 1 - y - self._offset) % _MEMORY_ROWS
        if line > self._last_row:
            return -1
        return ((self._last_row - line if self._is_flipped else line) + self._start_line) % _MEMORY_ROWS

    # --- what is sent ---------------------------------------------------------------------------------------------

    def answer(self, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """See :class:`I2cPart`; reading gives the status byte."""
        written, read = 0, []
        for segment in segments:
            if isinstance(segment, int):
                read.append(bytes([0 if self.on else _STATUS_OFF]) * segment)
            else:
                self._take(segment)
                written += len(segment)
        return written, read

    def _take(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            control = data[at]
            rest = data[at + 1 : at + 2] if control & _BIT_SINGLE else data[at + 1 :]
            for byte in rest:
                if control & _BIT_DATA:
                    self._store(byte)
                else:
                    self._command(byte)
            at += 1 + len(rest)

    def _store(self, byte: int) -> None:
        segment = WIDTH - 1 - self._column if self._is_mirrored else self._column
        self._memory[self._page * WIDTH + segment] = byte
        if self._mode == _BY_PAGE:
            self._column = (self._column + 1) % WIDTH
            return
        columns_end = self._column == self._columns[1]
        pages_end = self._page == self._pages[1]
        if self._mode == _HORIZONTAL or pages_end:
            self._column = self._columns[0] if columns_end else (self._column + 1) % WIDTH
        if self._mode == _VERTICAL or columns_end:
            self._page = self._pages[0] if pages_end else (self._page + 1) % _PAGE_ROWS
        self.frames += columns_end and pages_end

    def _command(self, byte: int) -> None:
        self._pending.append(byte)
        if len(self._pending) <= _ARGUMENTS.get(self._pending[0], 0):
            return
        code, *arguments = self._pending
        self._pending = []
        action = self._commands.get(code)
        if action is not None:
            action(code, arguments)
        elif code not in _SILENT and code not in self.ignored:
            self.ignored.append(code)
            self.site.record(f"ignores command {code:02x}")

    def _command_table(self) -> dict[int, Callable[[int, list[int]], None]]:
        table: dict[int, Callable[[int, list[int]], None]] = {
            0x20: self._set_mode,
            0x21: self._set_columns,
            0x22: self._set_pages,
            0x81: self._set_contrast,
            0x8D: self._set_pump,
            0xA8: self._set_last_row,
            0xD3: self._set_offset,
        }
        ranges = (
            (0x00, 0x20, self._set_column_part),
            (0x40, 0x80, self._set_start_line),
            (0xA0, 0xA2, self._set_mirrored),
            (0xA4, 0xA6, self._set_all_on),
            (0xA6, 0xA8, self._set_inverted),
            (0xAE, 0xB0, self._set_on),
            (0xB0, 0xB8, self._set_page),
            (0xC0, 0xD0, self._set_flipped),
        )
        return table | {code: action for start, end, action in ranges for code in range(start, end)}

    def _set_mode(self, code: int, arguments: list[int]) -> None:
        self._mode = arguments[0] & 3

    def _set_columns(self, code: int, arguments: list[int]) -> None:
        self._columns = (arguments[0] & 0x7F, arguments[1] & 0x7F)
        self._column = self._columns[0]

    def _set_pages(self, code: int, arguments: list[int]) -> None:
        self._pages = (arguments[0] & 7, arguments[1] & 7)
        self._page = self._pages[0]

    def _set_contrast(self, code: int, arguments: list[int]) -> None:
        self.contrast = arguments[0]

    def _set_pump(self, code: int, arguments: list[int]) -> None:
        self._has_pump = arguments[0] == _CHARGE_PUMP_ON

    def _set_last_row(self, code: int, arguments: list[int]) -> None:
        if arguments[0] & 63 >= 15:  # less is invalid
            self._last_row = arguments[0] & 63

    def _set_offset(self, code: int, arguments: list[int]) -> None:
        self._offset = arguments[0] & 63

    def _set_column_part(self, code: int, arguments: list[int]) -> None:
        high, low = self._column >> 4, self._column & 15
        self._column = ((code & 7) << 4 | low) if code & 0x10 else (high << 4 | code & 15)

    def _set_start_line(self, code: int, arguments: list[int]) -> None:
        self._start_line = code & 63

    def _set_mirrored(self, code: int, arguments: list[int]) -> None:
        self._is_mirrored = bool(code & 1)

    def _set_all_on(self, code: int, arguments: list[int]) -> None:
        self._all_on = bool(code & 1)

    def _set_inverted(self, code: int, arguments: list[int]) -> None:
        self.inverted = bool(code & 1)

    def _set_on(self, code: int, arguments: list[int]) -> None:
        self.on = bool(code & 1)
        self.site.record("on" if self.on else "off")

    def _set_page(self, code: int, arguments: list[int]) -> None:
        self._page = code & 7

    def _set_flipped(self, code: int, arguments: list[int]) -> None:
        self._is_flipped = bool(code & 8)
