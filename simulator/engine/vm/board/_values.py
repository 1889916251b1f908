"""Values of messages: what JSON has stands for itself, all else for an object with one key.

See simulator/engine/vm/channel.py.
"""

import io

import _link

callbacks = {}      # number -> function
objects = {}        # handle -> object, of those of which there is one each
_numbers = {}       # id(function) -> number
_count = 0


def encode(value, blobs, filled):
    kind = type(value)
    if value is None or kind is int or kind is str or kind is bool:
        return value
    if kind is float:
        return value if value - value == 0 else {'r': str(value)}
    if kind is tuple:
        return {'t': [encode(item, blobs, filled) for item in value]}
    if kind is list:
        return [encode(item, blobs, filled) for item in value]
    if kind is bytes:
        blobs.append(value)
        return {'b': len(value)}
    if kind is dict:
        return {'d': [[encode(key, blobs, filled), encode(value[key], blobs, filled)] for key in value]}
    handle = getattr(value, '_handle', None)
    if handle is not None:
        return {'o': handle}
    if callable(value):
        return {'f': number_of(value)}
    try:
        data = bytes(memoryview(value))
    except TypeError:
        if kind is slice:
            return {'s': [encode(part, blobs, filled) for part in (value.start, value.stop, value.step)]}
        return {'x': kind.__name__}
    blobs.append(data)
    filled.append(value)
    return {'B': len(data)}


def number_of(function):
    global _count
    number = _numbers.get(id(function))
    if number is None or callbacks[number] is not function:
        _count += 1
        number = _numbers[id(function)] = _count
        callbacks[number] = function
    return number


def forget(numbers):
    """Drop callbacks that the world holds no longer."""
    for number in numbers:
        function = callbacks.pop(number, None)
        if function is not None and _numbers.get(id(function)) == number:
            del _numbers[id(function)]


def decode(value, blob):
    if isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, (list, dict)):
                value[i] = decode(item, blob)
        return value
    if not isinstance(value, dict):
        return value
    if 't' in value:
        return tuple(decode(value['t'], blob))
    if 'b' in value:
        return _taken(value['b'], blob)
    if 'o' in value:
        return known(value['o'], value['c'])
    if 'n' in value:
        from collections import namedtuple
        return namedtuple('tuple', value['n'])(*decode(value['v'], blob))
    if 'f' in value:
        return callbacks.get(value['f'])
    if 'r' in value:
        return float(value['r'])
    if 'B' in value:
        return bytearray(_taken(value['B'], blob))
    if 'd' in value:
        return {decode(key, blob): decode(item, blob) for key, item in value['d']}
    return _bound(value['m'])


def _taken(count, blob):
    if not blob:
        return b''
    start = blob[1]
    blob[1] = start + count
    return blob[0][start:blob[1]]


def _bound(handle):
    return lambda *args, **kwargs: _link.method(handle, '__call__', args, kwargs)


def fill(value, filled):
    """Put what the world wrote into the buffers that were handed in; the result comes first."""
    for number, data in value[1]:
        io.BytesIO(data).readinto(filled[number])
    return value[0]



_classes = {}       # name in the world -> class here


class Remote:
    """An object of the world."""

    _single = False

    def __new__(cls, *args, **kwargs):
        return _link.call(cls._path, args, kwargs)

    def __init__(self, *args, **kwargs):
        pass

    def __repr__(self):
        return _link.method(self._handle, '__repr__', ())


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
    if name in ('__enter__', 'makefile'):
        return lambda self, *args, **kwargs: _link.method(self._handle, name, args, kwargs) and self
    return lambda self, *args, **kwargs: _link.method(self._handle, name, args, kwargs)


def _attribute(name):
    return property(lambda self: _link.method(self._handle, '__getattribute__', (name,)),
                    lambda self, value: _link.method(self._handle, '__setattr__', (name, value)))


def variable(module, name):
    """Make the property here for a variable of a module of the world."""
    return property(lambda _: _link.call('.variable', (module, name)),
                    lambda _, value: _link.call('.variable', (module, name, value)))


errors = {}         # name of an exception of the world's own -> class here


def remote(path, methods, constants, single=False, attributes=(), is_error=False):
    """Make the class here for one of the world.

    Args:
        path: its name there, `machine.Pin`.
        methods: their names.
        constants: dict.
        single: there is one object each: `Pin(2) is Pin(2)`.
        attributes: names of what its objects have.
        is_error: it is an exception: a class of this program's own, which the world's are raised as.
    """
    if is_error:
        name = path.split('.')[-1]
        errors[name] = cls = type(name, (Exception,), {})
        return cls
    names = {name: _forward(name) for name in methods}
    names.update(constants)
    for name in attributes:
        names[name] = _attribute(name)
    names['_path'] = path
    names['_single'] = single
    cls = _classes[path] = type(path.split('.')[-1], (Remote,), names)
    return cls


def function(path):
    """Make the function here for one of the world."""
    return lambda *args, **kwargs: _link.call(path, args, kwargs)
