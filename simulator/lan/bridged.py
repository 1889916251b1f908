"""A client of the host as a simulated node sees it: one open connection of the bridge.

See :mod:`simulator.lan.bridge` for what it promises.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import sys
from time import monotonic
from typing import TYPE_CHECKING

from simulator.lan.endpoint import StreamEndpoint

if TYPE_CHECKING:
    from simulator.lan.bridge import Bridge
    from simulator.lan.host import NodeNet

RX_LIMIT = 65_536
TX_LIMIT = 65_536
LINGER_S = 2.0
#: How often it is asked whether a node that listens, or a connection that stalls, is reached by now.
LOOK_AGAIN_US = 200_000
_CHUNK = 65_536
#: SO_LINGER on, 0 s: close sends RST.
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def _peer_ip(sock: socket.socket) -> str:
    """The client's own loopback address, so that clients on several of them count as several peers."""
    try:
        return str(sock.getpeername()[0])
    except OSError:  # it has gone already
        return "127.0.0.1"


class BridgedConnection(StreamEndpoint):
    """A client of the host as the node's socket sees it.

    Attributes:
        node: name of the node.
        ending: the node has closed it; what it still had to say is being sent.
    """

    __slots__ = (
        "_bridge",
        "_coming",
        "_events",
        "_is_answering",
        "_is_forgotten",
        "_name",
        "_net",
        "_out",
        "_resets",
        "_sock",
        "_stalls",
        "_until_s",
        "ending",
        "node",
    )

    def __init__(self, bridge: Bridge, net: NodeNet, sock: socket.socket, local: tuple[str, int], number: int) -> None:
        # The peer's real port differs from run to run; the node sees a running number instead.
        super().__init__(local, (_peer_ip(sock), 0xC000 + number % 0x4000))
        self._bridge = bridge
        self._net = net
        self._sock = sock
        self.node = net.stack.name
        self._name = f"bridge.{self.node}:{local[1]}.{number}"
        self._out = bytearray()
        self._events = 0
        self._coming = 0
        self._until_s = 0.0
        self._stalls = False
        self._resets = False
        self._is_forgotten = self._is_answering = False
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
        if not self._out and not self._is_cut(towards_host=True):
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
            if not self._stalls:
                self._want(self._events | _WRITE)
        return sent + max(count, 0)

    def _taken(self) -> None:
        if self._stalls:
            return
        if not self._events & _READ and not self.eof and len(self.rx) + self._coming < RX_LIMIT // 2:
            self._want(self._events | _READ)

    def abort(self) -> None:
        """Reset: the node sees an error now, the client as soon as the way is free."""
        if self.ending:
            return
        self._resets = True
        if self.error is None:
            self.error = "ECONNABORTED"
        self.close()
        self.changed()

    def close(self) -> None:
        """Send what is buffered, say FIN, linger a little; all that once the way is free."""
        if self.ending:
            return
        self.ending = True
        self._bridge.connections.remove(self)
        self.rx.clear()
        self._net.stack.forget(self)
        self._until_s = monotonic() + LINGER_S
        self._bridge.lingering.append(self)
        self._finish()

    def drop(self) -> None:
        """The node has lost its memory (a hard reset, no power): it falls silent, as on a LAN.

        Nobody tells the client; what it sends next is answered by a reset, once there is somebody to answer.
        """
        if self.ending:
            return
        self.ending = self._is_forgotten = True
        self._bridge.connections.remove(self)
        self.rx.clear()
        self._net.stack.forget(self)
        self._bridge.lingering.append(self)
        self._until_s = float("inf")
        if self._out and not self._stalls:
            with contextlib.suppress(OSError):
                self._sock.send(self._out)  # was under way already
        self._out.clear()
        self._want(_READ)

    def _hear_forgotten(self) -> None:
        """The client of a node that knows nothing of it has said something, or has gone."""
        try:
            data = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._shut()
            return
        if not self._is_answering:  # what else it sends is thrown away; its end is seen
            self._is_answering = True
            self._answer_forgotten()

    def _answer_forgotten(self) -> None:
        if self._sock.fileno() < 0:
            return
        if self._bridge.reaches_both_ways(self._net):
            self._resets = True
            self._stalls = False
            self._finish()
        else:
            self._bridge.kernel.after(LOOK_AGAIN_US, self._answer_forgotten)

    def _finish(self) -> None:
        if self._stalls or self._is_cut(towards_host=True):
            self._until_s = float("inf")
            return
        if self._resets:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._shut()
            return
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

    # --- a way that is not free -----------------------------------------------------------------

    def _is_cut(self, *, towards_host: bool) -> bool:
        """Nothing gets through now in this direction; it is looked at again until it does."""
        if self._stalls:
            return True
        if self._bridge.reaches(self._net, towards_host=towards_host, count=True):
            return False
        self._stalls = True
        self._want(0)
        self._bridge.kernel.after(LOOK_AGAIN_US, self._look_again)
        return True

    def _look_again(self) -> None:
        bridge = self._bridge
        if self._sock.fileno() < 0 or self._is_forgotten:
            return
        if not bridge.reaches_both_ways(self._net):
            bridge.kernel.after(LOOK_AGAIN_US, self._look_again)
            return
        self._stalls = False
        if self.ending:
            self._until_s = monotonic() + LINGER_S
            self._finish()
            return
        if self.error is not None:
            return
        reads = not self.eof and len(self.rx) + self._coming < RX_LIMIT
        self._want((_READ if reads else 0) | (_WRITE if self._out else 0))

    # --- the host's side ------------------------------------------------------------------------

    def ready(self, mask: int) -> None:
        """The host's socket can be read or written. Called from :meth:`Bridge.poll`."""
        if self._is_forgotten:
            self._hear_forgotten()
            return
        if mask & _READ and not self._is_cut(towards_host=False):
            self._read()
        if mask & _WRITE and not self._is_cut(towards_host=True) and self._sock.fileno() >= 0:
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
