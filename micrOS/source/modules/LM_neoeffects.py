"""Animations on the string of neopixel, one frame per call. The colour that neopixel remembers stays."""

import asyncio

import LM_neopixel  # noqa: F401 - without it this module is of no use, and says so when it is loaded
from lamp import in_range
from micropython import const

_TOP = const(255)
_AT_ONCE = const(64)    # pixels drawn before others may run
_THIRD = const(85)      # of the colour wheel
_CYCLE = const(3)       # pixels that run round
_MAX_STEP = const(255)


class _State:
    """Where the animations are."""

    offset = 0      # of the frame on the string
    wheel = 0


async def meteor(r, g, b, shift=False, ledcnt=24):
    """Draw a tail; shift moves it on."""
    colour = _colour(r, g, b)
    count = await _draw(lambda i, n: [round(value * (i + 1) * 9 / (10 * n)) for value in colour], shift, ledcnt)
    return 'Meteor R%d:G%d:B%d N:%d' % (colour + (count,))


async def cycle(r, g, b, ledcnt=24):
    """Move a bright pixel between two dim ones on by one."""
    colour = _colour(r, g, b)
    count = len(_strip(ledcnt))
    if count < _CYCLE:
        raise ValueError('cycle needs %d pixels, there are %d' % (_CYCLE, count))
    dim = [round(value / 10) for value in colour]
    lit = (dim, colour, dim)
    await _draw(lambda i, n: lit[i] if i < _CYCLE else (0, 0, 0), True, ledcnt)
    return 'Cycle: True'


async def rainbow(step=15, br=100, ledcnt=24):
    """Turn the colour wheel on by step of 255; br is the brightness in percent."""
    if not in_range('step', step, _MAX_STEP):
        raise ValueError('step: %s is not in 1-%d' % (step, _MAX_STEP))
    percent = in_range('br', br, 100)
    start = _State.wheel

    def colour_of(i, n):
        return [round(value * percent / 100) for value in _wheel(i * 256 // n + start & 255)]
    await _draw(colour_of, True, ledcnt)
    _State.wheel = start + round(step)
    if _State.wheel >= _TOP:
        _State.wheel = 0
    return 'Rainbow: True'


def _colour(r, g, b):
    return in_range('r', r, _TOP), in_range('g', g, _TOP), in_range('b', b, _TOP)


def _neopixel():
    """Return the module that is loaded now; the one of the first import may have been replaced."""
    return __import__('LM_neopixel')


def _strip(ledcnt):
    return _neopixel().strip.open(ledcnt)


def _wheel(place):
    """Return the colour at 0..255: red, green, blue and back."""
    rising = place % _THIRD * 3
    return ((_TOP - rising, rising, 0), (0, _TOP - rising, rising), (rising, 0, _TOP - rising),
            (_TOP, 0, 0))[place // _THIRD]


async def _draw(colour_of, is_moving, ledcnt):
    """Send a frame of `colour_of(i, n)`; returns n."""
    pixels = _strip(ledcnt)
    count = len(pixels)
    _State.offset = (_State.offset + is_moving) % count
    for i in range(count):
        pixels[(i + _State.offset) % count] = colour_of(i, count)
        if i % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep_ms(0)
    pixels.write()
    _neopixel().lamp.light()
    return count


def lmdep():
    """Return the module that must be there."""
    return 'neopixel'


def help():
    """Return how to use this module."""
    return ('meteor r=<0-255> g=<0-255> b=<0-255> shift=False ledcnt=24', 'cycle r g b ledcnt=24',
            'rainbow step=15 br=<5-100> ledcnt=24')
