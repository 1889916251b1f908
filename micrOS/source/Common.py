"""What Load Modules share: streamed replies, timed transitions, analog inputs."""

import hal
import InterpreterCore
from LogicalPins import physical_pin

_ADC_FULL_SCALE = 4095
_ADC_FULL_SCALE_V = 3.6


def socket_stream(func):
    """Decorator: call func with an extra keyword `msgobj`, a function that sends one line.

    Lines go to the client that gave the command, before the reply; without a client they are dropped.
    """
    def wrapper(*args, **kwargs):
        if 'msgobj' not in kwargs:
            call = InterpreterCore.current_call()
            kwargs['msgobj'] = _drop if call is None else call.write
        return func(*args, **kwargs)
    return wrapper


def _drop(_text):
    """Stand-in for a client when there is none."""


def transition(from_val, to_val, step_ms, interval_sec):
    """Yield the values of a linear transition, one per step.

    Args:
        from_val, to_val: numbers.
        step_ms: time between two steps.
        interval_sec: time of the whole; less than half a step gives `to_val` at once.

    Returns:
        generator of int: round(interval / step) + 1 values, both ends included.
    """
    steps = round(interval_sec * 1000 / step_ms) if interval_sec > 0 and step_ms > 0 else 0
    for step in range(steps):
        yield round(from_val + (to_val - from_val) * step / steps)
    yield round(to_val)


class SmartADC:
    """Analog input of 0 to about 3.6 V.

    Args:
        pin: GPIO as int, or logical name.
    """

    _inputs = {}

    def __init__(self, pin):
        gpio = pin if isinstance(pin, int) else physical_pin(pin)
        if gpio is None:
            raise ValueError('unknown pin: %s' % pin)
        self._adc = hal.adc(gpio)

    def get(self):
        """Measure; returns {'raw': 0..4095, 'percent': 0..100.0, 'volt': 0..3.6}."""
        raw = self._adc.read_u16() >> 4
        share = raw / _ADC_FULL_SCALE
        return {'raw': raw, 'percent': round(share * 100, 1), 'volt': round(share * _ADC_FULL_SCALE_V, 1)}

    @staticmethod
    def get_singleton(pin):
        """Return the one object of a pin."""
        if pin not in SmartADC._inputs:
            SmartADC._inputs[pin] = SmartADC(pin)
        return SmartADC._inputs[pin]
