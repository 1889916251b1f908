"""Shadow of `_thread` on a machine with one thread: others run when it waits, each to its end in one go.

A thread that waits for a lock is unwound; when somebody releases the lock, it begins anew at its first line. This is
the same for a worker that takes its lock first, and then does jobs until it waits at the lock for the next one.
"""

import _link
import _values

_MAIN = 1
_ident = _MAIN
_count = _MAIN
_ready = []
_allocate = None    # set by _boot.py
_start = None


class _Parked(BaseException):
    pass


class _Thread:
    def __init__(self, function, args, kwargs):
        global _count
        _count += 1
        self.ident = _count
        self.call = (function, args, kwargs)


_current = None


class LockType:
    def __init__(self):
        self._is_locked = False
        self._parked = None

    def acquire(self, waitflag=1, timeout=-1):
        _link.charge(2)
        if self._is_locked:
            if not waitflag:
                return False
            if _current is not None:
                self._parked = _current
                raise _Parked
            run_ready()
            if self._is_locked:
                raise RuntimeError('the only thread would wait for ever')
        self._is_locked = True
        return True

    def release(self):
        _link.charge(2)
        if not self._is_locked:
            raise RuntimeError
        self._is_locked = False
        if self._parked is not None:
            _ready.append(self._parked)
            self._parked = None

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
    return _ident


stack_size = _values.function('_thread.stack_size')


def exit():
    raise SystemExit


def start_new_thread(function, args, kwargs={}):
    if not isinstance(args, (tuple, list)):
        raise TypeError("object '%s' isn't a tuple or list" % type(args).__name__)
    if not isinstance(kwargs, dict):
        raise TypeError('expecting a dict for keyword args')
    thread = _Thread(function, args, kwargs)
    _ready.append(thread)
    return thread.ident


def run_ready():
    """Run the threads that can go on; called where the main thread is about to wait."""
    global _current, _ident
    while _ready and _current is None:
        _current = _ready.pop(0)
        _ident = _current.ident
        function, args, kwargs = _current.call
        try:
            function(*args, **kwargs)
        except (_Parked, SystemExit):
            pass
        except BaseException as e:
            import sys
            print('Unhandled exception in thread started by <function>')
            sys.print_exception(e)
        finally:
            _current = function = args = kwargs = None
            _ident = _MAIN
