"""String of WS2812 pixels that all show one colour, or some of them another.

`strip` and `lamp` are for modules that draw on it, such as neoeffects.
"""

import LogicalPins
from lamp import Lamp, in_range
from machine import Pin
from micropython import const
from neopixel import NeoPixel

_TOP = const(255)
_MAX_LEDS = const(800)      # sent in 24 ms, in which nothing else runs
_FADE_MS = const(1)


class _Strip:
    """The pixels; whoever uses them first decides how many there are."""

    def __init__(self):
        self._pixels = None

    def open(self, ledcnt=24):
        """Return the pixels, an object like a list, to be sent by its `write()`."""
        if self._pixels is None:
            if not in_range('ledcnt', ledcnt, _MAX_LEDS):
                raise ValueError('ledcnt: 0 is not in 1-%d' % _MAX_LEDS)
            self._pixels = NeoPixel(Pin(LogicalPins.bind('neop', 'neopixel')), round(ledcnt))
        return self._pixels

    def show(self, colour):
        """Give all pixels one colour."""
        pixels = self.open()
        pixels.fill(colour)
        pixels.write()

    def close(self):
        """Let the pixels and their pin go; they stay as they are."""
        self._pixels = None
        LogicalPins.release('neopixel')


strip = _Strip()
lamp = Lamp('neopixel', (100, 100, 100), _TOP, strip, _FADE_MS)


async def load_n_init(cache=None, ledcnt=24):
    """Restore the state and show it, on so many pixels unless they were counted before."""
    count = len(strip.open(ledcnt))
    return 'CACHE: %s, LED CNT: %d' % (await lamp.load(cache), count)


async def neopixel(r=None, g=None, b=None, smooth=True, force=True):
    """Show a colour, 0-255 per channel; None leaves a channel. force ends a timed transition."""
    await lamp.set(lamp.checked('rgb', (r, g, b)), smooth, force)
    return status()


async def brightness(percent=None, smooth=True):
    """Give the strongest channel so many percent, or tell what it has."""
    return await lamp.brightness(percent, smooth) or status()


async def segment(r=None, g=None, b=None, s=0, cache=False, write=True):
    """Give one pixel a colour; cache remembers it for all, write=False sends it with the next ones."""
    colour = lamp.checked('rgb', (r, g, b))
    pixels = strip.open()
    if isinstance(s, int) and s >= len(pixels):
        return 'NEOPIXEL index error: %d > %d' % (s, len(pixels))
    pixels[in_range('s', s, len(pixels) - 1)] = colour
    if write:
        pixels.write()
    if cache:
        lamp.is_on = lamp.is_on or any(colour)
        lamp.remember(colour)
    return status()


async def toggle(state=None, smooth=True):
    """Switch on or off, or over."""
    await lamp.toggle(state, smooth)
    return status()


async def set_transition(r, g, b, sec):
    """Prepare a fade of sec seconds, for run_transition every `timirqseq` ms."""
    return lamp.plan(lamp.checked('rgb', (r, g, b)), sec)


async def run_transition():
    """Do the next step of the fade."""
    return lamp.step('Run R%dG%dB%d', 'Run deactivated', 'GenEnd.')


def status(lmf=None):
    """Return the state for widgets."""
    return lamp.status('RGB')


def pinmap():
    """Return the pins."""
    return {'neop': LogicalPins.physical_pin('neop')}


def deinit():
    """Save the state and let the pixels go."""
    lamp.close()
    strip.close()


def help():
    """Return how to use this module."""
    return ('neopixel r=<0-255> g b smooth=True force=True', 'toggle state=None smooth=True', 'load_n_init ledcnt=24',
            'brightness percent=<0-100> smooth=True', 'segment r, g, b, s=<0-n>',
            'set_transition r=<0-255> g b sec', 'run_transition', 'status', 'pinmap')
