"""Two hobby servos. A duty is the length of the pulse in 1/1024 of the 20 ms from one to the next."""

import asyncio

import LogicalPins
import motion
from machine import PWM, Pin
from micropython import const

LOW = const(40)
CENTRE = const(75)
HIGH = const(115)
_FREQ_HZ = const(50)
_DEMO_MS = const(1000)

_pwms = {}                      # pin name -> PWM
_duties = {'servo_1': CENTRE, 'servo_2': CENTRE}


def sduty(duty=75):
    """Move servo 1, within 40..115."""
    return 'SET SERVO1: duty: %d' % _move('servo_1', duty)


def s2duty(duty=75):
    """Move servo 2, within 40..115."""
    return 'SET SERVO2: duty: %d' % _move('servo_2', duty)


async def sdemo():
    """Move servo 1 from end to end."""
    for duty in (LOW, HIGH):
        _move('servo_1', duty)
        await asyncio.sleep_ms(_DEMO_MS)
    _move('servo_1', CENTRE)
    return 'sduty DEMO'


def deinit():
    """Stop the pulses and free the pins."""
    while _pwms:
        _pwms.popitem()[1].deinit()
    LogicalPins.release('servo')
    return 'Deinit servo 1 and 2'


def status(lmf=None):
    """Return both duties, or that of the servo that a function moves."""
    if lmf is None:
        return {'S1': _duties['servo_1'], 'S2': _duties['servo_2']}
    return {'X': _duties['servo_2' if lmf == 's2duty' else 'servo_1']}


def pinmap():
    """Return the GPIOs."""
    return {name: LogicalPins.physical_pin(name) for name in ('servo_1', 'servo_2')}


def help():
    """Return how to use this module."""
    return 'sduty duty=<int>40-115', 'sdemo', 's2duty', 'deinit', 'status', 'pinmap'


def _move(name, duty):
    duty = motion.clamped('duty', duty, LOW, HIGH)
    if name in _pwms:
        _pwms[name].duty(duty)
    else:
        _pwms[name] = PWM(Pin(LogicalPins.bind(name, 'servo')), freq=_FREQ_HZ, duty=duty)
    _duties[name] = duty
    return duty
