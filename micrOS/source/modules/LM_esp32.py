"""What the chip senses itself: temperature and touch; on the TinyPICO also its battery."""

import LogicalPins

_NOT_SUPPORTED = '%s: not supported by this MicroPython'


def hall():
    """Return the reading of the hall sensor, where MicroPython still knows it."""
    return _ask('hall_sensor')


def temp():
    """Return the temperature of the chip."""
    raw = _ask('raw_temperature')
    return raw if isinstance(raw, str) else {'CPU temp [ºC]': round((raw - 32) / 1.8, 1)}


def _ask(name):
    """Return what a function of the module `esp32` says, or a text."""
    try:
        import esp32
        return getattr(esp32, name)()
    except (ImportError, AttributeError):
        return _NOT_SUPPORTED % name


def touch(triglvl=300):
    """Return whether the pad is touched: its count is below triglvl."""
    if not isinstance(triglvl, (int, float)):
        raise ValueError('triglvl: %s is no number' % triglvl)
    from machine import Pin, TouchPad
    value = TouchPad(Pin(LogicalPins.bind('touch_0', 'esp32'))).read()
    return {'isTouched': value < triglvl, 'value': value}


def battery():
    """Return the battery's voltage, roughly, and whether it is charged."""
    import tinypico
    return {'volt': round(tinypico.get_battery_voltage(), 2), 'state': tinypico.get_battery_charging()}


def pinmap():
    """Return the GPIO of each pin."""
    return {'touch_0': LogicalPins.physical_pin('touch_0')}


def help():
    """Return how to use this module."""
    return ('hall', 'temp', 'touch', 'battery', 'pinmap', 'NOTE: battery only available on tinypico')
