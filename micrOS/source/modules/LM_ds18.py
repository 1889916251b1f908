"""DS18B20, DS1822 and DS18S20 thermometers on a 1-Wire bus."""

import time

import LogicalPins
from micropython import const

_CONVERT_MS = const(750)
_TRIES = const(3)
_POWER_ON_C = const(85)     # what a sensor tells that has not measured
_bus = []       # OneWire and DS18X20, once they were used


def measure():
    """Return the temperature; of several sensors by their ROM ids, with a text for one that fails."""
    pin, sensors = _open()
    pin.value(1)        # let go of the line
    if not pin.value():
        raise OSError('1-Wire bus is stuck low')
    roms = sensors.scan()
    if not roms:
        return 'Sensor(s) was not found.'
    values = _measure(sensors, roms)
    if len(roms) > 1:
        names = ['temp %s [ºC]' % ''.join(['%02x' % byte for byte in rom]) for rom in roms]
        return dict(zip(names, values))  # noqa: B905 - MicroPython's has no `strict`
    if isinstance(values[0], str):
        raise OSError(values[0])
    return {'temp [ºC]': values[0]}


def _open():
    if not _bus:
        import ds18x20
        import onewire
        from machine import Pin
        pin = Pin(LogicalPins.bind('ds18', 'ds18'))
        _bus.extend((pin, ds18x20.DS18X20(onewire.OneWire(pin))))
    return _bus


def _measure(sensors, roms):
    """Return a temperature or a text for each sensor; once more if one has not measured."""
    for _ in range(2):
        try:
            sensors.convert_temp()
        except Exception:  # noqa: BLE001 - OneWireError: nobody is there any more; each reading says so
            pass
        time.sleep_ms(_CONVERT_MS)
        values = [_read(sensors, rom) for rom in roms]
        if _POWER_ON_C not in values:
            break
    return ['%d ºC: no measurement' % _POWER_ON_C if value == _POWER_ON_C else value for value in values]


def _read(sensors, rom):
    for _ in range(_TRIES):
        try:
            return sensors.read_temp(rom)
        except Exception as e:  # noqa: BLE001 - the driver raises Exception('CRC error') and OneWireError()
            text = str(e) or 'no answer of the sensor'
    return text


def pinmap():
    """Return the GPIO of each pin."""
    return {'ds18': LogicalPins.physical_pin('ds18')}


def help():
    """Return how to use this module."""
    return ('measure', 'pinmap')
