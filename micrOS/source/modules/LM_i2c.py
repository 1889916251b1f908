"""Who is on the I2C bus."""

import asyncio
import errno

import i2c_bus
from micropython import const

_FIRST = const(0x08)
_END = const(0x78)
_AT_ONCE = const(16)


async def scan():
    """Return the addresses that answer, a list of int."""
    bus = i2c_bus.get()
    found = []
    for address in range(_FIRST, _END):
        try:
            bus.writeto(address, b'')
            found.append(address)
        except OSError as e:
            if e.errno != errno.ENODEV:
                raise
        if address % _AT_ONCE == 0:
            await asyncio.sleep_ms(0)
    if len(found) == _END - _FIRST:
        raise OSError('the bus is stuck: SDA is low')
    return found


def pinmap():
    """Return the GPIO of each pin."""
    return i2c_bus.pinmap()


def help():
    """Return how to use this module."""
    return ('scan', 'pinmap')
