"""Bridge: node ports on the host's loopback, so that any real client can talk to a simulated node.

This is the only file of the simulator's network that touches host sockets and the wall clock. A connection from the
host becomes a direct endpoint of the node's listening socket: no LAN segments, no virtual latency. What comes in enters
virtual time as an event at the kernel's present time. The runner calls :meth:`Bridge.poll` and then ``kernel.run``.

Rules: a client that connects while the node does not listen, is on no network, or has no place in its backlog, is held
for up to :data:`HOLD_US` of virtual time, then closed. Each side has a bounded buffer; a full one stops the other end.
The node's reset closes its connections. A closed connection sends what it still has, then says FIN, and for up to
:data:`LINGER_S` swallows what the client still sends, so that the client can read the last words.

Example::

    bridge = Bridge(lan, kernel)
    bridge.expose(machine, 9008, host="127.0.0.1", host_port=9008)
    while running:
        bridge.poll(0.05)
        kernel.run(virtual_time_of_the_wall_clock())

Limits: TCP only; a connection that stands goes on while the node's WiFi is down; a half-close of the client counts as
end of its input, as on the LAN.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel
from simulator.lan.endpoint import Listener, StreamEndpoint

if TYPE_CHECKING:
    from simulator.lan.host import NodeNet, Silicon
    from simulator.lan.lan import Lan

RX_LIMIT = 65_536
TX_LIMIT = 65_536
HOLD_US = 15_000_000
HELD_MAX = 32
LINGER_S = 2.0
#: How often a node that listens is asked whether it is on a network by now.
_LOOK_AGAIN_US = 200_000
_CHUNK = 65_536
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class BridgedConnection(StreamEndpoint):
    """A client of the host as the node's socket sees it.

    Attributes:
        node: name of the node.
        ending: the node has closed it; what it still had to say is being sent.
    """

    __slots__ = ("_bridge", "_coming", "_events", "_name", "_net", "_out", "_sock", "_until_s", "ending", "node")

    def __init__(self, bridge: Bridge, net: NodeNet, sock: socket.socket, local: tuple[str, int], number: int) -> None:
        # The peer's real port differs from run to run; the node sees a running number instead.
        super().__init__(local, ("127.0.0.1", 0xC000 + number % 0x4000))
        self._bridge = bridge
        self._net = net
        self._sock = sock
        self.node = net.stack.name
        self._name = f"bridge.{self.node}:{local[1]}.{number}"
        self._out = bytearray()
        self._events = 0
        self._coming = 0
        self._until_s = 0.0
        self.ending = False
        self._want(_READ)

    # --- the node's side ------------------------------------------------------------------------

    @property
    def writable(self) -> bool:
        """There is room in the buffer, or an error to report."""
        return self.error is not None or len(self._out) < TX_LIMIT

    def put(self, data: bytes | bytearray | memoryview) -> int:
        """Send at once what the host takes, and buffer the rest as far as there is room."""
        if self.error is not None or self.ending:
            return 0
        sent = 0
        if not self._out:
            try:
                sent = self._sock.send(data)
            except BlockingIOError:
                pass
            except OSError:
                self._broken()
                return 0
            if sent == len(data):
                return sent
        count = min(len(data) - sent, TX_LIMIT - len(self._out))
        if count > 0:
            self._out += data[sent : sent + count]
            self._want(self._events | _WRITE)
        return sent + max(count, 0)

    def _taken(self) -> None:
        if not self._events & _READ and not self.eof and len(self.rx) + self._coming < RX_LIMIT // 2:
            self._want(self._events | _READ)

    def close(self) -> None:
        """Send what is buffered, say FIN, linger a little."""
        if self.ending:
            return
        self.ending = True
        self._bridge.connections.remove(self)
        self.rx.clear()
        self._net.stack.forget(self)
        self._until_s = monotonic() + LINGER_S
        self._bridge.lingering.append(self)
        self._finish()

    drop = close

    def _finish(self) -> None:
        if self._out:
            self._want(_READ | _WRITE)
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._shut()
            return
        if self.eof or self.error is not None:
            self._shut()
        else:
            self._want(_READ)

    # --- the host's side ------------------------------------------------------------------------

    def ready(self, mask: int) -> None:
        """The host's socket can be read or written. Called from :meth:`Bridge.poll`."""
        if mask & _READ:
            self._read()
        if mask & _WRITE and self._sock.fileno() >= 0:
            self._flush()

    def _read(self) -> None:
        try:
            data = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._broken()
            return
        if self.ending:
            if not data:
                self._shut()
            return
        self._coming += len(data)
        if not data or len(self.rx) + self._coming >= RX_LIMIT:
            self._want(self._events & ~_READ)
        kernel = self._bridge.kernel
        kernel.at(kernel.now, lambda: self._arrive(data))

    def _arrive(self, data: bytes) -> None:
        """Host bytes, or b"" for their end, now in virtual time."""
        if self.ending:
            return
        kernel = self._bridge.kernel
        kernel.trace.add(kernel.now, self._name, data.hex())
        if data:
            self._coming -= len(data)
            self.rx += data
        else:
            self.eof = True
        self.changed()

    def _flush(self) -> None:
        try:
            sent = self._sock.send(self._out)
        except BlockingIOError:
            return
        except OSError:
            self._broken()
            return
        del self._out[:sent]
        if self._out:
            return
        if self.ending:
            self._finish()
            return
        self._want(self._events & ~_WRITE)
        kernel = self._bridge.kernel
        kernel.at(kernel.now, self.changed)

    def _broken(self) -> None:
        """The client has reset the connection or is gone."""
        self._out.clear()
        self._want(0)
        if self.ending:
            self._shut()
            return
        kernel = self._bridge.kernel
        kernel.at(kernel.now, self._report_broken)

    def _report_broken(self) -> None:
        if self.error is None:
            self.error = "ECONNRESET"
            self.changed()

    def _want(self, events: int) -> None:
        if events == self._events:
            return
        selector = self._bridge.selector
        if not self._events:
            selector.register(self._sock, events, self.ready)
        elif not events:
            selector.unregister(self._sock)
        else:
            selector.modify(self._sock, events, self.ready)
        self._events = events

    def expire(self, now_s: float) -> bool:
        """End the lingering if its time is up. Returns True if it is over."""
        if now_s >= self._until_s:
            self._shut()
        return self._sock.fileno() < 0

    def _shut(self) -> None:
        self._want(0)
        self._sock.close()


