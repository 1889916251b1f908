"""The address that a node wants, `devip`: judged against the network, tested, taken.

An address counts as used if a host there answers to TCP. A host that is silent to strangers is not found: the port
offers no ARP to ask with.
"""

import asyncio
import errno
import select
import socket
import time

import hal
from ConfigHandler import cfgget
from micropython import const

_PORT = const(9)        # "discard": hardly anybody listens, nearly everybody refuses
_PROBE_MS = const(2000)
_PROBES = const(2)      # a lost frame is no proof
_POLL_MS = const(50)
_ADDRESS_MS = const(10000)
_REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET)


async def settle(station):
    """Take the address `devip`, if it may be had; to be called with an address from DHCP.

    Returns:
        (bool, str): whether the router answers through the address that was taken, so that its silence later means
        something; why it was not taken although it lies in this network, or ''.

    Raises:
        OSError, ValueError: the port refused.
    """
    wanted = cfgget('devip')
    address, mask, gateway, dns = station.ifconfig()
    if wanted == address or not is_host_in_network(wanted, mask, gateway):
        return False, ''
    if await answers(wanted):
        return False, '[NW: STA] devip %s is used by another host, %s instead' % (wanted, address)
    was_reached = await answers(gateway)
    station.ifconfig((wanted, mask, gateway, dns))
    if not was_reached or await answers(gateway):
        return was_reached, ''
    await ask_dhcp(station)
    return False, '[NW: STA] devip %s leads nowhere, %s instead' % (wanted, station.ifconfig()[0])


async def ask_dhcp(station):
    """Give up a static address and wait for one from DHCP; 10 s at most."""
    station.ifconfig('dhcp')
    start = time.ticks_ms()
    while not hal.is_linked() and time.ticks_diff(time.ticks_ms(), start) < _ADDRESS_MS:
        await asyncio.sleep_ms(_POLL_MS)


async def answers(address):
    """True if a host at address says something, be it a refusal, within 4 s."""
    for _ in range(_PROBES):
        if await _probe(address):
            return True
    return False


async def _probe(address):
    prober = socket.socket()
    try:
        prober.setblocking(False)
        try:
            prober.connect((address, _PORT))
        except OSError as e:
            if e.errno != errno.EINPROGRESS:
                return e.errno in _REFUSED
        poller = select.poll()
        poller.register(prober, select.POLLOUT)
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < _PROBE_MS:
            if poller.poll(0):
                return True
            await asyncio.sleep_ms(_POLL_MS)
        return False
    finally:
        prober.close()


def is_host_in_network(address, mask, gateway):
    """True if address may be used by a host in the network of gateway.

    Args:
        address, mask, gateway: str, dotted IPv4; address may be any text.
    """
    address, mask, gateway = _to_int(address), _to_int(mask), _to_int(gateway)
    if not address or not mask or not gateway:
        return False
    host = address & ~mask & 0xffffffff
    is_special = host == 0 or host == ~mask & 0xffffffff or address == gateway
    return address & mask == gateway & mask and not is_special


def _to_int(address):
    parts = address.split('.')
    if len(parts) != 4 or not all(part.isdigit() and len(part) <= 3 and int(part) < 256 for part in parts):
        return None
    number = 0
    for part in parts:
        number = number << 8 | int(part)
    return number
