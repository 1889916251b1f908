"""Logical pin names, and who uses which pin.

A pin map is a module `LP_<name>` of integer constants; `cstmpmap` names one on the node's flash, else
the board's own is used. Load Modules book their pins, and a pin that is in use is refused:

    from LogicalPins import bind
    gpio = bind('servo_1', 'servo')

All functions but the following come from `pin_maps`, as if they stood here.
"""

import sys

import cold
import hal


class State:
    """The active map and the bookings."""

    map_name = None
    booked = {}     # gpio -> owner


def __getattr__(name):
    """Find a function that is not resident."""
    return getattr(cold.load('pin_maps'), name)


def holder(gpio):
    """Return the owner of a GPIO, or None."""
    return State.booked.get(gpio)


def find_module(name):
    """Return the path of the file that `import name` would load, or None."""
    for folder in sys.path:
        prefix = folder + '/' if folder else ''
        for extension in ('.py', '.mpy'):
            if hal.file_exists(prefix + name + extension):
                return prefix + name + extension
    return None
