"""ST VL53L0X: a laser ranger (time of flight), on I2C.

Roles ``scl`` and ``sda``. ``distance_mm`` is what stands before it; nothing within its range is the fault
``no_target``, or a distance beyond ``reach_mm``.

Theory of operation. Register FF selects a page; what is written on one page stays there. The part ranges once the stop
variable, which it shows on page 1, has been written back there; without that nothing comes. A measurement takes as long
as the sequence steps and their time-outs in the registers say; at its end the result block and the interrupt status
change. The good reference SPADs are read from the part, and a driver has to enable the right ones of them.

Source: ST DS11555 (VL53L0X data sheet) 1.2, 3.2, 5; ST UM2039 (its API) for sequence, SPADs and stop variable; times by
the API's VL53L0X_get_sequence_step_timeout and VL53L0X_calc_macro_period_ps, with its overheads.

Limits: no GPIO1 and XSHUT pins; the tuning registers are kept and have no effect; readings have no noise; interrupt
modes other than "new sample" never become ready; below 30 mm the part is less accurate, the model is not.
"""

from __future__ import annotations

import struct

from simulator.devices.device import Quantity, Site, part
from simulator.devices.i2c_part import I2cPart, RegisterPart, check_address
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

_ADDRESSES = (0x29,)
_REG_START, _REG_SEQUENCE, _REG_PERIOD, _REG_INTERRUPT, _REG_CLEAR, _REG_STATUS = 0x00, 0x01, 0x04, 0x0A, 0x0B, 0x13
_REG_RESULT, _REG_MSRC_TIME, _REG_ADDRESS, _REG_SPADS, _REG_PAGE = 0x14, 0x46, 0x8A, 0xB0, 0xFF
_REG_PRE_PERIOD, _REG_PRE_TIME, _REG_FINAL_PERIOD, _REG_FINAL_TIME = 0x50, 0x51, 0x70, 0x71
_REG_OSC = 0xF8
_REG_STOP, _REG_STROBE, _REG_SPAD_INFO, _REG_INFO_KIND = 0x91, 0x83, 0x92, 0x94
_KIND_SPADS = 0x6B
_BIT_SINGLE, _BIT_BACK_TO_BACK, _BIT_TIMED, _BIT_VHV = 0x01, 0x02, 0x04, 0x40
_NEW_SAMPLE = 4
_VALID, _NO_SIGNAL = 11, 4
_NOTHING_MM = 8190
_STOP_VARIABLE = 0x3C
_OSC_PER_MS = 0x0BB8
_INFO_US = 1_000
_CALIBRATION_US = 5_000
_STARTED_US = 500
#: (page, register) -> value after power-on, where it is not 0.
_DEFAULTS = {
    (0, 0xC0): 0xEE,
    (0, 0xC1): 0xAA,
    (0, 0xC2): 0x10,
    (0, _REG_SEQUENCE): 0xFF,
    (0, _REG_MSRC_TIME): 0x25,
    (0, _REG_PRE_PERIOD): 0x06,
    (0, _REG_PRE_TIME + 1): 0x96,
    (0, _REG_FINAL_PERIOD): 0x04,
    (0, _REG_FINAL_TIME): 0x01,
    (0, _REG_FINAL_TIME + 1): 0xFE,
    (0, _REG_OSC): _OSC_PER_MS >> 8,
    (0, _REG_OSC + 1): _OSC_PER_MS & 0xFF,
    (1, _REG_STOP): _STOP_VARIABLE,
}
_SPAD_BYTES = 6
_FIRST_APERTURE_SPAD = 12


