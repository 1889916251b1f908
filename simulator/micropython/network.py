"""``network`` of the ESP32 port: the two WiFi interfaces.

Source: ports/esp32/network_wlan.c, network_common.c, modnetwork_globals.h, modnetwork.h (STAT_*), extmod/modnetwork.c
(MicroPython 1.28/1.29); esp-idf esp_wifi_types_generic.h, esp_wifi.h; texts of errors: esp_exceptions_helper.

Limits: no Ethernet (``LAN``, ``PHY_*``, ``ETH_*``) and no ``PPP``: the boards here have neither. ``csi_*`` is not
modelled. ``txpower``, ``pm``, ``protocol``, ``bandwidth`` and a station's ``channel`` are kept and change nothing. The
radio starts in 50 ms, an estimate.
"""

from __future__ import annotations

from typing import Any, Final

from simulator.lan.addresses import ANY, is_ip, mask_text
from simulator.lan.host import NodeNet
from simulator.lan.wifi import (
    REASON_ASSOC_LEAVE,
    REASON_AUTH_FAIL,
    REASON_AUTHMODE_THRESHOLD,
    REASON_NO_AP_FOUND,
    REASON_NO_COMPATIBLE_SECURITY,
    SCAN_US,
    Station,
)
from simulator.micropython import _netconfig
from simulator.micropython._builtin import Builtin
from simulator.micropython._net import current_thread, node_net
from simulator.micropython._netconfig import as_integer, as_password, as_ssid, as_text, require, set_host_name
from simulator.micropython.errors import MicroOSError
from simulator.micropython.runtime import Machine, running

STA_IF = 0
AP_IF = 1

MODE_11B = 1
MODE_11G = 2
MODE_11N = 4
MODE_LR = 8

AUTH_OPEN = 0
AUTH_WEP = 1
AUTH_WPA_PSK = 2
AUTH_WPA2_PSK = 3
AUTH_WPA_WPA2_PSK = 4
AUTH_WPA2_ENTERPRISE = 5
AUTH_WPA3_PSK = 6
AUTH_WPA2_WPA3_PSK = 7
AUTH_WAPI_PSK = 8
AUTH_OWE = 9
AUTH_WPA3_ENT_192 = 10
AUTH_WPA3_EXT_PSK = 11
AUTH_WPA3_EXT_PSK_MIXED_MODE = 12
AUTH_MAX = 17

STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_BEACON_TIMEOUT = 200
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_ASSOC_FAIL = 203
STAT_CONNECT_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204
STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY = 210
STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211
STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD = 212

__all__ = [name for name in dir() if name.startswith(("AUTH_", "MODE_", "STAT_")) or name.endswith("_IF")]
__all__ += ["WLAN", "country", "hostname", "ipconfig", "phy_mode"]

_CALL_US = 5
_START_US = 50_000
#: What ``status()`` tells although a connection is still wanted.
_TOLD_REASONS = (
    REASON_NO_AP_FOUND,
    REASON_NO_COMPATIBLE_SECURITY,
    REASON_AUTHMODE_THRESHOLD,
    REASON_AUTH_FAIL,
)


def _enter() -> tuple[Machine, NodeNet]:
    machine = running()
    machine.cpu.charge(_CALL_US)
    return machine, node_net(machine)


def _address(value: object) -> str:
    """A dotted address. Source: shared/netutils/netutils.c, netutils_parse_ipv4_addr."""
    text = as_text(value)
    if text == "":
        return ANY
    if not is_ip(text):
        raise ValueError("invalid arguments")
    return text


def country(code: str | None = None, /) -> str | None:
    """Get or set the two-letter country code."""
    net = _enter()[1]
    if code is None:
        return net.country
    if len(as_text(code)) != 2:
        raise ValueError
    net.country = code
    return None


def hostname(name: str | None = None, /) -> str | None:
    """Get or set the name that DHCP and mDNS announce, from the next ``connect`` on; at most 32 characters."""
    net = _enter()[1]
    if name is None:
        return net.host_name
    set_host_name(net, name)
    return None


