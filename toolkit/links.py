"""Links to a node, by URL: ``open_link("tcp://192.168.1.78:9008")``.

A link carries bytes and knows time, nothing else; what the bytes mean is in ``toolkit.client``. A new kind of
link is a function in ``_OPENERS``, and every command can use it.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from typing import Protocol

from toolkit.errors import CannotConnect, ClosedEarly, LinkError, NoAnswer, UsageError

#: Ctrl-C does not interrupt a socket call on Windows, so that we wait in slices.
_SLICE_S = 0.25
_RECEIVE_SIZE = 65536


class Link(Protocol):
    """What carries bytes to a node and back. Not for use by several threads."""

    def send(self, data: bytes) -> None:
        """Send all of ``data``; LinkError if it cannot be done within the link's limit."""

    def receive(self, timeout_s: float) -> bytes | None:
        """Return what came: bytes, ``b""`` once the other side has closed, None if nothing came in time."""

    def now_s(self) -> float:
        """Return the link's clock, in seconds from any start; deadlines are counted on it."""

    def close(self) -> None:
        """Close; may be called again."""


def open_link(url: str, *, limit_s: float = 3.0) -> Link:
    """Open a link.

    Args:
        url: ``tcp://host:port``; an IPv6 host stands in brackets.
        limit_s: how long connecting, and later each send, may take.

    Raises:
        UsageError: the URL is not one we know.
        CannotConnect: nothing there, or it refuses.
        NoAnswer: no reaction within the limit.
    """
    scheme, separator, rest = url.partition("://")
    opener = _OPENERS.get(scheme)
    if not separator or opener is None:
        raise UsageError(f"{url!r}: a link is one of {', '.join(name + '://' for name in _OPENERS)}")
    return opener(rest, limit_s)


def split_address(text: str, default_port: int | None = None) -> tuple[str, int]:
    """Return (host, port) of ``host:port``, ``host`` or ``[v6]:port``.

    Raises:
        UsageError: no host, or the port is not 1..65535, or there is none and no default.
    """
    host, separator, port_text = text.rpartition(":")
    if not separator or "]" in port_text:
        host, port_text = text, "" if default_port is None else str(default_port)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port_text.isascii() and port_text.isdecimal() and 0 < int(port_text[:6]) < 65536):
        raise UsageError(f"{text!r} is no address; write HOST:PORT")
    return host, int(port_text)


class TcpLink:
    """A TCP connection. Waits are cut in slices, so that Ctrl-C works on Windows too."""

    def __init__(self, connection: socket.socket, address: str, limit_s: float) -> None:
        """Take over a connected socket; ``address`` is for error texts."""
        self._socket: socket.socket | None = connection
        self._address = address
        self._limit_s = limit_s

    def send(self, data: bytes) -> None:
        """Send all of ``data`` within the limit given at opening."""
        view, deadline = memoryview(data), self.now_s() + self._limit_s
        connection = self._open_socket()
        while view:
            connection.settimeout(_SLICE_S)
            try:
                view = view[connection.send(view) :]
            except TimeoutError:
                if self.now_s() > deadline:
                    raise NoAnswer(f"{self._address} does not take data (waited {self._limit_s:g} s)") from None
            except OSError as error:
                raise ClosedEarly(f"{self._address} closed the connection ({error.strerror or error})") from error

    def receive(self, timeout_s: float) -> bytes | None:
        """Return what came within ``timeout_s``; a reset counts as closed."""
        deadline = self.now_s() + timeout_s
        connection = self._open_socket()
        while True:
            remaining = max(deadline - self.now_s(), 0.0)
            connection.settimeout(min(_SLICE_S, remaining))
            try:
                return connection.recv(_RECEIVE_SIZE)
            except (TimeoutError, BlockingIOError):  # the latter for a time-out of 0
                if remaining <= _SLICE_S:
                    return None
            except OSError:
                return b""

    def now_s(self) -> float:
        """Return the monotonic clock."""
        return time.monotonic()

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise LinkError(f"the link to {self._address} is closed")
        return self._socket


def _open_tcp(address: str, limit_s: float) -> Link:
    host, port = split_address(address)
    deadline = time.monotonic() + limit_s
    failure: OSError | None = None
    for family, target in _resolve(host, port, limit_s):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(max(deadline - time.monotonic(), 0.05))
        try:
            connection.connect(target)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            failure = error
            continue
        return TcpLink(connection, address, limit_s)
    if isinstance(failure, TimeoutError):
        raise NoAnswer(f"{address} does not answer (waited {limit_s:g} s)") from failure
    reason = (failure.strerror or str(failure)) if failure else "no such host"
    raise CannotConnect(f"cannot connect to {address}: {reason}") from failure


def _resolve(host: str, port: int, limit_s: float) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """Return (family, address) pairs of a host; a name is looked up in a thread, as that has no limit of its own."""
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        pass
    else:
        return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]
    found: list[tuple[socket.AddressFamily, tuple[str, int]]] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend((row[0], (str(row[4][0]), port)) for row in rows)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        raise NoAnswer(f"{host}: the name service does not answer (waited {limit_s:g} s)")
    return list(found)


_OPENERS: dict[str, Callable[[str, float], Link]] = {"tcp": _open_tcp}
