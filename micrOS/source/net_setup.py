"""Brings the network up: station or access point. Cold: loaded for a set-up, see `Network`."""

import binascii

import hal
import sparse_log
import static_ip
import wifi_join
from ConfigHandler import cfgget, cfgput
from Debug import console_write, errlog_add
from micropython import const

COLD = ('sparse_log', 'static_ip', 'wifi_join')
_ROUNDS = const(3)
_MAX_CLIENTS = const(5)
_FAR = const(0x3fffffff)        # 34 years
_ERRORS = (OSError, ValueError, RuntimeError)       # of the port, from the radio
_MIN_PASSWORD = const(8)    # of WPA2; an older configuration may have a longer one than we let users set
_MAX_PASSWORD = const(63)


async def auto_network(state):
    """See `Network.auto_network`."""
    cfgput('hwuid', 'micr' + binascii.hexlify(hal.unique_id()).decode() + 'OS')
    state.is_station_wished = 'AP' not in cfgget('nwmd').upper()
    if not state.is_station_wished:
        return 'AP' if set_access_point(state) else ''
    if await set_wifi(state, _ROUNDS, is_thorough=True):
        if hal.is_linked():
            state.address = state.interface.ifconfig()[0]
            cfgput('devip', state.address)
            if not state.is_static:     # nothing to look after: `net_keeper` need not be loaded
                state.kept = [0, 0, False, 0]
                state.look_at = _FAR
        return 'STA'
    if set_access_point(state):
        errlog_add('[SET STA] not connected, access point instead', 'WARN')
        return 'AP'
    return ''


async def set_wifi(state, rounds=1, is_thorough=False):
    """Join one of the networks in `staessid`; True if connected. See `wifi_join.Attempt`."""
    station = hal.station()
    try:
        _set_host_name(state)
        if not (station.active() and hal.is_linked() and wifi_join.is_configured(station.config('ssid'))):
            attempt = wifi_join.Attempt(station, rounds, is_thorough)
            is_joined = await attempt.run()
            for text in attempt.problems:
                sparse_log.problem(state, text)
            if not is_joined:
                console_write('[NW: STA] not connected')
                return False
        await settle(state)
        hal.access_point().active(False)
    except _ERRORS as e:
        sparse_log.problem(state, '[SET STA] error: %s' % e)
        return False
    state.mode, state.interface, state.ssid = 'STA', station, station.config('ssid')
    console_write('[NW: STA] connected: %s' % (station.ifconfig(),))
    return True


def set_access_point(state):
    """Offer a WPA2 network named `devfid` with the password `appwd` instead of being a station; True if it is up.

    Without a valid password there is none: a network without password would be worse.
    """
    name, password = cfgget('devfid'), cfgget('appwd')
    try:
        if not _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD or len(password.encode()) != len(password):
            raise ValueError('appwd: %d..%d ASCII characters expected' % (_MIN_PASSWORD, _MAX_PASSWORD))
        hal.open_access_point(name, password, _MAX_CLIENTS)
        hal.stop_station()
    except _ERRORS as e:
        sparse_log.problem(state, 'set_access_point error: %s' % e)
        return False
    state.mode, state.interface = 'AP', hal.access_point()
    console_write('[NW: AP] %s: %s' % (name, state.interface.ifconfig()))
    return True


def _set_host_name(state):
    try:
        hal.set_host_name(cfgget('devfid'))
    except ValueError:
        sparse_log.problem(state, '[SET STA] host name error: devfid is longer than 32 characters')


async def settle(state):
    """Take the address `devip` if it may be had; a failure leaves that of DHCP."""
    station = hal.station()
    before = station.ifconfig()[0]
    try:
        state.is_reaching, why_not = await static_ip.settle(station)
        if why_not:
            sparse_log.problem(state, why_not, 'WARN')
    except _ERRORS as e:
        sparse_log.problem(state, '__set_wifi_dev_static_ip error: %s' % e)
    if station.ifconfig()[0] != before:
        state.is_static = True
