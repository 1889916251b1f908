"""HC-SR04 ultrasonic ranger."""

import LogicalPins

_NAME = 'distance_HCSR04'
_PINS = ('hcsrtrig', 'hcsrecho')
_sensor = []        # once it was used


def _pulse_us():
    if not _sensor:
        from drivers import hcsr04
        from machine import Pin
        try:
            trigger, echo = [LogicalPins.bind(name, _NAME) for name in _PINS]
        except ValueError:      # both or none
            LogicalPins.release(_NAME)
            raise
        _sensor.append(hcsr04.Hcsr04(Pin(trigger, Pin.OUT, value=0), Pin(echo, Pin.IN)))
    return _sensor[0].pulse_us()


def distance_mm():
    """Return the distance in whole millimetres; an error if nothing is in reach."""
    return _pulse_us() * 100 // 582


def distance_cm():
    """Return the distance in centimetres."""
    return round(_pulse_us() / 2 / 29.1, 2)


def deinit():
    """Give the pins back."""
    _sensor.clear()
    LogicalPins.release(_NAME)


def pinmap():
    """Return the GPIO of each pin."""
    return {name: LogicalPins.physical_pin(name) for name in _PINS}


def help():
    """Return how to use this module."""
    return ('distance_mm', 'distance_cm', 'deinit', 'pinmap')
