"""Runs commands `<module> <function> [arguments]` of Load Modules.

A command is parsed (`literals`), checked against the module's signatures (`signatures`) and called:
`async def` functions as part of a task of the loop, plain ones in a worker thread. One call at a time
uses a module and what its `lmdep()` names; `stop`, `status` and `help` never wait. A call lives in a
task of its own, so a client that leaves disturbs nothing.

A function that never returns keeps its module and, if it is a plain one, a worker. `system`, the
exempt functions and imports have a worker that others cannot take. If a call finds no worker, or cannot import,
because what runs there has run STUCK_FACTOR times as long as `lm_max_s`, the node restarts.

    call = InterpreterCore.start('system clock')
    while not call.is_done:
        await call.changed()
    lines = call.take()
"""

import _thread
import asyncio
import sys
import time

import cold
import ConfigHandler
import hal
import literals
import locks
import outbox
import results
import signatures
import workers
from Debug import errlog_add
from micropython import const

STUCK_FACTOR = 10
_EXEMPT = const(('help', 'status', 'stop'))
_URGENT = const('system') # the module that helps when others hang
_LOCK_MS = const(5000)    # so long a call waits for a module or a thread, then answers `busy`
_WATCH_MS = const(10000)  # calls are looked at so often, and when one is due
_MAX_COLLECTED = const(64)
_RESTART_MS = const(1000) # in which the reason reaches the client
_IMPORT = const('*import*')      # name of the lock that lets one module load at a time
_IMPORT_JOB = const('import ')


class _State:
    """What the module remembers between calls."""

    def __init__(self):
        self.locks = locks.NamedLocks()
        self.signatures = {}      # module -> its public functions, for the modules that are loaded
        self.loaded = {}          # module -> module object, once its import has ended
        self.active = []          # calls that run
        self.by_thread = {}       # thread id -> call that it runs
        self.by_task = {}         # id of a task -> call that it runs
        self.is_watched = False


state = _State()     # what `pipes` looks at too


