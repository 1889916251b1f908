"""``WLAN.config``: the parameters of the two WiFi interfaces.

Source: ports/esp32/network_wlan.c, network_wlan_config (MicroPython 1.28); esp-idf esp_wifi.h,
esp_wifi_types_generic.h; texts of errors: ports/esp32/network_common.c, esp_exceptions_helper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.lan.host import NodeNet
from simulator.lan.wifi import CHANNELS
from simulator.micropython.errors import MicroOSError

AUTH_OPEN = 0
AUTH_WPA_PSK = 2
AUTH_WPA2_PSK = 3
AUTH_WPA_WPA2_PSK = 4

#: Source: ports/esp32/mpconfigport.h, MICROPY_PY_NETWORK_HOSTNAME_MAX_LEN.
_HOST_NAME_MAX = 32
#: Source: esp-idf esp_wifi_types_generic.h, the ESP32's soft-AP takes at most 10 stations.
_MAX_CLIENTS = 10
_PASSWORD_MIN = 8
_PASSWORD_MAX = 63
_SSID_MAX = 32
#: Settings that are kept and read back, and their first values.
_KEPT: dict[str, Any] = {"txpower": 20.0, "pm": 1, "protocol": 7, "bandwidth": 1}
_STATION, _ACCESS_POINT = True, False


def as_text(value: object) -> str:
    """A str, or bytes as such.

    Raises:
        TypeError: neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    raise TypeError(f"can't convert '{type(value).__name__}' object to str implicitly")


def as_integer(value: object) -> int:
    """An int.

    Raises:
        TypeError: something else.
    """
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    return value


def as_ssid(value: object) -> str:
    """A network's name, cut to 32 bytes as the port does."""
    return as_text(value).encode()[:_SSID_MAX].decode("utf-8", "ignore")


def as_password(value: object) -> str:
    """A password, cut to 63 characters as the port does."""
    return as_text(value)[:_PASSWORD_MAX]


def set_host_name(net: NodeNet, name: object) -> None:
    """Set what DHCP and mDNS announce from the next connect on.

    Raises:
        ValueError: longer than 32 characters.
    """
    text = as_text(name)
    if len(text) > _HOST_NAME_MAX:
        raise ValueError
    net.host_name = text


def require(is_station: bool, wanted: bool) -> None:
    """Refuse what belongs to the other interface.

    Raises:
        OSError: ``STA required`` or ``AP required``.
    """
    if is_station != wanted:
        raise MicroOSError("STA required" if wanted == _STATION else "AP required")


# --- reading --------------------------------------------------------------------------------------


def _mac(net: NodeNet, is_station: bool) -> bytes:
    return (net.station.interface if is_station else net.soft_ap.interface).mac


def _channel(net: NodeNet, is_station: bool) -> int:
    point = net.station.access_point
    return point.channel if point is not None else int(net.soft_ap.settings["channel"])


def _interface_name(net: NodeNet, is_station: bool) -> str | None:
    if is_station:
        return "st1" if net.station.active else None
    return "ap2" if net.soft_ap.active else None


#: Parameter -> interface that it belongs to (None: both), getter.
_GETTERS: dict[str, tuple[bool | None, Callable[[NodeNet, bool], Any]]] = {
    "mac": (None, _mac),
    "ssid": (None, lambda net, is_station: net.station.ssid if is_station else net.soft_ap.settings["ssid"]),
    "security": (_ACCESS_POINT, lambda net, is_station: net.soft_ap.settings["authmode"]),
    "hidden": (_ACCESS_POINT, lambda net, is_station: net.soft_ap.settings["hidden"]),
    "max_clients": (None, lambda net, is_station: net.soft_ap.settings["max_clients"]),
    "hostname": (_STATION, lambda net, is_station: net.host_name),
    "reconnects": (_STATION, lambda net, is_station: net.station.reconnects - 1),
    "channel": (None, _channel),
    "ifname": (None, _interface_name),
}
_ALIASES = {"essid": "ssid", "authmode": "security", "dhcp_hostname": "hostname", "password": "key"}


