"""What a service needs of its host, and a UDP port that answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulator.errors import StateError
from simulator.lan.endpoint import Address
from simulator.lan.stack import IpStack
from simulator.lan.udp import Datagram, UdpPort


class ServiceHost(Protocol):
    """A host that services run on: a client of the LAN, a router, a host of the internet."""

    @property
    def name(self) -> str:
        """Its host name."""

    @property
    def stack(self) -> IpStack:
        """Its IP stack."""

    @property
    def services(self) -> list[object]:
        """What runs on it; each service puts itself there."""


class UdpService:
    """A UDP port with a program behind it.

    Args:
        host: where it runs.
        port: its number, None for any free one.
        handle: called with (data, sender) of each datagram.

    Raises:
        StateError: the port is in use.
    """

    def __init__(self, host: ServiceHost, port: int | None, handle: Callable[[bytes, Address], object]) -> None:
        self._stack = host.stack
        self.port = host.stack.free_port() if port is None else port
        if self.port in self._stack.udp:
            raise StateError(f"UDP port {port} of {host.name} is in use")
        host.services.append(self)
        self._handle = handle
        self._udp = self._stack.udp[self.port] = UdpPort(self.port)
        self._udp.on_change(self._receive)

    def _receive(self) -> None:
        self._udp.on_change(self._receive)
        while self._udp.received:
            self._handle(*self._udp.received.popleft())

    def send(self, data: bytes, target: Address) -> bool:
        """Send a datagram from the port; False if there is no way to ``target``."""
        door = self._stack.route(target[0])
        return door is not None and self._stack.transmit(Datagram((door.ip, self.port), target, data))
