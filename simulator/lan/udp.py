"""UDP: datagrams without promise.

Source: lwIP api_msg.c; esp-idf Kconfig LWIP_UDP_RECVMBOX_SIZE 6: a seventh datagram that nobody read is lost.

Limits: no fragmentation: a datagram beyond one frame is refused; no multicast.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from simulator.lan.endpoint import Address, Waitable

#: Payload of one frame of 1500 bytes.
MAX_PAYLOAD = 1472
QUEUE = 6


class Datagram(NamedTuple):
    """One datagram under way.

    Attributes:
        source: sender's address.
        target: receiver's address.
        data: payload.
    """

    source: Address
    target: Address
    data: bytes


class UdpPort(Waitable):
    """A bound port and what has come for it.

    Attributes:
        number: the port.
        received: (data, sender) not yet read, oldest first.
        lost: datagrams thrown away because the queue was full.
        peer: the only sender that is heard, None for all.
    """

    __slots__ = ("lost", "number", "peer", "received")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.received: deque[tuple[bytes, Address]] = deque()
        self.lost = 0
        self.peer: Address | None = None

    def deliver(self, datagram: Datagram) -> None:
        """Queue a datagram that came."""
        if self.peer is not None and datagram.source != self.peer:
            return
        if len(self.received) >= QUEUE:
            self.lost += 1
            return
        self.received.append((datagram.data, datagram.source))
        self.changed()
