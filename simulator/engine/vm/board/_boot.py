"""First thing that runs in the VM: turn it into the node's board, then do what the port's main.c does."""

import builtins
import gc
import io
import json
import os
import random
import sys

import _link
import _thread as threads
import _values
import gcshadow
import micropython
import taskshadow
import threadshadow
import vfs

_WIRE_FD = 3
_IMAGE_FD = 4
_BLOCK = 4096
_LOOK_US = 100
_OPEN_US = 200
_touched = '/'
_native_open = open
_native_import = __import__
_frozen = {}         # modules that are imported on demand
try:
    import _wasi        # a machine without LittleFS, descriptors, threads, a frozen asyncio
except ImportError:
    _wasi = None
else:
    _native_open = _wasi.open
    os = _wasi.Os
_locks = {}          # number of a thread -> how often it has locked the heap
_lines = b''         # statements that ran, if that is recorded
_EXECUTE, _IMPORT, _STORE = 0, -1, -2       # numbers of functions that the world has run


class Module:
    """Stands for a built-in module."""

    def __init__(self, name, names):
        self.__name__ = name
        for key in names:
            setattr(self, key, names[key])

    def __repr__(self):
        return "<module '%s'>" % self.__name__


class Partition:
    """The flash: read from the image that the simulator shares, written by it."""

    def __init__(self, blocks):
        self._file = _native_open(_IMAGE_FD, 'rb')
        self._blocks = blocks

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * _BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        return _link.call('.program', (block * _BLOCK + offset, bytes(buffer)))

    def ioctl(self, request, argument):
        if request == 4:
            return self._blocks
        if request == 5:
            return _BLOCK
        if request == 6:
            return _link.call('.erase', (argument,))
        if request == 3:
            return _link.call('.flashed', (_touched,))
        return 0


def _names(module, names):
    return {name: getattr(module, name) for name in names if hasattr(module, name)}


def _build(facts):
    """Put the shadow modules where `import` finds them."""
    modules = sys.modules
    for name in facts['modules']:       # one by one: what is in the heap only meanwhile would leave holes
        functions, constants, classes, variables, *rest = json.loads(_link.call('.describe', (name,)))
        if _wasi:
            _wasi.know(rest.pop())
        names = {key: _values.function(name + '.' + key) for key in functions}
        for key in constants:
            value = constants[key]
            names[key] = dict(value) if isinstance(value, list) else value
        for key in classes:
            if '.' in key:      # handed out by calls, without a name of its own
                _values.remote(key, *classes[key])
            else:
                names[key] = _values.remote(name + '.' + key, *classes[key])
        properties = {key: _values.variable(name, key) for key in variables}
        modules[name] = (type('Module', (Module,), properties) if variables else Module)(name, names)
    _link.symbols = modules['errno'].errorcode
    names = _names(os, ('chdir', 'getcwd', 'ilistdir', 'listdir', 'mkdir', 'remove', 'rename', 'rmdir', 'stat',
                        'statvfs', 'unlink'))
    for key in ('mkdir', 'remove', 'rename', 'rmdir', 'unlink'):
        names[key] = _touching(names[key])
    for key in ('chdir', 'ilistdir', 'listdir', 'stat', 'statvfs'):
        names[key] = _looking(names[key])
    names['sync'] = lambda: None
    for key in ('uname', 'urandom', 'dupterm', 'dupterm_notify', 'mount', 'umount'):
        names[key] = _values.function('os.' + key)
    modules['os'] = Module('os', names)
    names = _names(micropython, ('const', 'opt_level', 'RingIO', 'stack_use'))
    for key in ('alloc_emergency_exception_buf', 'kbd_intr', 'qstr_info'):
        names[key] = _values.function('micropython.' + key)
    names.update(heap_lock=_lock_heap, heap_unlock=_unlock_heap, schedule=_schedule, mem_info=_mem_info)
    names['native'] = names['viper'] = lambda function: function
    modules['micropython'] = Module('micropython', names)
    names = _names(random, ('choice', 'getrandbits', 'randint', 'random', 'randrange', 'uniform'))
    names['seed'] = _seed
    modules['random'] = Module('random', names)
    modules['sys'] = _make_sys(facts['sys'])
    for name in ('time', 'select', 'neopixel', 'ntptime'):
        __import__(name)
    for name in facts['frozen'] + ['neopixel', 'ntptime']:
        _frozen[name] = modules.pop(name)
    builtins.__import__ = _import
    for name in ('errno', 'machine', 'os', 'random', 'select', 'socket', 'sys', 'time', 'websocket'):
        modules['u' + name] = modules[name]
    modules['_thread'] = threadshadow
    modules['_asyncio'] = taskshadow


