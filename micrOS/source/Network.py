"""WiFi: joins the user's network as a station, else offers one as an access point.

All waits are bounded and leave the loop free. What a node learns about itself (`devip`, `hwuid`) is
stored in the configuration.
"""

import asyncio
import binascii
import time

import hal
from ConfigHandler import cfgget, cfgput
from Debug import console_write, errlog_add

_ROUNDS = 3
_SCANS = 2
_SCAN_PAUSE_MS = 400
_CONNECT_MS = 30000
_POLL_MS = 100
_MAX_CLIENTS = 5
_NO_ADDRESS = ('0.0.0.0', '0.0.0.0', '0.0.0.0', '0.0.0.0')


class _State:
    """Which interface is in use."""

    def __init__(self):
        self.mode = ''
        self.interface = None


_state = _State()


async def auto_network():
    """Bring the network up as `nwmd` asks.

    Returns:
        str: `STA`, `AP`, or `` if nothing worked; the error log says why.
    """
    _store_hardware_id()
    wants_station = 'AP' not in cfgget('nwmd').upper()
    for _ in range(_ROUNDS):
        try:
            if wants_station and await set_wifi():
                return 'STA'
            if set_access_point():
                if wants_station:
                    errlog_add('[SET STA] not connected, access point instead')
                return 'AP'
        except OSError as e:
            errlog_add('auto_network error: %s' % e)
    return ''


async def set_wifi():
    """Join the first of the networks in `staessid` that is in sight; True if connected."""
    hal.access_point().active(False)
    _set_host_name()
    station = hal.station()
    station.active(True)
    if not station.isconnected():
        found = await _find_network(station)
        if found is None or not await _connect(station, *found):
            console_write('[NW: STA] not connected')
            return False
    _set_static_address(station)
    _state.mode, _state.interface = 'STA', station
    cfgput('devip', station.ifconfig()[0])
    console_write('[NW: STA] connected: %s' % (station.ifconfig(),))
    return True


def set_access_point():
    """Offer a WPA2 network named `devfid` with the password `appwd`; True if it is up."""
    name = cfgget('devfid')
    hal.station().active(False)
    try:
        hal.open_access_point(name, cfgget('appwd'), _MAX_CLIENTS)
    except (ValueError, OSError) as e:
        errlog_add('set_access_point error: %s' % e)
        return False
    _state.mode, _state.interface = 'AP', hal.access_point()
    console_write('[NW: AP] %s: %s' % (name, _state.interface.ifconfig()))
    return True


def ifconfig():
    """Return (mode, (ip, mask, gateway, dns)); mode is `STA`, `AP` or `` before set-up."""
    if _state.interface is None:
        return '', _NO_ADDRESS
    return _state.mode, tuple(_state.interface.ifconfig())


def is_connected():
    """True if the node is a station and joined to a network."""
    return _state.mode == 'STA' and _state.interface.isconnected()


def get_mac():
    """Return the MAC address of the station interface, `aa:bb:cc:dd:ee:ff`."""
    return binascii.hexlify(hal.station().config('mac'), ':').decode()


def rssi():
    """Return the signal strength of the joined network, dBm."""
    return hal.station().status('rssi')


def _store_hardware_id():
    cfgput('hwuid', 'micr' + binascii.hexlify(hal.unique_id()).decode() + 'OS')


def _set_host_name():
    try:
        hal.set_host_name(cfgget('devfid'))
    except ValueError as e:
        errlog_add('[SET STA] host name error: %s' % e)


async def _find_network(station):
    """Return (ssid, password) of the first configured network that a scan sees, or None."""
    names = [name.strip() for name in cfgget('staessid').split(';')]
    passwords = [password.strip() for password in cfgget('stapwd').split(';')]
    for attempt in range(_SCANS):
        if attempt:
            await asyncio.sleep_ms(_SCAN_PAUSE_MS)
        seen = _scan(station)
        for i, name in enumerate(names):
            if name.encode() not in seen:
                continue
            if i < len(passwords):
                return name, passwords[i]
            errlog_add('[SET STA] stapwd config error: no password for ' + name)
    return None


def _scan(station):
    try:
        return [network[0] for network in station.scan()]
    except OSError as e:
        errlog_add('[SET STA] scan error: %s' % e)
        return []


async def _connect(station, ssid, password):
    """Connect and wait for an address; False after _CONNECT_MS."""
    console_write('[NW: STA] connecting to ' + ssid)
    try:
        station.connect(ssid, password)
    except OSError as e:
        errlog_add('[SET STA] connect error: %s' % e)
        return False
    start = time.ticks_ms()
    while not station.isconnected():
        if time.ticks_diff(time.ticks_ms(), start) > _CONNECT_MS:
            station.disconnect()
            return False
        await asyncio.sleep_ms(_POLL_MS)
    return True


def _set_static_address(station):
    """Take the address that `devip` wishes, if it lies in this network."""
    wanted = cfgget('devip')
    address, mask, gateway, dns = station.ifconfig()
    if wanted == address or not is_host_in_network(wanted, mask, gateway):
        return
    try:
        station.ifconfig((wanted, mask, gateway, dns))
    except (ValueError, OSError) as e:
        errlog_add('__set_wifi_dev_static_ip error: %s' % e)


def is_host_in_network(address, mask, gateway):
    """True if address may be used by a host in the network of gateway.

    Args:
        address, mask, gateway: str, dotted IPv4; address may be any text.
    """
    address, mask, gateway = _to_int(address), _to_int(mask), _to_int(gateway)
    if address is None or not mask or gateway is None:
        return False
    host = address & ~mask & 0xffffffff
    is_special = host == 0 or host == ~mask & 0xffffffff or address == gateway
    return address & mask == gateway & mask and not is_special


def _to_int(address):
    parts = address.split('.')
    if len(parts) != 4 or not all(part.isdigit() and len(part) <= 3 and int(part) < 256 for part in parts):
        return None
    number = 0
    for part in parts:
        number = number << 8 | int(part)
    return number
