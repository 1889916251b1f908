"""Host names: what lies behind ``socket.getaddrinfo``. Questions go out as UDP datagrams, as lwIP sends them.

A question is sent at once and again 1, 2 and 4 s later; after 7 s the name server is given up. An answer counts if it
comes from the server's address and bears the question's number and name. An address is remembered for its time to live,
a time of 0 not at all; four names have room, and the oldest goes.

Source: lwIP core/dns.c (2.1): dns_check_entry (repetition: DNS_MAX_RETRIES 4, DNS_TMR_INTERVAL 1 s, waits of 1, 1, 2
and 3 ticks), dns_recv (which answers count), dns_enqueue, DNS_TABLE_SIZE 4, DNS_MAX_TTL one week, DNS_RAND_TXID and
DNS_RAND_SRC_PORT; esp-idf lwipopts.h, LWIP_TIMERS_ONDEMAND: ticks are counted from the question on. lwIP netdb.c:
EAI_SERVICE 201, EAI_FAIL 202. ports/esp32/modsocket.c, _socket_getaddrinfo3: a name that ends in ``.local`` is asked by
mDNS alone, for 5 s, and one that is not found ends in -2.

Limits: ``.local`` names are looked up in the network without datagrams; one name server, no second one; two threads
that ask for the same name ask twice; a soft reset forgets the addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from simulator.lan.addresses import ANY, is_ip
from simulator.lan.services.dns_message import (
    NO_ERROR,
    PORT,
    DnsError,
    Query,
    Reply,
    make_query,
    parse_query,
    parse_reply,
)
from simulator.lan.udp import Datagram, UdpPort
from simulator.micropython._net import current_thread, node_net, wait_for
from simulator.micropython.errors import MicroOSError

if TYPE_CHECKING:
    from simulator.lan import Interface
    from simulator.micropython.runtime import Machine

EAI_SERVICE = -201
EAI_FAIL = -202
UNKNOWN_NAME = -2

_MDNS_TIMEOUT_US = 5_000_000
_TICK_US = 1_000_000
#: Ticks after each question until the next one, or the end.
_TICKS = (1, 1, 2, 3)
_CACHE_SIZE = 4
_TTL_MAX_S = 604_800
#: Ports for questions are drawn from here on. Source: lwIP dns.c, DNS_PORT_ALLOWED.
_PORT_FIRST = 1_024


@dataclass
class _Memory:
    """What a node's resolver keeps for one life.

    Attributes:
        known: name -> (address, virtual time up to which it is good), oldest first.
        random: numbers and ports of questions.
    """

    known: dict[str, tuple[str, int]]
    random: Random


def resolve(machine: Machine, host: str) -> str:
    """The address of ``host``; waits as long as the port would.

    Raises:
        OSError: -202 nobody to ask or no answer, -2 no such name.
    """
    if is_ip(host):
        return host
    if host == "":
        return ANY
    if host == "localhost":
        return "127.0.0.1"
    station = node_net(machine).station
    if not station.connected or station.interface.network is None:
        raise MicroOSError(EAI_FAIL)
    name = host.lower()
    if name.endswith(".local"):
        return _resolve_local(machine, name)
    memory = _memory(machine)
    known = memory.known.get(name)
    if known is not None and machine.kernel.now < known[1]:
        return known[0]
    reply = _ask(machine, station.interface, name, memory.random)
    if reply is None:
        raise MicroOSError(EAI_FAIL)
    if reply.code != NO_ERROR or reply.address is None:
        raise MicroOSError(UNKNOWN_NAME)
    ip, ttl_s = reply.address
    _remember(memory, name, ip, machine.kernel.now + min(ttl_s, _TTL_MAX_S) * 1_000_000)
    return ip


def _memory(machine: Machine) -> _Memory:
    memory: _Memory | None = machine.state.get("dns")
    if memory is None:
        # Each life goes on in the node's one stream, so that no two lives ask with the same numbers.
        random = machine.parts.setdefault("dns.random", machine.kernel.stream(f"dns/{machine.name}"))
        memory = machine.state["dns"] = _Memory({}, random)
    return memory


def _remember(memory: _Memory, name: str, ip: str, until_us: int) -> None:
    known = memory.known
    known.pop(name, None)
    if len(known) >= _CACHE_SIZE:
        del known[next(iter(known))]
    known[name] = (ip, until_us)


def _resolve_local(machine: Machine, name: str) -> str:
    door = node_net(machine).station.interface
    assert door.network is not None
    ip, took_us = door.network.query(door, name)
    current_thread().sleep_until(machine.kernel.now + (took_us if ip else _MDNS_TIMEOUT_US))
    if ip is None:
        raise MicroOSError(UNKNOWN_NAME)
    return ip


def _ask(machine: Machine, door: Interface, name: str, random: Random) -> Reply | None:
    """Put the question to the interface's name server; None if there is none, or it stays silent."""
    stack, server = door.stack, door.dns
    try:
        question = make_query(random.randrange(1 << 16), name)
    except DnsError:
        return None
    if server == ANY:
        return None
    number = random.randrange(_PORT_FIRST, 1 << 16)
    while number in stack.udp:
        number = random.randrange(_PORT_FIRST, 1 << 16)
    port = stack.udp[number] = UdpPort(number)
    wanted = parse_query(question)
    try:
        for ticks in _TICKS:
            stack.transmit(Datagram((door.ip, number), (server, PORT), question))
            reply = _await(machine, port, server, wanted, ticks * _TICK_US)
            if reply is not None:
                return reply
    finally:
        if stack.udp.get(number) is port:
            del stack.udp[number]
    return None


def _await(machine: Machine, port: UdpPort, server: str, wanted: Query, patience_us: int) -> Reply | None:
    """The server's answer to this very question, if it comes in time; others are passed over."""
    until_us = machine.kernel.now + patience_us
    while True:
        while port.received:
            data, sender = port.received.popleft()
            try:
                reply = parse_reply(data)
            except DnsError:
                continue
            same = (reply.ident, reply.name, reply.kind) == (wanted.ident, wanted.name, wanted.kind)
            if same and sender[0] == server:
                return reply
        if machine.kernel.now >= until_us or not wait_for((port,), until_us):
            return None


def parse_port(port: int | str) -> int:
    """The number of a port given as number or text.

    Raises:
        OSError: -201, it is not within 1..65535.
    """
    number = port if isinstance(port, int) else int(port) if port.isdigit() else 0
    if not 0 < number <= 0xFFFF:
        raise MicroOSError(EAI_SERVICE)
    return number
