"""Looks after the network while something is to be done. Cold: loaded by `Network.keeper`, which says what for."""

import asyncio

import hal
import net_setup
import sparse_log
import static_ip
import wifi_join
from ConfigHandler import cfgget, cfgput
from micropython import const

COLD = ('net_setup', 'sparse_log', 'static_ip', 'wifi_join')
_CALM_S = const(30)         # between two looks at a link that stands
_ALERT_S = const(5)         # at one that does not
_PATIENCE_S = const(120)    # the port itself mends most losses in this time
_FALLBACK_S = const(600)    # without link until the access point opens
_STATION_PAUSE_S = const(600)      # longest pause between two searches without an access point
_FIRST_LOOK_S = const(30)   # of an access point that is a substitute
_LOOK_PAUSE_S = const(180)  # longest pause between two of its looks
_GUEST_S = const(7200)      # who has been joined to it for so long no longer puts looks off
_PROBE_S = const(600)       # between two questions whether a static address still leads to the router
_MISSES = const(3)          # answers that may fail to come
_SAVE_S = const(3600)       # `devip` is stored at most once in this time
_FAR = const(0x3fffffff)    # 34 years


async def keep(state):
    """Do what is due, until all is well.

    Args:
        state: Network.State.
    """
    keeping = Keeper(state)
    while True:
        try:
            pause_s = await keeping.step()
        except Exception as e:  # noqa: BLE001 - border: a node that stops looking for its network is lost
            sparse_log.problem(state, 'network keeper error: %s' % e)
            pause_s = _CALM_S
        if state.is_calm() and keeping.is_done():
            return
        await asyncio.sleep(pause_s)


class Keeper:
    """One care: from the moment that something is to be done until all is well."""

    def __init__(self, state):
        self._state = state
        self._station = hal.station()
        if state.kept is None:
            state.kept = [0, 0, False, 0]   # as below
            state.address = self._station.ifconfig()[0] if state.mode == 'STA' else cfgget('devip')
        self._next_probe, self._misses, self._is_unsaved, self._next_save = state.kept
        self._lost = None           # since when there has been no link
        self._is_lease_lost = False     # the link is there, but no address any more
        self._next_search = 0
        self._pause_s = 0           # until the search after the next one
        self._next_open = 0         # of an access point
        self._guests = None         # since when somebody is joined to it

    def is_done(self):
        """Note what is remembered; True if no outage goes on."""
        self._state.kept[:] = (self._next_probe, self._misses, self._is_unsaved, self._next_save)
        return self._lost is None

    async def step(self):
        """Look once and do what is due; returns the seconds until the next step."""
        state = self._state
        now = state.now()
        if not state.is_station_wished:
            if state.mode != 'AP':
                self._open(now)
            return _CALM_S
        if state.mode != 'AP' and hal.is_linked():
            await self._stay(now)
            return _CALM_S
        if self._lost is None:
            await self._lose(now)
        self._is_lease_lost = self._is_lease_lost and self._station.isconnected()
        if state.mode != 'AP' and now - self._lost >= _FALLBACK_S and self._open(now):
            self._event('[NW: STA] no connection for %d min, access point instead' % (_FALLBACK_S // 60), 'WARN')
            self._plan(now, _FIRST_LOOK_S)
        if now >= self._next_search and not self._has_guests(now):
            await self._search()
        return _ALERT_S

    def _event(self, text, level):
        sparse_log.event(self._state, text, level)

    async def _stay(self, now):
        """There is a link, perhaps again."""
        state = self._state
        if self._lost is not None:
            if not state.is_static and not self._is_lease_lost:    # a static one is settled already
                await net_setup.settle(state)
            state.mode, state.interface = 'STA', self._station
            self._event('[NW: STA] connected again after %d s' % (now - self._lost), 'INFO')
            self._lost = None
        if state.is_static and state.is_reaching and now >= self._next_probe:
            await self._probe(now)
        address = self._station.ifconfig()[0]
        if address != state.address and hal.is_linked():
            state.address = address
            self._is_unsaved = True
        if self._is_unsaved and now >= self._next_save:
            self._is_unsaved = False
            self._next_save = now + _SAVE_S
            cfgput('devip', address)
        state.look_at = min(self._next_save if self._is_unsaved else _FAR,
                            self._next_probe if state.is_static and state.is_reaching else _FAR)

    async def _probe(self, now):
        """Give a static address up when it leads nowhere any more: the network may be another one."""
        self._next_probe = now + _PROBE_S
        self._misses = 0 if await static_ip.answers(self._station.ifconfig()[2]) else self._misses + 1
        if self._misses >= _MISSES:
            self._misses = 0
            self._state.is_static = False
            self._event('[NW: STA] router out of reach, asking DHCP', 'WARN')
            await static_ip.ask_dhcp(self._station)

    async def _lose(self, now):
        """There is no link any more, or not yet."""
        state = self._state
        self._lost = now
        self._is_lease_lost = self._station.isconnected()
        self._next_open = 0
        self._plan(now, _FIRST_LOOK_S if state.mode == 'AP' else _PATIENCE_S)
        if state.mode == 'STA':
            self._event('[NW: STA] connection lost', 'WARN')
        elif not state.mode:
            await wifi_join.keep_calling(self._station, state.ssid)
        if state.is_static:        # the network may be another one when it is back
            state.is_static = False
            self._station.ifconfig('dhcp')

    def _plan(self, now, pause_s):
        self._next_search = now + pause_s
        self._pause_s = min(2 * pause_s, _LOOK_PAUSE_S if self._state.mode == 'AP' else _STATION_PAUSE_S)

    def _open(self, now):
        """Open the access point, tried once in 10 min; True if it is up."""
        if now < self._next_open:
            return False
        self._next_open = now + _FALLBACK_S
        return net_setup.set_access_point(self._state)

    def _has_guests(self, now):
        """True while a search would disturb somebody who is joined to the access point."""
        if self._state.mode != 'AP' or not hal.access_point().isconnected():
            self._guests = None
            return False
        if self._guests is None:
            self._guests = now
        return now - self._guests < _GUEST_S

    async def _search(self):
        """Try the networks; without success all is as before."""
        state = self._state
        if await net_setup.set_wifi(state):
            return
        self._plan(state.now(), self._pause_s)   # first: what follows may raise
        if state.mode == 'AP':
            hal.stop_station()
        else:
            await wifi_join.keep_calling(self._station, state.ssid)
