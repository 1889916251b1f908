"""pH probe with its amplifier: a voltage that falls with the pH, calibrated at two of them."""

import asyncio

import LogicalPins
from micropython import const
from pds import Store

_SAMPLES = const(10)
_PAUSE_MS = const(100)
_LEAST_SLOPE = const(50)        # mV per pH that a probe must have
# pH * 100 and mV of two points; usual amplifiers give 2.5 V at pH 7 and 0.18 V more per pH below
_FACTORY = (700, 2500, 400, 3040)
_used = []      # SmartADC, ADC and Store, once they were used


def _open():
    if not _used:
        import hal
        from Common import SmartADC
        gpio = LogicalPins.bind('ph', 'ph_sensor')
        store = Store('ph', _FACTORY, ((0, 1400), (0, 5000), (0, 1400), (0, 5000)))
        store.load(True)
        _used.extend((SmartADC.get_singleton(gpio), hal.adc(gpio), store))
    return _used


async def _sample():
    """Return (the last reading, the mean in mV or None if it is out of the range of the converter)."""
    smart, adc, _ = _open()
    total_uv = 0
    for _ in range(_SAMPLES):
        last = smart.get()
        total_uv += adc.read_uv() if 0 < last['raw'] < 4095 else float('nan')
        await asyncio.sleep_ms(_PAUSE_MS)
    return last, None if total_uv != total_uv else total_uv / (1000 * _SAMPLES)


async def measure():
    """Return pH, the mean voltage of a second, and the last reading; None if the voltage is out of range."""
    last, mean_mv = await _sample()
    values = {'ADC data': last, 'AVG V': None, 'pH': None}
    if mean_mv is not None:
        ph1, mv1, ph2, mv2 = _open()[2].values
        values['AVG V'] = round(mean_mv / 1000, 3)
        values['pH'] = round((ph1 + (mean_mv - mv1) * (ph2 - ph1) / (mv2 - mv1)) / 100, 2)
    return values


async def calibrate(ph):
    """Note what the probe gives in a buffer of this pH: one of 6..8, and another one."""
    if not isinstance(ph, (int, float)) or not 0 <= ph <= 14:
        raise ValueError('ph: %s is not in 0..14' % ph)
    _, mean_mv = await _sample()
    if mean_mv is None:
        raise OSError('the voltage is out of range')
    store = _open()[2]
    points = list(store.values)
    at = 0 if 6 <= ph <= 8 else 2
    points[at:at + 2] = round(ph * 100), round(mean_mv)
    distance = abs(points[0] - points[2]) * _LEAST_SLOPE / 100
    if distance == 0 or abs(points[1] - points[3]) < distance:
        raise ValueError('%d mV does not fit the other buffer: %s' % (mean_mv, points))
    store.keep(points)
    store.flush()
    return {'pH': ph, 'V': round(mean_mv / 1000, 3)}


def pinmap():
    """Return the GPIO of each pin."""
    return {'ph': LogicalPins.physical_pin('ph')}


def help():
    """Return how to use this module."""
    return ('measure', 'calibrate ph=<0-14>', 'pinmap')
