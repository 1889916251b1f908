"""One DC motor on an L9110 bridge."""

import motion
from LogicalPins import physical_pin
from machine import PWM, Pin
from micropython import const

_FULL = const(1000)
_FULL_U16 = const(65535)
_FREQ_HZ = const(1024)
_PINS = const(('l9110dir_1', 'l9110dir_2'))

_forward = None     # PWM
_backward = None


def motor_control(direc=None, speed=None):
    """Set direction (0 is forward) and speed, 0..1000; speed 0 stops."""
    if direc not in (0, 1) or not isinstance(speed, (int, float)) or not 0 <= speed <= _FULL:
        return 'invalid parameters'
    _init()
    (_forward if direc else _backward).duty_u16(0)
    (_backward if direc else _forward).duty_u16(int(speed * _FULL_U16) // _FULL)
    return {'speed': speed, 'direc': 'backward' if direc else 'forward'}


def pinmap():
    """Return the GPIOs."""
    return {name: physical_pin(name) for name in _PINS}


def help():
    """Return how to use this module."""
    return 'motor_control direc=<0/1> speed=<0-1000>', 'pinmap'


def _init():
    global _forward, _backward
    if _backward is None:
        _forward, _backward = [PWM(Pin(gpio), freq=_FREQ_HZ, duty_u16=0)
                               for gpio in motion.bind(_PINS, 'L9110_DCmotor')]
