"""ST VL53L0X: laser ranger.

    sensor = Vl53l0x(bus)
    await sensor.setup()
    await sensor.measure()      # mm

Source: ST DS11555 and UM2039 (its API): set-up, reference SPADs, calibration, single measurement.
"""

import asyncio
import errno
import time

from micropython import const

_REG_START = const(0x00)
_REG_SEQUENCE = const(0x01)
_REG_INTERRUPT = const(0x0A)
_REG_CLEAR = const(0x0B)
_REG_STATUS = const(0x13)
_REG_RESULT = const(0x14)
_REG_RATE_LIMIT = const(0x44)
_REG_CHECKS = const(0x60)
_REG_STROBE = const(0x83)
_REG_POLARITY = const(0x84)
_REG_SUPPLY = const(0x89)
_REG_STOP = const(0x91)
_REG_SPAD_INFO = const(0x92)
_REG_SPADS = const(0xB0)
_REG_ID = const(0xC0)
_ID = const(0xEE)
_SEQUENCE = const(0xE8)     # distances only
_LIMIT_MS = const(250)      # a measurement takes about 33 ms
_VALID = const(11)
_FIRST_APERTURE_SPAD = const(12)
# Register, value, ...; FF selects a page.
_OPEN = const(b'\x80\x01\xff\x01\x00\x00')
_CLOSE = const(b'\x00\x01\xff\x00\x80\x00')
_ASK_SPADS = const(b'\xff\x07\x81\x01\x80\x01\x94\x6b\x83\x00')
_PREPARE_SPADS = const(b'\xff\x01\x4f\x00\x4e\x2c\xff\x00\xb6\xb4')
# Source: VL53L0X_tuning.h of the API.
_TUNING = const(
    b'\xff\x01\x00\x00\xff\x00\x09\x00\x10\x00\x11\x00\x24\x01\x25\xff\x75\x00\xff\x01\x4e\x2c\x48\x00\x30\x20'
    b'\xff\x00\x30\x09\x54\x00\x31\x04\x32\x03\x40\x83\x46\x25\x60\x00\x27\x00\x50\x06\x51\x00\x52\x96\x56\x08'
    b'\x57\x30\x61\x00\x62\x00\x64\x00\x65\x00\x66\xa0\xff\x01\x22\x32\x47\x14\x49\xff\x4a\x00\xff\x00\x7a\x0a'
    b'\x7b\x00\x78\x21\xff\x01\x23\x34\x42\x00\x44\xff\x45\x26\x46\x05\x40\x40\x0e\x06\x20\x1a\x43\x40\xff\x00'
    b'\x34\x03\x35\x44\xff\x01\x31\x04\x4b\x09\x4c\x05\x4d\x04\xff\x00\x44\x00\x45\x20\x47\x08\x48\x28\x67\x00'
    b'\x70\x04\x71\x01\x72\xfe\x76\x00\x77\x00\xff\x01\x0d\x01\xff\x00\x80\x01\x01\xf8\xff\x01\x8e\x01\x00\x01'
    b'\xff\x00\x80\x00')


