"""A part with plain registers on I2C: an EEPROM, an expander, a sensor that nobody has modelled yet.

Roles ``scl`` and ``sda``. A write begins with a register's number, 8 or 16 bits; what follows goes into registers from
there on. Reads go on from the number that was written last.

Source: the common behaviour of such parts, e.g. Microchip DS20001189, 24LC01B, 6 to 8.

Limits: no pages, no time to write; registers have no meaning.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.devices.device import Quantity, Site, part
from simulator.devices.i2c_part import I2cPart, check_address
from simulator.electrical.buses import Segment
from simulator.errors import UsageError

_ADDRESSES = range(0x08, 0x78)


@part("i2c_registers")
class I2cRegisters(I2cPart):
    """Registers that can be read and written.

    Args:
        site: where it is soldered.
        address: 0x08..0x77.
        size: how many registers, 1..256, or with ``number_bits = 16`` up to 65536.
        number_bits: 8 or 16, most significant byte first: how a register is named.
        content: what the first registers hold at power-on, hexadecimal, e.g. ``"60 00 ff"``; the others hold 0.
        is_read_only: what is written is acknowledged and has no effect.
    """

    quantities = {
        "content": Quantity("what the registers hold, hexadecimal", str),
        **I2cPart.quantities,
    }

    def __init__(
        self,
        site: Site,
        *,
        address: int = 0x50,
        size: int = 256,
        number_bits: int = 8,
        content: str = "",
        is_read_only: bool = False,
    ) -> None:
        address = check_address(site, address, _ADDRESSES)
        if number_bits not in (8, 16):
            raise UsageError(f"{site.name}: number_bits must be 8 or 16, not {number_bits!r}")
        if not isinstance(size, int) or not 1 <= size <= 1 << number_bits:
            raise UsageError(f"{site.name}: size must be 1..{1 << number_bits}, not {size!r}")
        if not isinstance(is_read_only, bool):
            raise UsageError(f"{site.name}: is_read_only must be true or false, not {is_read_only!r}")
        self._number_bytes = number_bits // 8
        self._is_read_only = is_read_only
        self._size = size
        self._registers = self._at_power_on = self._parsed(site, content)
        super().__init__(site, address)
        self.power_up()

    def power_up(self) -> None:
        """Begin with the content of power-on."""
        self._registers = bytearray(self._at_power_on)
        self._pointer = 0

    @property
    def content(self) -> str:
        """What the registers hold, hexadecimal."""
        return self._registers.hex()

    @content.setter
    def content(self, text: str) -> None:
        self._registers = self._parsed(self.site, text)

    def peek(self, number: int) -> int:
        """What a register holds.

        Raises:
            UsageError: there is no such register.
        """
        if not 0 <= number < self._size:
            raise UsageError(f"{self.site.name}: no register {number!r}")
        return self._registers[number]

    def answer(self, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """See :class:`I2cPart`; all bytes are acknowledged."""
        written, read = 0, []
        for segment in segments:
            if isinstance(segment, int):
                read.append(bytes(self._registers[self._step()] for _ in range(segment)))
                continue
            written += len(segment)
            if len(segment) >= self._number_bytes:
                self._pointer = int.from_bytes(segment[: self._number_bytes], "big") % self._size
            for byte in segment[self._number_bytes :]:
                at = self._step()
                if not self._is_read_only:
                    self._registers[at] = byte
        return written, read

    def _step(self) -> int:
        """The register that is next; the pointer goes on."""
        at, self._pointer = self._pointer, (self._pointer + 1) % self._size
        return at

    def _parsed(self, site: Site, text: str) -> bytearray:
        try:
            data = bytes.fromhex(text)
        except (ValueError, TypeError):
            raise UsageError(f"{site.name}: content is not hexadecimal: {str(text)[:40]!r}") from None
        if len(data) > self._size:
            raise UsageError(f"{site.name}: content has {len(data)} bytes for {self._size} registers")
        return bytearray(data.ljust(self._size, b"\0"))
