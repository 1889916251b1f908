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
import struct
import sys

RESULT, ERROR, CALLBACK, SERVICE = 0, 1, 2, 3
CALL, DONE, REPLY = 0, 1, 2
_PERIOD = 0x3fffffff
_HIDDEN = ('_boot.py', '_link.py', 'gcshadow.py', 'select.py', 'taskshadow.py', 'threadshadow.py', 'time.py')
_MAIN = 1

us = 0          # time of the last message, modulo the period of ticks: microseconds
ms = 0          # milliseconds
sub = 0         # microseconds of the present millisecond
left = 0        # microseconds until something is due
spent = 0       # microseconds since then
current = _MAIN     # number of the thread that runs
watched = None      # streams of this program's own that a thread waits for: [[stream, mask], ...]

_file = None
_head = array.array('I', bytes(32))     # read and written in place: each allocation brings a collection nearer
_answer = bytearray(16)
_slots = {}         # number of a thread -> Slot
_callbacks = {}     # number -> function
_numbers = {}       # id(function) -> number
_count = 0
_allocate = None
_service = None     # answers what the world asks of this program
objects = {}        # handle -> object, of those of which there is one each


class Slot:
    """Where a thread waits for the baton, and finds its message."""

    def __init__(self):
        self.message = None
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
        call('.sync', (), None)


def ticks_us():
    return (us + spent) & _PERIOD


def ticks_ms():
    return (ms + (sub + spent) // 1000) & _PERIOD


def call(name, args, kwargs=None):
    """Call a function of the world by its name and return its result, or raise what it raised."""
    return _call([name], args, kwargs)


def method(handle, name, args, kwargs=None):
    """Call a method of an object of the world."""
    return _call([handle, name], args, kwargs)


def _call(what, args, kwargs):
    blobs = []
    filled = []
    what.append([_encode(arg, blobs, filled) for arg in args])
    if kwargs:
        what.append({key: _encode(value, blobs, filled) for key, value in kwargs.items()})
    _send(CALL, current, what, blobs)
    return _await(current, filled)


# --- messages -------------------------------------------------------------------------------------

def _send(kind, thread, value, blobs=()):
    global spent
    text = b'' if value is None else json.dumps(value).encode()
    blob = b''.join(blobs) if blobs else b''
    wakes = 0
    if watched is not None and any_ready(watched):
        wakes = 1
    struct.pack_into('<IIIHBB', _answer, 0, len(text), len(blob), spent, thread, kind, wakes)
    spent = 0
    _write(bytes(_answer) + text if text else _answer)
    if blob:
        _write(blob)


def _write(data):
    sent = _file.write(data)
    while sent < len(data):
        sent += _file.write(data[sent:])


def _read(count):
    data = _file.read(count)
    while len(data) < count:
        more = _file.read(count - len(data))
        if not more:
            raise SystemExit
        data += more
    return data


def _receive():
    """Return (kind, thread, value) of the next message; the clock is set by it."""
    global us, ms, sub, left, spent
    if _file.readinto(_head) != 32:
        raise SystemExit
    size = _head[0]
    us = _head[2]
    ms = _head[3]
    sub = _head[4]
    left = _head[5]
    kind = _head[6]
    thread = _head[7]
    blob_size = _head[1]
    spent = 0
    if kind > SERVICE:      # a callback with one object, which stands in the place of the bytes
        return CALLBACK, thread, (kind >> 8, (objects[blob_size],))
    if not size:
        return kind, thread, None
    text = _read(size)
    value = json.loads(text)
    if b'{' in text:
        value = _decode(value, [_read(blob_size), 0] if blob_size else None)
    return kind, thread, value


def _await(me, filled):
    """Wait for the answer to this thread, doing meanwhile what the world asks."""
    while True:
        kind, thread, value = _receive()
        if kind != SERVICE and thread != me:
            _hand_over(thread, (kind, thread, value))
            kind, value = _take_baton(me)
        if kind == RESULT:
            if filled:
                value = _fill(value, filled)
            return value
        if kind == ERROR:
            raise _error(value)
        if kind == CALLBACK:
            _run_callback(me, value)
        else:
            _serve(me, value)


def _hand_over(thread, message):
    slot = _slots[thread]
    slot.message = message
    slot.gate.release()


def _take_baton(me):
    global current
    slot = _slots[me]
    slot.gate.acquire()
    current = me
    kind, _, value = slot.message
    slot.message = None
    return kind, value


def _error(value):
    kind = getattr(builtins, value[0], RuntimeError)
    return kind(*value[1])


def _run_callback(me, value):
    number, args = value
    try:
        reply = _callbacks[number](*args)
    except SystemExit:
        raise
    except BaseException as e:
        print_exception(e)
        reply = None
    _send(DONE, me, reply if isinstance(reply, (int, str, list)) else None)


def print_exception(e, file=sys.stdout):
    """Print an exception as the board does: what is C code there has no frames."""
    text = io.StringIO()
    sys.print_exception(e, text)
    lines = text.getvalue().split('\n')
    shown = [line for line in lines if not line.startswith('  File "') or line.split('"')[1] not in _HIDDEN]
    if len(shown) < len(lines) and not shown[1].startswith(' '):
        shown.pop(0)
    file.write('\n'.join(shown))


def _serve(me, value):
    blobs = []
    try:
        reply = [True, _encode(_service(value[0], value[1:]), blobs, [])]
    except Exception as e:
        reply = [False, type(e).__name__, [_encode(arg, blobs, []) for arg in e.args]]
    _send(REPLY, me, reply, blobs)


# --- threads --------------------------------------------------------------------------------------

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


def end(thread):
    """A thread ends: pass the baton on. It does nothing more."""
    _send(CALL, thread, ['.end', []])
    while True:
        message = _receive()
        if message[0] == SERVICE:
            _serve(thread, message[2])
            continue
        del _slots[thread]
        _hand_over(message[1], message)
        return


# --- values ---------------------------------------------------------------------------------------

def _encode(value, blobs, filled):
    kind = type(value)
    if value is None or kind is int or kind is str or kind is bool:
        return value
    if kind is float:
        return value if value - value == 0 else {'r': str(value)}
    if kind is tuple:
        return {'t': [_encode(item, blobs, filled) for item in value]}
    if kind is list:
        return [_encode(item, blobs, filled) for item in value]
    if kind is bytes:
        blobs.append(value)
        return {'b': len(value)}
    if kind is dict:
        return {'d': [[_encode(key, blobs, filled), _encode(value[key], blobs, filled)] for key in value]}
    handle = getattr(value, '_handle', None)
    if handle is not None:
        return {'o': handle}
    if callable(value):
        return {'f': _number(value)}
    try:
        data = bytes(memoryview(value))
    except TypeError:
        return {'x': kind.__name__}
    blobs.append(data)
    filled.append(value)
    return {'B': len(data)}


def _number(function):
    global _count
    number = _numbers.get(id(function))
    if number is None or _callbacks[number] is not function:
        _count += 1
        number = _numbers[id(function)] = _count
        _callbacks[number] = function
    return number


def forget(numbers):
    """Drop callbacks that the world holds no longer."""
    for number in numbers:
        function = _callbacks.pop(number, None)
        if function is not None and _numbers.get(id(function)) == number:
            del _numbers[id(function)]


def _decode(value, blob):
    if isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, (list, dict)):
                value[i] = _decode(item, blob)
        return value
    if not isinstance(value, dict):
        return value
    if 't' in value:
        return tuple(_decode(value['t'], blob))
    if 'b' in value:
        if not blob:
            return b''
        start = blob[1]
        blob[1] = start + value['b']
        return blob[0][start:blob[1]]
    if 'o' in value:
        return known(value['o'], value['c'])
    if 'n' in value:
        from collections import namedtuple
        return namedtuple('tuple', value['n'])(*_decode(value['v'], blob))
    if 'f' in value:
        return _callbacks.get(value['f'])
    if 'r' in value:
        return float(value['r'])
    if 'd' in value:
        return {_decode(key, blob): _decode(item, blob) for key, item in value['d']}
    return _bound(value['m'])


