"""A time server.

Source: RFC 5905, 7.3 (packet), 7.4 (kiss of death); RFC 4330, section 5 (what a client asks). The kiss packet is that
of ntpd 4.2.8, ntp_proto.c, fast_xmit: all its time stamps are the client's own transmit time stamp, which a simple
client leaves 0.

Limits: no authentication, no control messages, no symmetric peers; the server's clock is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from simulator.lan.endpoint import Address
from simulator.lan.services.host import ServiceHost, UdpService

PORT = 123
PACKET_BYTES = 48
_CLIENT, _SERVER = 3, 4
_VERSIONS = range(1, 5)
_STRATUM = 2
#: 2**-20 s, as computers have it.
_PRECISION = -20 & 0xFF
#: Root delay and root dispersion, 16.16 fixed point: 15 ms and 10 ms. Estimates of a usual pool server.
_ROOT_DELAY = round(0.015 * 65_536)
_ROOT_DISPERSION = round(0.010 * 65_536)
#: Address of the stratum 1 server behind it, a documentation address.
_REFERENCE = bytes([192, 0, 2, 7])
#: The server set its own clock so long ago.
_REFERENCE_AGE = timedelta(seconds=64)
_UNSYNCHRONISED = 3 << 6
_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)
_TRANSMIT = slice(40, 48)

#: A fault: returns the reply to a packet, b"" to say nothing, None to leave it alone.
Interference = Callable[[bytes], "bytes | None"]


def time_stamp(moment: datetime) -> bytes:
    """An NTP time stamp, 8 bytes: seconds since 1900 modulo 2**32, and their fraction."""
    us = (moment - _ORIGIN) // timedelta(microseconds=1)
    return ((us << 32) // 1_000_000 & 0xFFFFFFFF_FFFFFFFF).to_bytes(8, "big")


def is_request(packet: bytes) -> bool:
    """True for what a client may send."""
    return len(packet) >= PACKET_BYTES and packet[0] & 7 == _CLIENT and packet[0] >> 3 & 7 in _VERSIONS


def make_reply(request: bytes, moment: datetime) -> bytes:
    """The answer to a client's packet, sent at ``moment``."""
    now = time_stamp(moment)
    head = bytes([request[0] & 0x38 | _SERVER, _STRATUM, request[2], _PRECISION])
    root = _ROOT_DELAY.to_bytes(4, "big") + _ROOT_DISPERSION.to_bytes(4, "big") + _REFERENCE
    return head + root + time_stamp(moment - _REFERENCE_AGE) + request[_TRANSMIT] + now + now


def make_kiss(request: bytes, code: str = "RATE") -> bytes:
    """The packet that tells a client to stay away; ``code`` has four letters."""
    head = bytes([_UNSYNCHRONISED | request[0] & 0x38 | _SERVER, 0, request[2], _PRECISION])
    return head + bytes(8) + code.encode() + bytes(8) + 3 * request[_TRANSMIT]


class NtpService:
    """A time server on UDP port 123.

    Args:
        host: where it runs.
        now: the time of day, with time zone.

    Attributes:
        now: the time of day.
        asked: requests that came.
        interferences: faults that look at each request, in this order, before it is answered.
    """

    def __init__(self, host: ServiceHost, now: Callable[[], datetime]) -> None:
        self.now = now
        self.asked = 0
        self.interferences: list[Interference] = []
        self._port = UdpService(host, PORT, self._receive)

    def _receive(self, packet: bytes, sender: Address) -> None:
        if not is_request(packet):
            return
        self.asked += 1
        for interference in list(self.interferences):
            reply = interference(packet)
            if reply is not None:
                break
        else:
            reply = make_reply(packet, self.now())
        if reply:
            self._port.send(reply, sender)
