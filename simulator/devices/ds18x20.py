"""DS18B20, DS1822 and DS18S20: thermometers on a 1-Wire bus, several on one line.

Theory of operation. The line is open drain. A device knows edges and time only: a low of 480 us or more is a reset,
which it answers with its presence pulse; any other falling edge begins a slot. In a slot in which it receives, it
samples the line 30 us after the edge; in one in which it sends a 0 it holds the line low for 30 us. What is said is a
conversation (``_talk``): a generator that yields the bit to send, or None to receive one, until the next reset.

Scratchpad of nine bytes: temperature (power-on value 85 degC) in 1/16 degC, TH, TL, configuration, FF, 0C, 10,
checksum; of the DS18S20 in 1/2 degC, TH, TL, FF, FF, count remain, count per degree, checksum.

Source: Maxim DS18B20 data sheet 19-7487 (registers, commands, timing of 1-Wire signals, conversion times); DS18S20 data
sheet 19-5474; DS1822; Maxim application notes 27 (checksum) and 187 (search).

Limits: external supply only (a read-power-supply command answers 1); no overdrive; no error of measurement.
"""

from __future__ import annotations

import zlib

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.devices.lag import Lag
from simulator.devices.onewire_slave import OneWireSlave, Talk, crc8, receive_byte, send_bytes
from simulator.electrical.net import WEAK
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

_DS18S20 = 0x10
_FAMILIES = {"ds18b20": 0x28, "ds1822": 0x22, "ds18s20": _DS18S20}
_SEARCH, _ALARM_SEARCH, _READ_ROM, _MATCH, _SKIP = 0xF0, 0xEC, 0x33, 0x55, 0xCC
_CONVERT, _READ, _WRITE, _COPY, _RECALL, _SUPPLY = 0x44, 0xBE, 0x4E, 0x48, 0xB8, 0xB4
_POWER_ON_C = 85.0
#: Bits of the result -> time of a conversion.
_CONVERSION_US = {9: 93_750, 10: 187_500, 11: 375_000, 12: 750_000}
_EEPROM = bytes((0x4B, 0x46, 0x7F))
_SERIAL_DIGITS = 12


