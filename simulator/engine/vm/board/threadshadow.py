"""Shadow of `_thread`: real threads, of which one runs at a time, switched where the world says."""

import _link
import _values

_allocate = None    # set by _boot.py: what the machine itself has
_start = None


class LockType:
    _count = 0

    def __init__(self):
        LockType._count += 1
        self._number = LockType._count
        self._is_locked = False
        self._waiting = 0

    def acquire(self, waitflag=1, timeout=-1):
        _link.charge(2)
        while self._is_locked:
            if not waitflag:
                return False
            self._waiting += 1
            _link.park(self._number)
        self._is_locked = True
        return True

    def release(self):
        _link.charge(2)
        if not self._is_locked:
            raise RuntimeError
        self._is_locked = False
        if self._waiting:
            self._waiting -= 1
            _link.unpark(self._number)

    def locked(self):
        _link.charge(2)
        return self._is_locked

    def __enter__(self):
        return self.acquire()

    def __exit__(self, exc_type, exc, traceback):
        self.release()


def allocate_lock():
    _link.charge(2)
    return LockType()


def get_ident():
    _link.charge(2)
    return _link.current


stack_size = _values.function('_thread.stack_size')


def exit():
    raise SystemExit


def start_new_thread(function, args, kwargs={}):
    if not isinstance(args, (tuple, list)):
        raise TypeError("object '%s' isn't a tuple or list" % type(args).__name__)
    if not isinstance(kwargs, dict):
        raise TypeError('expecting a dict for keyword args')
    number = _link.call('.spawn', (getattr(function, '__name__', 'thread'),))
    _link.add_thread(number)
    started = _allocate()
    started.acquire()
    _start(_live, (number, started, function, args, kwargs))
    started.acquire()
    return number


def _live(number, started, function, args, kwargs):
    started.release()
    _link.begin(number)
    try:
        function(*args, **kwargs)
    except SystemExit:
        pass
    except BaseException as e:
        print('Unhandled exception in thread started by <function>')
        _link.print_exception(e)
    _link.end(number)
