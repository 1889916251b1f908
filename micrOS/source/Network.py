"""WiFi: joins the user's network as a station, else offers one as an access point, and keeps it so.

Theory of operation. `auto_network` brings the network up at boot. From then on `keeper` looks after it:

    station, link there     the address is followed: `devip` is stored when it changes
    station, link lost      the port itself calls the same network; after 2 min, and again with growing pauses,
                            the node tries all its networks; after 10 min it opens its access point as well
    access point instead    looks for its networks after 30 s, 1, 2, then every 3 min, while nobody has joined it;
                            back to the station as soon as one gives an address
    access point wished     stays

All waits are bounded and leave the loop free. The error log and the configuration are written rarely, whatever the
radio does.
"""

import asyncio
import binascii

import hal
import sparse_log
import static_ip
import wifi_join
from ConfigHandler import cfgget, cfgput
from Debug import console_write, errlog_add

_ROUNDS = 3
_MAX_CLIENTS = 5
_NO_ADDRESS = ('0.0.0.0', '0.0.0.0', '0.0.0.0', '0.0.0.0')
_ERRORS = (OSError, ValueError, RuntimeError)       # of the port, from the radio

_MIN_PASSWORD, _MAX_PASSWORD = 8, 63    # of WPA2; an older configuration may have a longer one than we let users set
_CALM_S = 30                # between two looks at a link that stands
_ALERT_S = 5                # at one that does not
_PATIENCE_S = 120           # the port itself mends most losses in this time
_FALLBACK_S = 600           # without link until the access point opens
_STATION_PAUSE_S = 600      # longest pause between two searches without an access point
_FIRST_LOOK_S = 30          # of an access point that is a substitute
_LOOK_PAUSE_S = 180         # longest pause between two of its looks
_GUEST_S = 7200             # who has been joined to it for so long no longer puts looks off
_PROBE_S = 600              # between two questions whether a static address still leads to the router
_MISSES = 3                 # answers that may fail to come
_SAVE_S = 3600              # `devip` is stored at most once in this time


class _State:
    """What is known of the network."""

    def __init__(self):
        self.mode = ''
        self.is_station_wished = True   # `nwmd` as it was at boot
        self.interface = None
        self.ssid = ''          # of the network that was joined last
        self.is_static = False  # the address is not from DHCP
        self.is_reaching = False    # the router has answered through it
        self.clock = sparse_log.Clock()
        self.log = sparse_log.SparseLog(self.clock)


_state = _State()


# --- what others ask ------------------------------------------------------------------------------

def ifconfig():
    """Return (mode, (ip, mask, gateway, dns)); mode is `STA`, `AP` or `` before set-up."""
    if _state.interface is None:
        return '', _NO_ADDRESS
    return _state.mode, tuple(_state.interface.ifconfig())


def is_connected():
    """True if the node is a station, joined to a network, with an address."""
    return _state.mode == 'STA' and hal.is_linked()


def get_mac():
    """Return the MAC address of the station interface, `aa:bb:cc:dd:ee:ff`."""
    return binascii.hexlify(hal.station().config('mac'), ':').decode()


def rssi():
    """Return the signal strength of the joined network, dBm.

    Raises:
        OSError: there is none to measure; the text says why.
    """
    if _state.mode == 'AP':
        raise OSError('access point mode: no signal to measure')
    if not is_connected():
        raise OSError('not connected to a WiFi network')
    return hal.station().status('rssi')


# --- boot -----------------------------------------------------------------------------------------

async def auto_network():
    """Bring the network up as `nwmd` asks; takes 100 s at most, and some seconds if no network is in sight.

    Returns:
        str: `STA`, `AP`, or `` if nothing worked; the error log says why.
    """
    cfgput('hwuid', 'micr' + binascii.hexlify(hal.unique_id()).decode() + 'OS')
    _state.is_station_wished = 'AP' not in cfgget('nwmd').upper()
    if not _state.is_station_wished:
        return 'AP' if set_access_point() else ''
    if await set_wifi(_ROUNDS, is_thorough=True):
        if hal.is_linked():
            cfgput('devip', _state.interface.ifconfig()[0])
        return 'STA'
    if set_access_point():
        errlog_add('[SET STA] not connected, access point instead', 'WARN')
        return 'AP'
    return ''


async def set_wifi(rounds=1, is_thorough=False):
    """Join one of the networks in `staessid`; True if connected. See `wifi_join.Attempt`."""
    station = hal.station()
    try:
        _set_host_name()
        if not _is_joined(station):
            attempt = wifi_join.Attempt(station, rounds, is_thorough)
            is_joined = await attempt.run()
            for text in attempt.problems:
                _state.log.problem(text)
            if not is_joined:
                console_write('[NW: STA] not connected')
                return False
        await _settle(station)
        hal.access_point().active(False)
    except _ERRORS as e:
        _state.log.problem('[SET STA] error: %s' % e)
        return False
    _state.mode, _state.interface, _state.ssid = 'STA', station, station.config('ssid')
    console_write('[NW: STA] connected: %s' % (station.ifconfig(),))
    return True


def set_access_point():
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
        _state.log.problem('set_access_point error: %s' % e)
        return False
    _state.mode, _state.interface = 'AP', hal.access_point()
    console_write('[NW: AP] %s: %s' % (name, _state.interface.ifconfig()))
    return True


def _set_host_name():
    try:
        hal.set_host_name(cfgget('devfid'))
    except ValueError:
        _state.log.problem('[SET STA] host name error: devfid is longer than 32 characters')