def _import(name, *rest):
    """`__import__`: a file wins over a frozen module, which appears in `sys.modules` when it is imported."""
    if name in _frozen and name not in sys.modules:
        for folder in sys.path:
            if folder == '.frozen':
                sys.modules[name] = _frozen[name]
                break
            if _is_there(folder + '/' + name):
                break
    return _native_import(name, *rest)


def _is_there(path):
    for ending in ('', '.py', '.mpy'):
        try:
            os.stat(path + ending)
            return True
        except OSError:
            pass
    return False


def _schedule(function, arg):
    # The argument stays here: whatever it is, it comes back as itself.
    _link.call('micropython.schedule', (lambda _: function(arg), None))


def _lock_heap():
    count = _locks[_link.current] = _locks.get(_link.current, 0) + 1
    micropython.heap_lock()
    return count


def _unlock_heap():
    count = _locks.get(_link.current, 0)
    if count:
        micropython.heap_unlock()
        _locks[_link.current] = count = count - 1
    return count


def _free_heap():
    """A locked heap is not left to the prompt. Source: shared/runtime/pyexec.c, pyexec_friendly_repl."""
    while _unlock_heap():
        pass


def _mem_info(*verbose):
    if verbose:
        return _link.call('micropython.mem_info', verbose)
    _link.call('.mem_info', (micropython.stack_use(), gc.mem_alloc(), gc.mem_free()))


def _touching(function):
    """Return a function that changes a file, and notes which."""
    def change(*args):
        global _touched
        _link.charge(_LOOK_US)
        if args:
            _touched = args[0]
        return function(*args)
    return change


def _looking(function):
    """Return a function that looks into the file system, which takes as long as on the other engine."""
    def look(*args):
        _link.charge(_LOOK_US)
        return function(*args)
    return look


def _open(path, mode='r', *rest, **named):
    global _touched
    _link.charge(_OPEN_US)
    if isinstance(path, int):       # of which the machine makes one of the host's files
        raise TypeError("can't convert 'int' object to str implicitly")
    if mode not in ('r', 'rb'):
        _touched = path
    return _native_open(path, mode, *rest, **named)


def _seed(number=None):
    random.seed(_link.call('.noise', ()) if number is None else number)


def _make_sys(facts):
    names = _names(sys, ('byteorder', 'exit', 'modules', 'path', 'stderr', 'stdout', 'version_info'))
    names['print_exception'] = _link.print_exception
    names['argv'] = []
    from collections import namedtuple
    names['implementation'] = namedtuple('implementation', ('name', 'version', '_machine', '_mpy', '_build'))(
        'micropython', tuple(facts['version_info']), facts['machine'], facts['mpy'], facts['build'])
    for key in ('maxsize', 'platform', 'version'):
        names[key] = facts[key]
    handle, described = facts['stdin']
    _values.remote('sys._ConsoleStream', *described)
    names['stdin'] = _values.known(handle, 'sys._ConsoleStream')
    return Module('sys', names)


def _execute(source, name, mode, is_shown):
    """Run source in `__main__`. Returns None, or [name of the exception, its traceback]."""
    return _run(lambda: compile(source, name, mode), is_shown)


def _run(load, is_shown):
    """The same, of what `load()` gives; nothing but the code is held while it runs."""
    try:
        exec(load(), _main)
    except BaseException as e:
        _free_heap()
        if is_shown and not isinstance(e, SystemExit):
            _link.print_exception(e)
            return None
        text = io.StringIO()
        _link.print_exception(e, text)
        return [type(e).__name__, text.getvalue()]
    _free_heap()


def _import_plain(name):
    """Import a module for the world, and tell it what plain values it has."""
    try:
        module = __import__(name)
    except Exception:
        return
    kinds = (str, bytes, int, float, tuple, type(None))
    found = {key: getattr(module, key) for key in dir(module)}
    _link.call('.imported', ({key: found[key] for key in found if isinstance(found[key], kinds)},))


