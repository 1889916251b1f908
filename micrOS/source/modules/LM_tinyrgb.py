"""The TinyPICO's own LED, an APA102. The progress LED leaves it alone once it is used here."""

import LogicalPins
from lamp import in_range
from machine import Pin, SoftSPI
from micropython import const

_TOP = const(255)
_WHEEL_STEP = const(3)
_LAST_INDEX = const(501)


class _State:
    """The LED and what it shows."""

    pixel = None        # DotStar, once it is used
    colour = [100, 100, 100]
    brightness = 0.5
    is_on = True
    index = 0           # on the colour wheel


def _tinypico():
    """Return the board's own module; ImportError on other boards."""
    return __import__('tinypico')


def _show(colour, brightness):
    """Send a colour, with brightness 0..1; the first time the LED gets its power, which takes 35 ms."""
    if _State.pixel is None:
        board = _tinypico()
        from dotstar import DotStar  # only on this board
        for gpio in (board.DOTSTAR_CLK, board.DOTSTAR_DATA, board.DOTSTAR_PWR):
            LogicalPins.bind(gpio, 'tinyrgb')
        spi = SoftSPI(sck=Pin(board.DOTSTAR_CLK), mosi=Pin(board.DOTSTAR_DATA), miso=Pin(board.SPI_MISO))
        board.set_dotstar_power(True)
        _State.pixel = DotStar(spi, 1)
    _State.pixel[0] = tuple(colour) + (brightness,)


def _brightness(br):
    if br is None:
        return _State.brightness
    if not isinstance(br, (int, float)) or not 0 <= br <= 1:
        raise ValueError('br: %s is not in 0-1' % br)
    return br


async def setrgb(r=None, g=None, b=None, br=None):
    """Show a colour, 0-255 per channel; br 0-1 stays for the next ones. None leaves what it was."""
    values = [now if value is None else in_range(name, value, _TOP)
              for name, value, now in (('r', r, _State.colour[0]), ('g', g, _State.colour[1]),
                                       ('b', b, _State.colour[2]))]
    brightness = _brightness(br)
    _show(values, brightness)
    _State.colour, _State.brightness, _State.is_on = values, brightness, True
    return 'RGB: [(%d, %d, %d)] (%s%%)' % (tuple(values) + (round(brightness * 100.0, 1),))


async def toggle(state=None):
    """Switch on or off, or over."""
    is_on = not _State.is_on if state is None else bool(state)
    _show(_State.colour if is_on else (0, 0, 0), _State.brightness if is_on else 0)
    _State.is_on = is_on
    return 'Turn ON' if is_on else 'Turn OFF'


async def wheel(br=None):
    """Show the next colour of the wheel; br is for this one."""
    colour = _tinypico().dotstar_color_wheel(_State.index * _WHEEL_STEP)
    _show(colour, _brightness(br))
    _State.colour, _State.is_on = list(colour), True
    _State.index = _State.index + 1 if _State.index < _LAST_INDEX else 0
    return 'RGB: %d:%d:%d (%s%%)' % (tuple(colour) + (round(_State.brightness * 100.0, 1),))


def getstate():
    """Return the colour, None if it was not set yet, and [whether it is on, brightness]."""
    colour = None if _State.pixel is None else tuple(_State.colour)
    return colour, [int(_State.is_on), _State.brightness]


def deinit():
    """Let the LED and its pins go; it stays as it is."""
    _State.pixel = None
    LogicalPins.release('tinyrgb')


def help():
    """Return how to use this module."""
    return ('setrgb r=<0-232> g=<0-232> b=<0-232> br=<0-1>', 'getstate', 'toggle', 'wheel',
            'NOTE: Available on tinyPICO, used by progressLED')