def phy_mode(mode: int | None = None) -> None:
    """Nothing: the ESP32 port has the function and does not use it."""
    _enter()


def ipconfig(param: str | None = None, /, **params: Any) -> str | None:
    """Get (``ipconfig("dns")``) or set (``ipconfig(dns="8.8.8.8")``) what belongs to no single interface.

    Raises:
        ValueError: another parameter than ``dns``, or not an address.
    """
    net = _enter()[1]
    if not params:
        if param is None:
            raise TypeError("must query one param")
        if param != "dns":
            raise ValueError("unexpected key")
        return net.station.interface.dns
    if param is not None:
        raise TypeError("can't specify pos and kw args")
    if any(key != "dns" for key in params):
        raise ValueError("unexpected key")
    if not is_ip(as_text(params["dns"])):
        raise ValueError("invalid arguments as dns server")
    net.station.interface.dns = params["dns"]
    return None


class WLAN(metaclass=Builtin):
    """A WiFi interface: ``WLAN(WLAN.IF_STA)`` joins a network, ``WLAN(WLAN.IF_AP)`` offers one; each exists once."""

    __slots__ = ("_net", "_station")

    IF_STA: Final = 0
    IF_AP: Final = 1

    SEC_OPEN: Final = 0
    SEC_WEP: Final = 1
    SEC_WPA: Final = 2
    SEC_WPA2: Final = 3
    SEC_WPA_WPA2: Final = 4
    SEC_WPA2_ENT: Final = 5
    SEC_WPA3: Final = 6
    SEC_WPA2_WPA3: Final = 7
    SEC_WAPI: Final = 8
    SEC_OWE: Final = 9
    SEC_WPA3_ENT_192: Final = 10
    SEC_WPA3_EXT_PSK: Final = 11
    SEC_WPA3_EXT_PSK_MIXED_MODE: Final = 12
    SEC_DPP: Final = 13
    SEC_WPA3_ENT: Final = 14
    SEC_WPA2_WPA3_ENT: Final = 15
    SEC_WPA_ENT: Final = 16

    PROTOCOL_DEFAULT: Final = 7
    PROTOCOL_LR: Final = 8

    PM_NONE: Final = 0
    PM_PERFORMANCE: Final = 1
    PM_POWERSAVE: Final = 2

    BANDWIDTH_20: Final = 1
    BANDWIDTH_40: Final = 2
    BANDWIDTH_80: Final = 3
    BANDWIDTH_160: Final = 4
    BANDWIDTH_80_80: Final = 5

    _net: NodeNet
    _station: bool

    def __new__(cls, interface_id: int = 0, /) -> WLAN:
        machine, net = _enter()
        number = as_integer(interface_id)
        if number not in (STA_IF, AP_IF):
            raise ValueError("invalid WLAN interface identifier")
        interfaces = machine.state.setdefault("network", {})
        if number not in interfaces:
            interface = object.__new__(cls)
            interface._net = net
            interface._station = number == STA_IF
            interfaces[number] = interface
        found: WLAN = interfaces[number]
        return found

    def _enter(self) -> NodeNet:
        running().cpu.charge(_CALL_US)
        return self._net

    @property
    def _on(self) -> bool:
        return self._net.station.active if self._station else self._net.soft_ap.active

    def active(self, is_active: bool | int | None = None, /) -> bool:
        """Switch the interface on or off, or ask; returns whether it is on."""
        net = self._enter()
        if is_active is None or bool(is_active) == self._on:
            return self._on
        if not self._station:
            net.soft_ap.switch(bool(is_active))
        elif is_active:
            net.station.active = True
        else:
            net.station.switch_off()
        net.started = net.station.active or net.soft_ap.active
        current_thread().sleep_until(running().kernel.now + _START_US)
        return self._on

    def connect(self, ssid: str | None = None, password: str | None = None, /, *, bssid: bytes | None = None) -> None:
        """Begin to join a network, or the last one again; goes on by itself, and after failures, until ``disconnect``.

        Raises:
            OSError: the station is off, joined already or just joining.
        """
        net = self._enter()
        station = net.station
        if not net.started:
            raise MicroOSError("Wifi Not Started")
        if not station.active:
            raise MicroOSError("Wifi Invalid Mode")
        if station.busy:
            raise MicroOSError("Wifi Internal State Error")
        if station.access_point is not None:
            raise MicroOSError("Wifi Internal Error")
        if ssid is not None or password is not None or bssid is not None:
            station.ssid = as_ssid(ssid) if ssid is not None else ""
            station.password = as_password(password) if password is not None else ""
            if bssid is not None and len(bssid) != 6:
                raise ValueError
            station.bssid = bytes(bssid) if bssid is not None else None
        station.interface.host_name = net.host_name
        station.connect()

    def disconnect(self) -> None:
        """Leave the network, and stop trying to join.

        Raises:
            OSError: the radio is off.
        """
        net = self._enter()
        if not net.started:
            raise MicroOSError("Wifi Not Started")
        net.station.disconnect()

    def isconnected(self) -> bool:
        """Station: joined, and has an address. Access point: somebody has joined."""
        net = self._enter()
        return net.station.connected if self._station else bool(net.soft_ap.point.stations)

    def status(self, param: str | None = None, /) -> Any:
        """How it stands: a ``STAT_*`` number; ``"rssi"`` dBm (station); ``"stations"`` [(mac, ip)] (access point).

        Raises:
            OSError: wrong interface for the parameter, or no link to measure.
            ValueError: unknown parameter.
        """
        net = self._enter()
        if param is None:
            return _station_status(net.station) if self._station else None
        if param == "stations":
            require(self._station, False)
            return [(door.mac, None if door.ip == ANY else door.ip) for door in net.soft_ap.point.stations]
        if param == "rssi":
            require(self._station, True)
            if net.station.access_point is None:
                raise MicroOSError("Wifi Not Connected")
            return net.station.rssi(net.station.access_point)
        raise ValueError("unknown status param")

    def scan(self) -> list[tuple[bytes, bytes, int, int, int, bool]]:
        """Listen on every channel, 2 s; returns [(ssid, bssid, channel, rssi, security, hidden)], loudest first.

        The last item is always False, and a hidden network has an empty ssid, as on the port. While the station is
        joining, the list is empty.

        Raises:
            OSError: only the access point is on.
        """
        net = self._enter()
        station = net.station
        if net.soft_ap.active and not station.active:
            raise MicroOSError("STA must be active")
        if not station.active or station.busy:
            return []
        current_thread().sleep_until(running().kernel.now + SCAN_US)
        return [
            (
                b"" if point.hidden else point.ssid.encode(),
                point.bssid,
                point.channel,
                station.rssi(point),
                point.security,
                False,
            )
            for point in station.hear()
        ]

    # --- addresses ------------------------------------------------------------------------------

    def ifconfig(self, ip_mask_gateway_dns: Any = None, /) -> tuple[str, str, str, str] | None:
        """Get (ip, mask, gateway, dns), or set them; ``"dhcp"`` asks the network again.

        Raises:
            ValueError: not four addresses, or another text than ``dhcp``.
        """
        net = self._enter()
        door = net.station.interface if self._station else net.soft_ap.interface
        if ip_mask_gateway_dns is None:
            return door.ip, door.mask, door.gateway, door.dns
        if isinstance(ip_mask_gateway_dns, (tuple, list)):
            if len(ip_mask_gateway_dns) != 4:
                raise ValueError(f"requested length 4 but object has length {len(ip_mask_gateway_dns)}")
            ip, mask, gateway, dns = ip_mask_gateway_dns
            mask = mask_text(mask) if isinstance(mask, int) else _address(mask)
            self._set_addresses(_address(ip), mask, _address(gateway), _address(dns))
        elif self._station and as_text(ip_mask_gateway_dns) == "dhcp":
            net.station.use_dhcp()
        else:
            raise ValueError("invalid arguments")
        return None

    def _set_addresses(self, ip: str, mask: str, gateway: str, dns: str) -> None:
        if self._station:
            self._net.station.set_static(ip, mask, gateway, dns)
        else:
            self._net.soft_ap.interface.configure(ip, mask, gateway, dns)

    def ipconfig(self, param: str | None = None, /, **params: Any) -> Any:
        """Get one of ``dhcp4``, ``addr4``, ``gw4``, or set them by keyword.

        Raises:
            ValueError: another parameter.
            TypeError: both forms at once, or neither.
        """
        net = self._enter()
        if params:
            if param is not None:
                raise TypeError("can't specify pos and kw args")
            self._set_ipconfig(params)
            return None
        door = net.station.interface if self._station else net.soft_ap.interface
        if param is None:
            raise TypeError("must query one param")
        if param == "addr4":
            return door.ip, door.mask
        if param == "gw4":
            return door.gateway
        if param == "dhcp4" and self._station:
            return net.station.static is None
        raise ValueError("unexpected key")

    def _set_ipconfig(self, params: dict[str, Any]) -> None:
        station = self._net.station
        door = station.interface if self._station else self._net.soft_ap.interface
        ip, mask, gateway = door.ip, door.mask, door.gateway
        for key, value in params.items():
            if key == "addr4" and isinstance(value, str):
                text, _, prefix = value.partition("/")
                ip, mask = _address(text), mask_text(int(prefix)) if prefix else mask
            elif key == "addr4":
                ip, mask = _address(value[0]), _address(value[1])
            elif key == "gw4":
                gateway = _address(value)
            elif key != "dhcp4" or not self._station:
                raise ValueError("unexpected key")
        if params.keys() - {"dhcp4"}:
            self._set_addresses(ip, mask, gateway, door.dns)
        elif params["dhcp4"] and station.static is not None:
            station.use_dhcp()
        elif not params["dhcp4"] and station.static is None:
            station.set_static(door.ip, door.mask, door.gateway, door.dns)

    # --- settings -------------------------------------------------------------------------------

    def config(self, param: str | None = None, /, **params: Any) -> Any:
        """Get one parameter by name, or set several by keyword; the names are those of the port.

        Raises:
            ValueError: unknown config param.
            OSError: the parameter belongs to the other interface, or the interface is off.
        """
        net = self._enter()
        if params:
            if param is not None:
                raise TypeError("either pos or kw args are allowed")
            _netconfig.put(net, self._station, params)
            return None
        if param is None:
            raise TypeError("can query only one param")
        return _netconfig.get(net, self._station, as_text(param))

    # --- channel state information ----------------------------------------------------------------

    def csi_enable(self, buffer_size: int = 16) -> None:
        """Not modelled."""
        raise NotImplementedError("network.WLAN.csi_enable")

    def csi_disable(self) -> None:
        """Not modelled."""
        raise NotImplementedError("network.WLAN.csi_disable")

    def csi_read(self, result: Any = None) -> Any:
        """Not modelled."""
        raise NotImplementedError("network.WLAN.csi_read")

    def csi_available(self) -> int:
        """Not modelled."""
        raise NotImplementedError("network.WLAN.csi_available")

    def csi_dropped(self) -> int:
        """Not modelled."""
        raise NotImplementedError("network.WLAN.csi_dropped")


def _station_status(station: Station) -> int:
    """Source: network_wlan.c, network_wlan_status."""
    if station.connected:
        return STAT_GOT_IP
    if station.reason in _TOLD_REASONS:
        return station.reason
    if station.reason == REASON_ASSOC_LEAVE:
        return STAT_IDLE
    if station.requested and (station.reconnects == 0 or station.attempts < station.reconnects):
        return STAT_CONNECTING
    return station.reason or STAT_IDLE
