"""Name servers: one that knows its names, and the one in a home router that asks further.

Source: RFC 1035; RFC 6762, 22.1 (nobody asks a name server for ``.local``). The home router behaves as dnsmasq, which
most of them run: its own hosts' names with a time to live of 0, plain names never leave the house, at most 150
questions under way.

Limits: addresses only (A records): any other type of a known name has no records; UDP only; the router keeps no cache,
so each question about the internet goes there.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from simulator.lan.endpoint import Address
from simulator.lan.services.dns_message import (
    NO_SUCH_NAME,
    PORT,
    TYPE_A,
    TYPE_ANY,
    DnsError,
    Query,
    make_error,
    make_reply,
    parse_query,
)
from simulator.lan.services.host import ServiceHost, UdpService

#: How long names of the internet are good for: pool.ntp.org has 130..150 s.
INTERNET_TTL_S = 150
#: Domain of the hosts of a home. Source: dnsmasq as OpenWrt configures it.
HOME_DOMAIN = ".lan"
#: Source: dnsmasq --dns-forward-max.
_UNDER_WAY_MAX = 150

#: Returns (address, time to live in seconds) of a name, None if there is no such name.
Find = Callable[[str], "tuple[str, int] | None"]
#: A fault: returns the reply to a query, b"" to say nothing, None to leave it alone.
Interference = Callable[[Query], "bytes | None"]


class DnsServer:
    """A name server.

    Args:
        host: where it runs.
        find: knows the names.

    Attributes:
        asked: questions that came.
        interferences: faults that look at each question, in this order, before it is answered.
    """

    def __init__(self, host: ServiceHost, find: Find) -> None:
        self.asked = 0
        self.interferences: list[Interference] = []
        self._find = find
        self._port = UdpService(host, PORT, self._receive)

    def _receive(self, data: bytes, sender: Address) -> None:
        try:
            query = parse_query(data)
        except DnsError as error:
            if error.ident is not None:
                self._port.send(make_error(error), sender)
            return
        self.asked += 1
        for interference in list(self.interferences):
            reply = interference(query)
            if reply is not None:
                if reply:
                    self._port.send(reply, sender)
                return
        self._answer(query, data, sender)

    def _answer(self, query: Query, data: bytes, sender: Address) -> None:
        self._port.send(self._reply(query), sender)

    def _reply(self, query: Query) -> bytes:
        found = self._find(query.name)
        if found is None:
            return make_reply(query, code=NO_SUCH_NAME)
        if query.kind not in (TYPE_A, TYPE_ANY):
            return make_reply(query)
        ip, ttl_s = found
        return make_reply(query, ip, ttl_s=ttl_s)


class HomeDns(DnsServer):
    """The name server of a home router: its own hosts, everything else from another server.

    Args:
        host: the router.
        find: knows the hosts of the home by their plain names.
        upstream: address of the server for everything else.
        stream: for the numbers of its own questions.

    Attributes:
        on_unsent: called for each question that cannot be passed on, since the router has no way to the internet.
    """

    def __init__(self, host: ServiceHost, find: Find, *, upstream: str, stream: random.Random) -> None:
        super().__init__(host, find)
        self.on_unsent: Callable[[], object] = lambda: None
        self._upstream = (upstream, PORT)
        self._stream = stream
        self._under_way: dict[int, tuple[bytes, Address]] = {}
        self._outside = UdpService(host, None, self._pass_back)

    def _answer(self, query: Query, data: bytes, sender: Address) -> None:
        name = query.name
        if "." not in name or name.endswith((HOME_DOMAIN, ".local")):
            self._port.send(self._reply(query), sender)
        else:
            self._pass_on(data, sender)

    def _reply(self, query: Query) -> bytes:
        known = Query(
            query.ident, query.name.removesuffix(HOME_DOMAIN), query.kind, query.wants_recursion, query.question
        )
        return super()._reply(known)

    def _pass_on(self, data: bytes, sender: Address) -> None:
        if len(self._under_way) >= _UNDER_WAY_MAX:
            del self._under_way[next(iter(self._under_way))]
        ident = self._stream.randrange(1 << 16)
        while ident in self._under_way:
            ident = (ident + 1) & 0xFFFF
        if self._outside.send(ident.to_bytes(2, "big") + data[2:], self._upstream):
            self._under_way[ident] = (data[:2], sender)
        else:
            self.on_unsent()

    def _pass_back(self, data: bytes, sender: Address) -> None:
        asked = self._under_way.pop(int.from_bytes(data[:2], "big"), None) if sender == self._upstream else None
        if asked is not None:
            ident, client = asked
            self._port.send(ident + data[2:], client)
