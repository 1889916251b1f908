"""MQ135 gas sensor: CO2."""

import LogicalPins
from micropython import const

_SUPPLY_UV = const(5000000)     # of the sensor
_STEPS = const(1023)
_adc = []       # once it was used


def _measure():
    """Return the resistance of the sensor in kOhm; -1 without a voltage."""
    from drivers import mq135
    if not _adc:
        import hal
        _adc.append(hal.adc(LogicalPins.bind('co2', 'co2')))
    raw = _adc[0].read_u16()
    if 0 < raw < 65535:         # between the limits of the converter its calibrated reading is right
        raw = round(_adc[0].read_uv() * _STEPS / _SUPPLY_UV)
    elif raw:
        raw = _STEPS
    return mq135.resistance(raw)


def raw_measure_mq135():
    """Return the resistance of the sensor in kOhm, and the scale."""
    return '%s/(1023, 3.6)' % round(_measure(), 2)


def measure_mq135(temperature=None, humidity=None):
    """Return CO2 in ppm and what to think of it, at temperature (-40..85 ºC) and humidity (0..100 %)."""
    from drivers import mq135
    for name, value, low, high in (('temperature', temperature, -40, 85), ('humidity', humidity, 0, 100)):
        if not isinstance(value, (int, float)) or not low <= value <= high:
            raise ValueError('%s: %s is not in %d..%d' % (name, value, low, high))
    try:
        ppm = round(mq135.ppm(_measure(), temperature, humidity), 2)
    except ValueError as e:
        return 'measure_mq135 ERROR: %s' % e
    for limit, verdict in ((1000, 'PERFECT'), (2000, 'POOR'), (4000, 'WARNING')):
        if ppm <= limit:
            return '%s - %s' % (ppm, verdict)
    return '%s - CRITICAL' % ppm


def pinmap():
    """Return the GPIO of each pin."""
    return {'co2': LogicalPins.physical_pin('co2')}


def help():
    """Return how to use this module."""
    return ('measure_mq135 temperature=<int> humidity=<int>', 'raw_measure_mq135', 'pinmap')
