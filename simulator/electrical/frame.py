"""Characters of a serial line: how they are framed, and one of them on its way.

Example::

    Format(9600, parity=0).levels(0x41)  # start, eight bits from the lowest, parity, stop

Source: the usual asynchronous format; Espressif ESP32 technical reference manual, 13.3.5 "UART Data Frame".
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.errors import UsageError

_NS = 1_000_000_000


@dataclass(frozen=True)
class Format:
    """How characters are framed.

    Attributes:
        baud: bits per second.
        bits: of data, 5..8, sent from the lowest.
        parity: None, 0 for even, 1 for odd.
        stop: stop bits, 1 or 2.
        is_inverted: the line idles low.

    Raises:
        UsageError: there is no such format.
    """

    baud: int = 9600
    bits: int = 8
    parity: int | None = None
    stop: int = 1
    is_inverted: bool = False

    def __post_init__(self) -> None:
        if self.baud < 1 or not 5 <= self.bits <= 8 or self.parity not in (None, 0, 1) or self.stop not in (1, 2):
            raise UsageError(f"no such format of a serial line: {self}")

    @property
    def idle(self) -> int:
        """The line's level between characters."""
        return int(not self.is_inverted)

    @property
    def length(self) -> int:
        """Bits of a whole character: start, data, parity, stop."""
        return 1 + self.bits + (self.parity is not None) + self.stop

    def time_us(self, characters: int) -> int:
        """How long so many characters take one after the other; rounded up."""
        return -(-characters * self.length * 1_000_000 // self.baud)

    def bit_ns(self, count: int) -> int:
        """When the bit of that number begins, counted from the start of the character."""
        return count * _NS // self.baud

    def parity_of(self, value: int) -> int:
        """The parity bit that belongs to a value; 0 where there is none."""
        return (value.bit_count() + self.parity) & 1 if self.parity is not None else 0

    def levels(self, value: int) -> list[int]:
        """The levels of a character on the line, one for each bit."""
        data = [value >> bit & 1 for bit in range(self.bits)]
        parity = [self.parity_of(value)] if self.parity is not None else []
        return [level ^ self.is_inverted for level in [0, *data, *parity, *[1] * self.stop]]


@dataclass
class Frame:
    """One character on a line.

    Attributes:
        sender: whose, for faults.
        value: the data bits.
        format: how it is framed.
        start_us: when its start bit began.
        end_us: when its last stop bit ends.
        is_garbled: somebody else sent at the same time; ``value`` is what is left.
    """

    sender: str
    value: int
    format: Format
    start_us: int
    end_us: int
    is_garbled: bool = False
