"""What Load Modules share that move things: waits that a `stop()` ends, checks of numbers, booking of several pins.

    stopper = motion.Stopper()
    async def play():
        try:
            await stopper.sleep_ms(500)
        except motion.Stopped:
            return 'Stopped'
    async def stop():
        stopper.stop()
"""

import asyncio
import time

import LogicalPins
from micropython import const

_LOOK_MS = const(20)    # so soon a wait ends after `stop()`


class Stopped(Exception):
    """Raised out of a wait when `stop()` was called."""


class Stopper:
    """Lets one call end the waits of another."""

    def __init__(self):
        self._count = 0

    def stop(self):
        """End the wait that is under way; one that comes later is not concerned."""
        self._count += 1

    async def sleep_ms(self, ms):
        """Wait, never less than that (at most 500 s); raises Stopped if `stop()` is called meanwhile."""
        count, start, left_us = self._count, time.ticks_us(), ms * 1000
        while left_us > 0:
            await asyncio.sleep_ms(min(left_us // 1000, _LOOK_MS))
            if self._count != count:
                raise Stopped
            left_us = ms * 1000 - time.ticks_diff(time.ticks_us(), start)
            if 0 < left_us < 1000:
                time.sleep_us(left_us)  # finer than the loop's clock: a step of 2 ms would take 3
                return


def number(name, value, low, high):
    """Return an argument; raises ValueError, with its name and range, if it is no number of low..high."""
    if not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError('%s: %s is not in %d..%d' % (name, value, low, high))
    return value


def clamped(name, value, low, high):
    """Return an argument as int, or the end of its range that is next; raises ValueError if it is no number."""
    if isinstance(value, (int, float)):
        value = min(max(value, low), high)
    return int(number(name, value, low, high))


def whole(name, value, low, high):
    """Return an argument as int; raises ValueError as `number`, and if it has a fraction."""
    if number(name, value, low, high) != int(value):
        raise ValueError('%s: %s is no whole number' % (name, value))
    return int(value)


def bind(names, owner):
    """Book all pins of a part, or none; returns their GPIOs. See `LogicalPins.bind`."""
    try:
        return [LogicalPins.bind(name, owner) for name in names]
    except ValueError:
        LogicalPins.release(owner)
        raise
