"""Locks that never wait for ever: one for threads, one for tasks."""

import _thread
import asyncio
import errno
import time

_POLL_MS = 1


class BoundedLock:
    """Lock between threads, to be held for moments only.

    Waiting is limited: a soft interrupt runs inside the thread that holds the lock, so it could
    never get it.
    """

    def __init__(self, timeout_ms):
        self._lock = _thread.allocate_lock()
        self._timeout_ms = timeout_ms

    def __enter__(self):
        start = time.ticks_ms()
        while not self._lock.acquire(0):
            if time.ticks_diff(time.ticks_ms(), start) > self._timeout_ms:
                raise OSError(errno.ETIMEDOUT)
            time.sleep_ms(_POLL_MS)
        return self

    def __exit__(self, exc_type, exc, traceback):
        self._lock.release()


class NamedLocks:
    """Locks between tasks, by name. Several names are taken at once or not at all.

    An owner may take a name again that it holds; it is free when it was given back as often.
    """

    def __init__(self):
        self._held = {}      # name -> [owner, count]
        self._freed = asyncio.Event()

    def holder(self, names, owner):
        """Return who else holds one of names, or None."""
        for name in names:
            held = self._held.get(name)
            if held is not None and held[0] is not owner:
                return held[0]
        return None

    async def take(self, names, owner, timeout_ms):
        """Take all names for owner.

        Returns:
            bool: False if they were not free within timeout_ms.
        """
        start = time.ticks_ms()
        while self.holder(names, owner) is not None:
            left_ms = timeout_ms - time.ticks_diff(time.ticks_ms(), start)
            if left_ms <= 0:
                return False
            self._freed.clear()
            try:
                await asyncio.wait_for_ms(self._freed.wait(), left_ms)
            except asyncio.TimeoutError:
                return False
        for name in names:
            self._held.setdefault(name, [owner, 0])[1] += 1
        return True

    def give_back(self, names):
        """Give names back that `take` has taken."""
        for name in names:
            self._held[name][1] -= 1
            if not self._held[name][1]:
                del self._held[name]
        self._freed.set()
