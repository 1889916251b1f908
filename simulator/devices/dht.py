"""DHT11 and DHT22 (AM2302): humidity and temperature as forty timed bits on one line.

Theory of operation. The line is open drain with a pull-up. The host holds it low; when it lets go after at least the
start time, the sensor answers 30 us later: 80 us low, 80 us high, then per bit 50 us low and 26 us (0) or 70 us (1)
high, most significant bit first, and 50 us low at the end. What it sends is measured when it is asked, but not sooner
than its interval after the last time: then it sends the last values again. In the first second after power-on it is
silent.

Five bytes: DHT22 humidity and temperature in tenths, two bytes each, bit 15 of the temperature for below zero; DHT11
whole per cent, tenths, whole degrees, tenths; then the sum of the four.

Source: Aosong AM2302 manual, 5 and 7.3 (start 0.8..20 ms, wait 20..40 us, bits, 2 s, response time); Aosong DHT11 data
sheet v1.3, 4..7 (start at least 18 ms, 1 s, ranges; tenths and bit 7 of the fourth byte on the newer part).

Limits: no tolerance of values; bits have typical lengths.
"""

from __future__ import annotations

from typing import ClassVar

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.devices.lag import Lag
from simulator.electrical.net import WEAK
from simulator.errors import UsageError

_WAIT_US = 30
_HELLO_US = (80, 80)
_LOW_US = 50
_HIGH_US = (26, 70)
_SETTLE_US = 1_000_000
_BROKEN_AFTER = 20


class _Dht(Device):
    """What both have in common.

    Args:
        site: where it is soldered.
        response_s: time constant with which the element follows temperature and humidity.
        pull_up: the module's pull-up resistor is there.
    """

    roles = ("data",)
    faults = {
        "silent": "it does not answer",
        "checksum": "the last byte is wrong",
        "broken_off": f"it stops after {_BROKEN_AFTER} bits",
        "stuck_low": "its line is shorted to ground",
    }
    _start_us: ClassVar[int]
    _interval_us: ClassVar[int]

    def __init__(self, site: Site, *, response_s: float = 0.0, pull_up: bool = True) -> None:
        if not isinstance(pull_up, bool):
            raise UsageError(f"pull_up must be true or false, not {pull_up!r}")
        tau_s = check_number("response_s", response_s, 0, 3600)
        super().__init__(site)
        self.temp_c = 21.0
        self.hum_pct = 45.0
        self._temp = Lag(site.kernel, tau_s, self.temp_c)
        self._hum = Lag(site.kernel, tau_s, self.hum_pct)
        self._data = b""
        self._measured_us = -self._interval_us
        self._ready_us = 0
        self._low_since_us: int | None = None
        self._busy = False
        net = site.net("data")
        self._line = net.driver(site.name)
        if pull_up:
            net.driver(f"{site.name} pull-up").drive(1, strength=WEAK)
        net.on_change(self._heard)

    def update(self) -> None:
        """Follow what was set."""
        self._temp.aim(self.temp_c)
        self._hum.aim(self.hum_pct)
        if "stuck_low" in self.failed:
            self._line.drive(0)
        elif not self._busy:
            self._line.release()

    def power(self, *, on: bool) -> None:
        """Begin anew: silent for a second, nothing measured."""
        self._ready_us = self.site.now + _SETTLE_US
        self._measured_us = self.site.now - self._interval_us

    def _bytes(self, temp_c: float, hum_pct: float) -> bytes:
        """The four bytes of a measurement."""
        raise NotImplementedError

    def _heard(self, level: int) -> None:
        if self._busy or "stuck_low" in self.failed:
            return
        if level == 0:
            self._low_since_us = self.site.now
        elif self._low_since_us is not None:
            low_us = self.site.now - self._low_since_us
            self._low_since_us = None
            if low_us >= self._start_us and self.site.now >= self._ready_us and "silent" not in self.failed:
                self._answer()

    def _answer(self) -> None:
        now = self.site.now
        if now - self._measured_us >= self._interval_us:
            self._measured_us = now
            self._data = self._bytes(self._temp.value(), self._hum.value())
        total = sum(self._data) + (1 if "checksum" in self.failed else 0)
        bits = [byte >> place & 1 for byte in (*self._data, total & 0xFF) for place in range(7, -1, -1)]
        pulses = [_HELLO_US, *((_LOW_US, _HIGH_US[bit]) for bit in bits)]
        if "broken_off" in self.failed:
            del pulses[_BROKEN_AFTER + 1 :]
        self._busy = True
        at_us = now + _WAIT_US
        kernel = self.site.kernel
        for low_us, high_us in pulses:
            kernel.at(at_us, lambda: self._line.drive(0))
            kernel.at(at_us + low_us, self._let_go)
            at_us += low_us + high_us
        kernel.at(at_us, lambda: self._line.drive(0))
        kernel.at(at_us + _LOW_US, self._end)

    def _let_go(self) -> None:
        if "stuck_low" not in self.failed:
            self._line.release()

    def _end(self) -> None:
        self._busy = False
        self._let_go()


def _tenths(value: float, low: float, high: float) -> int:
    return round(min(max(value, low), high) * 10)


@part("dht11")
class Dht11(_Dht):
    """A DHT11: 0..50 degC, 20..90 %.

    Args:
        site: where it is soldered.
        tenths: the newer part, which sends tenths too and goes from -20 to 60 degC and from 5 to 95 %.
        response_s: time constant with which the element follows temperature and humidity.
        pull_up: the module's pull-up resistor is there.
    """

    quantities = {
        "temp_c": Quantity("temperature around it", unit="degC", low=-40, high=80),
        "hum_pct": Quantity("relative humidity around it", unit="%", low=0, high=100),
    }
    _start_us = 18_000
    _interval_us = 1_000_000

    def __init__(self, site: Site, *, tenths: bool = False, response_s: float = 0.0, pull_up: bool = True) -> None:
        if not isinstance(tenths, bool):
            raise UsageError(f"tenths must be true or false, not {tenths!r}")
        super().__init__(site, response_s=response_s, pull_up=pull_up)
        self._has_tenths = tenths

    def _bytes(self, temp_c: float, hum_pct: float) -> bytes:
        if not self._has_tenths:
            return bytes((round(min(max(hum_pct, 20), 90)), 0, round(min(max(temp_c, 0), 50)), 0))
        hum, temp = _tenths(hum_pct, 5, 95), _tenths(temp_c, -20, 60)
        sign = 0x80 if temp < 0 else 0
        return bytes((hum // 10, hum % 10, abs(temp) // 10, abs(temp) % 10 | sign))


@part("dht22")
class Dht22(_Dht):
    """A DHT22 or AM2302: -40..80 degC, 0..100 %, in tenths."""

    quantities = {
        "temp_c": Quantity("temperature around it", unit="degC", low=-60, high=120),
        "hum_pct": Quantity("relative humidity around it", unit="%", low=0, high=100),
    }
    _start_us = 800
    _interval_us = 2_000_000

    def _bytes(self, temp_c: float, hum_pct: float) -> bytes:
        hum, temp = _tenths(hum_pct, 0, 100), _tenths(temp_c, -40, 80)
        return bytes((*hum.to_bytes(2, "big"), *(abs(temp) | (0x8000 if temp < 0 else 0)).to_bytes(2, "big")))
