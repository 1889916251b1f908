"""DHCP: the router's server, and the client of a station.

Theory of operation. A client discovers (an offer comes back), requests what was offered (an acknowledgement), probes
the address by ARP and uses it. At half of the lease (T1) it asks for more, at 7/8 (T2) once more of anybody; when the
lease runs out (T0) or the server says no (NAK) the address is gone, and it begins anew. Without an answer it repeats.

Each message crosses the network by :meth:`~simulator.lan.network.Network.tell`, so faults lose or delay it.

Source: lwIP core/ipv4/dhcp.c; esp-idf components/lwip/port/include/lwipopts.h (v5.5): DHCP_REQUEST_TIMEOUT_SEQUENCE
0.5, 1, 2, 4, 4, … s (plain lwIP: 2, 4, 8, … s), DHCP_CALC_TIMEOUT_FROM_OFFERED_T1_RENEW 50 %, …T2_REBIND 87.5 %,
DHCP_NEXT_TIMEOUT_THRESHOLD 3 s; LWIP_DHCP_DOES_ARP_CHECK: an address is probed for 0.5 s, and declined if somebody has
it. LWIP_DHCP_RESTORE_LAST_IP is off: a client that has lost its link discovers anew.

Limits: messages are no datagrams: nobody can listen to them. One server per network. Nothing is released.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from simulator.errors import UsageError
from simulator.kernel import Event, Kernel
from simulator.lan.addresses import ip_number, ip_text

if TYPE_CHECKING:
    from simulator.lan.fault_dhcp import DhcpFault
    from simulator.lan.network import Interface, Network

Answer = TypeVar("Answer")

#: How long an offer is kept for its client. Source: dnsmasq keeps one for 60 s.
_OFFER_US = 60_000_000
_FOREVER_US = 1 << 62
PROBE_US = 500_000
#: After a decline. Source: lwIP dhcp.c, dhcp_decline.
DECLINE_US = 10_000_000
_BACKOFF_US = (500_000, 1_000_000, 2_000_000, 4_000_000)
#: Requests that are repeated so often are given up. Source: lwIP dhcp.c, dhcp_timeout.
_REQUESTS = 6
_SHORTEST_PAUSE_US = 3_000_000


class DhcpServer:
    """Gives out addresses, the same to the same MAC, in the order in which they are asked for.

    An address whose lease has run out is given to others once no fresh one is left, the one that ran out first.

    Attributes:
        leases: MAC -> address; run-out ones stay until somebody else gets the address.
        lease_s: how long a lease is good for.
        faults: what disturbs it.
    """

    def __init__(self, kernel: Kernel, network: Network, first: str) -> None:
        self._kernel = kernel
        self._network = network
        self._next = ip_number(first)
        self._last = ip_number(network.subnet.broadcast) - 1
        self._until_us: dict[bytes, int] = {}
        self._withheld = {network.gateway}
        self._left: list[str] = []  # addresses that a fault has taken from hosts
        self.leases: dict[bytes, str] = {}
        self.lease_s = 7200
        self.faults: list[DhcpFault] = []

    def lease(self, mac: bytes, host: str = "") -> str | None:
        """Discover and request in one, for hosts that just need an address; None if there is none."""
        ip = self.discover(mac, host)
        if ip is not None:
            self.request(mac, ip, host)
        return ip

    def discover(self, mac: bytes, host: str) -> str | None:
        """The address that is offered to a host; None: no answer, since none is left or a fault says so."""
        if self._swallowed(mac, host):
            return None
        self._move(mac, host)
        ip = self.leases.get(mac)
        if ip is None:
            ip = self._free()
            if ip is None:
                return None
            self._grant(mac, ip, _OFFER_US)
        return ip

    def request(self, mac: bytes, ip: str, host: str) -> bool | None:
        """A host wants this address, or to keep it: True acknowledged, False refused (NAK), None no answer."""
        if self._swallowed(mac, host):
            return None
        if self._move(mac, host) or self.leases.get(mac) != ip:
            return False
        if self._until_us[mac] != _FOREVER_US:
            self._until_us[mac] = self._kernel.now + self.lease_s * 1_000_000
        return True

    def decline(self, mac: bytes, ip: str) -> None:
        """A host has found the address in use; it is not given out again."""
        self._withheld.add(ip)
        if self.leases.get(mac) == ip:
            del self.leases[mac], self._until_us[mac]

    def reserve(self, mac: bytes, ip: str) -> None:
        """Give ``mac`` this address from now on, as a router's settings page does.

        Raises:
            UsageError: the address is outside the network or belongs to another MAC.
        """
        if not self._network.subnet.contains(ip):
            raise UsageError(f"{ip} is not in {self._network.subnet.base}/{self._network.subnet.prefix}")
        if ip in self.leases.values() and self.leases.get(mac) != ip:
            raise UsageError(f"{ip} is leased to another host")
        self.leases[mac] = ip
        self._until_us[mac] = _FOREVER_US
        self._withheld.add(ip)

    def _swallowed(self, mac: bytes, host: str) -> bool:
        leased = self._until_us.get(mac, -1) > self._kernel.now
        return any(fault.swallows(host, leased) for fault in self.faults)

    def _move(self, mac: bytes, host: str) -> bool:
        """Give the host another address if a fault says so. Returns True if it has one."""
        if not self.faults or mac not in self.leases or self._until_us[mac] == _FOREVER_US:
            return False
        movers = [fault for fault in self.faults if fault.moves(mac, host)]
        ip = self._free() if movers else None
        if ip is None:
            return False
        self._left.append(self.leases[mac])
        self._grant(mac, ip, _OFFER_US)
        for fault in movers:
            fault.moved(mac)
        return True

    def _grant(self, mac: bytes, ip: str, length_us: int) -> None:
        self.leases[mac] = ip
        self._until_us[mac] = self._kernel.now + length_us

    def _free(self) -> str | None:
        """An address that nobody has; a fresh one if there is one."""
        taken = self._network.members
        while self._next <= self._last:
            ip = ip_text(self._next)
            self._next += 1
            if ip not in taken and ip not in self._withheld:
                return ip
        for ip in self._left:
            if ip not in taken and ip not in self._withheld:
                self._left.remove(ip)
                return ip
        now_us = self._kernel.now
        over = [(t, mac) for mac, t in self._until_us.items() if t <= now_us and self.leases[mac] not in taken]
        if not over:
            return None
        mac = min(over)[1]
        del self._until_us[mac]
        return self.leases.pop(mac)


class DhcpClient:
    """Gets an address for an interface, and keeps it.

    Args:
        kernel: virtual time.
        door: the interface; its addresses are set and taken away.
        on_bound: called when it has an address.
        on_lost: called when it has lost it again.
    """

    def __init__(
        self, kernel: Kernel, door: Interface, *, on_bound: Callable[[], object], on_lost: Callable[[], object]
    ) -> None:
        self._kernel = kernel
        self._door = door
        self._on_bound = on_bound
        self._on_lost = on_lost
        self._network: Network | None = None
        self._timer: Event | None = None
        self._turn = object()
        self._tries = 0
        self._ends_us = 0
        self._rebind_us = 0

    def start(self, network: Network) -> None:
        """Ask this network for an address."""
        self.stop()
        self._network = network
        self._tries = 0
        self._discover()

    def stop(self) -> None:
        """Ask no longer, and forget the lease; the addresses stay."""
        self._network = None
        self._next_turn()

    # --- getting an address ---------------------------------------------------------------------

    def _discover(self) -> None:
        self._wait(self._backoff_us(), self._discover)
        self._ask(lambda server: server.discover(self._door.mac, self._name), self._offered)

    def _offered(self, ip: str) -> None:
        self._next_turn()
        self._tries = 0
        self._request(ip)

    def _request(self, ip: str) -> None:
        if self._tries >= _REQUESTS:
            self._again()
            return
        self._wait(self._backoff_us(), lambda: self._request(ip))
        self._ask(
            lambda server: server.request(self._door.mac, ip, self._name),
            lambda granted: self._granted(ip) if granted else self._again(),
        )

    def _again(self) -> None:
        self._next_turn()
        self._tries = 0
        self._discover()

    def _granted(self, ip: str) -> None:
        self._next_turn()
        self._note_lease()
        self._wait(PROBE_US, lambda: self._probed(ip))

    def _probed(self, ip: str) -> None:
        network = self._network
        assert network is not None
        holder = network.members.get(ip)
        if holder is not None and holder is not self._door and holder.has_carrier:
            network.tell(self._door, lambda: network.dhcp.decline(self._door.mac, ip))
            self._wait(DECLINE_US, self._again)
            return
        self._door.configure(ip, network.subnet.mask, network.gateway, network.dns)
        self._wait_for_renewal()
        self._on_bound()

    # --- keeping it -----------------------------------------------------------------------------

    def _note_lease(self) -> None:
        assert self._network is not None
        length_us = self._network.dhcp.lease_s * 1_000_000
        self._ends_us = self._kernel.now + length_us
        self._rebind_us = self._kernel.now + length_us * 7 // 8

    def _wait_for_renewal(self) -> None:
        assert self._network is not None
        half_us = self._network.dhcp.lease_s * 500_000
        self._wait(max(0, self._ends_us - half_us - self._kernel.now), self._renew)

    def _renew(self) -> None:
        now_us = self._kernel.now
        if now_us >= self._ends_us:
            self._lost()
            return
        edge_us = self._rebind_us if now_us < self._rebind_us else self._ends_us
        pause_us = max((edge_us - now_us) // 2, min(_SHORTEST_PAUSE_US, edge_us - now_us))
        self._wait(pause_us, self._renew)
        self._ask(
            lambda server: server.request(self._door.mac, self._door.ip, self._name),
            lambda granted: self._renewed() if granted else self._lost(),
        )

    def _renewed(self) -> None:
        self._next_turn()
        self._note_lease()
        self._wait_for_renewal()

    def _lost(self) -> None:
        self._next_turn()
        self._on_lost()
        if self._network is not None:
            self._again()

    # --- messages and time ----------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return self._door.stack.name

    def _backoff_us(self) -> int:
        self._tries += 1
        return _BACKOFF_US[min(self._tries, len(_BACKOFF_US)) - 1]

    def _ask(self, question: Callable[[DhcpServer], Answer | None], answered: Callable[[Answer], object]) -> None:
        """Send a question; ``answered`` gets the answer unless none comes, or we are a turn further by then."""
        network, turn = self._network, self._turn
        assert network is not None

        def back(answer: Answer) -> None:
            if self._turn is turn:
                answered(answer)

        def arrive() -> None:
            answer = question(network.dhcp)
            if answer is not None:
                network.tell(self._door, lambda: back(answer), from_router=True)

        network.tell(self._door, arrive)

    def _next_turn(self) -> None:
        """Answers to what was asked so far are too late."""
        self._turn = object()
        if self._timer is not None:
            Kernel.cancel(self._timer)
            self._timer = None

    def _wait(self, delay_us: int, action: Callable[[], object]) -> None:
        self._timer = self._kernel.after(delay_us, action)
