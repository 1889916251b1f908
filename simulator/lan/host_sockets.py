"""Sockets of the host that the bridge listens on, and where nodes can be offered."""

from __future__ import annotations

import socket
import sys

from simulator.errors import StateError


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens, never together with another program.

    Raises:
        StateError: the port is in use, or not ours to take.
    """
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
