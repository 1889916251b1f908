"""A node's part of the LAN: radio, two interfaces, IP stack.

It belongs to the silicon: it is made once per node, and every reset brings it back to its first state. After a soft
reset the radio stays joined, since MicroPython restarts only its interpreter. Source: ports/esp32/main.c,
soft_reset_exit; network_wlan.c keeps its state in static variables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from simulator.kernel import Kernel
from simulator.lan.addresses import ANY, Subnet
from simulator.lan.network import Interface, Network
from simulator.lan.stack import ESP32_TCP_MAX, IpStack
from simulator.lan.wifi import OPEN, AccessPoint, Station

if TYPE_CHECKING:
    from simulator.lan.lan import Lan

#: Name that a node calls itself until firmware sets another. Source: ports/esp32/mpconfigport.h,
#: MICROPY_PY_NETWORK_HOSTNAME_DEFAULT.
DEFAULT_HOST_NAME = "mpy-esp32"
#: Source: esp-idf esp_netif_defaults.h, ESP_NETIF soft-AP address.
AP_IP = "192.168.4.1"
_AP_SUBNET = "192.168.4.0/24"
#: machine.reset_cause() after a soft reset. Source: ports/esp32/modmachine.c.
_SOFT_RESET = 5


class Silicon(Protocol):
    """What this package needs of a machine (:class:`simulator.micropython.runtime.Machine`)."""

    name: str
    unique_id: bytes
    kernel: Kernel
    parts: dict[str, Any]
    retained: dict[str, Any]

    def at_end(self, action: Callable[[], object]) -> Callable[[], object]:
        """Call ``action`` when the life ends."""

    def record(self, source: str, what: str) -> None:
        """Put a happening into the trace."""


class SoftAp:
    """The side of a node that offers a network.

    Attributes:
        point: the access point; on the air while ``active``.
        network: what it leads to: the node and who joins it.
        interface: the node's door to it.
        settings: ``ssid``, ``password``, ``authmode``, ``channel``, ``hidden``, ``max_clients``.
    """

    def __init__(self, lan: Lan, name: str, interface: Interface) -> None:
        self._lan = lan
        self.interface = interface
        self.network = Network(
            lan.kernel, f"{name}-ap", subnet=Subnet.parse(_AP_SUBNET), gateway=AP_IP, first_lease="192.168.4.2"
        )
        lan.expose_to_faults(self.network)
        mac = interface.mac
        #: Source: esp-idf, default soft-AP name: ESP_ and the last three bytes of its MAC; channel 1, 4 stations.
        self._default_ssid = f"ESP_{mac[3:].hex().upper()}"
        self.point = AccessPoint(self.network, self._default_ssid, bssid=mac, channel=1, rssi_dbm=-40)
        self.point.is_nodes = True
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self.switch(False)
        self.settings: dict[str, Any] = {
            "ssid": self._default_ssid,
            "password": "",
            "authmode": OPEN,
            "channel": 1,
            "hidden": False,
            "max_clients": 4,
        }
        self.apply()
        self.interface.configure(AP_IP, self.network.subnet.mask, AP_IP, ANY)

    @property
    def active(self) -> bool:
        """It is on the air."""
        return self.point in self._lan.access_points

    def switch(self, on: bool) -> None:
        """Go on the air, or off it; stations lose their link then."""
        points = self._lan.access_points
        if on and self.point not in points:
            points.append(self.point)
            self._lan.faults.points_changed()
            self.point.up = True
            self.interface.link(self.network, None)
            self._lan.note(self.interface, f"offers {self.point.ssid}")
        elif not on and self.point in points:
            self.point.up = False
            points.remove(self.point)
            self.interface.unlink()
            self._lan.note(self.interface, f"no longer offers {self.point.ssid}")

    def apply(self) -> None:
        """Put the settings into force."""
        point, settings = self.point, self.settings
        point.ssid = settings["ssid"]
        point.security = settings["authmode"]
        point.password = settings["password"] if settings["authmode"] != OPEN else ""
        point.channel = settings["channel"]
        point.hidden = settings["hidden"]
        point.max_stations = settings["max_clients"]
        self._lan.faults.points_changed()


class NodeNet:
    """Radio and IP stack of one node; ``machine.parts["net"]``.

    Attributes:
        stack: TCP and UDP.
        station: joins networks.
        soft_ap: offers one.
        host_name: what it announces to DHCP and mDNS.
        country: two letters.
        started: the radio is on, as station or access point.
        radio: settings that change nothing here but can be read back.
    """

    def __init__(self, lan: Lan, machine: Silicon) -> None:
        self._lan = lan
        self._machine = machine
        mac = machine.unique_id
        self.stack = IpStack(lan.kernel, machine.name)
        self.stack.tcp_max = ESP32_TCP_MAX
        #: Source: esp-idf, MAC address: station = base, soft-AP = base + 1.
        sta = Interface("sta", self.stack, mac)
        ap = Interface("ap", self.stack, (int.from_bytes(mac, "big") + 1 & 0xFFFFFFFFFFFF).to_bytes(6, "big"))
        self.stack.interfaces += [sta, ap]
        self.host_name = DEFAULT_HOST_NAME
        self.station = Station(lan, sta)
        self.soft_ap = SoftAp(lan, machine.name, ap)
        self._reset_radio()
        machine.at_end(self._life_ended)

    def _reset_radio(self) -> None:
        self.host_name = DEFAULT_HOST_NAME
        self.country = "XX"
        self.started = False
        self.radio: dict[str, Any] = {}
        self.station.reset()
        self.soft_ap.reset()

    def _life_ended(self) -> None:
        self._machine.at_end(self._life_ended)
        # Why it ended is known only after this call, so the rest happens next, at the same time.
        kernel = self._lan.kernel
        kernel.at(kernel.now, self._settle)

    def _settle(self) -> None:
        soft = self._machine.retained.get("reset_cause") == _SOFT_RESET
        self.stack.clear(politely=soft)
        if not soft:
            self._reset_radio()

    @property
    def address(self) -> str | None:
        """Where the node is reached: as station, else as access point; None if it has no link."""
        if self.station.connected and self.station.interface.ip != ANY:
            return self.station.interface.ip
        return self.soft_ap.interface.ip if self.soft_ap.active else None

    @property
    def reachable(self) -> bool:
        """Somebody could reach the node: it has a link that works, or offers one."""
        station = self.station
        has_link = station.connected and station.interface.has_carrier and station.interface.ip != ANY
        return (self.soft_ap.active and self.soft_ap.point.up) or has_link
