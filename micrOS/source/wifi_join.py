"""Joins one of the networks in `staessid`: looks around, connects, says what went wrong.

Nothing here is remembered between calls and nothing is logged; the caller gets texts to log.

Source: ports/esp32/network_wlan.c, for the meaning of `status()`: a reason stays until the next one, so that right
after `connect` it may be that of the attempt before; `disconnect` during an attempt makes it "idle".
"""

import asyncio
import time

import hal
import workers
from ConfigHandler import NOT_SET, cfgget
from Debug import console_write
from micropython import const

_PAUSES_MS = const((1000, 4000))       # between rounds
_SCANS = const(2)               # so often a boot looks before it believes that nothing is there
_SCAN_PAUSE_MS = const(400)
_SCAN_LIMIT_MS = const(15000)
_CONNECT_MS = const(30000)
_TOTAL_MS = const(75000)
_POLL_MS = const(100)
_STALE_MS = const(10000)        # a reason that has not changed for so long is no old one
_LET_GO_POLLS = const(10)
_RECONNECTS = const(3)          # of the port: reasons without a status of their own show when they are used up
_NOT_FOUND = const(201)
_REFUSALS = const(2)            # so often the same password is offered
_WRONG_PASSWORD = const((15, 202, 204))    # handshake time-out of the driver, authentication failed, handshake time-out
_SECURITY = const((210, 211))
_IDLE = const(1000)
_CONNECTING = const(1001)
_GOT_IP = const(1010)


class Attempt:
    """One search for a network.

    Args:
        station: the WLAN interface; it is switched on.
        rounds: int 1..3, how often networks in sight are tried.
        is_thorough: True looks twice if nothing is in sight, and also calls networks that cannot be seen;
            False calls them only if some hidden network is in sight.

    Attributes:
        problems: list of str, what went wrong, for the error log.
    """

    def __init__(self, station, rounds=1, is_thorough=False):
        self.problems = []
        self._station = station
        self._rounds = rounds
        self._is_thorough = is_thorough
        self._networks = []
        self._refusals = {}
        self._start = time.ticks_ms()

    async def run(self):
        """Join the first network that works, in the order of `staessid`; True if one has given an address.

        It takes 75 s at most, some seconds if no network is in sight. If it fails the station is idle.
        """
        self._networks = _configured(self.problems)
        if not self._networks:
            return False
        self._station.active(True)
        for attempt in range(self._rounds):
            if attempt:
                await asyncio.sleep_ms(_PAUSES_MS[attempt - 1])
            seen = await self._look(_SCANS if self._is_thorough and not attempt else 1)
            in_sight = [network for network in self._networks if network[0].encode() in seen]
            if await self._try(in_sight):
                return True
            if not [network for network in in_sight if self._may_try(network)]:
                break
        unseen = [network for network in self._networks if network not in in_sight]
        return (self._is_thorough or b'' in seen) and await self._try(unseen)

    async def _look(self, scans):
        """Return the names in sight, bytes each; hidden networks have empty ones."""
        await let_go(self._station)
        seen = []
        for scan in range(scans):
            if scan:
                await asyncio.sleep_ms(_SCAN_PAUSE_MS)
            try:
                seen = await asyncio.wait_for_ms(workers.run(_scan, self._station), _SCAN_LIMIT_MS)
            except (OSError, RuntimeError, MemoryError, asyncio.TimeoutError) as e:
                self._note('[SET STA] scan error: %s' % (str(e) or 'time-out'))
            if any(name.encode() in seen for name, _password in self._networks):
                break
        return seen

    async def _try(self, networks):
        for network in networks:
            if self._may_try(network) and await self._connect(network, min(self._left_ms(), _CONNECT_MS)):
                return True
        return False

    def _may_try(self, network):
        return self._left_ms() > 0 and self._refusals.get(network, 0) < _REFUSALS

    def _left_ms(self):
        return _TOTAL_MS - time.ticks_diff(time.ticks_ms(), self._start)

    async def _connect(self, network, limit_ms):
        console_write('[NW: STA] connecting to ' + network[0])
        try:
            status = await _connect(self._station, network, limit_ms)
        except (OSError, RuntimeError) as e:
            self._note('[SET STA] connect error: %s' % e)
            return False
        if status is None:
            return True
        if status in _WRONG_PASSWORD:
            self._refusals[network] = self._refusals.get(network, 0) + 1
            self._note('[SET STA] wrong password for ' + network[0])
        elif status in _SECURITY:
            self._note('[SET STA] %s does not take a password like this' % network[0])
        elif status in (_IDLE, _CONNECTING):
            self._refusals[network] = _REFUSALS     # it had all the time that there is
            self._note('[SET STA] %s gives no address' % network[0])
        elif status != _NOT_FOUND:
            self._note('[SET STA] %s: no connection, status %d' % (network[0], status))
        return False

    def _note(self, problem):
        if problem not in self.problems:
            self.problems.append(problem)


async def let_go(station):
    """Make a station that is joined or joining idle."""
    try:
        station.disconnect()
    except (OSError, RuntimeError):
        return      # the radio is off
    for _ in range(_LET_GO_POLLS):
        if station.status() == _IDLE:
            return
        await asyncio.sleep_ms(_POLL_MS)


async def keep_calling(station, ssid):
    """Let the port call a network until it answers.

    Args:
        ssid: str, its name; another than those configured means the first of these.
    """
    networks = _configured([])
    networks = [network for network in networks if network[0] == ssid] + networks
    await let_go(station)
    if networks:
        station.config(reconnects=-1)
        station.connect(networks[0][0], networks[0][1])


def is_configured(ssid):
    """True if staessid names this network."""
    return ssid in [network[0] for network in _configured([])]


def _configured(problems):
    """Return [(name, password)] of the networks that have both; what is missing is added to problems."""
    names = [name.strip() for name in cfgget('staessid').split(';')]
    passwords = [password.strip() for password in cfgget('stapwd').split(';')]
    for name in names[len(passwords):]:
        problems.append('[SET STA] stapwd config error: no password for ' + name)
    count = min(len(names), len(passwords))
    return [(names[i], passwords[i]) for i in range(count) if names[i] and names[i].lower() != NOT_SET]


def _scan(station):
    return [network[0] for network in station.scan()]


async def _connect(station, network, limit_ms):
    """Connect; returns None when there is an address, else the status that tells why not. The station is idle then."""
    await let_go(station)
    before = station.status()
    station.config(reconnects=_RECONNECTS)
    station.connect(network[0], network[1])
    start = time.ticks_ms()
    while True:
        await asyncio.sleep_ms(_POLL_MS)
        if hal.is_linked():
            station.config(reconnects=-1)
            return None
        status = station.status()
        passed_ms = time.ticks_diff(time.ticks_ms(), start)
        is_fresh = status != before or passed_ms > _STALE_MS
        if passed_ms > limit_ms or (is_fresh and status not in (_IDLE, _CONNECTING, _GOT_IP)):
            break
    await let_go(station)
    return status
