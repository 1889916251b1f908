"""BME280: temperature, humidity, pressure."""

import asyncio
import errno

import i2c_bus
from micropython import const

_ADDRESSES = const((0x76, 0x77))
_sensors = []       # the sensor, once it has answered


def _sensor():
    """Return the sensor, at either address."""
    if not _sensors:
        from drivers.bme280 import Bme280
        for address in _ADDRESSES:
            try:
                _sensors.append(Bme280(i2c_bus.get(), address))
                break
            except OSError as e:
                if e.errno != errno.ENODEV or address == _ADDRESSES[-1]:
                    raise
    return _sensors[0]


async def measure():
    """Return temperature, humidity and pressure."""
    try:
        sensor = _sensor()
        await asyncio.sleep_ms(sensor.start())
        temp, humidity, pressure = sensor.read()
    except OSError:
        _sensors.clear()    # it may be another one when it is back
        raise
    return {'temp [ºC]': temp / 100, 'hum [%]': (humidity * 100 + 512 >> 10) / 100,
            'pressure [hPa]': (pressure + 128 >> 8) / 100}


async def measure_w_co2():
    """As `measure`, with what the MQ135 says in this air."""
    import LM_co2
    values = await measure()
    values['co2 [ppm]'] = LM_co2.measure_mq135(values['temp [ºC]'], values['hum [%]'])
    return values


def lmdep():
    """Return the Load Module that `measure_w_co2` needs."""
    return 'co2'


def pinmap():
    """Return the GPIO of each pin."""
    return i2c_bus.pinmap()


def help():
    """Return how to use this module."""
    return ('measure', 'measure_w_co2', 'lmdep', 'pinmap')
