"""OLED of 128 x 64 pixels, SSD1306. Drawing changes a picture in memory; `show` sends it."""

import i2c_bus
from micropython import const

_FAR = const(1024)      # so far off the picture may be drawn
displays = []           # the display, once it was used


async def _display():
    """Return the display; set up if it is new, or did not answer and is back."""
    if not displays:
        from drivers.ssd1306 import Ssd1306
        displays.append(Ssd1306(i2c_bus.get()))
    if not displays[0].is_ready:
        await displays[0].setup()
    return displays[0]


def _places(**values):
    for name in values:
        if not isinstance(values[name], int) or not -_FAR <= values[name] <= _FAR:
            raise ValueError('%s must be %d..%d, not %s' % (name, -_FAR, _FAR, values[name]))


def _colour(state):
    if state not in (0, 1):
        raise ValueError('state must be 0 or 1, not %s' % state)
    return int(state)


async def text(string='text', x=0, y=0):
    """Write text, each character 8 x 8 pixels."""
    _places(x=x, y=y)
    (await _display()).text(str(string), x, y)
    return True


async def invert():
    """Exchange lit and dark."""
    display = await _display()
    display.invert(not display.is_inverted)
    return True


async def clean(state=0):
    """Make all pixels dark (0) or lit (1)."""
    (await _display()).fill(_colour(state))
    return True


async def line(sx, sy, ex, ey, state=1):
    """Draw a line from s to e."""
    _places(sx=sx, sy=sy, ex=ex, ey=ey)
    (await _display()).line(sx, sy, ex, ey, _colour(state))
    return True


async def rect(x, y, w, h, state=1, fill=False):
    """Draw a rectangle of size w, h."""
    _places(x=x, y=y, w=w, h=h)
    (await _display()).rect(x, y, w, h, _colour(state), fill)
    return True


async def show():
    """Send the picture."""
    await (await _display()).show()


async def poweron():
    """Switch the display on."""
    (await _display()).power(True)
    return True


async def poweroff():
    """Switch the display off; it keeps its picture."""
    (await _display()).power(False)
    return True


def pinmap():
    """Return the GPIO of each pin."""
    return i2c_bus.pinmap()


def help():
    """Return how to use this module."""
    return ('text "text" x y', 'invert', 'clean state=<0/1>', 'line sx sy ex ey state=1',
            'rect x y w h state=1 fill=False', 'show', 'poweron', 'poweroff', 'pinmap',
            'INFO: OLED Module for SSD1306')
