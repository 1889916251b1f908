"""The router between a home network and the internet: it translates addresses, and knows names.

Theory of operation. A packet for an address outside the home network is handed to :meth:`Router.forward`. The router
sends it on under its own outside address and a port of its own, and remembers whose it is (:class:`Nat`); what comes
back to that port goes to that host. A packet that nobody in the house has asked for ends here.

Source: RFC 3022 (NAPT); RFC 4787 (a mapping serves all peers, and takes what any of them sends).

Limits: a mapping has no time-out: the one that was not used for longest goes when there are 4096; no port forwarding,
no UPnP; the router itself serves names only.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.kernel import Kernel
from simulator.lan.addresses import ANY, BROADCAST
from simulator.lan.endpoint import Address
from simulator.lan.faults import ROUTER
from simulator.lan.network import Interface, Network, Packet
from simulator.lan.services.dns import HomeDns
from simulator.lan.stack import IpStack
from simulator.lan.udp import Datagram

#: Ports for its translations; above them are those of its own questions.
_PORT_FIRST, _PORT_LAST = 1_024, 0xBFFF
_MAPPINGS_MAX = 4_096

_HOME = "home"

#: Whether it is UDP, address and port in the house.
_Inside = tuple[bool, str, int]


def router_name(network: str) -> str:
    """What the router of a network is called."""
    return ROUTER if network == _HOME else f"{ROUTER}-{network}"


class Nat:
    """Which outside port belongs to which host and port in the house.

    Args:
        outside_ip: the router's own outside address.
    """

    def __init__(self, outside_ip: str) -> None:
        self._outside_ip = outside_ip
        self._ports: dict[_Inside, int] = {}
        self._insides: dict[tuple[bool, int], _Inside] = {}
        self._next = _PORT_FIRST

    def outward(self, packet: Packet) -> Packet:
        """A packet from the house as it goes on."""
        key = (isinstance(packet, Datagram), *packet.source)
        port = self._ports.pop(key, None)
        if port is None:
            port = self._new_port(key)
        self._ports[key] = port  # the last is the one that was used last
        return packet._replace(source=(self._outside_ip, port))

    def inward(self, packet: Packet) -> Packet | None:
        """An answer as it goes on into the house; None if nobody there has asked."""
        inside = self.inside(packet.target[1], is_udp=isinstance(packet, Datagram))
        return None if inside is None else packet._replace(target=inside)

    def inside(self, port: int, *, is_udp: bool) -> Address | None:
        """Address and port in the house that an outside port belongs to; None if it belongs to nobody."""
        inside = self._insides.get((is_udp, port))
        return None if inside is None else inside[1:]

    def _new_port(self, key: _Inside) -> int:
        if len(self._ports) >= _MAPPINGS_MAX:
            oldest = next(iter(self._ports))
            del self._insides[oldest[0], self._ports.pop(oldest)]
        while (key[0], self._next) in self._insides:
            self._next = self._next + 1 if self._next < _PORT_LAST else _PORT_FIRST
        port, self._next = self._next, self._next + 1 if self._next < _PORT_LAST else _PORT_FIRST
        self._insides[key[0], port] = key
        return port


class _RouterStack(IpStack):
    """The router's own stack; what comes in from outside is translated first."""

    router: Router

    def receive(self, packet: Packet) -> None:
        if packet.target[0] == self.router.outside.ip:
            self.router.receive_outside(packet)
        else:
            super().receive(packet)

    def receive_own(self, packet: Packet) -> None:
        """An answer to a question of the router itself."""
        super().receive(packet)


class Router:
    """A home router; it makes itself known to its network as the way out.

    Args:
        kernel: virtual time.
        network: the home network; the router has its gateway address.
        internet: the network outside.
        outside_ip: its address there.
        upstream: name server for what is not in the house.

    Attributes:
        name: of the host.
        stack: its IP stack.
        inside: its door to the home network.
        outside: its door to the internet.
        dns: its name server.
        services: what runs on it.
        on_unsent: called for each packet that finds the way out closed.
    """

    def __init__(self, kernel: Kernel, network: Network, internet: Network, *, outside_ip: str, upstream: str) -> None:
        self.name = router_name(network.name)
        stack = _RouterStack(kernel, self.name)
        stack.router = self
        self.stack = stack
        #: Locally administered MACs, made from the outside address, which each router has for itself.
        number = bytes(int(part) for part in outside_ip.split("."))[1:]
        self.inside = Interface("lan", stack, b"\x02\x00\xbb" + number)
        self.outside = Interface("wan", stack, b"\x02\x01\xbb" + number)
        stack.interfaces += [self.inside, self.outside]
        self.inside.host_name = self.name
        self.inside.link(network, None)
        self.inside.configure(network.gateway, network.subnet.mask, ANY, ANY)
        self.outside.link(internet, None)
        self.outside.configure(outside_ip, internet.subnet.mask, internet.gateway, upstream)
        self.services: list[object] = []
        self.on_unsent: Callable[[], object] = lambda: None
        self._home = network
        self._internet = internet
        self._outside_ip = outside_ip
        self._nat = Nat(outside_ip)
        self._stack = stack
        self.dns = HomeDns(self, self._find, upstream=upstream, stream=kernel.stream(f"dns/{self.name}"))
        self.dns.on_unsent = lambda: self.on_unsent()
        network.uplink = self

    def set_up(self, is_up: bool) -> None:
        """Plug the line to the internet in or out."""
        if is_up and self.outside.network is None:
            self.outside.link(self._internet, None)
        elif not is_up:
            self.outside.unlink()

    def forward(self, network: Network, packet: Packet) -> None:
        """Take a packet that one of the house sends to somebody outside."""
        if packet.target[0] in (BROADCAST, self._internet.subnet.broadcast):
            return
        if self.outside.network is None:
            self.on_unsent()
            return
        self._internet.carry(self.outside, self._nat.outward(packet))

    def passes_on(self, packet: Packet) -> bool:
        """A packet on the line is one of the house; else it is one of the router itself, or another router's."""
        return any(
            ip == self._outside_ip and _PORT_FIRST <= port <= _PORT_LAST for ip, port in (packet.source, packet.target)
        )

    def inside_of(self, address: Address) -> Address | None:
        """Address and port in the house of a TCP connection that the internet sees from ``address``."""
        return self._nat.inside(address[1], is_udp=False) if address[0] == self._outside_ip else None

    def host_name(self, ip: str) -> str | None:
        """The name of a host outside, None if there is none."""
        door = self._internet.members.get(ip)
        return None if door is None else door.stack.name

    def receive_outside(self, packet: Packet) -> None:
        """Take a packet for the outside address."""
        inward = self._nat.inward(packet)
        if inward is not None:
            self._home.deliver(inward)
        elif isinstance(packet, Datagram):
            self._stack.receive_own(packet)

    def _find(self, name: str) -> tuple[str, int] | None:
        """A host by the name that it told when it asked for an address."""
        for ip, member in self._home.members.items():
            if member.host_name.lower() == name and (member is self.inside or self._leased(member)):
                return ip, 0
        return None

    def _leased(self, member: Interface) -> bool:
        return self._home.dhcp.leases.get(member.mac) == member.ip
