"""Shadow of `select`: streams of the world are waited for there, a program's own (with `ioctl`) are looked at here.

While the world has told that none of its streams is ready, and nothing has happened since, it is not asked again.
Of a program's own streams most are asyncio's flags, looked at at each turn of a loop: of those the state is read.
"""

import _link

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
_POLL_US = 15       # what a look takes there
_NOTHING = iter(())


class poll:
    def __init__(self):
        self._own = {}          # id of a stream -> [stream, what is asked, number in the order of registration]
        self._world = {}
        self._asked = None      # of those of the world, [handle, what is asked]; None if it is to be made anew
        self._count = 0
        self._flags = []        # of its own, those that tell by their `state` whether they can be read
        self._others = []       # entries of the rest of which something is asked

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
            entries[id(obj)] = entry = [obj, eventmask, self._count]
            if entries is self._own:
                self._note(entry)
        else:
            self.modify(obj, eventmask)

    def unregister(self, obj):
        entry = self._own.pop(id(obj), None)
        if entry is not None:
            self._drop(entry)
        elif self._world.pop(id(obj), None) is not None:
            self._asked = None

    def modify(self, obj, eventmask):
        entry = self._own.get(id(obj))
        if entry is not None:
            self._drop(entry)
            entry[1] = eventmask
            self._note(entry)
            return
        entry = self._world.get(id(obj))
        if entry is None:
            raise OSError(2)
        self._asked = None
        entry[1] = eventmask

    def poll(self, timeout=-1):
        return list(self._wait(timeout))

    def ipoll(self, timeout=-1, flags=0):
        ready = self._wait(timeout)
        if not ready:
            return _NOTHING
        return self._each_once(ready) if flags & 1 else iter(ready)

    def _has_ready(self):
        """True if one of the program's own streams is ready."""
        for flag in self._flags:
            if flag.state:
                return True
        for entry in self._others:
            if entry[0].ioctl(3, entry[1]):
                return True
        return False

    def _note(self, entry):
        if entry[1] == POLLIN and _is_flag(entry[0]):
            self._flags.append(entry[0])
        elif entry[1]:
            self._others.append(entry)

    def _drop(self, entry):
        for i, other in enumerate(self._others):
            if other is entry:
                del self._others[i]
                return
        if entry[0] in self._flags:
            self._flags.remove(entry[0])

    def _each_once(self, ready):
        for stream, events in ready:
            self.modify(stream, 0)
            yield stream, events

    def _wait(self, timeout):
        """Wait; returns what is ready: ((stream, events), ...)."""
        if timeout is not None and not isinstance(timeout, int):
            raise TypeError("can't convert %s to int" % type(timeout).__name__)
        if _link.quiet is self and self._asked is not None:
            ready = self._look()
            if ready or timeout == 0:
                _link.charge(_POLL_US)
                if _link.quiet is self:
                    return ready
            elif _link.is_another_ready():
                _link.charge(_POLL_US)
                if _link.quiet is self and _link.is_another_ready():
                    return self._gather(_link.wait_here(self, self._asked, timeout))
            else:
                return self._gather(_link.wait_there(self, self._asked, timeout))
        if self._asked is None:
            self._asked = [[entry[0]._handle, entry[1]] for entry in self._world.values()]
        return self._gather(_link.wait_there(self, self._asked, 0 if self._has_ready() else timeout))

    def _look(self):
        """Return those of the program's own streams that are ready."""
        ready = ()
        for flag in self._flags:
            if flag.state:
                ready += (flag, POLLIN),
        for entry in self._others:
            events = entry[0].ioctl(3, entry[1])
            if events:
                ready += (entry[0], events),
        return ready

    def _gather(self, found):
        """Return what is ready, in the order of registration; found is what the world told: [[index, events], ...]."""
        ready = self._look()
        if not found:
            return ready
        entries = list(self._world.values())
        items = [(self._own[id(item[0])][2], item) for item in ready]
        items += [(entries[index][2], (entries[index][0], events)) for index, events in found]
        items.sort(key=lambda item: item[0])
        return [item for _, item in items]


def _is_flag(stream):
    module = _link.sys.modules.get('asyncio.event')
    return module is not None and type(stream) is module.ThreadSafeFlag


def select(rlist, wlist, xlist, timeout=-1):
    poller = poll()
    for streams, mask in ((rlist, 1), (wlist, 4), (xlist, 24)):
        for stream in streams:
            entry = poller._own.get(id(stream)) or poller._world.get(id(stream))
            poller.register(stream, mask if entry is None else entry[1] | mask)
    found = poller.poll(None if timeout is None or timeout < 0 else int(timeout * 1000))
    return ([s for s, e in found if e & 1], [s for s, e in found if e & 4], [s for s, e in found if e & ~5])
