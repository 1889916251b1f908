"""What parts on an I2C bus have in common: an address, the ways to fail, registers.

A model derives from :class:`I2cPart` and answers in :meth:`I2cPart.answer`, or from :class:`RegisterPart` and has
registers.

Source: NXP UM10204, I2C-bus specification, 3.1.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from simulator.devices.device import Device, Quantity, Site
from simulator.electrical.buses import Segment
from simulator.errors import UsageError

_BYTE = 0xFF


class I2cPart(Device):
    """A part on an I2C bus.

    Args:
        site: where it is soldered.
        address: 7 bits.

    Attributes:
        address: where it answers now.
        stretch_us: how long it holds the clock in each transaction.
        has_power: the board's supply is there.
    """

    roles = ("scl", "sda")
    quantities: ClassVar[Mapping[str, Quantity]] = {
        "stretch_us": Quantity("time that it holds the clock in each transaction", int, "us", low=0, high=1_000_000),
    }
    faults: ClassVar[Mapping[str, str]] = {
        "absent": "it is unplugged: nobody acknowledges its address; it begins anew when it is back",
        "deaf": "it acknowledges its address, and none of the bytes written to it",
        "scl_stuck": "it holds the clock down",
        "sda_stuck": "it holds the data line down",
    }

    def __init__(self, site: Site, address: int) -> None:
        super().__init__(site)
        self.address = address
        self.stretch_us = 0
        self.has_power = True
        self._lines = {role: site.net(role).driver(site.name) for role in ("scl", "sda")}
        self._bus = site.pads.i2c_bus(site.gpio("scl"), site.gpio("sda"))
        self._bus.attach(address, self)

    def power_up(self) -> None:
        """Begin as after the supply came on. Called when it does, and when the part is plugged in again."""

    def power(self, *, on: bool) -> None:
        """See :meth:`Device.power`; without supply nobody answers, and all registers are forgotten."""
        self.has_power = on
        self.power_up()

    @abstractmethod
    def answer(self, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """Answer a transaction; see :meth:`simulator.electrical.buses.I2cDevice.transfer`."""

    def transfer(self, address: int, segments: Sequence[Segment]) -> tuple[int, list[bytes]] | None:
        """Answer the bus, as well as the faults let it."""
        if "absent" in self.failed or not self.has_power:
            return None
        if self.stretch_us:
            self._bus.hold_clock(self.stretch_us)
        if "deaf" in self.failed:
            return 0, [b"" for segment in segments if isinstance(segment, int)]
        return self.answer(segments)

    def fail(self, name: str, *, on: bool = True) -> None:
        """See :meth:`Device.fail`."""
        was_absent = "absent" in self.failed
        super().fail(name, on=on)
        if was_absent and "absent" not in self.failed:
            self.power_up()

    def update(self) -> None:
        """Hold the lines that it is to hold."""
        for role, line in self._lines.items():
            if f"{role}_stuck" in self.failed:
                line.drive(0)
            else:
                line.release()

    def move(self, address: int) -> None:
        """Answer at another address from now on."""
        if address != self.address:
            self._bus.attach(address, self)
            self._bus.detach(self.address)
            self.address = address


class RegisterPart(I2cPart):
    """A part with registers of a byte: the first byte written is a register's number, reads go on from there.

    Attributes:
        pointer: the register that is read next.
    """

    #: What follows a written byte: the byte for the next register, or (False) number and byte of another one.
    writes_in_row: ClassVar[bool] = True
    #: Highest number of a register; reads go on with 0 after it.
    last_register: ClassVar[int] = _BYTE

    def __init__(self, site: Site, address: int) -> None:
        super().__init__(site, address)
        self.pointer = 0

    @abstractmethod
    def read_register(self, number: int) -> int:
        """What a register holds, 0..255."""

    @abstractmethod
    def write_register(self, number: int, value: int) -> None:
        """Take a byte for a register."""

    def answer(self, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """Take what is written, give what is asked for; all bytes are acknowledged."""
        written, read = 0, []
        for segment in segments:
            if isinstance(segment, int):
                read.append(bytes(self._next() for _ in range(segment)))
            elif segment:
                self._take(segment)
                written += len(segment)
        return written, read

    def _take(self, data: bytes) -> None:
        self.pointer = data[0]
        rest = data[1:]
        while rest:
            self.write_register(self.pointer, rest[0])
            if self.writes_in_row:
                self._step()
                rest = rest[1:]
            else:
                self.pointer, rest = (rest[1], rest[2:]) if len(rest) > 1 else (self.pointer, b"")

    def _next(self) -> int:
        value = self.read_register(self.pointer)
        self._step()
        return value

    def _step(self) -> None:
        self.pointer = self.pointer + 1 if self.pointer < self.last_register else 0


def check_address(site: Site, address: object, allowed: Sequence[int]) -> int:
    """An address that the part can have.

    Raises:
        UsageError: it is another one.
    """
    if isinstance(address, bool) or address not in allowed or not isinstance(address, int):
        shown = f"{address:#04x}" if isinstance(address, int) else repr(address)[:20]
        raise UsageError(f"{site.name}: address {shown} is not one of {', '.join(f'{one:#04x}' for one in allowed)}")
    return address
