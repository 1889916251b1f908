"""``ds18x20``, frozen into the port: DS18S20, DS1822 and DS18B20 thermometers on a 1-Wire bus.

Source: micropython-lib micropython/drivers/sensor/ds18x20 (0.1.0); Maxim DS18B20 and DS18S20 data sheets.

Limits: the class refuses assignment (it is shared by all nodes).
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._builtin import Builtin

__all__ = ["DS18X20"]

_CONVERT = 0x44
_RD_SCRATCH = 0xBE
_WR_SCRATCH = 0x4E
#: Family codes: DS18S20, DS1822, DS18B20.
_FAMILIES = (0x10, 0x22, 0x28)
_DS18S20 = 0x10


class DS18X20(metaclass=Builtin):
    """The thermometers of a bus.

    Args:
        onewire: an ``onewire.OneWire``.
    """

    buf: bytearray
    ow: Any

    def __init__(self, onewire: Any) -> None:
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self) -> list[bytearray]:
        """Addresses of the thermometers."""
        return [rom for rom in self.ow.scan() if rom[0] in _FAMILIES]

    def convert_temp(self) -> None:
        """Have all of them measure; takes up to 750 ms, which the caller waits."""
        self.ow.reset(True)
        self.ow.writebyte(self.ow.SKIP_ROM)
        self.ow.writebyte(_CONVERT)

    def read_scratch(self, rom: Any) -> bytearray:
        """The nine bytes of one thermometer's memory.

        Raises:
            Exception: ``CRC error``.
        """
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(_RD_SCRATCH)
        self.ow.readinto(self.buf)
        if self.ow.crc8(self.buf):
            raise Exception("CRC error")
        return self.buf

    def write_scratch(self, rom: Any, buf: Any) -> None:
        """Write alarm limits and configuration."""
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(_WR_SCRATCH)
        self.ow.write(buf)

    def read_temp(self, rom: Any) -> float | None:
        """Temperature in degrees Celsius, of the last conversion; None for an unknown part."""
        buf = self.read_scratch(rom)
        if rom[0] not in _FAMILIES:
            return None
        if rom[0] != _DS18S20:
            raw = buf[1] << 8 | buf[0]
            return (raw - 0x10000 if raw & 0x8000 else raw) / 16
        degrees = (buf[0] >> 1 | 0x80) - 0x100 if buf[1] else buf[0] >> 1
        return degrees - 0.25 + (buf[7] - buf[6]) / buf[7]
