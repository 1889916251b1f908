"""TEMT6000 ambient light sensor: a phototransistor with 10 kOhm to ground."""

import LogicalPins

_adc = []       # once it was used


class _Number:
    """A number that reads with two decimals, and is itself in JSON."""

    def __init__(self, value):
        self.number = round(value, 2)

    def __str__(self):
        return '%.2f' % self.number


def _read_u16():
    if not _adc:
        import hal
        _adc.append(hal.adc(LogicalPins.bind('temp6000', 'light_sensor')))
    return _adc[0].read_u16()


def intensity():
    """Return the light in per cent of what can be measured."""
    return {'light intensity [%]': _Number(_read_u16() * 100 / 65535)}


def illuminance():
    """Return the illuminance: 2 lux per uA, that is 200 lux per volt."""
    return {'illuminance [lux]': _Number((_read_u16() >> 4) * 3.6 / 4095 * 200)}


def pinmap():
    """Return the GPIO of each pin."""
    return {'temp6000': LogicalPins.physical_pin('temp6000')}


def help():
    """Return how to use this module."""
    return ('intensity', 'illuminance', 'pinmap', 'INFO sensor:TEMP600')
