"""Bosch BME280: temperature, humidity and pressure, on I2C.

Roles ``scl`` and ``sda``. What is set as ``temp_c``, ``hum_pct`` and ``pressure_hpa`` is turned into values of its
converter, which a driver turns back with the calibration that it reads from the part: the data sheet's formulas, solved
for the converter's value by bisection.

Theory of operation. A write to ctrl_meas begins a measurement; ctrl_hum counts from then on. It takes the data sheet's
*longest* time, so that a driver that does not wait long enough is found out; the data registers change at its end. In
normal mode measurements follow one another, with the standby time between them.

Source: Bosch BST-BME280-DS002: registers 5.4, timing 9.1, start-up 1.1, formulas 8.1; check vector of the
calibration: the worked example of the BMP280 sheet, BST-BMP280-DS001, 3.12, with humidity words of a part.

Limits: I2C only; no noise of its own, no self-heating, no response time; in normal mode a reading is worked out when it
is asked for, from what is set at that moment.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from simulator.devices.device import Quantity, Site, part
from simulator.devices.i2c_part import I2cPart, RegisterPart, check_address
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

_ADDRESSES = (0x76, 0x77)
_ID_BME280, _ID_BMP280 = 0x60, 0x58
_REG_CALIB_1, _REG_CALIB_2 = 0x88, 0xE1
_REG_ID, _REG_RESET, _REG_CTRL_HUM, _REG_STATUS, _REG_CTRL_MEAS, _REG_CONFIG = 0xD0, 0xE0, 0xF2, 0xF3, 0xF4, 0xF5
_REG_DATA = 0xF7
_RESET_WORD = 0xB6
_BIT_MEASURING, _BIT_COPYING = 0x08, 0x01
_STARTUP_US = 2_000
_SKIPPED_20, _SKIPPED_16 = 0x80000, 0x8000
_NORMAL = 3
_MAX_OVERSAMPLING = 5
_STANDBY_US = (500, 62_500, 125_000, 250_000, 500_000, 1_000_000, 10_000, 20_000)
_MAX_CYCLES = 64
#: dig_T1..T3, dig_P1..P9, dig_H1..H6.
_CALIBRATION = (27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000, 75, 370, 0, 313, 50, 30)


@part("bme280")
class Bme280(RegisterPart):
    """A BME280, or (``chip_id = 0x58``) a BMP280, which has no humidity.

    Args:
        site: where it is soldered.
        address: 0x76 or 0x77.
        chip_id: 0x60 or 0x58.
        calibration: the words dig_T1..T3, dig_P1..P9, dig_H1..H6 of the part.

    Attributes:
        temp_c: of the air.
        hum_pct: of the air.
        pressure_hpa: of the air.
        measured: how many measurements it has made.
    """

    writes_in_row = False
    quantities = {
        "temp_c": Quantity("temperature", unit="degC", low=-40, high=85),
        "hum_pct": Quantity("relative humidity", unit="%", low=0, high=100),
        "pressure_hpa": Quantity("pressure", unit="hPa", low=300, high=1100),
        "measured": Quantity("measurements made", int, is_reading=True),
        **I2cPart.quantities,
    }
    faults = {**I2cPart.faults, "frozen": "it measures and never shows a new value"}

    def __init__(
        self, site: Site, *, address: int = 0x76, chip_id: int = _ID_BME280, calibration: Sequence[int] = _CALIBRATION
    ) -> None:
        address = check_address(site, address, _ADDRESSES)
        if chip_id not in (_ID_BME280, _ID_BMP280):
            raise UsageError(f"{site.name}: chip_id must be 0x60 or 0x58, not {chip_id!r}")
        self._words = tuple(calibration)
        self._calibration = _pack_calibration(site, self._words)
        self._chip_id = chip_id
        self.temp_c, self.hum_pct, self.pressure_hpa = 21.0, 45.0, 1013.25
        self.measured = 0
        self._end: Event | None = None
        super().__init__(site, address)
        self.power_up()

    def power_up(self) -> None:
        """Begin as after power-on or a soft reset: registers zero, calibration copied after 2 ms."""
        if self._end is not None:
            self.site.kernel.cancel(self._end)
        self._end = None
        self._copied_us = self.site.now + _STARTUP_US
        self._ctrl_hum = self._ctrl_meas = self._config = 0
        self._osrs_h = 0
        self._since_us = 0
        self._cycles = 0
        self._raw = {"t": _SKIPPED_20, "p": _SKIPPED_20, "h": _SKIPPED_16}

    def read_register(self, number: int) -> int:
        """See :class:`RegisterPart`."""
        self._catch_up()
        if number >= _REG_DATA:
            return self._data()[number - _REG_DATA] if number < _REG_DATA + 8 else 0
        first, second = self._calibration
        for start, block in ((_REG_CALIB_1, first), (_REG_CALIB_2, second)):
            if start <= number < start + len(block):
                return 0 if self.site.now < self._copied_us else block[number - start]
        known: dict[int, Callable[[], int]] = {
            _REG_ID: lambda: self._chip_id,
            _REG_CTRL_HUM: lambda: self._ctrl_hum,
            _REG_STATUS: self._status,
            _REG_CTRL_MEAS: lambda: self._ctrl_meas,
            _REG_CONFIG: lambda: self._config,
        }
        return known.get(number, lambda: 0)()

    def write_register(self, number: int, value: int) -> None:
        """See :class:`RegisterPart`."""
        self._catch_up()
        if number == _REG_RESET and value == _RESET_WORD:
            self.power_up()
        elif number == _REG_CTRL_HUM and self._chip_id == _ID_BME280:
            self._ctrl_hum = value & 7
        elif number == _REG_CONFIG and self._ctrl_meas & 3 != _NORMAL:
            self._config = value & 0xFD
        elif number == _REG_CTRL_MEAS:
            self._osrs_h = self._ctrl_hum
            self._ctrl_meas = value
            self._begin()

    def measurement_us(self) -> int:
        """How long a measurement takes at most, with the settings that count now."""
        t, p, h = self._oversampling()
        return 1_250 + 2_300 * t + (2_300 * p + 575 if p else 0) + (2_300 * h + 575 if h else 0)

    def _oversampling(self) -> tuple[int, int, int]:
        return _times(self._ctrl_meas >> 5), _times(self._ctrl_meas >> 2 & 7), _times(self._osrs_h)

    def _begin(self) -> None:
        if self._end is not None:
            self.site.kernel.cancel(self._end)
            self._end = None
        self._since_us, self._cycles = self.site.now, 0
        if self._ctrl_meas & 3 in (1, 2):
            self._end = self.site.kernel.at(self.site.now + self.measurement_us(), self._finish_forced)

    def _finish_forced(self) -> None:
        self._end = None
        self._ctrl_meas &= ~3
        self._convert()

    def _catch_up(self) -> None:
        """Make the measurements of normal mode whose time has come."""
        if self._ctrl_meas & 3 != _NORMAL:
            return
        done = max(0, self.site.now - self._since_us + _STANDBY_US[self._config >> 5]) // self._period_us()
        for _ in range(min(done - self._cycles, _MAX_CYCLES)):
            self._convert()
        self._cycles = done

    def _period_us(self) -> int:
        return self.measurement_us() + _STANDBY_US[self._config >> 5]

    def _status(self) -> int:
        is_measuring = self._end is not None
        if self._ctrl_meas & 3 == _NORMAL:
            is_measuring = (self.site.now - self._since_us) % self._period_us() < self.measurement_us()
        is_copying = self.site.now < self._copied_us
        return (_BIT_MEASURING if is_measuring else 0) | (_BIT_COPYING if is_copying else 0)

    def _convert(self) -> None:
        self.measured += 1
        if "frozen" in self.failed:
            return
        t, p, h = self._oversampling()
        adc_t = _solve(lambda adc: self._t_fine(adc) / 5_120, self.temp_c, 20)
        fine = self._t_fine(adc_t)
        adc_p = _solve(lambda adc: self._pascal(adc, fine) / 100, self.pressure_hpa, 20)
        self._raw["t"] = self._filtered("t", adc_t) if t else _SKIPPED_20
        self._raw["p"] = self._filtered("p", adc_p) if p else _SKIPPED_20
        self._raw["h"] = _solve(lambda adc: self._humidity(adc, fine), self.hum_pct, 16) if h else _SKIPPED_16

    def _filtered(self, name: str, adc: int) -> int:
        """The IIR filter; the first value after power-on or a skipped one is taken as it is."""
        share = 1 << min(self._config >> 2 & 7, 4)
        before = self._raw[name]
        return adc if before == _SKIPPED_20 else (before * (share - 1) + adc) // share

    def _data(self) -> bytes:
        p, t, h = self._raw["p"] << 4, self._raw["t"] << 4, self._raw["h"]
        humidity = h.to_bytes(2, "big") if self._chip_id == _ID_BME280 else b"\0\0"
        return p.to_bytes(3, "big") + t.to_bytes(3, "big") + humidity

    # The formulas in floating point, data sheet 8.1; a driver has those in whole numbers.

    def _t_fine(self, adc: int) -> float:
        t1, t2, t3 = self._words[:3]
        return (adc / 16_384 - t1 / 1_024) * t2 + (adc / 131_072 - t1 / 8_192) ** 2 * t3

    def _pascal(self, adc: int, fine: float) -> float:
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self._words[3:12]
        v1 = fine / 2 - 64_000
        v2 = v1 * v1 * p6 / 32_768 + v1 * p5 * 2
        v2 = v2 / 4 + p4 * 65_536
        v1 = (1 + (p3 * v1 * v1 / 524_288 + p2 * v1) / 524_288 / 32_768) * p1
        if v1 == 0:
            return 0.0
        p = (1_048_576 - adc - v2 / 4_096) * 6_250 / v1
        return p + (p9 * p * p / 2_147_483_648 + p * p8 / 32_768 + p7) / 16

    def _humidity(self, adc: int, fine: float) -> float:
        h1, h2, h3, h4, h5, h6 = self._words[12:]
        v = fine - 76_800
        v = (adc - (h4 * 64 + h5 / 16_384 * v)) * (h2 / 65_536 * (1 + h6 / 67_108_864 * v * (1 + h3 / 67_108_864 * v)))
        return v * (1 - h1 * v / 524_288)


def _times(code: int) -> int:
    """Oversampling of a three-bit code: 0 for skipped, else 1..16."""
    return 1 << min(code, _MAX_OVERSAMPLING) - 1 if code else 0


def _solve(value_of: Callable[[int], float], wanted: float, bits: int) -> int:
    """The converter's value whose formula comes nearest to what is wanted; the formula rises or falls throughout."""
    low, high = 0, (1 << bits) - 1
    rises = value_of(high) > value_of(low)
    while high - low > 1:
        middle = (low + high) // 2
        if (value_of(middle) < wanted) == rises:
            low = middle
        else:
            high = middle
    return min((low, high), key=lambda adc: abs(value_of(adc) - wanted))


def _pack_calibration(site: Site, words: tuple[int, ...]) -> tuple[bytes, bytes]:
    """The bytes from 0x88 to 0xA1 and from 0xE1 to 0xE7."""
    if len(words) != len(_CALIBRATION):
        raise UsageError(f"{site.name}: calibration has {len(words)} words, {len(_CALIBRATION)} are needed")
    h1, h2, h3, h4, h5, h6 = words[12:]
    try:
        first = struct.pack("<HhhHhhhhhhhhxB", *words[:12], h1)
        if not (-2_048 <= h4 < 2_048 and -2_048 <= h5 < 2_048):
            raise struct.error("dig_H4 and dig_H5 have 12 bits")
        shared = h4 & 0xF | (h5 & 0xF) << 4
        second = struct.pack("<hBBBBb", h2, h3, h4 >> 4 & 0xFF, shared, h5 >> 4 & 0xFF, h6)
    except (struct.error, TypeError) as error:
        raise UsageError(f"{site.name}: calibration: {error}") from None
    return first, second