class Vl53l0x:
    """A ranger on an I2C bus.

    Args:
        bus: I2C or SoftI2C.
        address: 7 bits.

    Attributes:
        status: range status of the last measurement; 11 is a valid one.
    """

    def __init__(self, bus, address=0x29):
        self._bus = bus
        self._address = address
        self._stop = 0
        self.status = 0

    async def setup(self):
        """Set the part up and calibrate it; about 30 ms.

        Raises:
            OSError: it does not answer, or is not ready in time.
            ValueError: another part answers.
        """
        self._put(b'\xff\x00\x80\x00')        # where an earlier try may have ended
        chip = self._get(_REG_ID)
        if chip != _ID:
            raise ValueError('no VL53L0X at 0x%02x: model id 0x%02x' % (self._address, chip))
        self._change(_REG_SUPPLY, 0x01, 0)      # 2.8 V lines
        self._put(b'\x88\x00')                  # I2C standard mode
        self._put(_OPEN)
        self._stop = self._get(_REG_STOP)
        self._put(_CLOSE)
        self._change(_REG_CHECKS, 0x12, 0)      # no limits in the first steps
        self._bus.writeto_mem(self._address, _REG_RATE_LIMIT, b'\x00\x20')  # 0.25 million counts per second
        self._put(b'\x01\xff')
        await self._set_spads()
        self._put(_TUNING)
        await asyncio.sleep_ms(0)
        self._put(b'\x0a\x04')                  # interrupt: new sample, active low
        self._change(_REG_POLARITY, 0, 0x10)
        self._put(b'\x0b\x01')
        await self._calibrate(b'\x01\x01\x00\x41')
        await self._calibrate(b'\x01\x02\x00\x01')
        self._put(bytes((_REG_SEQUENCE, _SEQUENCE)))

    async def measure(self):
        """Return the distance in mm, None if there is no valid one (see `status`).

        Raises:
            OSError: it does not answer, or is not ready in time.
        """
        self._put(_OPEN)
        self._put(bytes((_REG_STOP, self._stop)))
        self._put(_CLOSE)
        self._put(b'\x00\x01')
        await self._ready(_REG_STATUS, 7)
        data = self._bus.readfrom_mem(self._address, _REG_RESULT, 12)
        self._put(b'\x0b\x01')
        self.status = data[0] >> 3 & 15
        return data[10] << 8 | data[11] if self.status == _VALID else None

    async def _set_spads(self):
        """Enable the reference SPADs that the part names."""
        self._put(_OPEN)
        self._put(b'\xff\x06')
        self._change(_REG_STROBE, 0x04, 0)
        self._put(_ASK_SPADS)
        await self._ready(_REG_STROBE, 0xFF)
        self._put(b'\x83\x01')
        info = self._get(_REG_SPAD_INFO)
        self._put(b'\x81\x00\xff\x06')
        self._change(_REG_STROBE, 0, 0x04)
        self._put(b'\xff\x01')
        self._put(_CLOSE)
        good = self._bus.readfrom_mem(self._address, _REG_SPADS, 6)
        self._put(_PREPARE_SPADS)
        self._bus.writeto_mem(self._address, _REG_SPADS, choose_spads(good, info & 0x7F, info >> 7))

    async def _calibrate(self, start):
        self._put(start)
        await self._ready(_REG_STATUS, 7)
        self._put(b'\x0b\x01\x00\x00')

    async def _ready(self, register, mask):
        """Wait until a bit of a register is set."""
        start = time.ticks_ms()
        while not self._get(register) & mask:
            if time.ticks_diff(time.ticks_ms(), start) > _LIMIT_MS:
                raise OSError(errno.ETIMEDOUT)
            await asyncio.sleep_ms(2)

    def _get(self, register):
        return self._bus.readfrom_mem(self._address, register, 1)[0]

    def _put(self, pairs):
        for at in range(0, len(pairs), 2):
            if self._bus.writeto(self._address, pairs[at:at + 2]) != 2:
                raise OSError(errno.EIO)

    def _change(self, register, to_set, to_clear):
        self._put(bytes((register, self._get(register) & ~to_clear | to_set)))


def choose_spads(good, count, is_aperture):
    """Return the map that enables the first `count` of the good SPADs of a kind.

    Args:
        good: bytes, bit i of byte i // 8 for SPAD i.
        count: how many.
        is_aperture: true for the kind that begins with SPAD 12.
    """
    chosen = bytearray(len(good))
    for number in range(_FIRST_APERTURE_SPAD if is_aperture else 0, len(good) * 8):
        bit = good[number // 8] & 1 << number % 8
        if bit and count:
            chosen[number // 8] |= bit
            count -= 1
    return chosen
