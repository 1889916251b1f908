"""The wire to the world: each call of a shadow module is one exchange of messages with the simulator.

Theory of operation. One thread of this program runs at a time: the one that holds the *baton*, which is the right to
use the wire. It loses it only while it waits for an answer: the next message may be for another thread, to which it
then hands the baton. While an answer is awaited the world may ask for a callback (a timer's, say); it runs here,
on top of the waiting call. Virtual time stands still while the program computes; `charge` counts what calls take that
are answered without an exchange.

A message is a header, JSON and the raw bytes that the JSON mentions. See simulator/engine/vm/channel.py.
"""

import array
import builtins
import io
import json
import sys

import _values

RESULT, ERROR, CALLBACK, SERVICE, LAST = 0, 1, 2, 3, 4
CALL, DONE, REPLY, SYNC, AGAIN = 0, 1, 2, 3, 4
_PERIOD = 0x3fffffff
_SLICE_US = 1000    # a thread that is ready gets the processor after it
_HIDDEN = ('_boot', '_link', '_values', 'gcshadow', 'select', 'taskshadow', 'threadshadow', 'time')
_MAIN = 1

us = 0          # time of the last message, modulo the period of ticks: microseconds
ms = 0          # milliseconds
sub = 0         # microseconds of the present millisecond
left = 0        # microseconds until something is due
spent = 0       # microseconds since then
current = _MAIN     # number of the thread that runs
watched = None      # poll object of which a thread waits for streams of this program's own
symbols = {}        # number of an error on the board -> its symbol
quiet = None        # poll object none of whose streams of the world is ready
_asked = None       # streams of the world that the main thread asked for last, as the world remembers
_depth = 0          # callbacks that run: what they ask for it does not remember

_file = None
_head = array.array('I', bytes(32))     # read and written in place: each allocation brings a collection nearer
_answer = array.array('I', bytes(16))
_slots = {}         # number of a thread -> Slot
_sent = 0           # messages so far
_clock = None       # microseconds since 2000, and when that was: ms, sub
_went_on = False    # the world does not know yet that a callback, and the poll in which it ran, is over
_parked = {}        # number of a lock -> threads that wait for it, as the world knows
_woken = None       # thread and lock: it may go on, of which the world does not know yet
_slice_end = 0      # when it would get the processor without waiting for it, as `spent` counts
_asleep = None      # what the main thread waits for meanwhile, without the world: streams, ms, since when, own streams
_allocate = None
_service = None     # answers what the world asks of this program


class _Gone(SystemExit):
    """The world is gone."""


class Slot:
    """Where a thread waits for the baton, and finds its message."""

    def __init__(self):
        self.kind = RESULT
        self.value = None
        self.gate = _allocate()
        self.gate.acquire()


def start(file, allocate, service):
    """Open the wire.

    Args:
        file: open for both directions.
        allocate: makes a lock.
        service: function(name, args), see `serve`.
    """
    global _file, _allocate, _service
    _file = file
    _allocate = allocate
    _service = service
    _slots[_MAIN] = Slot()


def charge(cost_us):
    """Count time of a call that needs no exchange; what is due happens meanwhile."""
    global spent
    spent += cost_us
    if spent >= left:
        _sync()


def ticks_us():
    return (us + spent) & _PERIOD


