"""Host names: what lies behind ``socket.getaddrinfo``.

Source: ports/esp32/modsocket.c, mdns_getaddrinfo (5 s for a name that nobody answers to) and _getaddrinfo_inner (a
name that the server does not know ends in -2); lwIP netdb.c: EAI_NONAME 200, EAI_SERVICE 201, EAI_FAIL 202; lwIP dns.c:
four tries before a silent server is given up.

Limits: only names of hosts on the node's own network; a name server other than its router is silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lan.addresses import ANY, is_ip
from simulator.micropython._net import current_thread, node_net
from simulator.micropython.errors import MicroOSError

if TYPE_CHECKING:
    from simulator.micropython.runtime import Machine

EAI_SERVICE = -201
EAI_FAIL = -202
UNKNOWN_NAME = -2

_MDNS_TIMEOUT_US = 5_000_000
_DNS_TIMEOUT_US = 10_000_000


def resolve(machine: Machine, host: str) -> str:
    """The address of ``host``; waits as long as the port would.

    Raises:
        OSError: -202 nobody to ask, -2 no such name.
    """
    if is_ip(host):
        return host
    if host == "":
        return ANY
    if host == "localhost":
        return "127.0.0.1"
    station = node_net(machine).station
    network = station.interface.network
    if not station.connected or network is None:
        raise MicroOSError(EAI_FAIL)
    round_trip_us = 2 * network.latency_us
    ip = network.resolve(host)
    if host.lower().endswith(".local"):
        _sleep(machine, round_trip_us if ip else _MDNS_TIMEOUT_US)
        if ip:
            return ip
    if station.interface.dns != network.dns or not station.interface.has_carrier:
        _sleep(machine, 0 if station.interface.dns == ANY else _DNS_TIMEOUT_US)
        raise MicroOSError(EAI_FAIL)
    _sleep(machine, round_trip_us)
    if ip is None or host.lower().endswith(".local"):
        raise MicroOSError(UNKNOWN_NAME)
    return ip


def _sleep(machine: Machine, delay_us: int) -> None:
    current_thread().sleep_until(machine.kernel.now + delay_us)


def parse_port(port: int | str) -> int:
    """The number of a port given as number or text.

    Raises:
        OSError: -201, it is not within 1..65535.
    """
    number = port if isinstance(port, int) else int(port) if port.isdigit() else 0
    if not 0 < number <= 0xFFFF:
        raise MicroOSError(EAI_SERVICE)
    return number
