"""``ntptime``, frozen into the port: one question to a time server.

Firmware sets ``ntptime.host`` and ``ntptime.timeout`` on its own module object; both are read there at each call.

Source: micropython-lib micropython/net/ntptime/ntptime.py.
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._clock import civil_from_seconds
from simulator.micropython.runtime import Machine, running

__all__ = ["host", "settime", "time", "timeout"]

host = "pool.ntp.org"
timeout = 1

_CALL_US = 50
_PORT = 123
_PACKET_BYTES = 48
#: Leap indicator 0, version 3, mode 3 (client). Source: RFC 958.
_CLIENT_V3 = 0x1B
#: Where the answer has the second it was sent.
_SECONDS = slice(40, 44)
#: 2024-01-01 as an NTP time stamp: anything below is of the era that begins in 2036.
_FIRST_OF_ERA = 3_913_056_000
_ERA_SECONDS = 1 << 32
#: Seconds from 1900 to 2000.
_NTP_DELTA = 3_155_673_600


def time() -> int:
    """Seconds since 2000-01-01 as the time server has them.

    Raises:
        OSError: the server was not found, or did not answer within ``timeout`` seconds.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    own: Any = machine.import_module("ntptime")
    answer = _ask(machine, own.host, own.timeout)
    seconds = int.from_bytes(answer[_SECONDS], "big")
    if seconds < _FIRST_OF_ERA:
        seconds += _ERA_SECONDS
    return seconds - _NTP_DELTA


def _ask(machine: Machine, host: str, timeout_s: float) -> bytes:
    socket: Any = machine.import_module("socket")
    address = socket.getaddrinfo(host, _PORT)[0][-1]
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        connection.settimeout(timeout_s)
        connection.sendto(bytes([_CLIENT_V3]) + bytes(_PACKET_BYTES - 1), address)
        return bytes(connection.recv(_PACKET_BYTES))
    finally:
        connection.close()


def settime() -> None:
    """Set the RTC from the time server.

    Raises:
        OSError: as :func:`time`.
    """
    year, month, day, hour, minute, second, weekday, _ = civil_from_seconds(time())
    rtc: Any = running().import_module("machine")
    rtc.RTC().datetime((year, month, day, weekday + 1, hour, minute, second, 0))