def ticks_ms():
    return (ms + (sub + spent) // 1000) & _PERIOD


def ticks_diff(ticks1, ticks2):
    global spent
    spent += 1      # as `charge`: schedulers ask often
    if spent >= left:
        _sync()
    return ((ticks1 - ticks2 + 0x20000000) & _PERIOD) - 0x20000000


def read_us():
    """Ticks as a program asks for them, which takes a microsecond."""
    charge(1)
    return (us + spent) & _PERIOD


def read_ms():
    global spent
    spent += 1      # as `charge`: loops and schedulers ask often
    if spent >= left:
        _sync()
    return (ms + (sub + spent) // 1000) & _PERIOD


def _sync():
    """Let the world do what is due."""
    if _woken is not None and (_asleep is not None or spent >= _slice_end):
        _tell()
    _send(SYNC, current, None)
    _await(current, (), is_sync=True)


def seconds():
    """The clock's seconds since 2000; the world tells when it has been set."""
    global _clock
    charge(1)
    if _clock is None:
        _clock = call('.clock', ())
    passed_us = ((ms - _clock[1]) & _PERIOD) * 1000 + sub + spent - _clock[2]
    return (_clock[0] + passed_us) // 1000000


def call(name, args, kwargs=None):
    """Call a function of the world by its name and return its result, or raise what it raised."""
    return _call([name], args, kwargs)


def method(handle, name, args, kwargs=None):
    """Call a method of an object of the world."""
    return _call([handle, name], args, kwargs)


def _call(what, args, kwargs):
    if _woken is not None and (_asleep is not None or what[0] != '.clock' or spent >= _slice_end):
        _tell()
    blobs = []
    filled = []
    what.append([_values.encode(arg, blobs, filled) for arg in args])
    if kwargs:
        what.append({key: _values.encode(value, blobs, filled) for key, value in kwargs.items()})
    _send(CALL, current, what, blobs)
    return _await(current, filled)


# --- messages -------------------------------------------------------------------------------------

def _send(kind, thread, value, blobs=(), number=0):
    global spent, _sent, _went_on
    wakes = 1 if watched is not None and watched._has_ready() else 0
    if _went_on:
        wakes += 2
        _went_on = False
    _sent += 1
    _answer[2] = spent
    _answer[3] = thread | kind << 16 | wakes << 24
    spent = 0
    if value is None:
        _answer[0] = 0
        _answer[1] = number
        _write(_answer)
        return
    text = json.dumps(value).encode()
    blob = blobs[0] if len(blobs) == 1 else b''.join(blobs)
    _answer[0] = len(text)
    _answer[1] = len(blob)
    _write(bytes(_answer) + text)
    if blob:
        _write(blob)


def _write(data):
    sent = _file.write(data)
    if data is _answer:
        if sent == 16:
            return
        data = bytes(data)
    while sent < len(data):
        sent += _file.write(memoryview(data)[sent:])    # a copy would be the node's memory


def _read(count):
    data = _file.read(count)
    while len(data) < count:
        more = _file.read(count - len(data))
        if not more:
            raise _Gone
        data += more
    return data


def _receive():
    """Return (kind, thread, value) of the next message; the clock is set by it."""
    global us, ms, sub, left, spent, quiet, _slice_end, _clock
    if _file.readinto(_head) != 32:
        raise _Gone
    size = _head[0]
    before = us
    us = _head[2]
    ms = _head[3]
    sub = _head[4]
    left = _head[5]
    kind = _head[6]
    thread = _head[7]
    blob_size = _head[1]
    spent = 0
    if _woken is not None:
        _slice_end = max(_slice_end - (us - before & _PERIOD), 0)
        left = min(left, _slice_end)
    if thread > 0xffff:
        if thread & 0x10000:
            quiet = None
        if thread & 0x20000:
            _clock = None
        thread &= 0xffff
    if kind > LAST:         # a callback with one object, which stands in the place of the bytes
        return kind & 0xff, thread, (kind >> 8, (_values.objects[blob_size],))
    if not size:
        return kind, thread, None
    text = _read(size)
    value = json.loads(text)
    if b'{' in text:
        value = _values.decode(value, [_read(blob_size), 0] if blob_size else None)
    return kind, thread, value


def _await(me, filled, has_baton=True, is_sync=False):
    """Wait for the answer to this thread, doing meanwhile what the world asks."""
    while True:
        if has_baton:
            kind, thread, value = _receive()
            if kind != SERVICE and thread != me:
                _hand_over(thread, kind, value)
                has_baton = False
        if not has_baton:
            kind, value = _take_baton(me)
            has_baton = True
        if kind == RESULT:
            if filled:
                value = _values.fill(value, filled)
            return value
        if kind == ERROR:
            raise _error(value)
        if kind == SERVICE:
            _serve(me, value)
        elif _run_callback(me, value, kind == LAST, is_sync):
            return ()


def _hand_over(thread, kind, value):
    # Nothing is made here that this thread would still hold: the other one runs, and may collect, before it returns.
    slot = _slots[thread]
    slot.kind = kind
    slot.value = value
    slot.gate.release()


def _take_baton(me):
    global current
    slot = _slots[me]
    slot.gate.acquire()
    current = me
    value = slot.value
    slot.value = None
    return slot.kind, value


def _error(value):
    kind = _values.errors.get(value[0]) or getattr(builtins, value[0], RuntimeError)
    e = kind(*value[1])
    return e if kind is not OSError or str(e) == _text_of(e) else _OSError(*value[1])


def _text_of(e):
    """Text of an OSError on the board: the interpreter's own has symbols of the host's numbers."""
    args = e.args
    symbol = symbols.get(args[0]) if len(args) in (1, 2) else None
    if symbol:
        return ': '.join(['[Errno %d] %s' % (args[0], symbol)] + [str(arg) for arg in args[1:]])
    return str(args if len(args) > 1 else args[0] if args else '')


_OSError = type('OSError', (OSError,), {'__str__': _text_of})


def _run_callback(me, value, is_last=False, is_sync=False):
    """Run a callback; True if the call that waits here is over by it, of which the world is told later."""
    global _went_on, _depth
    number, args = value
    before = _sent
    is_nested = number != 0     # what runs source from the prompt is the program itself
    _depth += is_nested
    try:
        reply = _values.callbacks[number](*args)
    except _Gone:
        raise
    except BaseException as e:
        print_exception(e)
        reply = None
    _depth -= is_nested
    if is_last and _sent == before and (is_sync or watched is not None and watched._has_ready()):
        _went_on = True
        return True
    if _woken is not None:
        _tell()
    _send(DONE, me, reply if isinstance(reply, (int, str, list)) else None)


def print_exception(e, file=sys.stdout):
    """Print an exception as the board does: what is C code there has no frames."""
    text = io.BytesIO()
    try:
        sys.print_exception(e, text)
    except Exception:       # its own __repr__ has
        text.write(type(e).__name__ + ': <exception str() failed>\n')
    text = text.getvalue()
    try:
        text = text.decode()
    except UnicodeError:    # a name may have any bytes
        text = bytes([byte if byte < 128 else 63 for byte in text]).decode()
    lines = text.split('\n')
    kind = type(e).__name__ + ': '
    if isinstance(e, OSError) and lines[-2].startswith(kind):
        lines[-2] = kind + _text_of(e)
    shown = [line for line in lines if not line.startswith('  File "') or line.split('"')[1] not in _HIDDEN]
    if len(shown) < len(lines) and not shown[1].startswith(' '):
        shown.pop(0)
    file.write('\n'.join(shown))


def _serve(me, value):
    blobs = []
    try:
        reply = [True, _values.encode(_service(value[0], value[1:]), blobs, [])]
    except Exception as e:
        reply = [False, type(e).__name__, [_values.encode(arg, blobs, []) for arg in e.args]]
    _send(REPLY, me, reply, blobs)


# --- threads --------------------------------------------------------------------------------------
# A worker that waits at a lock is the rule: the main thread releases the lock, and waits for streams; the worker does
# something, sets a flag, and waits at its lock again. As long as it calls nothing of the world's and nothing else is
# due, the two hand the baton to each other, and the world sees a program that computes.

def unpark(lock):
    """A lock is free: the thread that has waited longest for it may go on."""
    global _woken, _slice_end, left
    if current == _MAIN and _woken is None and len(_parked[lock]) == 1 and _parked[lock][0] != _MAIN:
        _woken = _parked[lock][0], lock
        _slice_end = spent + _SLICE_US
        left = min(left, _slice_end)
    else:
        call('.unpark', (lock,))
        _parked[lock].pop(0)


def park(lock):
    """Wait for a lock."""
    global _woken, _asleep
    if _asleep is not None and _woken == (current, lock) and _asleep[3]._has_ready():
        _woken = _asleep = None
        me = current
        _hand_over(_MAIN, RESULT, ())
        _await(me, (), False)
        return
    if _woken is not None:
        _tell()
    waiting = _parked.setdefault(lock, [])
    waiting.append(current)
    call('.park', (lock,))


def is_another_ready():
    """True if the main thread can wait here, while another one runs."""
    return _woken is not None and current == _MAIN and spent < left


def wait_here(poller, streams, timeout):
    """Have the main thread wait while another one runs; returns what the world told of its streams meanwhile.

    The other's slice, after which the world is told, is no longer than the shortest wait.
    """
    global watched, _asleep
    before, watched = watched, poller
    _asleep = streams, timeout, spent, poller
    _hand_over(_woken[0], RESULT, None)
    try:
        return _settled(poller, _await(_MAIN, (), False))
    finally:
        watched = before


def wait_there(poller, streams, timeout):
    """Wait for streams; returns what the world tells of its own: [[index, events], ...]."""
    global watched, quiet, _asked
    if _woken is not None:
        _tell()
    has_own = len(poller._own) > 0
    if current != _MAIN or _depth:
        _send(CALL, current, ['.poll', [streams, timeout, has_own]])
    elif streams is _asked and (timeout is None or timeout < _PERIOD):
        _send(AGAIN, current, None, (), (0 if timeout is None or timeout < 0 else 2 * timeout + 2) + has_own)
    else:
        _asked = streams
        _send(CALL, current, ['.poll', [streams, timeout, has_own, True]])
    before, watched = watched, poller if has_own else None
    quiet = poller
    try:
        return _settled(poller, _await(current, ()))
    finally:
        watched = before


def _settled(poller, found):
    global quiet
    if found:
        quiet = None
    return found


def _tell():
    """Let the world know which thread runs."""
    global _woken, _asleep
    (thread, lock), _woken = _woken, None
    _parked[lock].pop(0)
    if _asleep is None:
        call('.unpark', (lock,))
        return
    (streams, timeout, began, _), _asleep = _asleep, None
    if timeout is not None and timeout > 0:
        timeout = max(0, timeout - (spent - began) // 1000)
    _send(CALL, _MAIN, ['.poll', [streams, timeout, True, False, [lock]]])
    _await(thread, ())      # as if it waited at its lock still


def begin(thread):
    """A new thread: wait for the baton."""
    while True:
        kind, value = _take_baton(thread)
        if kind == RESULT:
            return
        _run_callback(thread, value)


def add_thread(thread):
    """Prepare for a thread that is about to start."""
    _slots[thread] = Slot()


def is_alone():
    """True if this program has one thread."""
    return len(_slots) == 1


def end(thread):
    """A thread ends: pass the baton on. It does nothing more."""
    if _woken is not None:
        _tell()
    _send(CALL, thread, ['.end', []])
    while True:
        kind, other, value = _receive()
        if kind == SERVICE:
            _serve(thread, value)
            continue
        del _slots[thread]
        _hand_over(other, kind, value)
        return