def _is_joined(station):
    """True if the station is joined to one of our networks already, as after a soft reset."""
    return station.active() and hal.is_linked() and wifi_join.is_configured(station.config('ssid'))


async def _settle(station):
    """Take the address `devip` if it may be had; a failure leaves that of DHCP."""
    before = station.ifconfig()[0]
    try:
        _state.is_reaching, why_not = await static_ip.settle(station)
        if why_not:
            _state.log.problem(why_not, 'WARN')
    except _ERRORS as e:
        _state.log.problem('__set_wifi_dev_static_ip error: %s' % e)
    if station.ifconfig()[0] != before:
        _state.is_static = True


# --- afterwards -----------------------------------------------------------------------------------

async def keeper():
    """Keep the network up. Never ends."""
    keeping = Keeper()
    while True:
        try:
            pause_s = await keeping.step()
        except Exception as e:  # noqa: BLE001 - border: a node that stops looking for its network is lost
            _state.log.problem('network keeper error: %s' % e)
            pause_s = _CALM_S
        await asyncio.sleep(pause_s)


class Keeper:
    """What `keeper` remembers from one look to the next. Times are seconds of the clock."""

    def __init__(self):
        self._station = hal.station()
        self._lost = None           # since when there has been no link
        self._is_lease_lost = False     # the link is there, but no address any more
        self._next_search = 0
        self._pause_s = 0           # until the search after the next one
        self._next_open = 0         # of an access point
        self._guests = None         # since when somebody is joined to it
        self._next_probe = 0
        self._misses = 0
        self._address = self._station.ifconfig()[0] if _state.mode == 'STA' else cfgget('devip')
        self._is_unsaved = False
        self._next_save = 0

    async def step(self):
        """Look once and do what is due; returns the seconds until the next step."""
        now = _state.clock.now()
        if not _state.is_station_wished:
            if _state.mode != 'AP':
                self._open(now)
            return _CALM_S
        if _state.mode != 'AP' and hal.is_linked():
            await self._stay(now)
            return _CALM_S
        if self._lost is None:
            await self._lose(now)
        self._is_lease_lost = self._is_lease_lost and self._station.isconnected()
        if _state.mode != 'AP' and now - self._lost >= _FALLBACK_S and self._open(now):
            _state.log.event('[NW: STA] no connection for %d min, access point instead' % (_FALLBACK_S // 60), 'WARN')
            self._plan(now, _FIRST_LOOK_S)
        if now >= self._next_search and not self._has_guests(now):
            await self._search()
        return _ALERT_S

    async def _stay(self, now):
        """There is a link, perhaps again."""
        if self._lost is not None:
            if not _state.is_static and not self._is_lease_lost:    # a static one is settled already
                await _settle(self._station)
            _state.mode, _state.interface = 'STA', self._station
            _state.log.event('[NW: STA] connected again after %d s' % (now - self._lost), 'INFO')
            self._lost = None
        if _state.is_static and _state.is_reaching and now >= self._next_probe:
            await self._probe(now)
        address = self._station.ifconfig()[0]
        if address != self._address and hal.is_linked():
            self._address = address
            self._is_unsaved = True
        if self._is_unsaved and now >= self._next_save:
            self._is_unsaved = False
            self._next_save = now + _SAVE_S
            cfgput('devip', self._address)

    async def _probe(self, now):
        """Give a static address up when it leads nowhere any more: the network may be another one."""
        self._next_probe = now + _PROBE_S
        self._misses = 0 if await static_ip.answers(self._station.ifconfig()[2]) else self._misses + 1
        if self._misses >= _MISSES:
            self._misses = 0
            _state.is_static = False
            _state.log.event('[NW: STA] router out of reach, asking DHCP', 'WARN')
            await static_ip.ask_dhcp(self._station)

    async def _lose(self, now):
        """There is no link any more, or not yet."""
        self._lost = now
        self._is_lease_lost = self._station.isconnected()
        self._next_open = 0
        self._plan(now, _FIRST_LOOK_S if _state.mode == 'AP' else _PATIENCE_S)
        if _state.mode == 'STA':
            _state.log.event('[NW: STA] connection lost', 'WARN')
        elif not _state.mode:
            await wifi_join.keep_calling(self._station, _state.ssid)
        if _state.is_static:        # the network may be another one when it is back
            _state.is_static = False
            self._station.ifconfig('dhcp')

    def _plan(self, now, pause_s):
        self._next_search = now + pause_s
        self._pause_s = min(2 * pause_s, _LOOK_PAUSE_S if _state.mode == 'AP' else _STATION_PAUSE_S)

    def _open(self, now):
        """Open the access point, tried once in 10 min; True if it is up."""
        if now < self._next_open:
            return False
        self._next_open = now + _FALLBACK_S
        return set_access_point()

    def _has_guests(self, now):
        """True while a search would disturb somebody who is joined to the access point."""
        if _state.mode != 'AP' or not hal.access_point().isconnected():
            self._guests = None
            return False
        if self._guests is None:
            self._guests = now
        return now - self._guests < _GUEST_S

    async def _search(self):
        """Try the networks; without success all is as before."""
        if await set_wifi():
            return
        if _state.mode == 'AP':
            hal.stop_station()
        else:
            await wifi_join.keep_calling(self._station, _state.ssid)
        self._plan(_state.clock.now(), self._pause_s)
