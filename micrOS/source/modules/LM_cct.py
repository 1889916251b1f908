"""White strip of two colours, cold and warm, through two power switches."""

from lamp import TOP, Lamp, PwmOutputs

_outputs = PwmOutputs('cct', ('cwhite', 'wwhite'))
_lamp = Lamp('cwww', (500, 500), TOP, _outputs)


async def load_n_init(cache=None):
    """Restore the state and show it."""
    return 'CACHE: %s' % await _lamp.load(cache)


async def white(c=None, w=None, smooth=True, force=True):
    """Show a mixture of cold and warm, 0-1000 each; None leaves a channel. force ends a timed transition."""
    await _lamp.set(_lamp.checked('cw', (c, w)), smooth, force)
    return status()


async def brightness(percent=None, smooth=True):
    """Give the strongest channel so many percent, or tell what it has."""
    return await _lamp.brightness(percent, smooth) or status()


async def toggle(state=None, smooth=True):
    """Switch on or off, or over."""
    await _lamp.toggle(state, smooth)
    return status()


async def set_transition(cw, ww, sec):
    """Prepare a fade of sec seconds, for run_transition every `timirqseq` ms."""
    return _lamp.plan(_lamp.checked(('cw', 'ww'), (cw, ww)), sec)


async def run_transition():
    """Do the next step of the fade."""
    return _lamp.step('SET : CW%d WW%d', 'Run deactivated', 'GenEnd.')


def status(lmf=None):
    """Return the state for widgets."""
    return _lamp.status(('CW', 'WW'))


def pinmap():
    """Return the pins."""
    return _outputs.pinmap()


def deinit():
    """Save the state and let the outputs go."""
    _lamp.close()
    _outputs.deinit()


def help():
    """Return how to use this module."""
    return ('white c=<0-1000> w=<0-1000> smooth=True force=True', 'toggle state=None smooth=True', 'load_n_init',
            'brightness percent=<0-100> smooth=True', 'set_transition cw=<0-1000> ww=<0-1000> sec',
            'run_transition', 'status', 'pinmap')