@part("vl53l0x")
class Vl53l0x(RegisterPart):
    """A laser ranger.

    Args:
        site: where it is soldered.
        reach_mm: farthest target that it sees.
        spad_map: good reference SPADs, 6 bytes hexadecimal, bit i of byte i // 8 for SPAD i.
        spad_count: how many of them are to be enabled.
        spad_is_aperture: whether they are of the aperture kind, from SPAD 12 on.

    Attributes:
        distance_mm: what stands before it.
        measured: how many measurements it has made.
        is_ranging: it measures, or waits for the next time to.
        spads_ok: exactly the right reference SPADs are enabled.
    """

    quantities = {
        "distance_mm": Quantity("distance of what stands before it", unit="mm", low=0, high=10_000),
        "measured": Quantity("measurements made", int, is_reading=True),
        "is_ranging": Quantity("it measures, or waits for the next time to", bool, is_reading=True),
        "spads_ok": Quantity("the right reference SPADs are enabled", bool, is_reading=True),
        **I2cPart.quantities,
    }
    faults = {
        **I2cPart.faults,
        "no_target": "nothing within reach",
        "never_ready": "a measurement never ends",
        "no_spad_info": "it never tells its reference SPADs",
    }

    def __init__(
        self,
        site: Site,
        *,
        address: int = 0x29,
        reach_mm: int = 1200,
        spad_map: str = "ff0f00ff0f00",
        spad_count: int = 5,
        spad_is_aperture: bool = True,
    ) -> None:
        address = check_address(site, address, _ADDRESSES)
        if not isinstance(reach_mm, int) or not 30 <= reach_mm <= 8_000:
            raise UsageError(f"{site.name}: reach_mm must be 30..8000, not {reach_mm!r}")
        self._reach_mm = reach_mm
        self._good = _parse_spads(site, spad_map)
        self._enabled = choose_spads(self._good, spad_count, is_aperture=spad_is_aperture)
        if self._enabled is None:
            raise UsageError(f"{site.name}: spad_map has no {spad_count!r} good SPADs of that kind")
        self._spad_info = spad_count | (0x80 if spad_is_aperture else 0)
        self.distance_mm = 500.0
        self.measured = 0
        self._home = address
        self._event: Event | None = None
        self._is_continuous = False
        super().__init__(site, address)
        self.power_up()

    def power_up(self) -> None:
        """Begin as after power-on: at its own address, all registers as from the factory."""
        self._stop()
        self.move(self._home)
        self._page = 0
        self._registers = dict(_DEFAULTS)
        for index, byte in enumerate(self._good):
            self._registers[0, _REG_SPADS + index] = byte
        self._info_us = -1
        self._is_open = False

    @property
    def is_ranging(self) -> bool:
        """It measures, or waits for the next time to."""
        return self._event is not None

    @property
    def spads_ok(self) -> bool:
        """Exactly the right reference SPADs are enabled."""
        return bytes(self._registers[0, _REG_SPADS + index] for index in range(_SPAD_BYTES)) == self._enabled

    def read_register(self, number: int) -> int:
        """See :class:`RegisterPart`."""
        if number == _REG_PAGE:
            return self._page
        if self._page == 7 and number == _REG_STROBE:
            return self._registers.get((7, number), 0) or (0x10 if self._has_info() else 0)
        if self._page == 7 and number == _REG_SPAD_INFO:
            return self._spad_info if self._has_info() else 0
        if self._page == 0 and number == _REG_START and self.site.now >= self._single_us:
            return self._registers.get((0, number), 0) & ~_BIT_SINGLE
        return self._registers.get((self._page, number), 0)

    def write_register(self, number: int, value: int) -> None:
        """See :class:`RegisterPart`."""
        if number == _REG_PAGE:
            self._page = value
            return
        self._registers[self._page, number] = value
        if self._page == 0:
            self._written(number, value)
        elif self._page == 1 and number == _REG_STOP:
            self._is_open = value == _STOP_VARIABLE
        elif self._page == 7 and number == _REG_STROBE and value == 0:
            self._info_us = self.site.now + _INFO_US

    def measurement_us(self) -> int:
        """How long a measurement takes, by the sequence steps and their time-outs."""
        sequence = self._value(_REG_SEQUENCE)
        if not sequence & 0xC0:
            return _CALIBRATION_US
        pre_clocks = _decode(self._value(_REG_PRE_TIME, 2))
        pre_us = _clocks_us(pre_clocks, self._value(_REG_PRE_PERIOD))
        first_us = _clocks_us(self._value(_REG_MSRC_TIME) + 1, self._value(_REG_PRE_PERIOD))
        final_clocks = _decode(self._value(_REG_FINAL_TIME, 2)) - (pre_clocks if sequence & 0x40 else 0)
        total_us = 1_910 + 960
        if sequence & 0x10:
            total_us += first_us + 590
        if sequence & 0x08:
            total_us += 2 * (first_us + 690)
        elif sequence & 0x04:
            total_us += first_us + 660
        if sequence & 0x40:
            total_us += pre_us + 660
        if sequence & 0x80:
            total_us += max(0, _clocks_us(final_clocks, self._value(_REG_FINAL_PERIOD))) + 550
        return total_us

    def _written(self, number: int, value: int) -> None:
        """A register of page 0 was written."""
        if number == _REG_START:
            self._begin(value)
        elif number == _REG_CLEAR and value & 1:
            self._registers[0, _REG_STATUS] = 0
        elif number == _REG_ADDRESS:
            self.move(value & 0x7F)

    def _begin(self, value: int) -> None:
        if value & _BIT_SINGLE and self._is_continuous:
            self._stop()  # how ranging is ended
        elif value & (_BIT_BACK_TO_BACK | _BIT_TIMED):
            self._stop()
            self._start()
            self._is_continuous = True
        elif value & _BIT_SINGLE and not self.is_ranging:
            self._single_us = self.site.now + _STARTED_US
            self._start()

    def _start(self) -> None:
        """Measure; distances only if the stop variable is back."""
        if self._is_open or not self._value(_REG_SEQUENCE) & 0xC0:
            self._event = self.site.kernel.after(self.measurement_us(), self._finish)

    def _stop(self) -> None:
        if self._event is not None:
            self.site.kernel.cancel(self._event)
        self._event = None
        self._is_continuous = False
        self._single_us = 0

    def _finish(self) -> None:
        self._event = None
        if "never_ready" in self.failed:
            return
        mode = self._value(_REG_START)
        if self._value(_REG_SEQUENCE) & 0xC0:
            self._show()
        if self._value(_REG_INTERRUPT) & 7 == _NEW_SAMPLE:
            self._registers[0, _REG_STATUS] = _NEW_SAMPLE
        if mode & (_BIT_BACK_TO_BACK | _BIT_TIMED):
            wait_us = self.measurement_us()
            if mode & _BIT_TIMED:
                wait_us = max(wait_us, self._value(_REG_PERIOD, 4) * 1_000 // _OSC_PER_MS)
            self._event = self.site.kernel.after(wait_us, self._finish)

    def _show(self) -> None:
        """Fill the result block."""
        self.measured += 1
        is_seen = "no_target" not in self.failed and self.distance_mm <= self._reach_mm
        status, distance_mm = (_VALID, round(self.distance_mm)) if is_seen else (_NO_SIGNAL, _NOTHING_MM)
        spads, signal, ambient = 5 << 8, (10 << 7) if is_seen else 8, 13
        block = struct.pack(">BBHHHHH", status << 3, 0, spads, 0, signal, ambient, distance_mm)
        for index, byte in enumerate(block):
            self._registers[0, _REG_RESULT + index] = byte

    def _has_info(self) -> bool:
        """Whether it tells its reference SPADs: it was asked in the right way, and some time ago."""
        is_asked = self._registers.get((7, _REG_INFO_KIND)) == _KIND_SPADS and self._info_us >= 0
        is_strobed = bool(self._registers.get((6, _REG_STROBE), 0) & 4)
        return is_asked and is_strobed and self.site.now >= self._info_us and "no_spad_info" not in self.failed

    def _value(self, number: int, count: int = 1) -> int:
        """Registers of page 0 as one number, the first the highest."""
        return int.from_bytes(bytes(self._registers.get((0, number + at), 0) for at in range(count)), "big")


def choose_spads(good: bytes, count: int, *, is_aperture: bool) -> bytes | None:
    """The map that enables the first ``count`` good SPADs of a kind; None if there are not so many.

    Source: ST UM2039, reference SPAD management.
    """
    chosen = bytearray(len(good))
    for number in range(_FIRST_APERTURE_SPAD if is_aperture else 0, len(good) * 8):
        if count and good[number // 8] >> number % 8 & 1:
            chosen[number // 8] |= 1 << number % 8
            count -= 1
    return None if count else bytes(chosen)


def _parse_spads(site: Site, text: str) -> bytes:
    try:
        good = bytes.fromhex(text)
    except (ValueError, TypeError):
        good = b""
    if len(good) != _SPAD_BYTES:
        raise UsageError(f"{site.name}: spad_map must be {_SPAD_BYTES} bytes hexadecimal, not {str(text)[:40]!r}")
    return good


def _decode(code: int) -> int:
    """Clocks of a time-out: low byte shifted by the high one, plus 1."""
    return ((code & 0xFF) << (code >> 8)) + 1


def _clocks_us(clocks: int, period: int) -> int:
    macro_ns = (2_304 * ((period + 1) << 1) * 1_655 + 500) // 1_000
    return (clocks * macro_ns + 500) // 1_000
