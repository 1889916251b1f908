"""`asyncio` for a machine that has none frozen: the part of it that firmware uses, on the task queue of `taskshadow`.

Source of its behaviour: docs/library/asyncio.rst of MicroPython; extmod/asyncio (MIT) of 1.28.
"""

import sys
from select import POLLIN, POLLOUT, poll

import threadshadow
from taskshadow import Task, TaskQueue
from time import ticks_add, ticks_diff, ticks_ms as ticks


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


cur_task = None
_task_queue = TaskQueue()
_exc_context = {'message': "Task exception wasn't retrieved", 'exception': None, 'future': None}


# --- waiting --------------------------------------------------------------------------------------

class _Once:
    """Awaitable that gives way once; there is one for all."""

    def __init__(self):
        self.due = None

    def __iter__(self):
        return self

    def __next__(self):
        due, self.due = self.due, None
        if due is None:
            raise StopIteration
        if due is not _HELD:
            _task_queue.push(cur_task, due)


_HELD = object()        # somebody else has the task
_once = _Once()


def sleep_ms(t, once=_once):
    once.due = ticks_add(ticks(), max(0, t))
    return once


def sleep(t):
    return sleep_ms(int(t * 1000))


def _held():
    _once.due = _HELD
    return _once


class IOQueue:
    """Tasks that wait for streams."""

    def __init__(self):
        self.poller = poll()
        self.map = {}       # id(stream) -> [task that reads, task that writes, stream]

    def _add(self, stream, index):
        entry = self.map.get(id(stream))
        if entry is None:
            entry = self.map[id(stream)] = [None, None, stream]
            self.poller.register(stream, (POLLIN, POLLOUT)[index])
        else:
            assert entry[index] is None and entry[1 - index] is not None
            self.poller.modify(stream, POLLIN | POLLOUT)
        entry[index] = cur_task
        cur_task.data = self

    def queue_read(self, stream):
        self._add(stream, 0)
        return _held()

    def queue_write(self, stream):
        self._add(stream, 1)
        return _held()

    def _drop(self, stream):
        del self.map[id(stream)]
        self.poller.unregister(stream)

    def remove(self, task):
        for entry in list(self.map.values()):
            if task is entry[0] or task is entry[1]:
                self._drop(entry[2])

    def wait_io_event(self, dt):
        for stream, found in self.poller.ipoll(dt):
            entry = self.map[id(stream)]
            for index, mask in ((0, ~POLLOUT), (1, ~POLLIN)):
                if found & mask and entry[index] is not None:
                    _task_queue.push(entry[index])
                    entry[index] = None
            if entry[0] is None and entry[1] is None:
                self._drop(stream)
            else:
                self.poller.modify(stream, POLLOUT if entry[0] is None else POLLIN)


_io_queue = IOQueue()


# --- running --------------------------------------------------------------------------------------

def create_task(coro):
    if not hasattr(coro, 'send'):
        raise TypeError('coroutine expected')
    task = Task(coro, globals())
    _task_queue.push(task)
    return task


def _promote(aw):
    return aw if isinstance(aw, Task) else create_task(aw)


def _wait_for_due():
    """Wait until the first task of the queue is due; False if none ever will be."""
    while True:
        threadshadow.run_ready()
        task = _task_queue.peek()
        if task is not None:
            dt = max(0, ticks_diff(task.ph_key, ticks()))
        elif _io_queue.map:
            dt = -1
        else:
            return False
        _io_queue.wait_io_event(dt)
        if dt == 0:
            return True


def run_until_complete(main_task=None):
    global cur_task
    while _wait_for_due():
        task = cur_task = _task_queue.pop()
        thrown = task.data
        try:
            if thrown:
                task.data = None
                task.coro.throw(thrown)
            else:
                task.coro.send(None)
        except (CancelledError, Exception) as e:
            assert task.data is None
            if task is main_task:
                cur_task = None
                if isinstance(e, StopIteration):
                    return e.value
                raise e
            _end(task, e, thrown)
    cur_task = None


def _end(task, e, thrown):
    if task.state:
        is_awaited = True
        if task.state is True:
            task.state = None
            is_awaited = False
        elif callable(task.state):
            task.state(task, e)
            task.state = False
        else:
            while task.state.peek():
                _task_queue.push(task.state.pop())
            task.state = False
        if not is_awaited and not isinstance(e, (CancelledError, StopIteration)):
            _task_queue.push(task)      # others have one turn to await it
        task.data = e
    elif task.state is None:
        task.data = _exc_context['exception'] = thrown      # what had ended it a turn ago
        _exc_context['future'] = task
        Loop.call_exception_handler(_exc_context)


def run(coro):
    return run_until_complete(create_task(coro))


def current_task():
    if cur_task is None:
        raise RuntimeError('no running event loop')
    return cur_task


