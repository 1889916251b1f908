"""Locks that never wait for ever: one for threads, one for tasks."""

import _thread
import asyncio
import errno
import time


class BoundedLock:
    """Lock between threads, to be held for moments only.

    Waiting is limited: a soft interrupt runs inside the thread that holds the lock, so it could
    never get it.
    """

    def __init__(self, timeout_ms):
        self._lock = _thread.allocate_lock()
        self._timeout_ms = timeout_ms

    def __enter__(self):
        if self._lock.acquire(0):
            return
        start = time.ticks_ms()
        while not self._lock.acquire(0):
            if time.ticks_diff(time.ticks_ms(), start) > self._timeout_ms:
                raise OSError(errno.ETIMEDOUT)
            time.sleep_ms(1)

    def __exit__(self, exc_type, exc, traceback):
        self._lock.release()


class NamedLocks:
    """Locks between tasks, by name. Several names are taken at once or not at all, first come, first served.

    An owner may take a name again that it holds; it is free when it was given back as often. Who holds a name
    passes those who wait: they may wait for it.
    """

    def __init__(self):
        self._held = {}      # name -> [owner, count]
        self._waiting = []   # (names, owner, event that tells that they were given) in the order of coming

    def holder(self, names, owner):
        """Return who else holds one of names, or None."""
        for name in names:
            other = self._held.get(name, (owner,))[0]
            if other is not owner:
                return other
        return None

    def take_now(self, names, owner):
        """Take all names for owner; False if they are not free."""
        if names and self._waiting or self._held and self.holder(names, owner) is not None:
            return False
        self._hold(names, owner)
        return True

    async def take(self, names, owner, timeout_ms):
        """Take all names for owner.

        Returns:
            bool: False if they were not free within timeout_ms.
        """
        if self.take_now(names, owner):
            return True
        place = (names, owner, asyncio.Event())
        self._waiting.append(place)
        self._serve()
        try:
            await asyncio.wait_for_ms(place[2].wait(), timeout_ms)
        except asyncio.TimeoutError:
            pass
        except asyncio.CancelledError:
            if place[2].is_set():
                self.give_back(names)
            raise
        finally:
            if not place[2].is_set():
                self._waiting.remove(place)
                self._serve()       # who came later may be next
        return place[2].is_set()

    def give_back(self, names):
        """Give names back that `take` has taken."""
        for name in names:
            self._held[name][1] -= 1
            if not self._held[name][1]:
                del self._held[name]
        if self._waiting:
            self._serve()

    def _hold(self, names, owner):
        for name in names:
            self._held.setdefault(name, [owner, 0])[1] += 1

    def _serve(self):
        """Give their names to those whose turn it is."""
        passed = []
        for place in list(self._waiting):
            names, owner, given = place
            is_holder = any([entry[0] is owner for entry in self._held.values()])
            is_next = is_holder or not any([name in names for name in passed])
            if is_next and self.holder(names, owner) is None:
                self._waiting.remove(place)
                self._hold(names, owner)
                given.set()
            else:
                passed.extend(names)
