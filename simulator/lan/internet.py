"""The internet, as far as a home needs it: hosts beyond the router, their names, and what time it is.

Example::

    host = lan.internet.host("example.org")
    HttpService(host).route("/", lambda request: (200, {}, b"hello"))
    lan.internet.up = False  # the line is cut

Every home network has a router (:mod:`simulator.lan.router`) that leads here. There are from the beginning
``pool.ntp.org`` (NTP), ``ip-api.com`` and ``api.sunrise-sunset.org`` (HTTP), and a name server that knows all hosts.

Addresses are those for documentation. Source: RFC 5737.

Limits: one hop: every host is equally far away; hosts cannot reach into a home; a name has one address; TCP and UDP
only, no ping.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import Subnet, is_ip
from simulator.lan.client import LanHost
from simulator.lan.endpoint import Address
from simulator.lan.network import Network, Packet
from simulator.lan.router import Router
from simulator.lan.services.dns import INTERNET_TTL_S, DnsServer
from simulator.lan.services.dns_message import DnsError, encode_name
from simulator.lan.services.ntp import NtpService
from simulator.lan.services.sites import GeolocationSite, SunTimesSite
from simulator.lan.stack import IpStack

#: One way from a router to any host. An estimate: pings from a home to a near server take about 20 ms.
LATENCY_US = 10_000
#: What time it is when a world begins, unless it is told otherwise.
UTC_START = datetime(2026, 1, 1, tzinfo=UTC)
_YEARS = (1970, 2100)
NTP_NAME = "pool.ntp.org"
GEOLOCATION_NAME = "ip-api.com"
SUN_TIMES_NAME = "api.sunrise-sunset.org"
RESOLVER_NAME = "resolver.example"
RESOLVER_IP = "203.0.113.53"

_SUBNET = "203.0.113.0/24"
_GATEWAY = "203.0.113.1"
#: Hosts and routers that were given no address get 203.0.113.100 and up, then 198.51.100.1 and up.
_FREE_IPS = [f"203.0.113.{n}" for n in range(100, 255)] + [f"198.51.100.{n}" for n in range(1, 255)]
#: Locally administered MACs.
_MAC = 0x02_00_00_00_EE_00


class InternetHost(LanHost):
    """A host of the internet; made by :meth:`Internet.host`."""

    def __init__(self, kernel: Kernel, name: str, mac: bytes, network: Network, ip: str) -> None:
        super().__init__(kernel, name, "wan", mac)
        self.interface.link(network, None)
        self.interface.configure(ip, network.subnet.mask, network.gateway, RESOLVER_IP)


class _Backbone(Network):
    """The network that routers and internet hosts are on."""

    routers: list[Router]
    on_stranded: Callable[[], object]

    def meets_faults(self, packet: Packet) -> bool:
        """Packets of the homes meet them there."""
        return not any(router.passes_on(packet) for router in self.routers)

    def strand(self, packet: Packet) -> None:
        """Tell of a packet for a home whose line is cut."""
        super().strand(packet)
        if any(router.outside.ip == packet.target[0] for router in self.routers):
            self.on_stranded()


class Internet:
    """What lies beyond the routers of a LAN.

    Args:
        kernel: virtual time.
        names: where its hosts and routers are entered, for faults that name a host.

    Attributes:
        network: what its hosts are on.
        hosts: by name.
        routers: of the homes, in the order in which they were connected.
        utc_start: what time it is at virtual time 0.
        unsent: packets from and to the homes and their routers that found the line cut.
        on_unsent: called for each of those.
        on_connect: called with each further router.
        resolver: the name server.
        ntp: the time server.
        geolocation: ``ip-api.com``.
        sun_times: ``api.sunrise-sunset.org``.
    """

    def __init__(self, kernel: Kernel, names: dict[str, IpStack]) -> None:
        self._kernel = kernel
        self._names = names
        self.network = _Backbone(
            kernel, "internet", subnet=Subnet.parse(_SUBNET), gateway=_GATEWAY, first_lease=_FREE_IPS[0]
        )
        self.network.latency_us = LATENCY_US
        self.hosts: dict[str, InternetHost] = {}
        self.routers: list[Router] = []
        self.network.routers = self.routers
        self.network.on_stranded = self._note_unsent
        self.utc_start = UTC_START
        self.unsent = 0
        self.on_unsent: list[Callable[[], object]] = []
        self.on_connect: list[Callable[[Router], object]] = []
        self._up = True
        self._cuts = 0
        self._free_ips = list(_FREE_IPS)
        self.resolver = DnsServer(self.host(RESOLVER_NAME, RESOLVER_IP), self._find)
        self.ntp = NtpService(self.host(NTP_NAME), self.utc_now)
        self.geolocation = GeolocationSite(self.host(GEOLOCATION_NAME), self.utc_now)
        self.sun_times = SunTimesSite(self.host(SUN_TIMES_NAME), self.utc_now)

    def utc_now(self) -> datetime:
        """What time it is."""
        return self.utc_start + timedelta(microseconds=self._kernel.now)

    def set_utc(self, moment: datetime) -> None:
        """Say what time it is now.

        Raises:
            UsageError: it has no time zone, or is not between 1970 and 2100.
        """
        if moment.tzinfo is None:
            raise UsageError(f"utc needs a time zone: {moment}")
        if not _YEARS[0] <= moment.year < _YEARS[1]:
            raise UsageError(f"utc must be between 1970 and 2100, not {moment}")
        self.utc_start = moment.astimezone(UTC) - timedelta(microseconds=self._kernel.now)

    @property
    def up(self) -> bool:
        """The homes' lines are not cut."""
        return self._up

    @up.setter
    def up(self, value: bool) -> None:
        self._up = value
        self._plug()

    def cut(self) -> None:
        """Cut the homes' lines until :meth:`mend` was called as often."""
        self._cuts += 1
        self._plug()

    def mend(self) -> None:
        """Take one :meth:`cut` back."""
        self._cuts -= 1
        self._plug()

    def _plug(self) -> None:
        for router in self.routers:
            router.set_up(self._up and not self._cuts)

    def _note_unsent(self) -> None:
        self.unsent += 1
        for action in list(self.on_unsent):
            action()

    def connect(self, network: Network) -> Router:
        """Give a home network its router."""
        router = Router(
            self._kernel, network, self.network, outside_ip=self._take_ip(None, network.name), upstream=RESOLVER_IP
        )
        router.on_unsent = self._note_unsent
        self.routers.append(router)
        self._names[router.name] = router.stack
        self._plug()
        for action in list(self.on_connect):
            action(router)
        return router

    def inside_of(self, address: Address) -> Address | None:
        """Who in a home has a TCP connection that internet hosts see from ``address``; None if nobody."""
        for router in self.routers:
            inside = router.inside_of(address)
            if inside is not None:
                return inside
        return None

    def host(self, name: str, ip: str | None = None) -> InternetHost:
        """A host with this name; the same name gives the same host.

        Args:
            name: its domain name, in any case.
            ip: its address; by default the next free one. Only looked at when the host is made.

        Raises:
            UsageError: no domain name, no address, or one that is taken.
        """
        name = name.lower().removesuffix(".")
        host = self.hosts.get(name)
        if host is None:
            try:
                encode_name(name)
            except DnsError as error:
                raise UsageError(str(error)) from None
            mac = (_MAC + len(self.hosts)).to_bytes(6, "big")
            host = InternetHost(self._kernel, name, mac, self.network, self._take_ip(ip, name))
            self.hosts[name] = host
            self._names[name] = host.stack
        return host

    def _take_ip(self, ip: str | None, name: str) -> str:
        if ip is None:
            ip = next((free for free in self._free_ips if free not in self.network.members), None)
            if ip is None:
                raise UsageError(f"the internet has no address left for {name}")
            self._free_ips.remove(ip)
        elif not is_ip(ip):
            raise UsageError(f"not an IPv4 address: {ip!r}")
        elif ip in self.network.members:
            raise UsageError(f"{ip} is taken")
        return ip

    def _find(self, name: str) -> tuple[str, int] | None:
        host = self.hosts.get(name)
        return None if host is None else (host.ip, INTERNET_TTL_S)
