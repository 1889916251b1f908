"""VL53L0X: distance by light."""

import i2c_bus

_sensors = []       # the sensor, once it was set up


async def measure():
    """Return the distance in mm, about 30..1200."""
    try:
        if not _sensors:
            from drivers.vl53l0x import Vl53l0x
            sensor = Vl53l0x(i2c_bus.get())
            await sensor.setup()
            _sensors.append(sensor)
        sensor = _sensors[0]
        distance_mm = await sensor.measure()
    except OSError:
        _sensors.clear()    # it is set up anew when it is back
        raise
    if distance_mm is None:
        raise ValueError('no target: range status %d' % sensor.status)
    return distance_mm


def pinmap():
    """Return the GPIO of each pin."""
    return i2c_bus.pinmap()


def help():
    """Return how to use this module."""
    return ('measure', 'pinmap')