class _Port:
    """One node port on the host."""

    def __init__(self, bridge: Bridge, net: NodeNet, node_port: int, sock: socket.socket) -> None:
        self._bridge = bridge
        self._net = net
        self._node_port = node_port
        self._sock = sock
        self._held: deque[tuple[int, socket.socket]] = deque()
        self._accepting = False
        self._looking = False
        self._count = 0
        self._listen_again()
        net.stack.on_listen.append(self._node_listens)

    def ready(self, mask: int) -> None:
        """Clients wait to be accepted. Called from :meth:`Bridge.poll`."""
        kernel = self._bridge.kernel
        while len(self._held) < HELD_MAX:
            try:
                client = self._sock.accept()[0]
            except OSError:  # nobody left, or the client went away meanwhile
                break
            client.setblocking(False)
            with contextlib.suppress(OSError):  # macOS, when the client is gone already
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._held.append((kernel.now + HOLD_US, client))
            kernel.at(kernel.now + HOLD_US, self._expire)
        kernel.at(kernel.now, self._hand_over)
        if len(self._held) >= HELD_MAX and self._accepting:
            self._accepting = False
            self._bridge.selector.unregister(self._sock)

    def _listen_again(self) -> None:
        if not self._accepting and self._sock.fileno() >= 0:
            self._accepting = True
            self._bridge.selector.register(self._sock, _READ, self.ready)

    def _node_listens(self, port: int) -> None:
        if port == self._node_port:
            kernel = self._bridge.kernel
            kernel.at(kernel.now, self._hand_over)

    def _hand_over(self) -> None:
        """Give held clients to the node as far as it takes them."""
        listener = self._net.stack.listeners.get(self._node_port)
        if listener is None:
            return
        if not self._net.reachable:
            self._look_again()
            return
        while self._held and not listener.full:
            self._connect(listener, self._held.popleft()[1])
        if self._held:
            listener.off_change(self._hand_over)
            listener.on_change(self._hand_over)
        else:
            self._listen_again()

    def _look_again(self) -> None:
        if self._held and not self._looking:
            self._looking = True
            self._bridge.kernel.after(_LOOK_AGAIN_US, self._looked)

    def _looked(self) -> None:
        self._looking = False
        self._hand_over()

    def _connect(self, listener: Listener, client: socket.socket) -> None:
        self._count += 1
        local = (self._net.address or "127.0.0.1", self._node_port)
        kernel = self._bridge.kernel
        kernel.trace.add(kernel.now, f"bridge.{self._net.stack.name}:{self._node_port}", f"client {self._count}")
        connection = BridgedConnection(self._bridge, self._net, client, local, self._count)
        self._bridge.connections.append(connection)
        self._net.stack.adopt(connection)
        listener.offer(connection)

    def _expire(self) -> None:
        while self._held and self._held[0][0] <= self._bridge.kernel.now:
            self._held.popleft()[1].close()
        if len(self._held) < HELD_MAX:
            self._listen_again()

    def close(self) -> None:
        """Stop listening; clients that wait are closed."""
        if self._accepting:
            self._accepting = False
            self._bridge.selector.unregister(self._sock)
        self._sock.close()
        while self._held:
            self._held.popleft()[1].close()
        self._net.stack.on_listen.remove(self._node_listens)


