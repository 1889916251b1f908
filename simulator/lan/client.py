"""A host of the test on the LAN, e.g. somebody's laptop. Nothing here waits: let virtual time pass and look.

Example::

    connection = lan.client("laptop").connect("10.0.1.2", 9008)
    world.run_until(lambda: connection.received.endswith(b"$  "))
    connection.send(b"hello\\n")
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import is_ip
from simulator.lan.endpoint import Listener, StreamEndpoint
from simulator.lan.network import Interface, Network
from simulator.lan.stack import IpStack
from simulator.lan.tcp import TcpConnection
from simulator.lan.udp import Datagram, UdpPort
from simulator.lan.wifi import AccessPoint

_EVERYTHING = 1 << 30


class LanConnection:
    """A TCP connection of the test.

    Attributes:
        received: what has come and was not taken away; the test may clear it.
        refused: the other host has answered that nobody listens there.
        reset: the other side has reset it.
        on_change: called after each change: bytes have come, room was made, it is closed. None by default.
    """

    def __init__(self, stream: TcpConnection) -> None:
        self.on_change: Callable[[], object] | None = None
        self.received = bytearray()
        self.refused = False
        self.reset = False
        self._stream = stream
        self._was_open = not stream.connecting
        self._outbox = bytearray()
        self._paused = False
        self._finishing = False
        self._closed = False
        self._watch()

    @property
    def connected(self) -> bool:
        """The handshake is done, and neither side has closed."""
        return self._was_open and not self._closed

    @property
    def closed(self) -> bool:
        """Nothing more will come: the other side has closed or reset it, was not there, or we have gone."""
        return self._closed

    @property
    def unsent(self) -> int:
        """Bytes that wait for room, here or in the stack's buffer."""
        return len(self._outbox)

    @property
    def local(self) -> tuple[str, int]:
        """Own address."""
        return self._stream.local

    def send(self, data: bytes) -> None:
        """Send bytes; they queue here while the other side takes no more.

        Raises:
            StateError: the connection is closed.
        """
        if self._closed or self._finishing:
            raise StateError("the connection is closed")
        self._outbox += data
        self._pump()

    def close(self) -> None:
        """Send what is queued, then FIN. What the other side still sends is received."""
        self._finishing = True
        self._pump()

    def abort(self) -> None:
        """Reset the connection (RST)."""
        self._closed = True
        self._stream.abort()

    def vanish(self) -> None:
        """Be gone without a word, as a host that loses its power; the other side knows nothing."""
        self._closed = True
        self._stream.drop()

    def pause_reading(self) -> None:
        """Take nothing more from the stack: its window shuts when 5760 bytes wait."""
        self._paused = True

    def resume_reading(self) -> None:
        """Read on."""
        self._paused = False
        self._read()

    def _watch(self) -> None:
        self._stream.on_change(self._changed)

    def _changed(self) -> None:
        stream = self._stream
        self._was_open = self._was_open or stream.state == "open"
        if stream.error is None:
            self._watch()
        self._pump()
        self._read()
        if self.on_change is not None:
            self.on_change()

    def _read(self) -> None:
        stream = self._stream
        if self._paused:
            return
        self.received += stream.take(_EVERYTHING)
        if stream.eof and not self._closed:
            self._closed = True
            stream.close()
        elif stream.error is not None and not self._closed:
            self._closed = True
            self.reset = self._was_open and stream.error == "ECONNRESET"
            self.refused = not self._was_open and stream.error == "ECONNRESET"

    def _pump(self) -> None:
        if self._outbox:
            count = self._stream.put(self._outbox)
            del self._outbox[:count]
        if self._finishing and not self._outbox:
            self._stream.finish_sending()


class LanServer:
    """A TCP port of the test.

    Attributes:
        connections: accepted so far, in order.
    """

    def __init__(self, listener: Listener, on_connection: Callable[[LanConnection], object] | None) -> None:
        self.connections: list[LanConnection] = []
        self._listener = listener
        self._on_connection = on_connection
        listener.on_change(self._accept)

    def _accept(self) -> None:
        self._listener.on_change(self._accept)
        while self._listener.pending:
            stream: StreamEndpoint = self._listener.pending.popleft()
            assert isinstance(stream, TcpConnection)
            connection = LanConnection(stream)
            self.connections.append(connection)
            if self._on_connection is not None:
                self._on_connection(connection)


class LanHost:
    """A host with one interface and nobody's program in it: what clients, routers and internet hosts have in common.

    Args:
        kernel: virtual time.
        name: its host name.
        door: name of its interface, e.g. ``eth``.
        mac: 6 bytes.

    Attributes:
        name: its host name.
        stack: its IP stack.
        interface: its door to the network.
        services: what runs on it, see :mod:`simulator.lan.services`.
    """

    def __init__(self, kernel: Kernel, name: str, door: str, mac: bytes) -> None:
        self.name = name
        self.services: list[object] = []
        self.stack = IpStack(kernel, name)
        self.interface = Interface(door, self.stack, mac)
        self.interface.host_name = name
        self.stack.interfaces.append(self.interface)

    @property
    def ip(self) -> str:
        """Its address."""
        return self.interface.ip

    def connect(self, ip: str, port: int) -> LanConnection:
        """Begin a TCP connection.

        Raises:
            UsageError: not an address.
        """
        if not is_ip(ip):
            raise UsageError(f"not an IPv4 address: {ip!r}")
        stream = self.stack.connect((ip, port))
        assert stream is not None  # it always has a gateway
        return LanConnection(stream)

    def listen(self, port: int, on_connection: Callable[[LanConnection], object] | None = None) -> LanServer:
        """Accept TCP connections; ``on_connection`` is called with each.

        Raises:
            StateError: the port is in use.
        """
        if port in self.stack.listeners:
            raise StateError(f"port {port} of {self.name} is in use")
        return LanServer(self.stack.listen(port, 128), on_connection)

    def bind_udp(self, port: int) -> UdpPort:
        """Receive datagrams on a port.

        Raises:
            StateError: the port is in use.
        """
        if port in self.stack.udp:
            raise StateError(f"UDP port {port} of {self.name} is in use")
        udp = self.stack.udp[port] = UdpPort(port)
        return udp

    def send_udp(self, data: bytes, target: tuple[str, int], *, port: int) -> None:
        """Send a datagram from ``port``."""
        self.stack.transmit(Datagram((self.ip, port), target, data))


class LanClient(LanHost):
    """A host of the test on a network of the LAN, with an address from DHCP.

    When its access point is back on the air it joins again at once; it leaves the network if there is no place then.

    Attributes:
        access_point: what it has joined, None for a cable.

    Raises:
        StateError: the network has no address left, or the access point no place.
    """

    def __init__(
        self, kernel: Kernel, name: str, mac: bytes, network: Network, access_point: AccessPoint | None
    ) -> None:
        super().__init__(kernel, name, "eth" if access_point is None else "sta", mac)
        ip = network.dhcp.lease(mac)
        if ip is None:
            raise StateError(f"network {network.name} has no address left for {name}")
        if access_point is not None and not access_point.join(self.interface, lambda: None):
            raise StateError(f"access point {access_point.ssid} takes no further station")
        self.access_point = access_point
        if access_point is not None:
            access_point.on_return.append(lambda: self._come_back(access_point))
        self.interface.link(network, access_point)
        self.interface.configure(ip, network.subnet.mask, network.gateway, network.dns)

    def _come_back(self, point: AccessPoint) -> None:
        if self.interface.access_point is not point or self.interface in point.stations:
            return
        if not point.join(self.interface, lambda: None):
            self.interface.unlink()
