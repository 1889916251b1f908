"""Bridge: node ports on the host's loopback, so that any real client can talk to a simulated node.

This file, :mod:`simulator.lan.bridged` and :mod:`simulator.lan.host_sockets` are the only ones of this package
that touch host sockets and the wall clock. A connection from the host becomes a direct endpoint of the node's listening
socket: no LAN segments, no virtual latency. What comes in enters virtual time as an event at the kernel's present time.
The runner calls :meth:`Bridge.poll` and then ``kernel.run``.

Rules: a client that connects while the node does not listen, is on no network, or has no place in its backlog, is held
for up to :data:`HOLD_US` of virtual time, then closed. Each side has a bounded buffer; a full one stops the other end.
A node that is reset or loses its power falls silent, as on a LAN: its clients hear nothing, and get a reset to what
they send once the node is back; after a soft reset they are told at once. A closed connection sends what it still has,
then says FIN, and for up to :data:`LINGER_S` swallows what the client still sends, so that the client can read the last
words.

While frames do not get through between node and host (no link, or a fault that cuts
:data:`~simulator.lan.faults.OUTSIDE` off), open connections stall: what the client has sent waits in its socket, what
the node has sent waits here, and both go on when the way is free. A connection whose address the node has lost is reset
towards the client as soon as the way is free.

Example::

    bridge = Bridge(lan, kernel)
    bridge.expose(machine, 9008, host="127.0.0.1", host_port=9008)
    while running:
        bridge.poll(0.05)
        kernel.run(virtual_time_of_the_wall_clock())

Limits: TCP only; a stalled connection is never given up, however long it takes; packets are the host's own, so faults
that act on single packets (loss, latency, …) do not reach them; a half-close of the client counts as end of its input,
as on the LAN.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan.bridged import LINGER_S, LOOK_AGAIN_US, RX_LIMIT, TX_LIMIT, BridgedConnection
from simulator.lan.endpoint import Listener
from simulator.lan.faults import OUTSIDE
from simulator.lan.host_sockets import addresses, listening_socket

if TYPE_CHECKING:
    from simulator.lan.host import NodeNet, Silicon
    from simulator.lan.lan import Lan

__all__ = ["LINGER_S", "RX_LIMIT", "TX_LIMIT", "Bridge", "BridgedConnection", "addresses"]

HOLD_US = 15_000_000
HELD_MAX = 32
_READ = selectors.EVENT_READ


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
            self._bridge.reaches_both_ways(self._net, count=True)
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
        if self._held and not self._bridge.reaches_both_ways(self._net):
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
            self._bridge.kernel.after(LOOK_AGAIN_US, self._looked)

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
        sock = listening_socket(host, host_port)
        net: NodeNet = machine.parts["net"]
        self._ports.append(_Port(self, net, node_port, sock))
        port: int = sock.getsockname()[1]
        return port

    def reaches(self, net: NodeNet, *, towards_host: bool, count: bool = False) -> bool:
        """Frames get through between a node and the host in this direction; a fault counts if they do not."""
        if not net.reachable:
            return False
        faults = self.lan.faults
        if not faults.in_the_air:
            return True
        ends = (net.stack.name, OUTSIDE) if towards_host else (OUTSIDE, net.stack.name)
        return not faults.cut(*ends, count=count)

    def reaches_both_ways(self, net: NodeNet, *, count: bool = False) -> bool:
        """A connection can be made, or go on."""
        return all(self.reaches(net, towards_host=way, count=count) for way in (True, False))

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