class Bridge:
    """Carries bytes between the host's loopback and the nodes of one LAN.

    Args:
        lan: the nodes' network.
        kernel: virtual time.

    Attributes:
        selector: what it waits on.
        connections: clients that have come through to a node, in order.
        lingering: closed connections that still send their last bytes.
    """

    def __init__(self, lan: Lan, kernel: Kernel) -> None:
        self.lan = lan
        self.kernel = kernel
        self.selector = selectors.DefaultSelector()
        self.connections: list[BridgedConnection] = []
        self.lingering: list[BridgedConnection] = []
        self._ports: list[_Port] = []
        # Windows cannot wait for nothing, and a signal handler must be able to end a wait.
        self._alarm, self._bell = socket.socketpair()
        self._alarm.setblocking(False)
        self._bell.setblocking(False)
        self.selector.register(self._alarm, _READ, self._woken)

    def expose(self, machine: Silicon, node_port: int, *, host: str = "127.0.0.1", host_port: int = 0) -> int:
        """Offer a node's TCP port on the host; returns the host's port.

        Args:
            machine: the node.
            node_port: its port.
            host: loopback address to listen on.
            host_port: port to listen on; 0 picks a free one.

        Raises:
            UsageError: ``host`` is not a loopback address.
            StateError: the port is in use.
        """
        if not host.startswith("127."):
            raise UsageError(f"{host} is not a loopback address: nodes are never offered beyond this computer")
        sock = _listening_socket(host, host_port)
        net: NodeNet = machine.parts["net"]
        self._ports.append(_Port(self, net, node_port, sock))
        port: int = sock.getsockname()[1]
        return port

    def register(self, sock: socket.socket, callback: Callable[[], object], events: int = selectors.EVENT_READ) -> None:
        """Have ``callback`` called from :meth:`poll` whenever ``sock`` is ready; for others, e.g. a control channel."""
        self.selector.register(sock, events, lambda mask: callback())

    def unregister(self, sock: socket.socket) -> None:
        """Take back :meth:`register`."""
        self.selector.unregister(sock)

    def wakeup(self) -> None:
        """End a :meth:`poll` that waits; from a signal handler or another thread."""
        with contextlib.suppress(BlockingIOError):
            self._bell.send(b"\0")

    def _woken(self, mask: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._alarm.recv(4096)

    def poll(self, timeout_s: float) -> bool:
        """Wait once, at most ``timeout_s`` seconds of wall time, and move bytes. Returns True if something happened."""
        if self.lingering:
            now_s = monotonic()
            self.lingering = [connection for connection in self.lingering if not connection.expire(now_s)]
            timeout_s = min(timeout_s, LINGER_S / 4) if self.lingering else timeout_s
        ready = self.selector.select(timeout_s)
        for key, mask in ready:
            if key.fileobj.fileno() >= 0:  # type: ignore[union-attr]  # an earlier callback may have closed it
                key.data(mask)
        return bool(ready)

    def close(self) -> None:
        """Stop offering, and close every connection; what can be sent at once is sent."""
        for port in self._ports:
            port.close()
        self._ports.clear()
        for connection in [*self.connections, *self.lingering]:
            connection.close()
            connection.expire(float("inf"))
        self.lingering.clear()
        self.selector.close()
        self._alarm.close()
        self._bell.close()


def _listening_socket(host: str, port: int) -> socket.socket:
    try:
        sock = socket.socket()
    except OSError as error:
        raise StateError(f"no socket for port {port} on {host}: {error.strerror}") from error
    try:
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # On BSD this would let us in beside a server on all addresses, so ask first whether anybody answers.
            if sys.platform != "linux" and port and _answers(host, port):
                raise OSError("somebody listens there")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise StateError(f"port {port} on {host} is in use or not ours to take: {error.strerror or error}") from error
    sock.setblocking(False)
    return sock


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((host, port)) == 0


def addresses(count: int, port: int) -> list[tuple[str, int]]:
    """Where ``count`` nodes can be offered: one loopback address each where the OS has them, else consecutive ports.

    Example::

        addresses(3, 9008)  # Linux: [("127.0.0.1", 9008), ("127.0.0.2", 9008), ("127.0.0.3", 9008)]
    """
    if count > 1 and _binds("127.0.0.2"):
        return [(f"127.0.{number // 254}.{number % 254 + 1}", port) for number in range(count)]
    return [("127.0.0.1", port + number) for number in range(count)]


def _binds(host: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
