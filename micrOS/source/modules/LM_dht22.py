"""DHT22: temperature and humidity."""

import LogicalPins

_sensor = []        # once it was used


def measure():
    """Return temperature and humidity; what was measured less than 2 s ago is told again."""
    if not _sensor:
        from drivers import dht_sensor
        from machine import Pin
        pin = Pin(LogicalPins.bind('dhtpin', 'dht22'))
        _sensor.append(dht_sensor.Dht(pin, dht_sensor.dht22, 2000))
    temp, hum = _sensor[0].measure()
    return {'temp [ºC]': temp, 'hum [%]': hum}


def measure_w_co2():
    """As `measure`, with what the MQ135 says in this air."""
    import LM_co2
    values = measure()
    values['co2 [ppm]'] = LM_co2.measure_mq135(values['temp [ºC]'], values['hum [%]'])
    return values


def lmdep():
    """Return the Load Module that is needed."""
    return 'co2'


def pinmap():
    """Return the GPIO of each pin."""
    return {'dhtpin': LogicalPins.physical_pin('dhtpin')}


def help():
    """Return how to use this module."""
    return ('measure', 'measure_w_co2', 'lmdep', 'pinmap')
