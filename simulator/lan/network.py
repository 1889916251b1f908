"""One IP network: who is on it, who gets which address, how packets travel.

Several access points may lead into the same network, as at home. Packets arrive in the order in which they were sent,
``latency_us`` later, if sender and receiver have a link then and no fault (:mod:`simulator.lan.faults`) forbids it. A
packet for elsewhere goes to the router and from there to the :class:`Uplink`, if the network has one.

Two hosts with the same address are a *conflict*: the one that came last gets the frames, as on a real LAN, where its
ARP announcement is the latest; when it goes, the other one gets them again.

Limits: ARP itself is not modelled: who takes an address over is believed by all at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import ANY, BROADCAST, Subnet
from simulator.lan.dhcp import DhcpServer
from simulator.lan.faults import Flight
from simulator.lan.tcp import Segment
from simulator.lan.udp import Datagram

if TYPE_CHECKING:
    from simulator.lan.faults import PacketFault
    from simulator.lan.stack import IpStack
    from simulator.lan.wifi import AccessPoint

Packet = Segment | Datagram

#: One way between two hosts of a home network with WiFi in good order. An estimate: pings of an ESP32 without power
#: save take 3..5 ms.
LATENCY_US = 2_000
#: A query that nobody has answered is sent again, so often. Source: esp-mdns mdns.c: each second, for the 5 s that the
#: port waits (ports/esp32/modsocket.c).
_QUERY_REPEAT_US = 1_000_000
_QUERIES = 5


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
        """Set the addresses; the network learns of the new one.

        Connections of an address that goes are reset. Source: lwIP netif.c, tcp_netif_ip_addr_changed; ESP-IDF
        programming guide, lwIP: CONFIG_LWIP_TCP_KEEP_CONNECTION_WHEN_IP_CHANGES is off by default.
        """
        network = self.network
        if self.ip not in (ANY, ip):
            self.stack.lose_address(self.ip)
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


class Uplink(Protocol):
    """What lies behind the router of a network: the router, and all beyond it."""

    @property
    def name(self) -> str:
        """Name of the router."""

    def forward(self, network: Network, packet: Packet) -> None:
        """Take a packet for an address outside the network. Answers come back by :meth:`Network.deliver`."""

    def host_name(self, ip: str) -> str | None:
        """The name of the host with this address, None if there is none."""


class Network:
    """Hosts that reach one another.

    Args:
        kernel: virtual time.
        name: for traces.
        subnet: its addresses.
        gateway: the router's own address.
        first_lease: lowest address that DHCP gives out.

    Attributes:
        members: address -> interface; of several with one address the last that came.
        dhcp: its address server.
        uplink: what is behind the router, None for nothing.
        faults: those of the LAN that act on packets.
        dns: the name server that DHCP announces: the router.
        latency_us: one way.
        carried: packets delivered.
        lost: packets that reached nobody; of a broadcast, each receiver that it did not reach.
        conflicts: how often a host came with an address that another one had.
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
        self.dhcp = DhcpServer(kernel, self, first_lease)
        self.uplink: Uplink | None = None
        self.faults: list[PacketFault] = []
        self.latency_us = LATENCY_US
        self.carried = 0
        self.lost = 0
        self.conflicts = 0
        self._rivals: list[Interface] = []

    # --- members --------------------------------------------------------------------------------

    def join(self, interface: Interface) -> None:
        """An interface is there with its address; a later one with the same address takes it over."""
        if interface.ip == ANY:
            return
        holder = self.members.get(interface.ip)
        self.members[interface.ip] = interface
        if holder is not None and holder is not interface:
            self._rivals.append(holder)
            self.conflicts += 1
            what = f"conflict {interface.ip}: {interface.stack.name} takes it from {holder.stack.name}"
            self._kernel.trace.add(self._kernel.now, f"lan.{self.name}", what)

    def leave(self, interface: Interface) -> None:
        """An interface is no longer there; another one with the same address is heard again."""
        if interface in self._rivals:
            self._rivals.remove(interface)
        if self.members.get(interface.ip) is interface:
            del self.members[interface.ip]
            for rival in reversed(self._rivals):
                if rival.ip == interface.ip:
                    self._rivals.remove(rival)
                    self.members[rival.ip] = rival
                    break

    def resolve(self, name: str) -> str | None:
        """Address of a host that announced ``name``; ``.local`` may follow. None if nobody did."""
        wanted = name.lower().removesuffix(".local")
        for ip, interface in self.members.items():
            if interface.host_name.lower() == wanted and interface.has_carrier:
                return ip
        return None

    def query(self, asker: Interface, name: str) -> tuple[str | None, int]:
        """Ask everybody for the address of a name (mDNS), again and again as the port does.

        Returns:
            The address and how long it took, µs; (None, 0) if no answer comes.
        """
        ip = self.resolve(name)
        if ip is None or not asker.has_carrier:
            return None, 0
        if not self.faults:
            return ip, 2 * self.latency_us
        door = self.members[ip]
        for number in range(_QUERIES):
            there, back = self._delays(asker, door, ip), self._delays(door, asker, asker.ip)
            if there and back:
                return ip, number * _QUERY_REPEAT_US + min(there) + min(back)
        return None, 0

    # --- packets --------------------------------------------------------------------------------

    def carry(self, sender: Interface, packet: Packet) -> None:
        """Take a packet from one of its members; it arrives later, or not."""
        if not sender.has_carrier:
            self.lost += 1
        elif self.faults and self.meets_faults(packet):
            self._brave_faults(sender, packet)
        else:
            self._kernel.after(self.latency_us, lambda: self._arrive(sender, packet))

    def meets_faults(self, packet: Packet) -> bool:
        """Faults look at this packet here; each shall meet them once on its way."""
        return True

    def deliver(self, packet: Packet) -> None:
        """Take a packet that comes through the router; it arrives later, or not."""
        if self.faults:
            self._brave_faults(None, packet)
        else:
            self._kernel.after(self.latency_us, lambda: self._arrive(None, packet))

    def tell(self, door: Interface, action: Callable[[], object], *, from_router: bool = False) -> None:
        """Carry a message that is no packet between a member and the router: ``action`` is called when it arrives.

        Args:
            door: the member.
            action: what the message does at its goal; called twice if a fault doubles it.
            from_router: it goes to the member instead of coming from it.
        """

        def arrive() -> None:
            if door.network is self and door.has_carrier:
                action()

        if not door.has_carrier:
            return
        delays = [self.latency_us]
        if self.faults:
            router = self.members.get(self.gateway)
            if from_router:
                delays = self._delays(router, door, door.ip, source_ip=self.gateway)
            else:
                delays = self._delays(door, router, self.gateway)
        for delay_us in delays:
            self._kernel.after(delay_us, arrive)

    def _is_broadcast(self, packet: Packet) -> bool:
        return isinstance(packet, Datagram) and packet.target[0] in (BROADCAST, self.subnet.broadcast)

    def _arrive(self, sender: Interface | None, packet: Packet) -> None:
        ip = packet.target[0]
        receiver = self.members.get(ip)
        if receiver is not None and receiver.has_carrier:
            self.carried += 1
            self._note(packet)
            receiver.stack.receive(packet)
        elif self._is_broadcast(packet):
            self.carried += 1
            self._note(packet)
            for member in list(self.members.values()):
                if member is not sender and member.has_carrier:
                    member.stack.receive(packet)
        elif sender is not None and self.uplink is not None and not self.subnet.contains(ip):
            if sender.gateway == self.gateway:
                self.carried += 1
                self._note(packet)
                self.uplink.forward(self, packet)
            else:
                self.lost += 1
        else:
            self.strand(packet)

    def strand(self, packet: Packet) -> None:
        """A packet has arrived where nobody has its address."""
        self.lost += 1

    # --- packets while there are faults ---------------------------------------------------------

    def _brave_faults(self, sender: Interface | None, packet: Packet) -> None:
        source_ip, ip = packet.source[0], packet.target[0]
        if ip not in self.members and self._is_broadcast(packet):
            for member in list(self.members.values()):
                if member is not sender:
                    self._send_copies(
                        self._delays(sender, member, member.ip, source_ip=source_ip), self._hand_to(member, packet)
                    )
        else:
            delays = self._delays(sender, self.members.get(ip), ip, source_ip=source_ip)
            self._send_copies(delays, lambda: self._arrive(sender, packet))

    def _send_copies(self, delays: list[int], arrive: Callable[[], object]) -> None:
        if not delays:
            self.lost += 1
        for delay_us in delays:
            self._kernel.after(delay_us, arrive)

    def _hand_to(self, member: Interface, packet: Packet) -> Callable[[], object]:
        """What happens when a broadcast comes to one member."""

        def arrive() -> None:
            if member.network is self and member.has_carrier:
                self.carried += 1
                self._note(packet)
                member.stack.receive(packet)
            else:
                self.lost += 1

        return arrive

    def _delays(
        self, sender: Interface | None, receiver: Interface | None, ip: str, *, source_ip: str = ANY
    ) -> list[int]:
        """When copies of a message to ``ip`` arrive, as the faults decide."""
        flight = Flight(self._names(sender, source_ip), self._names(receiver, ip), (sender, receiver), self.latency_us)
        for fault in self.faults:
            fault.apply(flight)
        return flight.delays

    def _names(self, door: Interface | None, ip: str) -> tuple[str, ...]:
        """What faults call one end of a flight."""
        if door is not None:
            return (door.stack.name,)
        if self.uplink is None or (self.subnet.contains(ip) and ip != self.gateway):
            return ()
        name = None if ip == self.gateway else self.uplink.host_name(ip)
        return (self.uplink.name,) if name is None else (name, self.uplink.name)

    def _note(self, packet: Packet) -> None:
        if packet.data:
            source, target = packet.source, packet.target
            what = f"{source[0]}:{source[1]} > {target[0]}:{target[1]} {len(packet.data)} {crc32(packet.data):08x}"
            self._kernel.trace.add(self._kernel.now, f"lan.{self.name}", what)
