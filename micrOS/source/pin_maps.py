"""Pin maps and bookings, as `LogicalPins` offers them. Cold."""

import os
import sys

from Debug import errlog_add
from LogicalPins import State, find_module, holder


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
    if name in (None, 'n/a'):
        name = detect_platform()
    elif find_module('LP_' + name) is None:
        errlog_add('LogicalPins import error: set_pinmap: no file LP_%s.py or .mpy' % name)
        name = detect_platform()
    State.map_name = name
    return name


def get_pinmap():
    """Return the name of the active map."""
    return State.map_name or set_pinmap()


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
    if holder(gpio) not in (None, owner):
        raise ValueError('pin %d (%s) is in use by %s' % (gpio, pin, holder(gpio)))
    State.booked[gpio] = owner
    return gpio


def release(owner):
    """Free all pins of owner."""
    for gpio in [gpio for gpio in State.booked if State.booked[gpio] == owner]:
        del State.booked[gpio]
