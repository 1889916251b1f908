"""WiFi: access points, and the station that joins them.

Theory of operation of a :class:`Station`. ``connect`` begins an attempt: look for the access point, authenticate, get
an address. Each step takes its time and ends in the next one or in a *reason*, a number as ESP-IDF gives it. After a
failure, and after the loss of a link, the station tries again, as often as ``reconnects`` says, until ``disconnect``;
that is how the port's event handler does it. Once joined, :class:`~simulator.lan.dhcp.DhcpClient` gets and keeps the
address. When it loses it (the lease has run out, the router wants another one) the link stays and it asks again;
meanwhile the address is 0.0.0.0 but ``connected`` stays true: ESP-IDF raises IP_EVENT_STA_LOST_IP, 120 s later
(ESP_NETIF_IP_LOST_TIMER_INTERVAL), and the port does not listen to it.

Source: ports/esp32/network_wlan.c (event handler, status); esp-idf esp_wifi_types_generic.h (wifi_err_reason_t,
wifi_auth_mode_t), ESP-IDF programming guide, Wi-Fi driver: an active scan listens 120 ms on a channel, a passive one
360 ms; channels 12 and 13 are passive in the world-safe country "01"; a link without beacons is given up after 6 s.
The durations of authentication (100 ms) and of a failed handshake (3 s) are estimates.

Limits: no roaming, no channel noise, no WPA3/WEP details: security is open or a password. How loud an access point is
heard (``rssi_dbm``) is only read; what a weak signal does to the link is the fault ``weak_signal``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import ANY
from simulator.lan.dhcp import DhcpClient
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
BEACON_LOSS_US = 6_000_000
#: Below this a link is lost and none begun. An estimate: ESP32 data sheet, 802.11n MCS0 is received down to -93 dBm at
#: the antenna port.
LINK_LIMIT_DBM = -92


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
        is_nodes: a node offers it.
        max_stations: how many may join, None for any number.
        security: 0 open, 3 WPA2.
        stations: interfaces that have joined, in order.
        on_return: called when it is on the air again.
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
        self.is_nodes = False
        self.on_return: list[Callable[[], object]] = []
        self._is_on = True
        self._is_silenced = False
        self._losers: list[Callable[[], object]] = []

    @property
    def up(self) -> bool:
        """It is on the air. Once False, frames stop; stations notice when they have missed beacons for 6 s.

        What is set is whether it is switched on; one that a fault silences is off the air all the same.
        """
        return self._is_on and not self._is_silenced

    @up.setter
    def up(self, value: bool) -> None:
        self._switch(value, self._is_silenced)

    @property
    def silenced(self) -> bool:
        """A fault keeps it off the air."""
        return self._is_silenced

    @silenced.setter
    def silenced(self, value: bool) -> None:
        self._switch(self._is_on, value)

    def _switch(self, is_on: bool, is_silenced: bool) -> None:
        was_up = self.up
        self._is_on, self._is_silenced = is_on, is_silenced
        if was_up and not self.up:
            self.stations.clear()
            losers, self._losers = self._losers, []
            for loser in losers:
                loser()
        elif self.up and not was_up:
            for action in list(self.on_return):
                action()

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
        self._dhcp = DhcpClient(self._kernel, interface, on_bound=self._got_address, on_lost=self._lost_address)
        lan.stations.append(self)
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
        """An attempt to connect is under way, which ends with an address."""
        return self._step is not None or (self.access_point is not None and not self.connected)

    @property
    def name(self) -> str:
        """Name of its host."""
        return self.interface.stack.name

    def hear(self) -> list[AccessPoint]:
        """Access points on the air, loudest first, then in the order in which they were set up."""
        heard = [
            point
            for point in self._lan.access_points
            if point.up and point.network is not self._own_network() and not self._too_weak(point)
        ]
        return sorted(heard, key=lambda point: -self.rssi(point))

    def _own_network(self) -> Network | None:
        own = [door.network for door in self.interface.stack.interfaces if door is not self.interface]
        return own[0] if own else None

    def rssi(self, point: AccessPoint) -> int:
        """How loud it hears an access point, dBm."""
        level = self._lan.faults.level(self.name, point.ssid)
        if level is not None:
            return level
        return point.rssi_dbm if self.rssi_dbm is None else self.rssi_dbm

    def _too_weak(self, point: AccessPoint) -> bool:
        level = self._lan.faults.level(self.name, point.ssid)
        return level is not None and level < LINK_LIMIT_DBM

    def signal_changed(self) -> None:
        """A fault has changed how loud it hears its access point."""
        if self.access_point is not None and self._too_weak(self.access_point):
            self._lost_link()

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
        self._dhcp.stop()
        self.interface.configure(*self.static)
        if self.access_point is not None and not self.connected:
            self._got_address()

    def use_dhcp(self) -> None:
        """Ask the network for an address again."""
        self.static = None
        self.interface.configure(ANY, ANY, ANY, ANY)
        if self.access_point is not None:
            self.connected = False
            self._dhcp.start(self.access_point.network)

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
            if self._wants(point):
                return point
        for point in self._lan.access_points:
            if self._wants(point):
                self._missed(point)
        return None

    def _wants(self, point: AccessPoint) -> bool:
        return point.ssid == self.ssid and self.bssid in (None, point.bssid)

    def _missed(self, point: AccessPoint) -> None:
        """It is there but cannot be heard."""
        if not point.up:
            self._lan.faults.note_missed(point)
        elif self._too_weak(point):
            self._lan.faults.note_weak(self.name, point.ssid)

    def _authenticate(self, point: AccessPoint) -> None:
        if not point.up or self._too_weak(point):
            self._missed(point)
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
        if not point.up or self._too_weak(point):
            self._missed(point)
            self._fail(REASON_NO_AP_FOUND)
        elif not point.join(self.interface, self._lost_link):
            self._fail(REASON_ASSOC_TOOMANY)
        else:
            self.access_point = point
            self._joined = object()
            self.interface.link(point.network, point)
            if self.static is None:
                self._dhcp.start(point.network)
            else:
                # It goes with the link (ESP-IDF: esp_netif_up) although it can be read all the time.
                self._got_address()

    def _got_address(self) -> None:
        self.connected = True
        self.reason = 0
        self._lan.note(self.interface, f"joined {self.ssid} as {self.interface.ip}")

    def _lost_address(self) -> None:
        self._lan.note(self.interface, f"lost its address {self.interface.ip}")
        self.interface.configure(ANY, ANY, ANY, ANY)

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
        """The access point has fallen silent, or is too weak; the station notices later."""
        joined = self._joined
        self._kernel.after(BEACON_LOSS_US, lambda: self._beacons_missed(joined))

    def _beacons_missed(self, joined: object) -> None:
        point = self.access_point
        if point is None or self._joined is not joined:
            return
        if self.interface in point.stations:
            if not self._too_weak(point):
                return
            self._lan.faults.note_weak(self.name, point.ssid)
        self._step = None
        self._unlink()
        self.reason = REASON_BEACON_TIMEOUT
        self._lan.note(self.interface, "lost its access point")
        self._try_again()

    def _unlink(self) -> None:
        point, self.access_point = self.access_point, None
        self._dhcp.stop()
        if point is not None:
            point.leave(self.interface, self._lost_link)
            self.interface.unlink()
            # Static addresses stay readable, but their connections end too. Source: esp_netif_lwip.c, esp_netif_down.
            self.interface.stack.lose_address(self.interface.ip)
            self._lan.note(self.interface, f"left {point.ssid}")
        self.connected = False
        if self.static is None:
            self.interface.configure(ANY, ANY, ANY, ANY)