def _bound(handle):
    return lambda *args, **kwargs: method(handle, '__call__', args, kwargs)


def _fill(value, filled):
    """Put what the world wrote into the buffers that were handed in; the result comes first."""
    for number, data in value[1]:
        io.BytesIO(data).readinto(filled[number])
    return value[0]


# --- objects --------------------------------------------------------------------------------------

_classes = {}       # name in the world -> class here


class Remote:
    """An object of the world."""

    _single = False

    def __new__(cls, *args, **kwargs):
        return call(cls._path, args, kwargs)

    def __init__(self, *args, **kwargs):
        pass

    def __repr__(self):
        return method(self._handle, '__repr__', ())


def known(handle, path):
    """Return the object here that stands for one of the world."""
    found = objects.get(handle)
    if found is None:
        cls = _classes.get(path) or remote(path, (), {})
        found = object.__new__(cls)
        found._handle = handle
        if cls._single:
            objects[handle] = found
    return found


def _forward(name):
    return lambda self, *args, **kwargs: method(self._handle, name, args, kwargs)


def remote(path, methods, constants, single=False):
    """Make the class here for one of the world.

    Args:
        path: its name there, `machine.Pin`.
        methods: their names.
        constants: dict.
        single: there is one object each: `Pin(2) is Pin(2)`.
    """
    names = {name: _forward(name) for name in methods}
    names.update(constants)
    names['_path'] = path
    names['_single'] = single
    cls = _classes[path] = type(path.split('.')[-1], (Remote,), names)
    return cls


def function(path):
    """Make the function here for one of the world."""
    return lambda *args, **kwargs: call(path, args, kwargs)


def any_ready(entries):
    """True if one of the streams of this program's own is ready."""
    for stream, mask in entries:
        if stream.ioctl(3, mask):
            return True
    return False
