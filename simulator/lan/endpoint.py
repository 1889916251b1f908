"""What a socket sees of a connection, whatever carries it: LAN segments or the bridge to the host.

A :class:`StreamEndpoint` is the node's end of a byte stream. :class:`simulator.lan.tcp.TcpConnection` carries it in
segments over the LAN, :class:`simulator.lan.bridge.BridgedConnection` through a socket of the host. Errors are named by
their errno symbol, since numbers belong to the port.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

Address = tuple[str, int]


class Waitable:
    """Something that others wait for; they are told once, then must ask again."""

    __slots__ = ("_waiters",)

    def __init__(self) -> None:
        self._waiters: list[Callable[[], object]] = []

    def on_change(self, callback: Callable[[], object]) -> None:
        """Have ``callback`` called once, at the next change; it must be cheap and must not block."""
        self._waiters.append(callback)

    def off_change(self, callback: Callable[[], object]) -> None:
        """Take a callback back; nothing happens if it was called already."""
        if callback in self._waiters:
            self._waiters.remove(callback)

    def changed(self) -> None:
        """Tell everybody who waits."""
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                waiter()


class StreamEndpoint(Waitable):
    """One end of a byte stream.

    Attributes:
        local: own address.
        peer: the other side's address.
        rx: bytes that have come and were not read.
        eof: the other side has said that nothing more comes.
        error: errno symbol of what ended the stream, None while it is well.
        connecting: it is not open yet.
    """

    __slots__ = ("connecting", "eof", "error", "local", "peer", "rx")

    def __init__(self, local: Address, peer: Address) -> None:
        super().__init__()
        self.local = local
        self.peer = peer
        self.rx = bytearray()
        self.eof = False
        self.error: str | None = None
        self.connecting = False

    @property
    def readable(self) -> bool:
        """A read would not wait: there is data, the end, or an error."""
        return bool(self.rx) or self.eof or self.error is not None

    @property
    def writable(self) -> bool:
        """A write would not wait: there is room enough, or an error."""
        raise NotImplementedError

    def take(self, count: int) -> bytes:
        """Read up to ``count`` bytes of what has come; b"" if there is nothing."""
        rx = self.rx
        if count >= len(rx):
            data = bytes(rx)
            rx.clear()
        else:
            data = bytes(rx[:count])
            del rx[:count]
        if data:
            self._taken()
        return data

    def _taken(self) -> None:
        """Room was made in ``rx``."""
        raise NotImplementedError

    def put(self, data: bytes | bytearray | memoryview) -> int:
        """Hand bytes over for sending; returns how many were accepted, 0 if there is no room now."""
        raise NotImplementedError

    def close(self) -> None:
        """Send what was accepted, then say that nothing more comes. What still arrives is thrown away."""
        raise NotImplementedError

    def abort(self) -> None:
        """Reset: both sides see an error, the other one as soon as it can be told."""
        raise NotImplementedError

    def drop(self) -> None:
        """This end ceases to exist, without a word to the other side (a LAN peer) or with a close (the bridge)."""
        raise NotImplementedError


class Listener(Waitable):
    """A port that accepts streams.

    Attributes:
        port: its number.
        backlog: how many streams may wait to be accepted. Source: lwIP tcp.c, a backlog of 0 counts as 1.
        pending: streams that wait to be accepted.
    """

    __slots__ = ("backlog", "opening", "pending", "port")

    def __init__(self, port: int, backlog: int) -> None:
        super().__init__()
        self.port = port
        self.backlog = max(1, backlog)
        self.pending: deque[StreamEndpoint] = deque()
        self.opening = 0

    @property
    def full(self) -> bool:
        """No further stream may wait; counts those whose handshake is under way."""
        return len(self.pending) + self.opening >= self.backlog

    def offer(self, endpoint: StreamEndpoint) -> None:
        """Put an open stream into the queue; the caller has looked at :attr:`full`."""
        self.pending.append(endpoint)
        self.changed()

    def pop(self) -> StreamEndpoint | None:
        """The oldest stream that waits, None if there is none."""
        if not self.pending:
            return None
        endpoint = self.pending.popleft()
        self.changed()
        return endpoint
