"""The IP stack of one host: its interfaces, ports and connections.

Source: lwIP 2.1 core/tcp.c (tcp_new_port, tcp_bind, tcp_listen_with_backlog), core/udp.c.

Limits: IPv4 only; a host with two networks does not forward between them; nothing answers outside the networks of the
LAN. A host whose memory for TCP is full (``tcp_max``) gives up connections that are closing, as lwIP does, but never
turns a new one away for it.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.kernel import Kernel
from simulator.lan.addresses import ANY, BROADCAST, same_net
from simulator.lan.endpoint import Listener, StreamEndpoint
from simulator.lan.network import Interface, Packet
from simulator.lan.tcp import ACK, FIN, RST, SYN, Segment, TcpConnection
from simulator.lan.udp import Datagram, UdpPort

#: Range of ports that lwIP picks for clients. Source: tcp_priv.h, TCP_LOCAL_PORT_RANGE_START/END.
_PORT_FIRST = 0xC000
_PORT_LAST = 0xFFFF
#: Connections and listeners of an ESP32. Source: esp-idf Kconfig, LWIP_MAX_ACTIVE_TCP.
ESP32_TCP_MAX = 16
#: From a host to itself.
_LOOPBACK_US = 50


class IpStack:
    """What one host does on its networks.

    Args:
        kernel: virtual time.
        name: of the host.

    Attributes:
        interfaces: its doors, in order of preference.
        listeners: TCP port -> listener.
        udp: UDP port -> port.
        on_listen: called with each TCP port that begins to accept; survives :meth:`clear`.
        tcp_max: TCP connections and listeners that it has memory for, None for any number.
        tick_origin_us: when its TCP timer began to turn: with the first of the connections that it has.
    """

    def __init__(self, kernel: Kernel, name: str) -> None:
        self.kernel = kernel
        self.name = name
        self.interfaces: list[Interface] = []
        self.listeners: dict[int, Listener] = {}
        self.udp: dict[int, UdpPort] = {}
        self.on_listen: list[Callable[[int], object]] = []
        self.tcp_max: int | None = None
        self.tick_origin_us = 0
        self._connections: dict[tuple[int, str, int], TcpConnection] = {}
        self._guests: list[StreamEndpoint] = []
        self._port = kernel.stream(f"lan/{name}").randrange(_PORT_FIRST, _PORT_LAST + 1)

    # --- ports ----------------------------------------------------------------------------------

    def free_port(self) -> int:
        """A port that nothing uses, as lwIP picks it: counting on from a random one."""
        used = {port for port, _, _ in self._connections} | self.listeners.keys() | self.udp.keys()
        while True:
            self._port = self._port + 1 if self._port < _PORT_LAST else _PORT_FIRST
            if self._port not in used:
                return self._port

    def tcp_port_users(self, port: int) -> list[TcpConnection]:
        """Connections with this local port, also those in TIME_WAIT."""
        return [connection for key, connection in self._connections.items() if key[0] == port]

    def is_connected(self, port: int, peer: tuple[str, int]) -> bool:
        """There is a connection from a local port to ``peer``, if only in TIME_WAIT."""
        return (port, *peer) in self._connections

    def listen(self, port: int, backlog: int) -> Listener:
        """Begin to accept on a port that nobody listens on."""
        listener = self.listeners[port] = Listener(port, backlog)
        for action in list(self.on_listen):
            action(port)
        return listener

    def unlisten(self, listener: Listener) -> None:
        """Stop accepting; streams that nobody has accepted are reset."""
        if self.listeners.get(listener.port) is listener:
            del self.listeners[listener.port]
        while listener.pending:
            listener.pending.popleft().abort()
        listener.changed()

    def clear(self, *, politely: bool) -> None:
        """End everything that lives in the host's memory.

        Args:
            politely: peers are told, as when a program ends; otherwise the host just falls silent.
        """
        listeners, self.listeners = list(self.listeners.values()), {}
        if politely:
            for listener in listeners:
                self.unlisten(listener)
        for endpoint in [*self._connections.values(), *self._guests]:
            if politely:
                endpoint.close()
            else:
                endpoint.drop()
        self._guests.clear()
        for port in self.udp.values():
            port.changed()
        self.udp.clear()

    # --- streams --------------------------------------------------------------------------------

    def lose_address(self, ip: str) -> None:
        """An own address goes: its streams are reset; the peers learn of it as far as they are reached.

        Source: lwIP 2.1 tcp.c, tcp_netif_ip_addr_changed; esp-idf Kconfig, LWIP_TCP_KEEP_CONNECTION_WHEN_IP_CHANGES is
        off.
        """
        for connection in [*self._connections.values()]:
            if connection.local[0] == ip and connection.state != "time_wait":
                connection.abort()
        for guest in [*self._guests]:
            if guest.local[0] == ip:
                guest.abort()

    @property
    def connections(self) -> list[TcpConnection]:
        """All TCP connections, also those in TIME_WAIT."""
        return list(self._connections.values())

    def connect(self, peer: tuple[str, int], *, local_port: int | None = None) -> TcpConnection | None:
        """Begin a connection; None if there is no way to the peer's network."""
        own_ip: str | None = peer[0]
        if not self._is_own(peer[0]):
            door = self.route(peer[0])
            own_ip = None if door is None else door.ip
        if own_ip is None:
            return None
        local = (own_ip, self.free_port() if local_port is None else local_port)
        connection = self._make_connection(local, peer)
        connection.open()
        return connection

    def _make_connection(self, local: tuple[str, int], peer: tuple[str, int]) -> TcpConnection:
        self._make_room()
        if not self._connections:
            self.tick_origin_us = self.kernel.now
        connection = TcpConnection(self, self.kernel, local, peer)
        self._connections[local[1], peer[0], peer[1]] = connection
        return connection

    def _make_room(self) -> None:
        """Give up the oldest connection that is nearest to its end. Source: esp-lwip tcp.c, tcp_alloc."""
        if self.tcp_max is None or len(self._connections) + len(self.listeners) < self.tcp_max:
            return
        ending = [c for c in self._connections.values() if c.closing is not None]
        if ending:
            min(ending, key=lambda connection: connection.closing or 0).drop()

    def adopt(self, guest: StreamEndpoint) -> None:
        """Take in a stream that does not come over the LAN; it ends with the host's life."""
        self._guests.append(guest)

    def forget(self, endpoint: StreamEndpoint) -> None:
        """A stream is over."""
        if isinstance(endpoint, TcpConnection):
            key = (endpoint.local[1], *endpoint.peer)
            if self._connections.get(key) is endpoint:
                del self._connections[key]
        elif endpoint in self._guests:
            self._guests.remove(endpoint)

    def established(self, connection: TcpConnection, listener: Listener) -> None:
        """A handshake that was begun from outside is complete."""
        if self.listeners.get(listener.port) is listener:
            listener.offer(connection)
        else:
            connection.abort()

    # --- packets --------------------------------------------------------------------------------

    def route(self, ip: str) -> Interface | None:
        """The interface through which ``ip`` is reached; None if there is none."""
        ready = [door for door in self.interfaces if door.ip != ANY and door.network is not None]
        for door in ready:
            if same_net(ip, door.ip, door.mask):
                return door
        for door in ready:
            if door.gateway != ANY or ip == BROADCAST:
                return door
        return None

    def _is_own(self, ip: str) -> bool:
        if ip.startswith("127."):
            return True
        return ip != ANY and any(ip == door.ip and door.network is not None for door in self.interfaces)

    def transmit(self, packet: Packet) -> bool:
        """Send a packet. Returns False if there is no way to its target."""
        ip = packet.target[0]
        if self._is_own(ip):
            self.kernel.after(_LOOPBACK_US, lambda: self.receive(packet))
            return True
        door = self.route(ip)
        if door is None or door.network is None:
            return False
        door.network.carry(door, packet)
        return True

    def receive(self, packet: Packet) -> None:
        """Take a packet that came. Called by the hub."""
        if isinstance(packet, Datagram):
            port = self.udp.get(packet.target[1])
            if port is not None:
                port.deliver(packet)
            return
        connection = self._connections.get((packet.target[1], *packet.source))
        if connection is not None:
            connection.receive(packet)
        elif packet.flags & (SYN | ACK | RST) == SYN:
            self._receive_syn(packet)
        else:
            self.refuse(packet)

    def _receive_syn(self, syn: Segment) -> None:
        listener = self.listeners.get(syn.target[1])
        if listener is None:
            self.refuse(syn)
        elif not listener.full:
            # A full one says nothing, and the peer tries again. Source: lwIP tcp_in.c, tcp_listen_input.
            self._make_connection(syn.target, syn.source).answer(syn, listener)

    def refuse(self, segment: Segment) -> None:
        """Answer a segment that belongs to no connection with a reset, unless it is one itself."""
        if segment.flags & RST:
            return
        ack = segment.seq + len(segment.data) + bool(segment.flags & SYN) + bool(segment.flags & FIN)
        self.transmit(Segment(segment.target, segment.source, RST | ACK, segment.ack, ack, 0, b""))
