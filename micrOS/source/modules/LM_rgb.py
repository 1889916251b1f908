"""RGB strip through three power switches."""

from lamp import TOP, Lamp, PwmOutputs

_outputs = PwmOutputs('rgb', ('redgb', 'rgreenb', 'rgbue'))
_lamp = Lamp('rgb', (197, 35, 10), TOP, _outputs)


async def load_n_init(cache=None):
    """Restore the state and show it."""
    return 'CACHE: %s' % await _lamp.load(cache)


async def rgb(r=None, g=None, b=None, smooth=True, force=True):
    """Show a colour, 0-1000 per channel; None leaves a channel. force ends a timed transition."""
    await _lamp.set(_lamp.checked('rgb', (r, g, b)), smooth, force)
    return status()


async def brightness(percent=None, smooth=True):
    """Give the strongest channel so many percent, or tell what it has."""
    return await _lamp.brightness(percent, smooth) or status()


async def toggle(state=None, smooth=True):
    """Switch on or off, or over."""
    await _lamp.toggle(state, smooth)
    return status()


async def set_transition(r, g, b, sec):
    """Prepare a fade of sec seconds, for run_transition every `timirqseq` ms."""
    return _lamp.plan(_lamp.checked('rgb', (r, g, b)), sec)


async def run_transition():
    """Do the next step of the fade."""
    return _lamp.step('Transition R%dG%dB%d', 'Transition deactivated', 'Transition done')


def status(lmf=None):
    """Return the state for widgets."""
    return _lamp.status('RGB')


def pinmap():
    """Return the pins."""
    return _outputs.pinmap()


def deinit():
    """Save the state and let the outputs go."""
    _lamp.close()
    _outputs.deinit()


def help():
    """Return how to use this module."""
    return ('rgb r=<0-1000> g=<0-1000> b=<0,1000> smooth=True force=True',
            'toggle state=None smooth=True', 'load_n_init', 'brightness percent=<0-100> smooth=True',
            'set_transition r=<0-1000> g b sec', 'run_transition', 'status', 'pinmap')