@part("ds18b20")
class Ds18x20(Device):
    """A thermometer on a 1-Wire bus.

    Args:
        site: where it is soldered.
        family: ``ds18b20``, ``ds1822`` or ``ds18s20``.
        serial: its number, 12 hexadecimal digits; by default made of its name.
        response_s: time constant with which it follows the temperature.
        pull_up: a pull-up resistor for the bus comes with it.

    Attributes:
        temp_c: temperature around it.
        rom: its address, 16 hexadecimal digits.
    """

    roles = ("data",)
    quantities = {
        "temp_c": Quantity("temperature around it", unit="degC", low=-100, high=200),
        "rom": Quantity("its address", kind=str, is_reading=True),
        "resolution_bits": Quantity("bits of a result", kind=int, is_reading=True),
    }
    faults = {
        "absent": "it is not on the bus",
        "wrong_crc": "the checksum of its scratchpad is wrong",
        "stuck_low": "it shorts the bus to ground",
        "brown_out": "its supply breaks down when it measures: it starts anew instead",
    }

    def __init__(
        self,
        site: Site,
        *,
        family: str = "ds18b20",
        serial: str = "",
        response_s: float = 0.0,
        pull_up: bool = True,
    ) -> None:
        if family not in _FAMILIES:
            raise UsageError(f"family must be one of {', '.join(_FAMILIES)}, not {str(family)[:40]!r}")
        if not isinstance(pull_up, bool):
            raise UsageError(f"pull_up must be true or false, not {pull_up!r}")
        tau_s = check_number("response_s", response_s, 0, 3600)
        super().__init__(site)
        self._rom = _rom(_FAMILIES[family], serial, site.name)
        self.rom = self._rom.hex()
        self.temp_c = 21.0
        self._temp = Lag(site.kernel, tau_s, self.temp_c)
        self._eeprom = _EEPROM
        self._conversion: Event | None = None
        self._start_anew()
        net = site.net("data")
        if pull_up:
            net.driver(f"{site.name} pull-up").drive(1, strength=WEAK)
        self._slave = OneWireSlave(net, site.name, self._talk)

    @property
    def resolution_bits(self) -> int:
        """Bits of a result."""
        return 9 if self._is_half_degrees else 9 + (self._settings[2] >> 5 & 3)

    @property
    def _is_half_degrees(self) -> bool:
        return self._rom[0] == _DS18S20

    def update(self) -> None:
        """Follow what was set."""
        self._temp.aim(self.temp_c)
        self._slave.set_state(is_there="absent" not in self.failed, is_shorted="stuck_low" in self.failed)

    def power(self, *, on: bool) -> None:
        """Begin anew: 85 degC, settings from its EEPROM."""
        self._start_anew()

    def _start_anew(self) -> None:
        if self._conversion is not None:
            self.site.kernel.cancel(self._conversion)
            self._conversion = None
        self._settings = self._eeprom
        self._result_c = _POWER_ON_C

    def _scratchpad(self) -> bytes:
        if self._is_half_degrees:
            half = int((self._result_c + 0.25) * 2 // 1)
            remain = 16 - round((self._result_c + 0.25) % 1 * 16)
            data = (half & 0xFFFF).to_bytes(2, "little") + self._settings[:2] + bytes((0xFF, 0xFF, remain, 0x10))
        else:
            unused = 12 - self.resolution_bits
            raw = round(self._result_c * 16) >> unused << unused
            data = (raw & 0xFFFF).to_bytes(2, "little") + self._settings + b"\xff\x0c\x10"
        crc = crc8(data)
        return data + bytes((crc ^ 0xFF if "wrong_crc" in self.failed else crc,))

    def _is_alarmed(self) -> bool:
        high, low = (byte - 0x100 if byte & 0x80 else byte for byte in self._settings[:2])
        degrees = int(self._result_c // 1)
        return degrees >= high or degrees <= low

    def _talk(self) -> Talk:
        """What is said after a reset."""
        command = yield from receive_byte()
        if command == _SEARCH or (command == _ALARM_SEARCH and self._is_alarmed()):
            yield from self._search()
        elif command == _READ_ROM:
            yield from send_bytes(self._rom)
        elif command == _MATCH:
            for byte in self._rom:
                if (yield from receive_byte()) != byte:
                    return
            yield from self._function()
        elif command == _SKIP:
            yield from self._function()

    def _search(self) -> Talk:
        for number in range(64):
            bit = self._rom[number // 8] >> number % 8 & 1
            yield bit
            yield 1 - bit
            if (yield None) != bit:
                return

    def _function(self) -> Talk:
        command = yield from receive_byte()
        if command == _CONVERT:
            self._convert()
            while True:
                yield lambda: int(self._conversion is None)
        elif command == _READ:
            yield from send_bytes(self._scratchpad())
        elif command == _WRITE:
            yield from self._take_settings()
        elif command == _COPY:
            self._eeprom = self._settings
        elif command == _RECALL:
            self._settings = self._eeprom
        elif command == _SUPPLY:
            yield 1

    def _take_settings(self) -> Talk:
        written = bytearray()
        for _ in range(2 if self._is_half_degrees else 3):
            written.append((yield from receive_byte()))
        if self._is_half_degrees:
            self._settings = bytes(written) + self._settings[2:]
        else:
            self._settings = bytes(written[:2]) + bytes((written[2] & 0x60 | 0x1F,))

    def _convert(self) -> None:
        if "brown_out" in self.failed:
            self._start_anew()
            return
        if self._conversion is not None:
            return
        kernel = self.site.kernel
        degrees = min(max(self._temp.value(), -55.0), 125.0)
        time_us = _CONVERSION_US[12 if self._is_half_degrees else self.resolution_bits]
        self._conversion = kernel.after(time_us, lambda: self._note(degrees))

    def _note(self, degrees: float) -> None:
        self._conversion = None
        self._result_c = degrees


def _rom(family: int, serial: str, name: str) -> bytes:
    """Family, six bytes of number, checksum."""
    digits = serial or f"{zlib.crc32(name.encode()):08x}0000"
    try:
        number = bytes.fromhex(digits) if len(digits) == _SERIAL_DIGITS else b""
    except (ValueError, TypeError):
        number = b""
    if not number:
        raise UsageError(f"serial must be {_SERIAL_DIGITS} hexadecimal digits, not {str(serial)[:40]!r}")
    data = bytes((family,)) + number
    return data + bytes((crc8(data),))
