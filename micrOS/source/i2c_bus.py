"""The I2C bus of the board: one object for all parts on the pins `i2c_scl` and `i2c_sda`.

    import i2c_bus
    i2c_bus.get().scan()
"""

import hal
import LogicalPins
from micropython import const

_FREQ_HZ = const(400000)
_STRETCH_US = const(2000)   # a part that holds the clock for longer is broken; the loop stands still meanwhile
_OWNER = const('i2c')

_buses = []


def get():
    """Return the bus, a SoftI2C; its pins are booked for `i2c` at the first call.

    Raises:
        ValueError: a pin is unknown or in use.
    """
    if not _buses:
        try:
            scl, sda = LogicalPins.bind('i2c_scl', _OWNER), LogicalPins.bind('i2c_sda', _OWNER)
        except ValueError:
            LogicalPins.release(_OWNER)
            raise
        _buses.append(hal.soft_i2c(scl, sda, _FREQ_HZ, _STRETCH_US))
    return _buses[0]


def pinmap():
    """Return the pins of the bus, {logical name: GPIO or None}."""
    return {name: LogicalPins.physical_pin(name) for name in ('i2c_scl', 'i2c_sda')}
