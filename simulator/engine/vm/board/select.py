"""Shadow of `select`: streams of the world are waited for there, a program's own (with `ioctl`) are looked at here.

While the world has told that none of its streams is ready, and nothing has happened since, it is not asked again.
"""

import _link

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
_POLL_US = 15       # what a look takes there


class poll:
    def __init__(self):
        self._own = {}          # id of a stream -> [stream, what is asked, number in the order of registration]
        self._world = {}
        self._asked = None      # of those of the world, [handle, what is asked]; None if it is to be made anew
        self._count = 0
        self._ready = []
        self._flags = 0

    def register(self, obj, eventmask=5):
        if hasattr(obj, '_handle'):
            entries = self._world
            self._asked = None
        elif hasattr(obj, 'ioctl'):
            entries = self._own
        else:
            raise OSError('stream operation not supported')
        entry = entries.get(id(obj))
        if entry is None:
            self._count += 1
            entries[id(obj)] = [obj, eventmask, self._count]
        else:
            entry[1] = eventmask

    def unregister(self, obj):
        if self._own.pop(id(obj), None) is None and self._world.pop(id(obj), None) is not None:
            self._asked = None

    def modify(self, obj, eventmask):
        entry = self._own.get(id(obj))
        if entry is None:
            entry = self._world.get(id(obj))
            if entry is None:
                raise OSError(2)
            self._asked = None
        entry[1] = eventmask

    def poll(self, timeout=-1):
        self._wait(timeout)
        ready, self._ready = self._ready, []
        return [(entry[0], found) for _, entry, found in ready]

    def ipoll(self, timeout=-1, flags=0):
        self._wait(timeout)
        self._flags = flags
        return self

    def __iter__(self):
        return self

    def __next__(self):
        if not self._ready:
            raise StopIteration
        _, entry, found = self._ready.pop(0)
        if self._flags & 1:
            self.modify(entry[0], 0)
        return entry[0], found

    def _wait(self, timeout):
        if timeout is not None and not isinstance(timeout, int):
            raise TypeError("can't convert %s to int" % type(timeout).__name__)
        self._ready = ready = []
        if _link.quiet is self and self._asked is not None:
            self._look()
            if ready or timeout == 0:
                _link.charge(_POLL_US)
                if _link.quiet is self:
                    return
            elif _link.is_another_ready():
                _link.charge(_POLL_US)
                if _link.quiet is self and _link.is_another_ready():
                    self._gather(_link.wait_here(self, self._asked, self._own, timeout))
                    return
            else:
                self._gather(_link.wait_there(self, self._asked, self._own, timeout))
                return
            del ready[:]
        if self._asked is None:
            self._asked = [[entry[0]._handle, entry[1]] for entry in self._world.values()]
        is_ready = _link.any_ready(self._own)
        self._gather(_link.wait_there(self, self._asked, None if is_ready else self._own, 0 if is_ready else timeout))

    def _look(self):
        """Add those of the program's own streams that are ready."""
        own = self._own
        for key in own:
            entry = own[key]
            if entry[1]:
                events = entry[0].ioctl(3, entry[1])
                if events:
                    self._ready.append((entry[2], entry, events))

    def _gather(self, found):
        """Note what is ready, in the order of registration; found is what the world told: [[index, events], ...]."""
        self._look()
        if found:
            entries = list(self._world.values())
            self._ready += [(entries[index][2], entries[index], events) for index, events in found]
            self._ready.sort(key=lambda item: item[0])


def select(rlist, wlist, xlist, timeout=-1):
    poller = poll()
    for streams, mask in ((rlist, 1), (wlist, 4), (xlist, 24)):
        for stream in streams:
            entry = poller._own.get(id(stream)) or poller._world.get(id(stream))
            poller.register(stream, mask if entry is None else entry[1] | mask)
    found = poller.poll(None if timeout is None or timeout < 0 else int(timeout * 1000))
    return ([s for s, e in found if e & 1], [s for s, e in found if e & 4], [s for s, e in found if e & ~5])
