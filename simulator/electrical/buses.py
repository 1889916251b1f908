"""Buses at the level of bytes: what controllers of I2C and SPI say to devices, without single bits.

A driver's calls land here as one :meth:`I2cBus.transfer` or :meth:`SpiBus.transfer`; a device model answers to
address and bytes and does not know who asks.

Example::

    class Thermometer:
        def transfer(self, address, segments):
            return True, [bytes(segment) if isinstance(segment, int) else b"" for segment in segments]

    pads.i2c_bus(scl=22, sda=21).attach(0x48, Thermometer())

A device may hold the clock while it answers (:meth:`I2cBus.hold_clock`), acknowledge fewer bytes than were written, or
not its address. A line that is held down altogether is a matter of its net: ``site.net("sda").driver(name).drive(0)``.

Limits: no arbitration or repeated start seen as such; clock and data make no edges on the nets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from simulator.errors import UsageError

#: One part of an I2C transaction: bytes to write, or how many to read.
Segment = bytes | int


class I2cDevice(Protocol):
    """A device on an I2C bus."""

    def transfer(self, address: int, segments: Sequence[Segment]) -> tuple[int, list[bytes]] | None:
        """Answer one transaction, from start to stop.

        Args:
            address: 7 bits.
            segments: in order; bytes are written to the device, an int asks for so many bytes.

        Returns:
            (bytes acknowledged of those written, the bytes read per read segment), or None for no acknowledge of the
            address.
        """


class SpiDevice(Protocol):
    """A device on an SPI bus; it watches its own chip select net."""

    def exchange(self, data: bytes) -> bytes | None:
        """Take the bytes shifted in and give those shifted out, None if it is not selected."""


class I2cBus:
    """Devices by address.

    Attributes:
        held_us: how long the devices held the clock during the last transaction, in all.
        longest_hold_us: the longest of these times at a stretch; a controller has a limit for it.
    """

    def __init__(self) -> None:
        self._devices: dict[int, I2cDevice] = {}
        self.held_us = 0
        self.longest_hold_us = 0

    def attach(self, address: int, device: I2cDevice) -> None:
        """Put a device on the bus.

        Raises:
            UsageError: the address is not 0..127 or taken.
        """
        if not 0 <= address <= 0x7F:
            raise UsageError(f"I2C address {address!r} is not in 0..127")
        if address in self._devices:
            raise UsageError(f"I2C address {address:#04x} is taken")
        self._devices[address] = device

    def detach(self, address: int) -> None:
        """Take the device at an address off the bus; nothing happens if there is none."""
        self._devices.pop(address, None)

    def transfer(self, address: int, segments: Sequence[Segment]) -> tuple[int, list[bytes]] | None:
        """Do one transaction. See :meth:`I2cDevice.transfer`; None when nobody has the address."""
        self.held_us = self.longest_hold_us = 0
        device = self._devices.get(address)
        return None if device is None else device.transfer(address, segments)

    def hold_clock(self, us: int) -> None:
        """Hold the clock down for a while (clock stretching); for a device, while it answers.

        Raises:
            UsageError: ``us`` is negative.
        """
        if us < 0:
            raise UsageError(f"the clock cannot be held for {us} us")
        self.held_us += us
        self.longest_hold_us = max(self.longest_hold_us, us)


class SpiBus:
    """Devices that share clock and data, and listeners that see what is sent.

    Attributes:
        sent: called with the bytes of each transfer.
    """

    def __init__(self) -> None:
        self._devices: list[SpiDevice] = []
        self.sent: list[Callable[[bytes], object]] = []

    def attach(self, device: SpiDevice) -> None:
        """Put a device on the bus."""
        self._devices.append(device)

    def detach(self, device: SpiDevice) -> None:
        """Take a device off the bus; nothing happens if it is not there."""
        if device in self._devices:
            self._devices.remove(device)

    def transfer(self, data: bytes, idle: int) -> bytes:
        """Shift bytes out and in.

        Args:
            data: what the controller sends.
            idle: level of the data-in line when no device drives it.

        Returns:
            As many bytes as were sent: the first answering device's, else all zeros or all ones.
        """
        for listener in list(self.sent):
            listener(data)
        answer = None
        for device in self._devices:
            said = device.exchange(data)
            answer = said if answer is None else answer
        if answer is None:
            return (b"\xff" if idle else b"\x00") * len(data)
        return answer[: len(data)].ljust(len(data), b"\xff" if idle else b"\x00")
