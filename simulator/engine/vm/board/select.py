"""Shadow of `select`: streams of the world are waited for there, a program's own (with `ioctl`) are looked at here."""

import _link

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16


class poll:
    def __init__(self):
        self._entries = []      # [stream, what is asked], in the order of registration
        self._ready = []
        self._flags = 0

    def register(self, obj, eventmask=5):
        if not hasattr(obj, '_handle') and not hasattr(obj, 'ioctl'):
            raise OSError('stream operation not supported')
        entry = self._find(obj)
        if entry is None:
            self._entries.append([obj, eventmask])
        else:
            entry[1] = eventmask

    def unregister(self, obj):
        entry = self._find(obj)
        if entry is not None:
            self._entries.remove(entry)

    def modify(self, obj, eventmask):
        entry = self._find(obj)
        if entry is None:
            raise OSError(2)
        entry[1] = eventmask

    def _find(self, obj):
        for entry in self._entries:
            if entry[0] is obj:
                return entry

    def poll(self, timeout=-1):
        self._wait(timeout)
        ready, self._ready = self._ready, []
        return [(entry[0], found) for entry, found in ready]

    def ipoll(self, timeout=-1, flags=0):
        self._wait(timeout)
        self._flags = flags
        return self

    def __iter__(self):
        return self

    def __next__(self):
        if not self._ready:
            raise StopIteration
        entry, found = self._ready.pop(0)
        if self._flags & 1:
            entry[1] = 0
        return entry[0], found

    def _wait(self, timeout):
        if timeout is not None and not isinstance(timeout, int):
            raise TypeError("can't convert %s to int" % type(timeout).__name__)
        own = []
        world = []
        for entry in self._entries:
            if hasattr(entry[0], '_handle'):
                world.append(entry)
            elif entry[1]:
                own.append(entry)
        is_ready = bool(own) and _link.any_ready(own)
        before, _link.watched = _link.watched, None if is_ready or not own else own
        try:
            found = _link.call('.poll', ([[e[0]._handle, e[1]] for e in world], 0 if is_ready else timeout,
                                         _link.watched is not None))
        finally:
            _link.watched = before
        ready = {}
        for number, events in found:
            ready[id(world[number])] = events
        for entry in own:
            events = entry[0].ioctl(3, entry[1])
            if events:
                ready[id(entry)] = events
        self._ready = [(entry, ready[id(entry)]) for entry in self._entries if id(entry) in ready]


def select(rlist, wlist, xlist, timeout=-1):
    poller = poll()
    for streams, mask in ((rlist, 1), (wlist, 4), (xlist, 24)):
        for stream in streams:
            entry = poller._find(stream)
            poller.register(stream, mask if entry is None else entry[1] | mask)
    found = poller.poll(None if timeout is None or timeout < 0 else int(timeout * 1000))
    return ([s for s, e in found if e & 1], [s for s, e in found if e & 4], [s for s, e in found if e & ~5])
