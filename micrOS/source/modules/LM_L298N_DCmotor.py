"""One DC motor on an L298N bridge."""

import motion
from LogicalPins import physical_pin
from machine import PWM, Pin
from micropython import const

_FULL = const(1000)
_FULL_U16 = const(65535)
_FREQ_HZ = const(50)
_PINS = const(('l298speed', 'l298dir_1', 'l298dir_2'))

_speed_pwm = None
_pins = None        # direction


def m1_control(direc=None, speed=None):
    """Set direction and speed; None leaves one as it is."""
    state = {}
    if direc is not None:
        state.update(set_direction(direc))
    if speed is not None:
        state.update(set_speed(speed))
    return state


def set_speed(speed=100):
    """Set the speed, 0..1000."""
    if not isinstance(speed, (int, float)) or not 0 <= speed <= _FULL:
        return {'speed': 'value range error'}
    _init()
    _speed_pwm.duty_u16(int(speed * _FULL_U16) // _FULL)
    return {'speed': speed}


def stop():
    """Let the motor run out."""
    return set_speed(0)


def set_direction(direc=0):
    """Set the direction, 0 is forward."""
    _init()
    _pins[1 if direc == 0 else 0].value(0)
    _pins[0 if direc == 0 else 1].value(1)
    return {'direction': 'forward' if direc == 0 else 'backward'}


def pinmap():
    """Return the GPIOs."""
    return {name: physical_pin(name) for name in _PINS}


def help():
    """Return how to use this module."""
    return ('m1_control direc=<0/1> speed=<0-1000>', 'set_speed <0-1000>', 'set_direction <0-1>', 'stop', 'pinmap')


def _init():
    global _speed_pwm, _pins
    if _speed_pwm is None:
        gpios = motion.bind(_PINS, 'L298N_DCmotor')
        _pins = Pin(gpios[1], Pin.OUT, value=1), Pin(gpios[2], Pin.OUT, value=0)
        _speed_pwm = PWM(Pin(gpios[0]), freq=_FREQ_HZ, duty_u16=0)
