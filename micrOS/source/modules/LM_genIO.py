"""Any pin, for experiments: a GPIO number, or a logical name in quotes."""

import LogicalPins
from machine import PWM, Pin

_NAME = 'genIO'
_waves = {}     # gpio -> PWM


def _use(pin, act):
    """Book a pin, which makes no wave any more; returns act(its GPIO). One that is not up to it is not booked."""
    owner = LogicalPins.holder(pin if isinstance(pin, int) else LogicalPins.physical_pin(pin))
    gpio = LogicalPins.bind(pin, _NAME)
    if gpio in _waves:
        _waves.pop(gpio).deinit()
    try:
        return act(gpio)
    except (ValueError, OSError):
        if owner is None:
            del LogicalPins.State.booked[gpio]
        raise


def _check(name, value, low, high):
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError('%s: %s is not in %d..%d' % (name, value, low, high))


def set_pwm(pin, freq=1024, duty=500):
    """Make a square wave of freq (1-1000000 Hz) and duty (0-1023)."""
    _check('freq', freq, 1, 1000000)
    _check('duty', duty, 0, 1023)

    def make(gpio):
        _waves[gpio] = PWM(Pin(gpio), freq=freq, duty=duty)
    _use(pin, make)
    return {'pin': pin, 'freq': freq, 'duty': duty}


def set_out(pin, state):
    """Drive a pin: 0 or 1."""
    _check('state', state, 0, 1)
    _use(pin, lambda gpio: Pin(gpio, Pin.OUT, value=state))
    return {'pin': pin, 'state': state}


def get_adc(pin):
    """Measure a voltage of 0 to about 3.3 V."""
    from Common import SmartADC
    values = _use(pin, SmartADC.get_singleton).get()
    values['pin'] = pin
    return values


def get_in(pin):
    """Read a pin, with its pull-up."""
    return {'pin': pin, 'state': _use(pin, lambda gpio: Pin(gpio, Pin.IN, Pin.PULL_UP)).value()}


def deinit():
    """Stop all waves and give the pins back."""
    while _waves:
        _waves.popitem()[1].deinit()
    LogicalPins.release(_NAME)


def help():
    """Return how to use this module."""
    return ('set_pwm pin=<int> freq=<int> duty=<0-1000>', 'set_out pin state', 'get_adc pin', 'get_in pin', 'deinit')