class Call:
    """One command on its way."""

    is_done = False
    is_ok = True            # False: out of memory, the caller should recover
    is_overdue = False      # it runs longer than `lm_max_s`
    failure = None          # text of the error, or None
    plan = None             # words, module, plain function, args, kwargs, rank, names to lock
    _lost = 0               # collected lines that were dropped
    _in_worker = False

    def __init__(self, parts, parent, is_background, box):
        self.words, self._arguments, self._as_json = parts
        self._outbox = box
        self._collected = []               # with >json: lines for the one reply
        self._flag = asyncio.ThreadSafeFlag()
        self._root = parent._root if parent is not None else self
        self._started = time.ticks_ms()
        self._is_background = is_background

    def __str__(self):
        return '.'.join(self.words)

    def changed(self):
        """Await it to wait until there are lines to take or the call is done."""
        return self._flag.wait()

    def take(self):
        """Return the lines that came since the last time."""
        return self._outbox.take()

    def detach(self):
        """The client has left: run to the end, but throw the output away."""
        self._outbox.close()

    def write(self, text):
        """Send a line to the client; from the loop or from the worker that runs this call.

        With `>json` the lines wait for the reply, the newest _MAX_COLLECTED of them, so that it is one JSON text.
        """
        if self._as_json:
            if len(self._collected) == _MAX_COLLECTED:
                self._collected.pop(0)
                self._lost += 1
            self._collected.append(str(text))
            return
        if self._in_worker:
            self._outbox.wait_for_room()
        self._outbox.add(text)
        self._flag.set()

    def look(self, limit_s):
        """Report the call, once, if it has run longer than limit_s; returns in how many ms to look again."""
        left_ms = _WATCH_MS
        if not self.is_overdue:
            left_ms = limit_s * 1000 - time.ticks_diff(time.ticks_ms(), self._started) + 1
            if left_ms <= 0:
                self.is_overdue = True
                self._flag.set()    # who waits for the call may give up
                errlog_add('%s runs longer than %d s' % (self, limit_s))
        return left_ms if 0 < left_ms < _WATCH_MS else _WATCH_MS

    async def run(self):
        """Execute the command; afterwards `is_done`, and the reply waits to be taken."""
        try:
            watch(self)
            if len(self.words) < 2:
                self._outbox.end(results.HINTS)
            else:
                value = await self._execute()
                if self._collected:
                    value = {'stream': self._streamed(), 'result': value}
                self._outbox.end([results.to_text(self.words[1], value, self._as_json)])
        except BaseException as e:      # border: whatever a Load Module raises is its reply
            self._fail(e)
            if isinstance(e, asyncio.CancelledError):
                raise       # it may be this task that is cancelled; its end is silent either way
        finally:
            self._end(())
            self._flag.set()

    def _end(self, names):
        """The call is over: give names back."""
        state.locks.give_back(names)
        self.is_done = True
        if self in state.active:
            state.active.remove(self)

    def _streamed(self):
        """Return the lines that `>json` held back, headed by how many are missing."""
        return ['[...] %d lines dropped' % self._lost] * bool(self._lost) + self._collected

    def _fail(self, error):
        self._outbox.end(self._streamed())
        self.failure = 'exec_lm_core LM_%s->%s: %s' % (
            self.words[0], self.words[1], results.error_text(error))
        if isinstance(error, MemoryError) or 'memory allocation failed' in self.failure:
            self.is_ok = False
            try:
                unload(self.words[0])
            except MemoryError:     # not even for that
                sys.modules.pop('LM_' + self.words[0], None)
            self._outbox.end([self.failure])
        else:
            self._outbox.end([self.failure] + results.HINTS)

    async def _execute(self):
        module, function = self.words
        if literals.is_background(function + ' ' + self._arguments):
            raise ValueError('a background suffix stands at the end of a shell command')
        known = _functions(module)
        try:
            signature = _signature(known, function)
            args, kwargs = literals.parse_arguments(self._arguments)
            if signature:
                signatures.check_arguments(signature, args, kwargs)
        except (AttributeError, TypeError) as e:
            await self._load(module)        # a file that is no Python says more
            raise e
        target = await self._load(module)
        state.signatures[module] = known
        names = () if function in _EXEMPT else (module,) + _dependencies(target)
        await self._lock(names)
        try:
            called = _function(target, function)
            if signatures.is_async(signature) or _is_coroutine_function(called):
                return await self._run_async(called, args, kwargs)
            self.plan = self.words, target, called, args, kwargs, self._rank(), names
            return await self.run_blocking(called, args, kwargs)
        finally:
            state.locks.give_back(names)

    async def _load(self, module):
        """Import the module in a worker, one at a time."""
        if module in state.loaded:
            return state.loaded[module]
        await self._lock((_IMPORT,))
        try:
            target = await self._run_worker(_IMPORT_JOB + 'LM_' + module, __import__, 'LM_' + module)
        finally:
            state.locks.give_back((_IMPORT,))
        state.loaded[module] = target
        return target

    async def _lock(self, names):
        if not await state.locks.take(names, self._root, _LOCK_MS):
            holder = state.locks.holder(names, self._root)
            raise _busy('%s is running' % holder, _IMPORT_JOB if names == (_IMPORT,) else None)

    async def _run_async(self, function, args, kwargs):
        task_id = id(asyncio.current_task())
        previous = state.by_task.get(task_id)
        state.by_task[task_id] = self
        try:
            return await function(*args, **kwargs)
        finally:
            if previous is None:
                del state.by_task[task_id]
            else:
                state.by_task[task_id] = previous

    async def run_blocking(self, function, args, kwargs):
        """Call a function that blocks, in a worker, on behalf of this call; returns what it returns."""
        return await self._run_worker(str(self), self._run_plain, function, args, kwargs)

    def _rank(self):
        if self.words[0] == _URGENT or self.words[1] in _EXEMPT:
            return workers.URGENT
        return workers.BACKGROUND if self._is_background else workers.ORDINARY

    async def _run_worker(self, name, function, *args):
        # an import is urgent: while it waited for a worker, nothing else could be imported
        rank = workers.URGENT if name.startswith(_IMPORT_JOB) else self._rank()
        job = workers.Job(function, args, name, rank)
        if not await workers.pool.start(job, _LOCK_MS):
            # two jobs that never end are no reason for a restart
            raise _busy('all workers are running', None if self._is_background else '')
        return await job.wait()

    def _run_plain(self, function, args, kwargs):
        """Call the function in the worker thread that runs this."""
        thread_id = _thread.get_ident()
        state.by_thread[thread_id] = self
        self._in_worker = True
        try:
            return function(*args, **kwargs)
        finally:
            self._in_worker = False
            del state.by_thread[thread_id]