async def _stopper():
    pass


_stop_task = None


class Loop:
    _handler = None

    def create_task(coro):
        return create_task(coro)

    def run_forever():
        global _stop_task
        _stop_task = Task(_stopper(), globals())
        run_until_complete(_stop_task)

    def run_until_complete(aw):
        return run_until_complete(_promote(aw))

    def stop():
        global _stop_task
        if _stop_task is not None:
            _task_queue.push(_stop_task)
            _stop_task = None

    def close():
        pass

    def set_exception_handler(handler):
        Loop._handler = handler

    def get_exception_handler():
        return Loop._handler

    def default_exception_handler(loop, context):
        print(context['message'], file=sys.stderr)
        print('future:', context['future'], 'coro=', context['future'].coro, file=sys.stderr)
        sys.print_exception(context['exception'], sys.stderr)

    def call_exception_handler(context):
        (Loop._handler or Loop.default_exception_handler)(Loop, context)


def get_event_loop(runq_len=0, waitq_len=0):
    return Loop


def new_event_loop():
    global _task_queue, _io_queue, _exc_context, cur_task
    _task_queue = TaskQueue()
    _io_queue = IOQueue()
    cur_task = None
    return Loop


# --- several tasks --------------------------------------------------------------------------------

async def _run_for(waiter, aw):
    result = None
    try:
        result = await aw
        status = True
    except BaseException as e:
        status = e
    if waiter.data is None and waiter.cancel():     # it still waits
        waiter.data = CancelledError(status, result)


async def wait_for(aw, timeout, sleep=sleep):
    aw = _promote(aw)
    if timeout is None:
        return await aw
    runner = create_task(_run_for(cur_task, aw))
    try:
        await sleep(timeout)
    except CancelledError as e:
        status = e.value
        if status is None:      # from outside
            runner.cancel()
            raise e
        if status is True:
            return e.args[1]
        raise status
    runner.cancel()
    await runner
    raise TimeoutError


def wait_for_ms(aw, timeout):
    return wait_for(aw, timeout, sleep_ms)


class _Gathering:
    def __init__(self, left):
        self.left = left

    def remove(self, task):
        pass


async def gather(*aws, return_exceptions=False):
    waiter = cur_task
    gathering = _Gathering(0)

    def done(task, e):
        if waiter.data is not gathering:
            return      # it goes on already
        gathering.left -= 1
        if gathering.left and (return_exceptions or isinstance(e, StopIteration)):
            return
        _task_queue.push(waiter)

    tasks = [_promote(aw) for aw in aws]
    for task in tasks:
        if task.state is True:
            task.state = done
            gathering.left += 1
        elif task.state:
            raise RuntimeError("can't gather")
    if gathering.left:
        waiter.data = gathering
        await _held()
    results = []
    for task in tasks:
        e = task.data
        if isinstance(e, StopIteration):
            results.append(e.value)
        elif return_exceptions:
            results.append(e)
        elif e is not None:
            raise e
    return results


# --- between tasks --------------------------------------------------------------------------------

class Event:
    def __init__(self):
        self.state = False
        self.waiting = TaskQueue()

    def is_set(self):
        return self.state

    def set(self):
        while self.waiting.peek():
            _task_queue.push(self.waiting.pop())
        self.state = True

    def clear(self):
        self.state = False

    async def wait(self):
        if not self.state:
            self.waiting.push(cur_task)
            cur_task.data = self.waiting
            await _held()
        return True


class ThreadSafeFlag:
    def __init__(self):
        self.state = 0

    def ioctl(self, req, flags):
        return self.state * flags if req == 3 else -1

    def set(self):
        self.state = 1

    def clear(self):
        self.state = 0

    async def wait(self):
        if not self.state:
            await _io_queue.queue_read(self)
        self.state = 0


class Lock:
    def __init__(self):
        self.state = 0          # 1 locked, a task: it has the lock when it runs
        self.waiting = TaskQueue()

    def locked(self):
        return self.state == 1

    def release(self):
        if self.state != 1:
            raise RuntimeError('Lock not acquired')
        if self.waiting.peek():
            self.state = self.waiting.pop()
            _task_queue.push(self.state)
        else:
            self.state = 0

    async def acquire(self):
        if self.state != 0:
            self.waiting.push(cur_task)
            cur_task.data = self.waiting
            try:
                await _held()
            except CancelledError as e:
                if self.state is cur_task:
                    self.state = 1
                    self.release()
                raise e
        self.state = 1
        return True

    async def __aenter__(self):
        return await self.acquire()

    async def __aexit__(self, exc_type, exc, tb):
        return self.release()


# Last, since streams use what is above; `asyncio.start_server` and the like are theirs.
from aiostreams import (  # noqa: F401
    Server,
    Stream,
    StreamReader,
    StreamWriter,
    open_connection,
    start_server,
)
