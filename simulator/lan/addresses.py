"""IPv4 and MAC addresses as texts and numbers.

Example::

    net = Subnet("10.0.0.0", 16)
    net.contains("10.0.1.7")  # True
    net.mask  # "255.255.0.0"
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.errors import UsageError

ANY = "0.0.0.0"
BROADCAST = "255.255.255.255"


def is_ip(text: str) -> bool:
    """True for four decimal numbers 0..255 with dots between."""
    parts = text.split(".")
    return len(parts) == 4 and all(p.isascii() and p.isdigit() and len(p) <= 3 and int(p) <= 255 for p in parts)


def ip_number(text: str) -> int:
    """The 32 bit number of a dotted address.

    Raises:
        UsageError: it is not one.
    """
    if not is_ip(text):
        raise UsageError(f"not an IPv4 address: {text!r}")
    a, b, c, d = (int(part) for part in text.split("."))
    return a << 24 | b << 16 | c << 8 | d


def ip_text(number: int) -> str:
    """The dotted form of a 32 bit number."""
    return f"{number >> 24 & 255}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def mask_text(prefix: int) -> str:
    """``255.255.0.0`` for 16."""
    return ip_text((0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF)


def same_net(a: str, b: str, mask: str) -> bool:
    """True if both addresses have the same bits under the mask."""
    bits = ip_number(mask)
    return ip_number(a) & bits == ip_number(b) & bits


@dataclass(frozen=True)
class Subnet:
    """A range of addresses.

    Attributes:
        base: first address, e.g. ``10.0.0.0``.
        prefix: leading bits that all its addresses share, 8..30.
    """

    base: str
    prefix: int

    def __post_init__(self) -> None:
        if not 8 <= self.prefix <= 30 or ip_number(self.base) & ~ip_number(self.mask):
            raise UsageError(f"not a subnet: {self.base}/{self.prefix}")

    @classmethod
    def parse(cls, text: str) -> Subnet:
        """From ``10.0.0.0/16``.

        Raises:
            UsageError: it has another form.
        """
        base, _, prefix = text.partition("/")
        if not prefix.isdigit():
            raise UsageError(f"not a subnet: {text!r}")
        return cls(base, int(prefix))

    @property
    def mask(self) -> str:
        """Dotted mask."""
        return mask_text(self.prefix)

    @property
    def broadcast(self) -> str:
        """Its highest address."""
        return ip_text(ip_number(self.base) | (0xFFFFFFFF >> self.prefix))

    def contains(self, ip: str) -> bool:
        """True if ``ip`` lies within."""
        return same_net(ip, self.base, self.mask)
