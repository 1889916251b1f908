"""WiFi: access points, and the station that joins them.

Theory of operation of a :class:`Station`. ``connect`` begins an attempt: look for the access point, authenticate, get
an address. Each step takes its time and ends in the next one or in a *reason*, a number as ESP-IDF gives it. After a
failure, and after the loss of a link, the station tries again, as often as ``reconnects`` says, until ``disconnect``;
that is how the port's event handler does it.

Source: ports/esp32/network_wlan.c (event handler, status); esp-idf esp_wifi_types_generic.h (wifi_err_reason_t,
wifi_auth_mode_t), ESP-IDF programming guide, Wi-Fi driver: an active scan listens 120 ms on a channel, a passive one
360 ms; channels 12 and 13 are passive in the world-safe country "01"; a link without beacons is given up after 6 s.
lwIP dhcp.c: an offered address is probed for 0.5 s before use. The durations of authentication (100 ms) and of a failed
handshake (3 s) are estimates.

Limits: no roaming, no channel noise, no WPA3/WEP details: security is open or a password.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import ANY
from simulator.lan.network import Interface, Network

if TYPE_CHECKING:
    from simulator.lan.lan import Lan

OPEN, WPA2_PSK = 0, 3

REASON_ASSOC_TOOMANY = 5
REASON_ASSOC_LEAVE = 8
REASON_BEACON_TIMEOUT = 200
REASON_NO_AP_FOUND = 201
REASON_AUTH_FAIL = 202
REASON_NO_COMPATIBLE_SECURITY = 210
REASON_AUTHMODE_THRESHOLD = 211

CHANNELS = 13
_ACTIVE_US = 120_000
_PASSIVE_US = 360_000
_FIRST_PASSIVE = 12
SCAN_US = 11 * _ACTIVE_US + 2 * _PASSIVE_US
AUTH_US = 100_000
HANDSHAKE_FAIL_US = 3_000_000
DHCP_PROBE_US = 500_000
#: Discover, offer, request, acknowledge.
_DHCP_MESSAGES = 4
#: A DHCP client that gets no answer. Source: lwIP dhcp.c, back-off of 2, 4, 8… s; the port's status stays "connecting"
#: meanwhile.
DHCP_RETRY_US = 8_000_000
BEACON_LOSS_US = 6_000_000


def search_us(channel: int) -> int:
    """How long a station scans until it has heard ``channel``."""
    passive = max(0, channel - _FIRST_PASSIVE + 1)
    return (channel - passive) * _ACTIVE_US + passive * _PASSIVE_US


class AccessPoint:
    """A radio that stations join.

    Args:
        network: where it leads.
        ssid: its name, up to 32 bytes.
        password: of at least 8 characters; empty for an open one.
        bssid: its MAC, 6 bytes.
        rssi_dbm: how loud stations hear it, unless a station has its own figure for it.
        channel: 1..13.

    Attributes:
        hidden: it does not tell its name.
        max_stations: how many may join, None for any number.
        security: 0 open, 3 WPA2.
        stations: interfaces that have joined, in order.
    """

    def __init__(
        self,
        network: Network,
        ssid: str,
        password: str = "",
        *,
        bssid: bytes,
        rssi_dbm: int = -50,
        channel: int = 6,
    ) -> None:
        if not 1 <= len(ssid.encode()) <= 32:
            raise UsageError(f"an ssid has 1..32 bytes, not {ssid!r}")
        if password and len(password) < 8:
            raise UsageError("a WPA2 password has at least 8 characters")
        if not 1 <= channel <= CHANNELS:
            raise UsageError(f"no channel {channel}; there are 1..{CHANNELS}")
        self.network = network
        self.ssid = ssid
        self.password = password
        self.bssid = bssid
        self.rssi_dbm = rssi_dbm
        self.channel = channel
        self.hidden = False
        self.max_stations: int | None = None
        self.security = WPA2_PSK if password else OPEN
        self.stations: list[Interface] = []
        self._up = True
        self._losers: list[Callable[[], object]] = []

    @property
    def up(self) -> bool:
        """It is on the air. Once False, frames stop; stations notice when they have missed beacons for 6 s."""
        return self._up

    @up.setter
    def up(self, value: bool) -> None:
        if value == self._up:
            return
        self._up = value
        if not value:
            self.stations.clear()
            losers, self._losers = self._losers, []
            for loser in losers:
                loser()

    def join(self, interface: Interface, on_loss: Callable[[], object]) -> bool:
        """Take a station in; ``on_loss`` is called when the access point falls silent. False if there is no place."""
        if self.max_stations is not None and len(self.stations) >= self.max_stations:
            return False
        self.stations.append(interface)
        self._losers.append(on_loss)
        return True

    def leave(self, interface: Interface, on_loss: Callable[[], object]) -> None:
        """A station has gone."""
        if interface in self.stations:
            self.stations.remove(interface)
        if on_loss in self._losers:
            self._losers.remove(on_loss)


class Station:
    """The side of a node that joins access points.

    Args:
        lan: whose access points it hears.
        interface: what it brings onto a network.

    Attributes:
        active: the radio is on.
        requested: it is meant to be connected.
        busy: an attempt is under way.
        connected: it is joined and has an address.
        reason: why the last attempt or link ended; 0 for none.
        reconnects: attempts that are allowed, 0 for any number (the port's own form: config value plus one).
        attempts: failed attempts since ``connect``.
        static: addresses set by hand as (ip, mask, gateway, dns), None for DHCP.
        rssi_dbm: how loud it hears every access point; None takes each one's own figure.
        access_point: what it is joined to.
    """

    def __init__(self, lan: Lan, interface: Interface) -> None:
        self._lan = lan
        self._kernel: Kernel = lan.kernel
        self.interface = interface
        self.rssi_dbm: int | None = None
        self.access_point: AccessPoint | None = None
        self.static: tuple[str, str, str, str] | None = None
        self._step: object = None
        self._joined: object = None
        self.reset()

    def reset(self) -> None:
        """As after power-on: off, nothing remembered. The RSSI that a test set stays."""
        self._step = None
        self._unlink()
        self.active = False
        self.requested = False
        self.connected = False
        self.reason = 0
        self.reconnects = 0
        self.attempts = 0
        self.ssid = ""
        self.password = ""
        self.bssid: bytes | None = None
        self.static = None
        self.interface.configure(ANY, ANY, ANY, ANY)

    @property
    def busy(self) -> bool:
        """An attempt to connect is under way."""
        return self._step is not None

    def hear(self) -> list[AccessPoint]:
        """Access points on the air, loudest first, then in the order in which they were set up."""
        heard = [point for point in self._lan.access_points if point.up and point.network is not self._own_network()]
        return sorted(heard, key=lambda point: -self.rssi(point))

    def _own_network(self) -> Network | None:
        own = [door.network for door in self.interface.stack.interfaces if door is not self.interface]
        return own[0] if own else None

    def rssi(self, point: AccessPoint) -> int:
        """How loud it hears an access point, dBm."""
        return point.rssi_dbm if self.rssi_dbm is None else self.rssi_dbm

    # --- requests of the firmware ---------------------------------------------------------------

    def connect(self) -> None:
        """Begin to connect with :attr:`ssid`, :attr:`password` and :attr:`bssid`."""
        self.requested = True
        self.attempts = 0
        self._begin()

    def disconnect(self) -> None:
        """Leave, and stop trying."""
        self.requested = False
        if self.access_point is not None or self.busy:
            self.reason = REASON_ASSOC_LEAVE
        self._step = None
        self._unlink()

    def switch_off(self) -> None:
        """The radio goes off; what was requested is forgotten with the link."""
        self.active = False
        self._step = None
        self._unlink()

    def set_static(self, ip: str, mask: str, gateway: str, dns: str) -> None:
        """Use these addresses instead of DHCP's, at once if there is a link."""
        self.static = (ip, mask, gateway, dns)
        self.interface.configure(*self.static)
        if self.access_point is not None and not self.connected:
            self._got_address()

    def use_dhcp(self) -> None:
        """Ask the network for an address again."""
        self.static = None
        self.interface.configure(ANY, ANY, ANY, ANY)
        if self.access_point is not None:
            self.connected = False
            self._ask_dhcp()

    # --- an attempt -----------------------------------------------------------------------------

    def _then(self, delay_us: int, action: Callable[[], object]) -> None:
        token = self._step = object()

        def step() -> None:
            if self._step is token:
                self._step = None
                action()

        self._kernel.after(delay_us, step)

    def _begin(self) -> None:
        point = self._find()
        if point is None:
            self._then(SCAN_US, lambda: self._fail(REASON_NO_AP_FOUND))
        else:
            self._then(search_us(point.channel), lambda: self._authenticate(point))

    def _find(self) -> AccessPoint | None:
        for point in self.hear():
            if point.ssid == self.ssid and self.bssid in (None, point.bssid):
                return point
        return None

    def _authenticate(self, point: AccessPoint) -> None:
        if not point.up:
            self._fail(REASON_NO_AP_FOUND)
        elif point.password and not self.password:
            self._fail(REASON_NO_COMPATIBLE_SECURITY)
        elif self.password and not point.password:
            self._fail(REASON_AUTHMODE_THRESHOLD)
        elif point.password != self.password:
            self._then(HANDSHAKE_FAIL_US, lambda: self._fail(REASON_AUTH_FAIL))
        else:
            self._then(AUTH_US, lambda: self._associate(point))

    def _associate(self, point: AccessPoint) -> None:
        if not point.up:
            self._fail(REASON_NO_AP_FOUND)
        elif not point.join(self.interface, self._lost_link):
            self._fail(REASON_ASSOC_TOOMANY)
        else:
            self.access_point = point
            self._joined = object()
            self.interface.link(point.network, point)
            if self.static is None:
                self._ask_dhcp()
            else:
                self._got_address()

    def _ask_dhcp(self) -> None:
        assert self.access_point is not None
        network = self.access_point.network
        ip = network.dhcp.lease(self.interface.mac)
        if ip is None:
            self._then(DHCP_RETRY_US, self._ask_dhcp)
        else:
            addresses = (ip, network.subnet.mask, network.gateway, network.dns)
            delay_us = _DHCP_MESSAGES * network.latency_us + DHCP_PROBE_US
            self._then(delay_us, lambda: self._got_lease(addresses))

    def _got_lease(self, addresses: tuple[str, str, str, str]) -> None:
        self.interface.configure(*addresses)
        self._got_address()

    def _got_address(self) -> None:
        self._step = None
        self.connected = True
        self.reason = 0
        self._lan.note(self.interface, f"joined {self.ssid} as {self.interface.ip}")

    def _fail(self, reason: int) -> None:
        self._step = None
        self.reason = reason
        self._lan.note(self.interface, f"not joined, reason {reason}")
        self._try_again()

    def _try_again(self) -> None:
        if not self.requested or not self.active:
            return
        if self.reconnects:
            self.attempts += 1
            if self.attempts >= self.reconnects:
                return
        self._begin()

    def _lost_link(self) -> None:
        """The access point has fallen silent; the station notices later."""
        joined = self._joined
        self._kernel.after(BEACON_LOSS_US, lambda: self._beacons_missed(joined))

    def _beacons_missed(self, joined: object) -> None:
        if self.access_point is None or self._joined is not joined:
            return
        self._step = None
        self._unlink()
        self.reason = REASON_BEACON_TIMEOUT
        self._lan.note(self.interface, "lost its access point")
        self._try_again()

    def _unlink(self) -> None:
        point, self.access_point = self.access_point, None
        if point is not None:
            point.leave(self.interface, self._lost_link)
            self.interface.unlink()
            self._lan.note(self.interface, f"left {point.ssid}")
        self.connected = False
        if self.static is None:
            self.interface.configure(ANY, ANY, ANY, ANY)