def _store(path, number, size, piece):
    """Write a file of the world's. Returns the number of the error, or 0."""
    global _touched
    _touched = path
    try:
        with _native_open(path, 'wb') as file:
            for start in range(0, size, piece):
                file.write(_link.call('.piece', (number, start)))
    except OSError as e:
        return e.args[0]
    return 0


def _probe(number, started, source):
    started.release()
    _link.begin(number)
    _link.call('.probed', (_execute(source, '<stdin>', 'exec', False),))
    _link.end(number)


def _start_probe(number, source):
    _link.add_thread(number)
    started = threads.allocate_lock()
    started.acquire()
    threads.start_new_thread(_probe, (number, started, source))
    started.acquire()


# --- what the simulator asks while the program waits ----------------------------------------------

def _serve(name, args):
    return _SERVICES[name](*args)


def _read(path, start, size):
    with _native_open(path, 'rb') as file:
        file.seek(start)
        return file.read(size)


def _write(path, data, start):
    with _native_open(path, 'ab' if start else 'wb') as file:
        file.write(data)


def _module_of(number):
    return getattr(_values.callbacks[number], '__globals__', {}).get('__name__')


def _fits(size):
    try:
        bytearray(size)
        return True
    except MemoryError:
        return False


def _largest():
    """Return the bytes of the largest piece that the heap can give."""
    low = 0
    high = gc.mem_free() + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(middle):
            low = middle
        else:
            high = middle
        gc.collect()        # a conservative collector may see the last piece in a register of this function
    return low


def _record(count):
    # See simulator/engine/line_recorder.py.
    global _lines
    _lines = lines = bytearray(count)

    def mark(number, hit):
        lines[number] = hit

    builtins.__line__ = mark


_SERVICES = {
    'lines': lambda: bytes(_lines),
    'read': _read, 'write': _write, 'list': os.listdir, 'stat': lambda path: os.stat(path)[0:7], 'mkdir': os.mkdir,
    'remove': os.remove, 'rename': os.rename, 'statvfs': lambda: os.statvfs('/'), 'probe': _start_probe,
    'forget': _values.forget, 'module': _module_of, 'memory': lambda: (gc.mem_alloc(), gc.mem_free()),
    'collect': gc.collect, 'largest': _largest, 'loaded': lambda: list(sys.modules),
}


# --- life -----------------------------------------------------------------------------------------

def _program():
    for name in ('boot.py', 'main.py'):
        try:
            open(name, 'rb').close()
        except OSError:
            continue
        if _run(lambda name=name: _load(name), True):
            _link.call('.exit', ())
    _link.call('.repl', ())


def _load(name):
    with open(name, 'rb') as file:
        return compile(file.read(), name, 'exec')


def start(main):
    """Become the board and run; does not return.

    Args:
        main: names of `__main__`.
    """
    global _main
    _main = main
    modules = sys.modules
    _link.start(_wasi.Wire() if _wasi else open(_WIRE_FD, 'r+b'), threads.allocate_lock, _serve)
    _values.callbacks.update({_EXECUTE: _execute, _IMPORT: _import_plain, _STORE: _store})
    facts = json.loads(_link.call('.hello', ()))
    _build(facts)
    threadshadow._allocate = threads.allocate_lock
    threadshadow._start = threads.start_new_thread
    threads.stack_size(facts['stack_bytes'])
    random.seed(facts['noise'])
    builtins.open = _open
    if facts['lines']:
        _record(facts['lines'])
    builtins.input = _values.function('.input')
    if _wasi:
        _wasi.load_asyncio()
    else:
        vfs.umount('/')
        vfs.mount(vfs.VfsLfs2(Partition(facts['blocks']), readsize=32, progsize=32, lookahead=32, mtime=False), '/')
    os.chdir('/')
    sys.path[:] = ['', '.frozen', '/lib']
    for name in ('_boot', 'gcshadow', 'taskshadow', 'threadshadow', '_link', '_values', '_wasi'):
        modules.pop(name, None)
    for name in list(main):
        if name[:2] != '__':
            del main[name]
    facts = None
    gc.collect()
    gc.threshold(-1)
    if _wasi:
        _wasi.be_fresh()
    overhead = gc.mem_alloc()
    modules['gc'] = gcshadow.Gc(gc, _link.call('.ready', (overhead,)), overhead)
    _program()
