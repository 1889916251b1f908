"""Serves pet food, by a slide on servo 1 or by a stepper's auger."""

import LM_servo
import LM_stepper
import motion
from micropython import const

_OPEN_MS = const(10)        # per position
_FLOW_MS = const(500)
_CLOSE_MS = const(15)
_MOST = const(100)
_MOST_STEPS = const(5090)   # ten turns

_stopper = motion.Stopper()


async def portion(repeat=1, posmin=65, posmax=97):
    """Serve portions with the servo, from position posmin to posmax and back."""
    repeat = motion.whole('repeat', repeat, 1, _MOST)
    posmin = motion.whole('posmin', posmin, LM_servo.LOW, LM_servo.HIGH)
    posmax = motion.whole('posmax', posmax, posmin, LM_servo.HIGH)
    try:
        for _ in range(repeat):
            await _sweep(range(posmin, posmax + 1), _OPEN_MS)
            await _stopper.sleep_ms(_FLOW_MS)
            await _sweep(range(posmax, posmin - 1, -1), _CLOSE_MS)
    except motion.Stopped:
        return 'Stopped'
    finally:
        LM_servo.deinit()
    return 'Portion %d was served' % repeat


async def portion_new(count=1, forward=135, back=10):
    """Serve portions with the stepper; `back` steps to and fro keep the food from jamming."""
    forward = motion.whole('forward', forward, 0, _MOST_STEPS)
    back = motion.whole('back', back, 0, _MOST_STEPS)
    for _ in range(motion.whole('count', count, 1, _MOST)):
        for steps in (forward, -back, back, -back, back):
            if await LM_stepper.step(steps) == 'Stopped':
                return 'Stopped'


async def stop():
    """End serving."""
    _stopper.stop()
    await LM_stepper.stop()
    return 'Stop'


def lmdep():
    """Return the modules that this one needs."""
    return 'servo', 'stepper'


def help():
    """Return how to use this module."""
    return 'portion repeat=1', '<-servo control', 'portion_new count=1', '<-stepper control', 'stop', 'lmdep'


async def _sweep(positions, ms):
    for position in positions:
        LM_servo.sduty(position)
        await _stopper.sleep_ms(ms)
