"""The control channel's server: loopback TCP, answered between two stretches of virtual time.

Theory of operation. Every socket is non-blocking. A client has one request under way at most; while that is so, or
while it has not taken its last reply, nothing more is read from it. So what the server holds for a client is bounded by
one line in and one reply out, and a client that neither reads nor ends costs no more than that until it is dropped.

The table of commands is imported with the first request: most runs never see one, and every start is measured.

Limits: on Windows the rights of ``control.json`` are those of its directory.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, Any, Protocol

from simulator.control import protocol
from simulator.control.address import Address, new_token, publish, withdraw
from simulator.control.protocol import BAD_COMMAND, BAD_TOKEN, FAILED, TOO_LONG, ControlError, Request
from simulator.control.simulation import Simulation
from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from simulator.control.table import Later

MAX_CLIENTS = 32
#: A client has so long to authenticate, and to take a reply.
LIMIT_S = 10.0
_RECEIVE_BYTES = 65_536
_HOST = "127.0.0.1"


class Poller(Protocol):
    """Who waits for sockets: the bridge."""

    def register(self, sock: socket.socket, callback: Callable[[], object], events: int = EVENT_READ) -> None:
        """Have ``callback`` called when the socket can be read, or written."""

    def unregister(self, sock: socket.socket) -> None:
        """Forget the socket."""


class ControlServer:
    """Listens, and answers with the commands of :data:`simulator.control.commands.TABLE`.

    Args:
        simulation: what the commands act on.
        poller: waits for the sockets.
        clock: wall clock in seconds, monotonic.

    Attributes:
        address: where it listens, and the token.
    """

    def __init__(self, simulation: Simulation, poller: Poller, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.simulation = simulation
        self.poller = poller
        self.clock = clock
        self._clients: list[_Client] = []
        self._published_in: Path | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((_HOST, 0))
        self._socket.listen(MAX_CLIENTS)
        self._socket.setblocking(False)
        self.address = Address(_HOST, self._socket.getsockname()[1], new_token(), os.getpid())
        poller.register(self._socket, self._accept)
        simulation.runner.on_turn.append(self.turn)

    def publish(self, state_dir: Path) -> None:
        """Write ``control.json``; :meth:`close` removes it.

        Raises:
            OSError: it cannot be written.
        """
        publish(state_dir, self.address)
        self._published_in = state_dir

    def close(self) -> None:
        """Close every connection, with a last try to send what waits."""
        for client in list(self._clients):
            client.flush()
            client.close()
        if self._socket.fileno() >= 0:
            self.poller.unregister(self._socket)
            self._socket.close()
        if self._published_in is not None:
            withdraw(self._published_in, self.address)
            self._published_in = None

    def turn(self) -> None:
        """Drop those who are late."""
        if self._clients:
            for client in list(self._clients):
                client.turn()

    def forget(self, client: _Client) -> None:
        """A client is gone."""
        if client in self._clients:
            self._clients.remove(client)

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:  # it left before we came
            return
        connection.setblocking(False)
        if len(self._clients) >= MAX_CLIENTS:
            connection.close()
            return
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients.append(_Client(self, connection))

    def execute(self, request: Request) -> Mapping[str, Any] | Later:
        """Run a command.

        Raises:
            ControlError: it cannot be done.
        """
        from simulator.control.commands import TABLE

        command = TABLE.get(request.cmd)
        if command is None:
            raise ControlError(BAD_COMMAND, f"no command {request.cmd[:40]!r}; there are: {', '.join(TABLE)}")
        command.check(request.args)
        try:
            return command.handler(self.simulation, request.args)
        except SimulatorError as error:
            raise ControlError(FAILED, str(error)) from None


class _Client:
    """One connection."""

    def __init__(self, server: ControlServer, connection: socket.socket) -> None:
        self._server = server
        self._socket = connection
        self._in = bytearray()
        self._out = bytearray()
        self._is_known = False
        self._is_ending = False
        self._is_busy = False
        self._events = 0
        self._since = server.clock()
        self._await(EVENT_READ)

    def turn(self) -> None:
        if (self._out or not self._is_known) and self._server.clock() - self._since > LIMIT_S:
            self.close()

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            self._await(0)
            self._socket.close()
        self._server.forget(self)

    def flush(self) -> None:
        """Send what the other side takes now."""
        try:
            while self._out:
                del self._out[: self._socket.send(self._out)]
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # gone
            self._out.clear()
            self._is_ending = True

    def _await(self, events: int) -> None:
        if events == self._events:
            return
        poller = self._server.poller
        if self._events:
            poller.unregister(self._socket)
        if events:
            poller.register(self._socket, self._receive if events == EVENT_READ else self._send_on, events)
        self._events = events

    def _send_on(self) -> None:
        self.flush()
        self._go_on()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._in += data
        self._go_on()

    def _go_on(self) -> None:
        """Answer the next line, if there is one and nothing is under way; read on if there is none."""
        while not (self._is_busy or self._out or self._is_ending):
            end = self._in.find(b"\n")
            limit = protocol.MAX_LINE_BYTES if self._is_known else protocol.MAX_GREETING_BYTES
            if end > limit or (end < 0 and len(self._in) > limit):
                self._refuse(None, ControlError(TOO_LONG, f"a line has at most {limit} bytes"), is_last=True)
            elif end < 0:
                break
            else:
                line = bytes(self._in[:end])
                del self._in[: end + 1]
                self._answer(line)
        if self._is_ending and not self._out:
            self.close()
        elif self._out:
            self._await(EVENT_WRITE)
        else:
            self._await(0 if self._is_busy else EVENT_READ)

    def _answer(self, line: bytes) -> None:
        ident: object = None
        try:
            request = protocol.parse(line)
            ident = request.ident
            outcome = self._server.execute(request) if self._is_known else self._authenticate(request)
        except ControlError as error:
            self._refuse(ident, error, is_last=not self._is_known)
            return
        if isinstance(outcome, Mapping):
            self._send(protocol.result(ident, outcome))
        else:
            self._is_busy = True
            outcome.then(lambda outcome: self._end_later(ident, outcome))

    def _authenticate(self, request: Request) -> Mapping[str, Any]:
        from hmac import compare_digest

        token = request.args.get("token")
        given = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else b""
        if request.cmd != "auth" or not compare_digest(given, self._server.address.token.encode()):
            raise ControlError(BAD_TOKEN, "the first request must be auth with the token of control.json")
        self._is_known = True
        return {}

    def _end_later(self, ident: object, outcome: Mapping[str, Any] | ControlError) -> None:
        self._is_busy = False
        if self._socket.fileno() < 0:
            return
        if isinstance(outcome, ControlError):
            self._refuse(ident, outcome)
        else:
            self._send(protocol.result(ident, outcome))
        self._go_on()

    def _refuse(self, ident: object, error: ControlError, *, is_last: bool = False) -> None:
        self._is_ending = self._is_ending or is_last
        self._send(protocol.failure(ident, error))

    def _send(self, data: bytes) -> None:
        self._since = self._server.clock()
        self._out += data
        self.flush()
