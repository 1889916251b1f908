"""SSD1306: OLED of 128 x 64 pixels.

    display = Ssd1306(bus)
    await display.setup()
    display.text('hello', 0, 0)
    await display.show()

Source: Solomon Systech SSD1306 rev 1.1, commands 9 and 10, set-up in the application note at its end.
"""

import asyncio
import errno

import framebuf
from micropython import const

_WIDTH = const(128)
_PAGES = const(8)
# off; horizontal addressing; line 0; columns and rows reversed; 64 rows, no offset; pins; clock; precharge; level;
# contrast; picture of memory, not inverted; own current; charge pump
_SETUP = const(
    b'\xae\x20\x00\x40\xa1\xa8\x3f\xc8\xd3\x00\xda\x12\xd5\x80\xd9\xf1\xdb\x30\x81\xff\xa4\xa6\xad\x30\x8d\x14')
_WINDOW = const(b'\x21\x00\x7f\x22\x00\x07')
_OFF = const(0xAE)
_NORMAL = const(0xA6)
_COMMANDS = const(b'\x00')
_DATA = const(b'\x40')


class Ssd1306(framebuf.FrameBuffer):
    """A display on an I2C bus; draw as into any FrameBuffer, then `show`.

    Args:
        bus: I2C or SoftI2C.
        address: 0x3C or 0x3D.

    Attributes:
        is_ready: it was set up, and has answered since.
        is_on: it shows something.
        is_inverted: lit and dark are exchanged.
    """

    def __init__(self, bus, address=0x3C):
        self._bus = bus
        self._address = address
        self._buffer = bytearray(_WIDTH * _PAGES)
        super().__init__(self._buffer, _WIDTH, _PAGES * 8, framebuf.MONO_VLSB)
        self.is_ready = False
        self.is_on = False
        self.is_inverted = False

    async def setup(self):
        """Set the display up, send the picture and switch it on."""
        self._send(_COMMANDS, _SETUP)
        await self.show()
        self.invert(self.is_inverted)
        self.power(True)
        self.is_ready = True

    def power(self, is_on):
        """Switch it on or off; it keeps its picture."""
        self._send(_COMMANDS, bytes((_OFF | is_on,)))
        self.is_on = is_on

    def invert(self, is_inverted):
        """Exchange lit and dark."""
        self._send(_COMMANDS, bytes((_NORMAL | is_inverted,)))
        self.is_inverted = is_inverted

    async def show(self):
        """Send the picture; between its eight pages others run."""
        self._send(_COMMANDS, _WINDOW)
        view = memoryview(self._buffer)
        for start in range(0, _WIDTH * _PAGES, _WIDTH):
            self._send(_DATA, view[start:start + _WIDTH])
            await asyncio.sleep_ms(0)

    def _send(self, kind, data):
        try:
            if self._bus.writevto(self._address, (kind, data)) <= len(data):
                raise OSError(errno.EIO)
        except OSError:
            self.is_ready = False
            raise
