"""``onewire``, frozen into the port: a 1-Wire bus and the search for devices on it.

Source: micropython-lib micropython/drivers/bus/onewire (0.1.0); search: Maxim application note 187.

Limits: the class refuses assignment (it is shared by all nodes).
"""

from __future__ import annotations

from typing import Any

from simulator.micropython import _onewire
from simulator.micropython._builtin import Builtin

__all__ = ["OneWire", "OneWireError"]

_ROM_BYTES = 8
_ROM_BITS = 64


class OneWireError(Exception, metaclass=Builtin):
    """No device answered a reset."""


class OneWire(metaclass=Builtin):
    """A 1-Wire bus.

    Args:
        pin: a Pin; becomes open-drain with its pull-up on.
    """

    pin: Any

    SEARCH_ROM = 0xF0
    MATCH_ROM = 0x55
    SKIP_ROM = 0xCC

    def __init__(self, pin: Any) -> None:
        self.pin = pin
        self.pin.init(pin.OPEN_DRAIN, pin.PULL_UP)

    def reset(self, required: bool = False) -> bool:
        """Reset the bus; whether a device answered.

        Raises:
            OneWireError: none did, and one is required.
        """
        present = _onewire.reset(self.pin)
        if required and not present:
            raise OneWireError
        return present

    def readbit(self) -> int:
        """Read one bit."""
        return _onewire.readbit(self.pin)

    def readbyte(self) -> int:
        """Read one byte."""
        return _onewire.readbyte(self.pin)

    def readinto(self, buf: Any) -> None:
        """Fill ``buf``."""
        for index in range(len(buf)):
            buf[index] = _onewire.readbyte(self.pin)

    def writebit(self, value: int) -> None:
        """Write one bit."""
        _onewire.writebit(self.pin, value)

    def writebyte(self, value: int) -> None:
        """Write one byte."""
        _onewire.writebyte(self.pin, value)

    def write(self, buf: Any) -> None:
        """Write bytes."""
        for byte in buf:
            _onewire.writebyte(self.pin, byte)

    def select_rom(self, rom: Any) -> None:
        """Reset the bus and address one device by its 8 bytes."""
        self.reset()
        self.writebyte(self.MATCH_ROM)
        self.write(rom)

    def scan(self) -> list[bytearray]:
        """The 8-byte addresses of the devices on the bus."""
        devices: list[bytearray] = []
        last, diff = bytearray(_ROM_BYTES), _ROM_BITS + 1
        for _ in range(0xFF):
            rom, diff = self._search_rom(last, diff)
            if rom:
                devices.append(rom)
                last = rom
            if diff == 0:
                break
        return devices

    def crc8(self, data: Any) -> int:
        """Checksum of bytes."""
        return _onewire.crc8(data)

    def _search_rom(self, l_rom: bytearray, diff: int) -> tuple[bytearray | None, int]:
        """One walk down the tree of addresses: at the bit where the last one went 0, go 1 now."""
        if not self.reset():
            return None, 0
        self.writebyte(self.SEARCH_ROM)
        rom, next_diff = bytearray(_ROM_BYTES), 0
        for number in range(_ROM_BITS):
            left, index, mask = _ROM_BITS - number, number // 8, 1 << number % 8
            bit, complement = self.readbit(), self.readbit()
            if bit and complement:
                return None, 0
            if not bit and not complement and (diff > left or (l_rom[index] & mask and diff != left)):
                bit, next_diff = 1, left
            self.writebit(bit)
            if bit:
                rom[index] |= mask
        return rom, next_diff