def get(net: NodeNet, is_station: bool, param: str) -> Any:
    """One parameter.

    Raises:
        ValueError: unknown.
        OSError: it belongs to the other interface.
    """
    param = _ALIASES.get(param, param)
    if param in _KEPT:
        if param == "txpower" and not net.started:
            raise MicroOSError("Wifi Not Started")
        return net.radio.get(param, _KEPT[param])
    if param not in _GETTERS:
        raise ValueError("unknown config param")
    owner, getter = _GETTERS[param]
    if owner is not None:
        require(is_station, owner)
    return getter(net, is_station)


# --- setting --------------------------------------------------------------------------------------

#: Parameter -> setting of the access point, conversion.
_AP_SETTINGS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "ssid": ("ssid", as_ssid),
    "key": ("password", as_password),
    "security": ("authmode", as_integer),
    "hidden": ("hidden", bool),
    "max_clients": ("max_clients", as_integer),
}


def put(net: NodeNet, is_station: bool, params: dict[str, Any]) -> None:
    """Set parameters; those of the access point take effect together.

    Raises:
        ValueError: unknown, or a wrong size.
        OSError: of the other interface, refused by the driver, or the interface is off.
    """
    settings = dict(net.soft_ap.settings)
    for key, value in params.items():
        _put_one(net, is_station, settings, _ALIASES.get(key, key), value)
    # The port ends with esp_wifi_set_config, which wants the interface to be on; the station is it from the start.
    is_on = net.station.active if is_station else net.soft_ap.active
    if not is_on and (not is_station or net.started):
        raise MicroOSError("Wifi Invalid Mode")
    if settings != net.soft_ap.settings:
        _check(settings)
        net.soft_ap.settings = settings
        net.soft_ap.apply()


def _put_one(net: NodeNet, is_station: bool, settings: dict[str, Any], key: str, value: Any) -> None:
    if key in _AP_SETTINGS:
        name, convert = _AP_SETTINGS[key]
        settings[name] = convert(value)
        require(is_station, _ACCESS_POINT)
    elif key == "channel":
        channel = as_integer(value)
        if not is_station:
            settings["channel"] = channel
    elif key == "mac":
        _put_mac(net, is_station, value)
    elif key == "hostname":
        set_host_name(net, value)
    elif key == "reconnects":
        count = as_integer(value)
        require(is_station, _STATION)
        net.station.reconnects = 0 if count == -1 else count + 1
    elif key == "txpower":
        net.radio[key] = int(value * 4) / 4
    elif key in _KEPT:
        net.radio[key] = as_integer(value)
    else:
        raise ValueError("unknown config param")


def _put_mac(net: NodeNet, is_station: bool, value: Any) -> None:
    mac = bytes(value)
    if len(mac) != 6:
        raise ValueError("invalid buffer length")
    if mac[0] & 1:
        raise MicroOSError("Wifi Invalid MAC Address")
    (net.station.interface if is_station else net.soft_ap.interface).mac = mac


def _check(settings: dict[str, Any]) -> None:
    """What esp_wifi_set_config refuses."""
    if not settings["ssid"]:
        raise MicroOSError("Wifi SSID Invalid")
    if settings["authmode"] != AUTH_OPEN and len(settings["password"]) < _PASSWORD_MIN:
        raise MicroOSError("Wifi Invalid Password")
    if settings["authmode"] not in (AUTH_OPEN, AUTH_WPA_PSK, AUTH_WPA2_PSK, AUTH_WPA_WPA2_PSK):
        raise NotImplementedError(f"network.WLAN.config: security {settings['authmode']} of an access point")
    if not 1 <= settings["channel"] <= CHANNELS or not 0 <= settings["max_clients"] <= _MAX_CLIENTS:
        raise RuntimeError("Wifi Unknown Error 0x0102")
