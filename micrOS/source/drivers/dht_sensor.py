"""DHT11 and DHT22: when they may be asked, and what their five bytes mean.

The port's own `dht.DHT11` drops tenths and sign of the newer part, so the bytes are read here.

Source: Aosong AM2302 manual, 7.3; Aosong DHT11 data sheet v1.3, 5.
"""

import time

from machine import dht_readinto
from micropython import const

_TRIES = const(2)


def dht11(data):
    """Return (degrees C, per cent) in the bytes of a DHT11; whole numbers where it has no tenths."""
    temp = data[2] + data[3] % 128 / 10 if data[3] % 128 else data[2]
    hum = data[0] + data[1] / 10 if data[1] else data[0]
    return -temp if data[3] > 127 else temp, hum


def dht22(data):
    """Return (degrees C, per cent) in the bytes of a DHT22, in tenths."""
    temp = ((data[2] % 128) << 8 | data[3]) / 10
    return -temp if data[2] > 127 else temp, (data[0] << 8 | data[1]) / 10


class Dht:
    """A sensor on a pin.

    Args:
        pin: machine.Pin.
        decode: `dht11` or `dht22`.
        interval_ms: the sensor measures no sooner again.
    """

    def __init__(self, pin, decode, interval_ms):
        self._pin = pin
        self._decode = decode
        self._interval_ms = interval_ms
        self._asked = time.ticks_add(time.ticks_ms(), -interval_ms)
        self._asked_s = 0       # the same, to see when ticks have wrapped
        self._values = None

    def measure(self):
        """Return (degrees C, per cent), of the last time if that is too short ago.

        Takes 0.3 s; if the sensor fails, it is asked once more: 0.6 s and the interval.

        Raises:
            OSError: ETIMEDOUT, no answer.
            ValueError: `checksum error`.
        """
        if self._values and self._rest_ms():
            return self._values
        self._values = None
        for tries_left in range(_TRIES - 1, -1, -1):
            time.sleep_ms(self._rest_ms())
            try:
                self._values = self._decode(self._ask())
                return self._values
            except (OSError, ValueError):
                if not tries_left:
                    raise

    def _ask(self):
        data = bytearray(5)
        try:
            dht_readinto(self._pin, data)
        finally:
            self._asked = time.ticks_ms()
            self._asked_s = time.time()
        if sum(data[:4]) % 256 != data[4]:
            raise ValueError('checksum error')
        return data

    def _rest_ms(self):
        """Return how long it must be left alone."""
        if abs(time.time() - self._asked_s) * 1000 > self._interval_ms + 1000:
            return 0
        return max(self._interval_ms - abs(time.ticks_diff(time.ticks_ms(), self._asked)), 0)
