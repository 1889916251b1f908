"""A client of the control channel, for tools and tests.

Example::

    with ControlClient.open(state_dir) as control:
        control.call("pins", node="node01", gpio=4, drive=1)
"""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from simulator.control import protocol
from simulator.control.address import Address, find
from simulator.control.protocol import ControlError
from simulator.errors import StateError

_RECEIVE_BYTES = 65_536


class ControlClient:
    """One authenticated connection. Not for use by several threads.

    Args:
        address: where, and with what token.
        timeout_s: how long connecting, and by default a call, may take.

    Raises:
        StateError: nobody listens there, it does not answer, or the token is not its.
    """

    def __init__(self, address: Address, *, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._received = bytearray()
        self._ident = 0
        self._where = f"the simulator at {address.host}:{address.port} (process {address.pid})"
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout_s)
        except OSError as error:
            raise StateError(f"{self._where} does not answer: {error.strerror or error}") from error
        try:
            self.call("auth", token=address.token)
        except ControlError as error:
            self.close()
            raise StateError(f"{self._where} refuses: {error.text}") from error

    @classmethod
    def open(cls, state_dir: Path, *, timeout_s: float = 10.0) -> ControlClient:
        """Connect to the simulator that runs on a state directory.

        Raises:
            StateError: none runs there.
        """
        return cls(find(state_dir), timeout_s=timeout_s)

    def call(self, cmd: str, *, timeout_s: float | None = None, **args: Any) -> dict[str, Any]:
        """Send a command with its arguments and return its result.

        Raises:
            ControlError: it was refused; ``code`` and ``text`` say why.
            StateError: the connection ended, or no answer came in time.
        """
        self._ident += 1
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        deadline = time.monotonic() + limit_s
        try:
            self._socket.settimeout(limit_s)
            self._socket.sendall(protocol.request(self._ident, cmd, args))
            answer = json.loads(self._read_line(deadline))
        except TimeoutError:
            raise StateError(f"{self._where} did not answer {cmd} (waited {limit_s:g} s)") from None
        except OSError as error:
            raise StateError(f"{self._where} ended the connection: {error.strerror or error}") from error
        if not answer["ok"]:
            raise ControlError(answer["error"]["code"], answer["error"]["text"])
        result: dict[str, Any] = answer["result"]
        return result

    def _read_line(self, deadline: float) -> bytes:
        while True:
            end = self._received.find(b"\n")
            if end >= 0:
                line = bytes(self._received[:end])
                del self._received[: end + 1]
                return line
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            data = self._socket.recv(_RECEIVE_BYTES)
            if not data:
                raise ConnectionResetError("it was closed")
            self._received += data

    def close(self) -> None:
        """Close the connection; may be called again."""
        self._socket.close()

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
