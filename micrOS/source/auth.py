"""Who may log in: wrong passwords cost time, ten in a row lock the peer out.

A peer is a network address; all its sessions share one account, so that sessions side by side gain
nothing. The first wrong password is answered at once, the next after 0.5, 1, 2, 4, 8, 8 ... seconds.
At the tenth the peer is locked out, 5 minutes at first, twice as long each further time, an hour at
most: meanwhile even the right password is refused, without a look at it. The right password settles
the account, and an hour without wrong ones does.

The table is bounded. If all its places are taken by peers that are locked out, the peers that have
none share one account. What is known of peers is lost at a restart.
"""

import asyncio
import time

from ConfigHandler import cfgget
from Debug import errlog_add
from micropython import const

MAX_WRONG = 10
_DELAY_MS = const(500)
_MAX_DELAY_MS = const(8000)
_LOCK_MS = const(300000)
_MAX_LOCK_MS = const(3600000)
_FORGET_MS = const(3600000)
_MAX_PEERS = const(32)
_MAX_WAITING = const(3)    # sessions of a peer that wait for the answer to a wrong password


class _Account:
    """The wrong passwords of a peer."""

    def __init__(self):
        self.wrong = 0          # in a row, since the last lock-out
        self.locks = 0          # in a row
        self.lock_ms = 0        # length of the lock-out that began at `since`; 0: the last event was none
        self.since = 0          # ticks of the last wrong password that counted
        self.waiting = 0

    def locked_ms(self, now):
        """Return how long the lock-out still lasts, 0 if there is none."""
        age_ms = time.ticks_diff(now, self.since)
        return self.lock_ms - age_ms if 0 <= age_ms < self.lock_ms else 0

    def is_stale(self, now):
        """True if it is time to forget; an age below 0 is one beyond the range of ticks_diff."""
        age_ms = time.ticks_diff(now, self.since)
        return not self.waiting and not 0 <= age_ms < self.lock_ms + _FORGET_MS

    def is_needed(self, now):
        """True if forgetting it would help an attacker at once."""
        return self.waiting or self.locked_ms(now)

    def add_wrong(self, now):
        """Count a wrong password; returns ms to wait before it is answered, 0 when it locks the peer out."""
        self.wrong += 1
        self.since = now
        self.lock_ms = 0
        if self.wrong >= MAX_WRONG:
            self.lock_ms = min(_LOCK_MS << min(self.locks, 8), _MAX_LOCK_MS)
            self.locks += 1
            self.wrong = 0
        return min(_DELAY_MS << self.wrong >> 2, _MAX_DELAY_MS) if self.wrong > 1 else 0


class Peers:
    """The accounts of all peers; time is handed in, so that nothing here waits."""

    def __init__(self):
        self._accounts = {}
        self._shared = _Account()       # of all peers that have no place

    def find(self, peer, now):
        """Return the account of a peer, or None if it has none; forgets what is stale."""
        for name in [name for name in self._accounts if self._accounts[name].is_stale(now)]:
            del self._accounts[name]
        if self._shared.is_stale(now):
            self._shared = _Account()
        if peer in self._accounts:
            return self._accounts[peer]
        return self._shared if self._is_full(now) else None

    def open(self, peer, now):
        """Return the account of a peer, a new one if it has none."""
        account = self.find(peer, now)
        if account is None:
            if len(self._accounts) >= _MAX_PEERS:
                del self._accounts[self._oldest(now)]
            account = self._accounts[peer] = _Account()
        return account

    def settle(self, peer):
        """Forget the account of a peer. The shared one stays: it may be somebody else's."""
        self._accounts.pop(peer, None)

    def _is_full(self, now):
        return len(self._accounts) >= _MAX_PEERS and self._oldest(now) is None

    def _oldest(self, now):
        """Return the peer that has been quiet longest and may be forgotten, or None."""
        oldest, most_ms = None, -1
        for peer, account in self._accounts.items():
            age_ms = time.ticks_diff(now, account.since)
            if age_ms > most_ms and not account.is_needed(now):
                oldest, most_ms = peer, age_ms
        return oldest


_peers = Peers()


async def check(peer, given, secret):
    """Judge a password; returns when the answer may be sent.

    Args:
        peer: str, address of the client, without port.
        given, secret: str.

    Returns:
        (bool, int): whether it is right, and for how many seconds the peer is locked out.
    """
    now = time.ticks_ms()
    account = _peers.find(peer, now)
    locked_ms = account.locked_ms(now) if account is not None else 0
    if locked_ms:
        return False, (locked_ms + 999) // 1000
    is_crowded = account is not None and account.waiting >= _MAX_WAITING
    if not is_crowded and is_equal(given, secret):
        _peers.settle(peer)
        return True, 0
    account = _peers.open(peer, now)
    delay_ms = account.add_wrong(now)
    if account.lock_ms:
        errlog_add('auth: %d wrong passwords, %s locked out for %d s'
                   % (MAX_WRONG, peer, account.lock_ms // 1000), 'WARN')
        return False, account.lock_ms // 1000
    if delay_ms and not is_crowded:
        await _wait(account, delay_ms)
    return False, 0


async def _wait(account, delay_ms):
    """Wait, also for a client that has left: the account knows then that it is still busy."""
    account.waiting += 1
    try:
        await asyncio.sleep_ms(delay_ms)
    finally:
        account.waiting -= 1


def is_equal(given, secret):
    """Compare two texts in a time that does not tell how many characters are right."""
    given, secret = given.encode(), secret.encode()
    difference = len(given) ^ len(secret)
    for i, byte in enumerate(given):
        difference |= byte ^ secret[i % len(secret)] if secret else 1
    return difference == 0


async def log_in(session, password):
    """Take a line of a session that has to log in; False if the session ends."""
    is_right, locked_s = await check(session.peer, password, cfgget('appwd').strip())
    if is_right:
        session.is_logged_in = True
        session.send('AuthOk')
        return True
    session.send('AuthFailed')
    if locked_s:
        session.send('Too many wrong passwords: locked for %d s' % locked_s)
    session.send('Bye!')
    return False
