"""Four outputs for relays and the like: high is on."""

from Debug import errlog_add
from LogicalPins import bind, physical_pin
from machine import Pin
from micropython import const
from pds import Store

_COUNT = const(4)
_ERROR = const('[ERROR] switch input have to 0 or 1')

_store = Store('switch', (0,) * _COUNT, ((0, 1),) * _COUNT)


def load_n_init(cache=None, ch_init=None):
    """Restore the channels of the list ch_init; without a list those that were on."""
    if not isinstance(ch_init, (list, tuple, type(None))):
        raise ValueError('ch_init: %s is no list' % ch_init)
    for channel in ch_init or ():
        if channel not in range(1, _COUNT + 1):
            raise ValueError('ch_init: %s is not in 1..%d' % (channel, _COUNT))
    is_on = _store.load(cache)
    for channel in range(1, _COUNT + 1):
        if channel in ch_init if ch_init is not None else _store.values[channel - 1]:
            try:
                _output(channel, _store.values[channel - 1])
            except ValueError as e:     # the others are restored all the same
                errlog_add('switch %d: %s' % (channel, e))
    return 'CACHE: %s' % is_on


def set_state(state=None):
    """Switch channel 1; None writes what it is."""
    return _set(1, state)


def toggle():
    """Flip channel 1."""
    return _flip(1)


def set_state2(state=None):
    """Switch channel 2."""
    return _set(2, state)


def toggle2():
    """Flip channel 2."""
    return _flip(2)


def set_state3(state=None):
    """Switch channel 3."""
    return _set(3, state)


def toggle3():
    """Flip channel 3."""
    return _flip(3)


def set_state4(state=None):
    """Switch channel 4."""
    return _set(4, state)


def toggle4():
    """Flip channel 4."""
    return _flip(4)


def status(lmf=None):
    """Return all channels, or the one that the name of a function ends in."""
    if lmf is None:
        return {'SW%d' % (k + 1): value for k, value in enumerate(_store.values)}
    last = str(lmf)[-1:]
    return {'S': _store.values[int(last) - 1 if last in ('2', '3', '4') else 0]}


def pinmap():
    """Return the GPIOs."""
    return {_pin(k + 1): physical_pin(_pin(k + 1)) for k in range(_COUNT)}


def help():
    """Return how to use this module."""
    return ('set_state state=<0,1>', 'toggle', 'set_state2 state=<0,1>', 'toggle2', 'set_state3 state=<0,1>',
            'toggle3', 'set_state4 state=<0,1>', 'toggle4',
            'load_n_init cache=None<True/False> ch_init=[1,2,3,4]', 'status', 'pinmap')


def _pin(channel):
    return 'switch_%d' % channel


def _output(channel, state):
    Pin(bind(_pin(channel), 'switch'), Pin.OUT, value=state)


def _flip(channel):
    return _set(channel, 1 - _store.values[channel - 1])


def _set(channel, state):
    if state is None:
        state = _store.values[channel - 1]
    elif state not in (0, 1, '0', '1'):
        return _ERROR
    state = int(state)
    _output(channel, state)
    values = list(_store.values)
    values[channel - 1] = state
    _store.keep(values)
    return 'SET STATE%s: %d' % ('(%d)' % channel if channel > 1 else '', state)
