"""Lamp through one power switch."""

from lamp import TOP, Lamp, PwmOutputs

_outputs = PwmOutputs('dimmer', ('dim_1',))
_lamp = Lamp('dimmer', (500,), TOP, _outputs, is_state_first=True)


async def load_n_init(cache=None):
    """Restore the state and show it."""
    return 'CACHE: %s' % await _lamp.load(cache)


async def set_value(value=None, smooth=False):
    """Show 0-1000; None is what it had. Ends a timed transition."""
    number = _lamp.colour()[0] if value is None else int(value)
    if not 0 <= number <= TOP:
        return 'DIMMER ERROR, VALUE 0-1000 ONLY, GIVEN: %s' % value
    await _lamp.set([number], smooth)
    return status()


async def toggle(state=None, smooth=False):
    """Switch on or off, or over."""
    await _lamp.toggle(state, smooth, always=True)
    return status()


async def set_transition(value, sec):
    """Prepare a fade of sec seconds, for run_transition every `timirqseq` ms."""
    return _lamp.plan(_lamp.checked(('value',), (value,)), sec)


async def run_transition():
    """Do the next step of the fade."""
    return _lamp.step('Transition X%d', 'Transition deactivated', 'Transition done')


def status(lmf=None):
    """Return the state for widgets."""
    return _lamp.status('X')


def pinmap():
    """Return the pins."""
    return _outputs.pinmap()


def deinit():
    """Save the state and let the output go."""
    _lamp.close()
    _outputs.deinit()


def help():
    """Return how to use this module."""
    return ('set_value value=<0-1000> smooth=False', 'toggle state=None smooth=False', 'load_n_init',
            'set_transition value=<0-1000> sec', 'run_transition', 'status', 'pinmap')