def start(line, is_background=False):
    """Run a command in a task of its own; returns its Call at once."""
    call = Call(literals.split_command(line), current_call(), is_background, outbox.Outbox())
    asyncio.create_task(call.run())
    return call


async def execute(line):
    """Run a command and wait for its end; returns its Call."""
    call = start(line)
    while not call.is_done:
        await call.changed()
    return call


def current_call():
    """Return the Call on whose behalf the running code works, or None."""
    call = state.by_thread.get(_thread.get_ident())
    if call is None and state.by_task:
        try:
            call = state.by_task.get(id(asyncio.current_task()))
        except RuntimeError:      # no task runs: this is an interrupt or a thread
            pass
    return call


def unload(name):
    """Forget a Load Module, so that its next call loads the file anew. See `lm_unload`.

    Args:
        name: str, `rgb` or `LM_rgb`.

    Returns:
        bool: False if it was not loaded.
    """
    name = name[3:] if name.startswith('LM_') else name
    state.loaded.pop(name, None)
    state.signatures.pop(name, None)
    return cold.call('lm_unload', 'unload', name)


def _functions(module):
    """Return {name: signature} of a module's public functions, or None if only itself knows."""
    if module in state.signatures:
        return state.signatures[module]
    listed = signatures.functions(module)
    return None if listed is None else {signatures.name_of(text): text for text in listed}


def _signature(known, function):
    """Return the signature of a public function; '' if it is not known."""
    if known is None:
        return ''
    if function not in known:
        raise _no_function(function)
    return known[function]


def _function(module, name):
    function = None if name.startswith('_') else getattr(module, name, None)
    if not callable(function):
        raise _no_function(name)
    return function


def _no_function(name):
    return AttributeError("'module' object has no attribute '%s'" % name)


def _busy(text, blockers):
    """Return the error of a call that waited in vain, and restart the node if it would wait for ever.

    Args:
        text: str, what it waited for.
        blockers: str, beginning of the names of the jobs it waited for, all of them if empty; None: a module.
    """
    stuck = [] if blockers is None else workers.pool.stuck(blockers)
    if stuck:
        text += '; restart: no end of ' + ', '.join(stuck)
        errlog_add('busy: ' + text)
        asyncio.create_task(_restart())
    return RuntimeError('busy: ' + text)


async def _restart():
    await asyncio.sleep_ms(_RESTART_MS)
    hal.reset()


def _dependencies(module):
    """Return the modules that a Load Module names in `lmdep()`, a text or a tuple."""
    if not hasattr(module, 'lmdep'):
        return ()
    named = module.lmdep()
    return (named,) if isinstance(named, str) else tuple(named)


async def _nothing():
    """A coroutine function, to compare types with."""


def _is_coroutine_function(function):
    """True for `async def` where its type tells, as in MicroPython."""
    return type(function) is type(_nothing) and type(function) is not type(_function)


def watch(call):
    """Note that a call runs, and see that somebody looks after it."""
    state.active.append(call)
    if not state.is_watched:
        state.is_watched = True
        asyncio.create_task(_watch_calls())


async def _watch_calls():
    """Report calls that take too long, once each; ends when no call runs."""
    try:
        while state.active:
            limit_s = ConfigHandler.cfgget('lm_max_s')
            left_ms = min([call.look(limit_s) for call in state.active])
            workers.pool.note_ages(limit_s * 1000 * STUCK_FACTOR)
            await asyncio.sleep_ms(left_ms)
            workers.pool.end_spare()
    finally:
        state.is_watched = False       # whatever ended it, the next call starts it again
