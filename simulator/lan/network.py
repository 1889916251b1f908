"""One IP network: who is on it, who gets which address, how packets travel.

Several access points may lead into the same network, as at home. Packets arrive in the order in which they were sent,
``latency_us`` later, if sender and receiver have a link then. This is where loss, reordering and partition belong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import ANY, BROADCAST, Subnet, ip_number, ip_text
from simulator.lan.tcp import Segment
from simulator.lan.udp import Datagram

if TYPE_CHECKING:
    from simulator.lan.stack import IpStack
    from simulator.lan.wifi import AccessPoint

Packet = Segment | Datagram

#: One way between two hosts of a home network with WiFi in good order. An estimate: pings of an ESP32 without power
#: save take 3..5 ms.
LATENCY_US = 2_000


class Interface:
    """A host's door to a network.

    Attributes:
        name: ``sta``, ``ap`` or ``eth``.
        stack: the host's IP stack.
        mac: 6 bytes.
        host_name: what it calls itself to the network.
        ip: own address, ``0.0.0.0`` without one.
        mask: of its subnet.
        gateway: where other subnets are reached.
        dns: the name server that it asks.
        network: the network that it is linked with, None without link.
        access_point: the access point that carries the link, None for a cable.
    """

    def __init__(self, name: str, stack: IpStack, mac: bytes) -> None:
        self.name = name
        self.stack = stack
        self.mac = mac
        self.host_name = ""
        self.ip = self.mask = self.gateway = self.dns = ANY
        self.network: Network | None = None
        self.access_point: AccessPoint | None = None

    @property
    def has_carrier(self) -> bool:
        """True while frames get through to the network."""
        return self.network is not None and (self.access_point is None or self.access_point.up)

    def configure(self, ip: str, mask: str, gateway: str, dns: str) -> None:
        """Set the addresses; the network learns of the new one."""
        network = self.network
        if network is not None:
            network.leave(self)
        self.ip, self.mask, self.gateway, self.dns = ip, mask, gateway, dns
        if network is not None:
            network.join(self)

    def link(self, network: Network, access_point: AccessPoint | None) -> None:
        """Come onto a network."""
        self.network = network
        self.access_point = access_point
        network.join(self)

    def unlink(self) -> None:
        """Leave the network; the addresses stay until :meth:`configure`."""
        if self.network is not None:
            self.network.leave(self)
            self.network = self.access_point = None


class DhcpServer:
    """Gives out addresses, the same to the same MAC, in the order in which they are asked for.

    Attributes:
        leases: MAC -> address.
        lease_s: how long a lease is good for. Limits: leases are not taken back yet.
    """

    def __init__(self, network: Network, first: str) -> None:
        self._network = network
        self._next = ip_number(first)
        self._last = ip_number(network.subnet.broadcast) - 1
        self.leases: dict[bytes, str] = {}
        self.lease_s = 7200

    def lease(self, mac: bytes) -> str | None:
        """The address for a MAC, None if all are taken."""
        ip = self.leases.get(mac)
        if ip is not None:
            return ip
        while self._next <= self._last:
            ip = ip_text(self._next)
            self._next += 1
            if ip != self._network.gateway and ip not in self._network.members:
                self.leases[mac] = ip
                return ip
        return None

    def reserve(self, mac: bytes, ip: str) -> None:
        """Give ``mac`` this address from now on, as a router's settings page does.

        Raises:
            UsageError: the address is outside the network or belongs to another MAC.
        """
        if not self._network.subnet.contains(ip):
            raise UsageError(f"{ip} is not in {self._network.subnet.base}/{self._network.subnet.prefix}")
        if ip in self.leases.values() and self.leases.get(mac) != ip:
            raise UsageError(f"{ip} is leased to another host")
        self.leases[mac] = ip


class Network:
    """Hosts that reach one another.

    Args:
        kernel: virtual time.
        name: for traces.
        subnet: its addresses.
        gateway: the router's own address.
        first_lease: lowest address that DHCP gives out.

    Attributes:
        members: address -> interface.
        dhcp: its address server.
        dns: the name server that DHCP announces: the router.
        latency_us: one way.
        carried: packets delivered.
        lost: packets that reached nobody.
    """

    def __init__(self, kernel: Kernel, name: str, *, subnet: Subnet, gateway: str, first_lease: str) -> None:
        if not subnet.contains(gateway) or not subnet.contains(first_lease):
            raise UsageError(f"{gateway} or {first_lease} is not in {subnet.base}/{subnet.prefix}")
        self._kernel = kernel
        self.name = name
        self.subnet = subnet
        self.gateway = gateway
        self.dns = gateway
        self.members: dict[str, Interface] = {}
        self.dhcp = DhcpServer(self, first_lease)
        self.latency_us = LATENCY_US
        self.carried = 0
        self.lost = 0

    def join(self, interface: Interface) -> None:
        """An interface is there with its address; a later one with the same address takes it over."""
        if interface.ip != ANY:
            self.members[interface.ip] = interface

    def leave(self, interface: Interface) -> None:
        """An interface is no longer there."""
        if self.members.get(interface.ip) is interface:
            del self.members[interface.ip]

    def resolve(self, name: str) -> str | None:
        """Address of a host that announced ``name``; ``.local`` may follow. None if nobody did."""
        wanted = name.lower().removesuffix(".local")
        for ip, interface in self.members.items():
            if interface.host_name.lower() == wanted and interface.has_carrier:
                return ip
        return None

    def carry(self, sender: Interface, packet: Packet) -> None:
        """Take a packet from one of its members; it arrives later, or not."""
        if sender.has_carrier:
            self._kernel.after(self.latency_us, lambda: self._arrive(sender, packet))
        else:
            self.lost += 1

    def _arrive(self, sender: Interface, packet: Packet) -> None:
        ip = packet.target[0]
        receiver = self.members.get(ip)
        if receiver is not None and receiver.has_carrier:
            self.carried += 1
            self._note(packet)
            receiver.stack.receive(packet)
        elif isinstance(packet, Datagram) and ip in (BROADCAST, self.subnet.broadcast):
            self.carried += 1
            self._note(packet)
            for member in list(self.members.values()):
                if member is not sender and member.has_carrier:
                    member.stack.receive(packet)
        else:
            self.lost += 1

    def _note(self, packet: Packet) -> None:
        if packet.data:
            source, target = packet.source, packet.target
            what = f"{source[0]}:{source[1]} > {target[0]}:{target[1]} {len(packet.data)} {crc32(packet.data):08x}"
            self._kernel.trace.add(self._kernel.now, f"lan.{self.name}", what)
