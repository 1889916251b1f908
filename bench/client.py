"""The client of the benches ``boot`` and ``shell``: the same code for the node and for its floor."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from bench.errors import BenchError

REQUEST = b"hello\n"
PROMPT = b" $  "
_RECEIVE_BYTES = 4096
_ANSWER_LIMIT_S = 10.0
#: Between two attempts to connect; a refused attempt takes about 0.03 ms.
_POLL_S = 0.001


@dataclass(frozen=True)
class Peer:
    """Who is talked to.

    Attributes:
        port: at ``host``.
        greeting: how what it sends on connect ends; empty if it sends nothing.
        ending: how its answer to :data:`REQUEST` ends.
        host: address.
    """

    port: int
    greeting: bytes = PROMPT
    ending: bytes = PROMPT
    host: str = "127.0.0.1"


class Connection:
    """One connection, greeted; a context manager.

    Raises:
        OSError: nobody listens.
        BenchError: connected, but not greeted in time.
    """

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.socket = socket.create_connection((peer.host, peer.port), timeout=_ANSWER_LIMIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        try:
            if peer.greeting:
                self._read_until(peer.greeting)
        except BenchError:
            self.socket.close()
            raise

    def exchange(self) -> None:
        """Send ``hello`` and read the whole answer.

        Raises:
            BenchError: no answer, or a wrong one.
        """
        self.send()
        answer = self._read_until(self.peer.ending)
        if not answer.startswith(b"hello"):
            raise BenchError(f"port {self.peer.port} answers hello with {answer[:80]!r}")

    def send(self) -> None:
        """Send ``hello``.

        Raises:
            BenchError: the connection is broken.
        """
        self._received = b""
        try:
            self.socket.sendall(REQUEST)
        except OSError as error:
            raise BenchError(f"port {self.peer.port} takes no command: {error}") from error

    def receive(self) -> bool:
        """Read what is there; True once the answer is complete.

        Raises:
            BenchError: the peer closed the connection, or is silent for too long.
        """
        return self._receive().endswith(self.peer.ending)

    def _receive(self) -> bytes:
        try:
            data = self.socket.recv(_RECEIVE_BYTES)
        except OSError as error:
            raise BenchError(f"port {self.peer.port}: {error}, after {self._received[:80]!r}") from error
        if not data:
            raise BenchError(f"port {self.peer.port} closed the connection after {self._received[:80]!r}")
        self._received += data
        return self._received

    def _read_until(self, ending: bytes) -> bytes:
        while not self._receive().endswith(ending):
            pass
        return self._received

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.socket.close()


def connect_when_up(peer: Peer, check_alive: Callable[[], None], *, limit_s: float) -> Connection:
    """Connect as soon as the peer listens.

    Args:
        peer: who.
        check_alive: called now and then; raises if waiting on is no use.
        limit_s: how long to try.

    Raises:
        BenchError: nobody listened within the limit.
    """
    deadline = time.perf_counter() + limit_s
    while True:
        try:
            return Connection(peer)
        except OSError as error:
            check_alive()
            if time.perf_counter() > deadline:
                raise BenchError(f"port {peer.port} does not listen after {limit_s:g} s") from error
        time.sleep(_POLL_S)


def commands_per_s(connections: list[Connection], commands_each: int) -> float:
    """Rate of answered commands with all connections at once, each with one command on its way.

    Raises:
        BenchError: an answer did not come.
    """
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        left = dict.fromkeys(range(len(connections)), commands_each)
        for number, connection in enumerate(connections):
            selector.register(connection.socket, selectors.EVENT_READ, number)
            connection.send()
        while left:
            ready = selector.select(_ANSWER_LIMIT_S)
            if not ready:
                raise BenchError(f"{len(left)} of {len(connections)} connections got no answer")
            for key, _ in ready:
                _advance(connections[key.data], key.data, left)
    return len(connections) * commands_each / (time.perf_counter() - started)


def _advance(connection: Connection, number: int, left: dict[int, int]) -> None:
    if not connection.receive():
        return
    left[number] -= 1
    if left[number]:
        connection.send()
    else:
        del left[number]
