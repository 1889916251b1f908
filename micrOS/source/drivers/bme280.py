"""Bosch BME280: temperature, humidity, pressure.

    sensor = Bme280(bus)
    await asyncio.sleep_ms(sensor.start())
    temp, humidity, pressure = sensor.read()

Source: Bosch BST-BME280-DS002, registers 5.4, formulas 4.2.3, longest measurement 9.1.
"""

import errno
from struct import unpack

from micropython import const

_REG_CALIB_T = const(0x88)
_REG_ID = const(0xD0)
_REG_CALIB_H = const(0xE1)
_REG_CTRL_HUM = const(0xF2)
_REG_STATUS = const(0xF3)
_REG_CTRL_MEAS = const(0xF4)
_REG_DATA = const(0xF7)
_ID = const(0x60)
_ONCE = const(1)            # oversampling of humidity
_FORCED = const(0x25)       # temperature and pressure once, then sleep
_BIT_MEASURING = const(8)
_TIME_MS = const(11)        # 9.3 ms at most, and up to one that a sleep ends early
_SKIPPED = const(0x80000)   # what a register of data holds without a measurement
_MAX_HUMIDITY = const(419430400)


class Bme280:
    """A sensor on an I2C bus.

    Args:
        bus: I2C or SoftI2C.
        address: 0x76 or 0x77.

    Raises:
        OSError: it does not answer.
        ValueError: another part does.
    """

    def __init__(self, bus, address=0x76):
        self._bus = bus
        self._address = address
        chip = bus.readfrom_mem(address, _REG_ID, 1)[0]
        if chip != _ID:
            raise ValueError('no BME280 at 0x%02x: chip id 0x%02x' % (address, chip))
        first = bus.readfrom_mem(address, _REG_CALIB_T, 26)
        second = bus.readfrom_mem(address, _REG_CALIB_H, 7)
        self._words = unpack('<HhhHhhhhhhhh', first[:24])
        h2, h3, h4, h5, h6 = unpack('<hBbxbb', second)
        self._humidity_words = (first[25], h2, h3, h4 << 4 | second[4] & 15, h5 << 4 | second[4] >> 4, h6)

    def start(self):
        """Begin a measurement; returns how many ms it takes.

        Raises:
            OSError: it does not answer.
        """
        for setting in ((_REG_CTRL_HUM, _ONCE), (_REG_CTRL_MEAS, _FORCED)):
            if self._bus.writeto(self._address, bytes(setting)) != 2:
                raise OSError(errno.EIO)
        return _TIME_MS

    def read(self):
        """Return (1/100 degrees C, 1/1024 % relative humidity, 1/256 pascal) of the last measurement, as int.

        Raises:
            OSError: ETIMEDOUT, it has not ended, or none was begun; EIO, nothing but zeros came.
        """
        if self._bus.readfrom_mem(self._address, _REG_STATUS, 1)[0] & _BIT_MEASURING:
            raise OSError(errno.ETIMEDOUT)
        data = self._bus.readfrom_mem(self._address, _REG_DATA, 8)
        if not any(data):
            raise OSError(errno.EIO)
        adc_p = data[0] << 12 | data[1] << 4 | data[2] >> 4
        adc_t = data[3] << 12 | data[4] << 4 | data[5] >> 4
        if adc_t == _SKIPPED or adc_p == _SKIPPED:
            raise OSError(errno.ETIMEDOUT)
        fine = self._fine(adc_t)
        return (fine * 5 + 128) >> 8, self._humidity(data[6] << 8 | data[7], fine), self._pressure(adc_p, fine)

    def _fine(self, adc):
        t1, t2, t3 = self._words[:3]
        part = (adc >> 4) - t1
        return (((adc >> 3) - (t1 << 1)) * t2 >> 11) + ((part * part >> 12) * t3 >> 14)

    def _humidity(self, adc, fine):
        h1, h2, h3, h4, h5, h6 = self._humidity_words
        v = fine - 76800
        slope = (((v * h6 >> 10) * ((v * h3 >> 11) + 32768) >> 10) + 2097152) * h2 + 8192 >> 14
        v = ((adc << 14) - (h4 << 20) - h5 * v + 16384 >> 15) * slope
        v -= ((v >> 15) * (v >> 15) >> 7) * h1 >> 4
        return min(max(v, 0), _MAX_HUMIDITY) >> 12

    def _pressure(self, adc, fine):
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self._words[3:]
        v1 = fine - 128000
        v2 = v1 * v1 * p6 + (v1 * p5 << 17) + (p4 << 35)
        v1 = ((1 << 47) + (v1 * v1 * p3 >> 8) + (v1 * p2 << 12)) * p1 >> 33
        if not v1:
            return 0
        p = ((1048576 - adc << 31) - v2) * 3125 // v1
        return (p + (p9 * (p >> 13) * (p >> 13) >> 25) + (p8 * p >> 19) >> 8) + (p7 << 4)
