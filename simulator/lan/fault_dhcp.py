"""Faults of the DHCP servers. See :mod:`simulator.lan.faults` and :mod:`simulator.lan.dhcp`."""

from __future__ import annotations

from simulator.lan.faults import Fault, Param

_HOST = Param("host", "host", "only towards this host (default: all)")


class DhcpFault(Fault):
    """A fault in every DHCP server of the LAN; does nothing by itself."""

    def begin(self) -> None:
        """Look at every message from now on."""
        self.lan.faults.dhcp.append(self)

    def finish(self) -> None:
        """Look at none any longer."""
        self.lan.faults.dhcp.remove(self)

    def concerns(self, host: str) -> bool:
        """It acts towards this host."""
        return self.params["host"] in (None, host)

    def swallows(self, host: str, leased: bool) -> bool:
        """The server does not answer this message. ``leased``: the host has a lease that has not run out."""
        return False

    def moves(self, mac: bytes, host: str) -> bool:
        """The host shall get another address than it has."""
        return False

    def moved(self, mac: bytes) -> None:
        """It has got another one."""


class DhcpSilent(DhcpFault):
    """The server says nothing."""

    KIND = "dhcp_silent"
    DOC = "the DHCP server does not answer; counts messages without answer"
    PARAMS = (_HOST,)

    def swallows(self, host: str, leased: bool) -> bool:
        """See :meth:`DhcpFault.swallows`."""
        if not self.concerns(host):
            return False
        self.strike()
        return True


class DhcpExhausted(DhcpFault):
    """The server has no address left: it answers only those who hold a lease."""

    KIND = "dhcp_exhausted"
    DOC = "the DHCP server has no address left for hosts without a lease; counts requests that it leaves unanswered"
    PARAMS = (_HOST,)

    def swallows(self, host: str, leased: bool) -> bool:
        """See :meth:`DhcpFault.swallows`."""
        if leased or not self.concerns(host):
            return False
        self.strike()
        return True


class DhcpRenumber(DhcpFault):
    """The server wants each host to have another address, once; what it has is refused (NAK)."""

    KIND = "dhcp_renumber"
    DOC = "each host that has a lease gets another address when it next asks for or renews one; counts those hosts"
    PARAMS = (_HOST,)

    def begin(self) -> None:
        """See :meth:`Fault.begin`."""
        self._moved: set[bytes] = set()
        super().begin()

    def moves(self, mac: bytes, host: str) -> bool:
        """See :meth:`DhcpFault.moves`."""
        return self.concerns(host) and mac not in self._moved

    def moved(self, mac: bytes) -> None:
        """See :meth:`DhcpFault.moved`."""
        self._moved.add(mac)
        self.strike()
