"""Logical pin names, and who uses which pin.

A pin map is a module `LP_<name>` of integer constants; `cstmpmap` names one on the node's flash, else
the board's own is used. Load Modules book their pins, and a pin that is in use is refused:

    from LogicalPins import bind
    gpio = bind('servo_1', 'servo')
"""

import os
import sys

import hal
from Debug import errlog_add

_NOT_SET = 'n/a'


class _State:
    """The active map and the bookings."""

    def __init__(self):
        self.map_name = None
        self.booked = {}     # gpio -> (owner, name the pin was booked by)


_state = _State()


def detect_platform():
    """Return `tinypico`, `esp32`, or what sys.platform says."""
    if 'esp32' not in sys.platform:
        return sys.platform
    return 'tinypico' if 'tinypico' in os.uname()[4].lower() else 'esp32'


def set_pinmap(name=None):
    """Choose the pin map.

    Args:
        name: str, a custom map; None or `n/a` chooses the board's.

    Returns:
        str, the map that is used: without a file `LP_<name>` on the node it is the board's.
    """
    _state.map_name = detect_platform()
    if name is not None and name != _NOT_SET:
        if find_module('LP_' + name) is None:
            errlog_add('LogicalPins import error: set_pinmap: no file LP_%s.py or .mpy' % name)
        else:
            _state.map_name = name
    return _state.map_name


def get_pinmap():
    """Return the name of the active map."""
    return _state.map_name or set_pinmap()


def physical_pin(name):
    """Return the GPIO of a logical name, or None for an unknown one. Books nothing."""
    try:
        gpio = getattr(__import__('LP_' + get_pinmap()), name)
    except (ImportError, AttributeError, TypeError):
        return None
    return gpio if isinstance(gpio, int) else None


def bind(pin, owner):
    """Book a pin.

    Args:
        pin: logical name, or GPIO as int.
        owner: str, the Load Module that uses it. It may book its own pin again.

    Returns:
        int, the GPIO.

    Raises:
        ValueError: unknown pin, or in use by another owner; the text says which.
    """
    gpio = pin if isinstance(pin, int) else physical_pin(pin)
    if gpio is None:
        raise ValueError('unknown pin %s in pin map %s' % (pin, get_pinmap()))
    if gpio in _state.booked and _state.booked[gpio][0] != owner:
        raise ValueError('pin %d (%s) is in use by %s' % (gpio, pin, _state.booked[gpio][0]))
    _state.booked[gpio] = (owner, pin)
    return gpio


def release(owner):
    """Free all pins of owner."""
    for gpio in [g for g in _state.booked if _state.booked[g][0] == owner]:
        del _state.booked[gpio]


def holder(gpio):
    """Return the owner of a GPIO, or None."""
    return _state.booked[gpio][0] if gpio in _state.booked else None


def find_module(name):
    """Return the path of the file that `import name` would load, or None."""
    for folder in sys.path:
        prefix = folder + '/' if folder else ''
        for extension in ('.py', '.mpy'):
            if hal.file_exists(prefix + name + extension):
                return prefix + name + extension
    return None
