"""Tasks and the scheduler of MicroPython's ``asyncio``, on virtual time.

Theory of operation. As in the port, tasks wait in a queue ordered by the millisecond at which they are due; one that
waits for something else is held by that thing (a stream, an event, another task) and put back into the queue when
that happens. The scheduler runs due tasks in order and parks its thread until the next one is due or
something wakes it. State is per life: ``machine.state["asyncio"]``.

Source: extmod/asyncio/core.py, task.py (MicroPython 1.28); docs/library/asyncio.rst.

Limits: awaitables must be coroutines or this module's own (on the port any iterable will do); ``IOQueue``,
``TaskQueue`` and ``SingletonGenerator`` are not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from heapq import heappop, heappush
from typing import Any

from greenlet import getcurrent

from simulator.errors import NodeDead
from simulator.kernel import Event, Wait
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import Machine, Thread, charged_inside, running

_STEP_US = 2
_CALL_US = 1
#: How often it looks for a task when nothing can bring one but an interrupt or another thread.
_LOOK_US = 3_000
#: Source: ports/esp32, MICROPY_PY_TIME_TICKS_PERIOD is 2**30.
_HALF_PERIOD_MS = 1 << 29


class CancelledError(BaseException):
    """Thrown into a cancelled task; the port's derives from BaseException too."""


class TimeoutError(Exception):
    """Raised by ``wait_for`` and ``wait_for_ms``."""


class Scheduler:
    """The queue of one life.

    Attributes:
        queue: heap of (due_us, sequence, task, ticket); an entry is void when its ticket is not the task's.
        cur_task: the task that runs.
        held: tasks that wait for something other than time, by identity of the holding.
        wait: what the parked thread waits on.
        polled: streams that a task waits for, each with whether for writing.
        seq: number of the last entry of the queue.
    """

    __slots__ = (
        "_deadline",
        "_spare",
        "alive",
        "cur_task",
        "exc_handler",
        "io_waiting",
        "kernel",
        "machine",
        "polled",
        "queue",
        "seq",
        "wait",
    )

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.kernel = machine.kernel
        self.queue: list[tuple[int, int, Task]] = []
        self.cur_task: Task | None = None
        self.wait: Wait | None = None
        self._spare: Wait | None = None  # the last one, to be used again
        self._deadline: Event | None = None
        self.alive: dict[Task, None] = {}
        self.io_waiting = 0
        self.polled: dict[tuple[Any, bool], None] = {}
        self.exc_handler: Callable[[Any, dict[str, Any]], object] | None = None
        self.seq = 0
        machine.at_end(self._end)

    def push(self, task: Task, due_us: int) -> None:
        """Queue ``task`` for ``due_us``, whole milliseconds as the port counts them."""
        self.seq = task.key = seq = self.seq + 1
        task.due_us = due_us
        heappush(self.queue, (due_us, seq, task))
        wait = self.wait
        if wait is not None:
            self.wait = None
            wait.wake()

    def push_now(self, task: Task) -> None:
        """Queue ``task`` behind those that are due already."""
        now = self.kernel.now
        self.seq = task.key = seq = self.seq + 1
        task.due_us = due_us = now - now % 1000
        heappush(self.queue, (due_us, seq, task))
        wait = self.wait
        if wait is not None:
            self.wait = None
            wait.wake()

    def next_task(self, main_task: Task | None, thread: Thread) -> Task | None:
        """Wait for the next task that is due; None if none ever can be and ``main_task`` is not waited for."""
        queue, kernel, cpu = self.queue, self.kernel, thread.cpu
        if cpu.dead:
            raise NodeDead
        kernel.now = now = kernel.now + _STEP_US  # as Cpu.charge, inlined
        if now >= kernel.limit:
            cpu.sync_inside()
        thread.hang_at = kernel.now + cpu.hang_us  # a program that gives way to others is not hung
        while True:
            if queue:
                due_us, key, task = queue[0]
                if task.key != key:
                    heappop(queue)
                    continue
                if due_us <= kernel.now:
                    heappop(queue)
                    task.key = 0
                    return task
            elif self.io_waiting:
                due_us = 0
            else:
                self.cur_task = None
                if main_task is None or not main_task.state:
                    return None
                thread.sleep_until(kernel.now + _LOOK_US)
                continue
            self._idle(thread, due_us)

    def _idle(self, thread: Thread, due_us: int) -> None:
        """Park until ``due_us``, for ever if that is 0, or until a task is queued."""
        wait = self._spare
        if wait is None or wait.fiber is not thread:
            wait = self._spare = Wait(thread)
        wait.state = 0
        event = self._deadline
        if event is None or event[0] != due_us or event[2] is not wait:  # often it is the same as the last time
            if event is not None:
                event[2] = None
            self._deadline = self.kernel.at(due_us, wait, thread.cpu) if due_us else None
        self.wait = wait
        try:  # as Thread.wait, inlined: every wake-up of a program comes here
            while not wait.state:
                thread.park()
        except BaseException:
            wait.state = 2
            raise
        finally:
            self.wait = None

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline[2] = None
        for task in list(self.alive):
            try:  # noqa: SIM105 - the except says why
                task.coro.throw(NodeDead)
            except BaseException:  # noqa: BLE001 - whatever the dead task's clean-up does, its life is over
                pass
        self.alive.clear()
        self.queue.clear()


def scheduler() -> Scheduler:
    """The scheduler of the running machine's life."""
    try:
        state: Scheduler = getcurrent().machine.state["asyncio"]  # type: ignore[attr-defined]  # seen below
    except (AttributeError, KeyError):
        machine = running()
        state = machine.state["asyncio"] = Scheduler(machine)
    return state


class _Waiters:
    """The tasks that await a task; as ``Task.state`` it is true even when empty."""

    __slots__ = ("tasks",)

    def __init__(self) -> None:
        self.tasks: list[Task] = []


class Task(metaclass=Builtin):
    """A coroutine that the scheduler runs.

    Attributes:
        coro: the coroutine.
        data: what it waits for or, when it has ended, how: an exception (StopIteration carries the value).
        state: True while running and nobody waits, else who waits, or what to call (task, error) at the end; None or
            False when ended.
    """

    __slots__ = ("__weakref__", "coro", "data", "due_us", "key", "sched", "state")

    def __init__(self, coro: Coroutine[Any, Any, Any], globals: object = None) -> None:
        self.coro = coro
        self.data: Any = None
        self.state: Any = True
        self.key = 0
        self.due_us = 0
        self.sched = scheduler()
        self.sched.alive[self] = None

    def done(self) -> bool:
        """True once the coroutine has ended."""
        return not self.state

    def cancel(self) -> bool:
        """Throw CancelledError into the task, or into the task that it awaits.

        Returns:
            False if it has ended already.

        Raises:
            RuntimeError: a task cannot cancel itself.
        """
        sched = self.sched
        sched.machine.cpu.charge(_CALL_US)
        if not self.state:
            return False
        if self is sched.cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        remove = getattr(task.data, "remove", None) or getattr(task.data, "_remove", None)
        if remove is not None:
            remove(task)
            sched.push_now(task)
        elif task is not sched.cur_task and (not task.key or task.due_us > sched.kernel.now):
            sched.push_now(task)
        task.data = CancelledError()
        return True

    def __await__(self) -> Generator[None, None, Any]:
        sched = scheduler()
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = _Waiters()
        elif not isinstance(self.state, _Waiters):
            raise RuntimeError("can't wait")
        while self.state:
            assert sched.cur_task is not None
            self.state.tasks.append(sched.cur_task)
            sched.cur_task.data = self
            yield
        if self.state is None:
            self.state = False
        if isinstance(self.data, StopIteration):
            return self.data.value
        raise self.data

    __iter__ = __await__


class _Yield:
    """Awaitable that gives control to the scheduler once."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        return iter(_ONCE)  # type: ignore[return-value]  # the scheduler only calls __next__, so an iterator will do


_ONCE = (None,)
SUSPEND = _Yield()


class _Sleep:
    """Awaitable that queues the current task for later, once; created per call, unlike on the port."""

    __slots__ = ("due_us", "sched")

    def __init__(self, due_us: int, sched: Scheduler) -> None:
        self.due_us = due_us
        self.sched = sched

    def __await__(self) -> Generator[None, None, None]:
        return self  # type: ignore[return-value]  # the scheduler only calls __next__, so an iterator will do

    __iter__ = __await__

    def __next__(self) -> None:
        due_us = self.due_us
        if due_us < 0:
            raise StopIteration
        self.due_us = -1
        sched = self.sched
        assert sched.cur_task is not None
        sched.push(sched.cur_task, due_us)


def sleep_ms(t: int, /) -> _Sleep:
    """Await it to wait ``t`` milliseconds; not positive lets the other due tasks run.

    Raises:
        OverflowError: longer than ticks can tell. Source: extmod/asyncio/core.py, which adds it to ``ticks_ms()``.
    """
    if t >= _HALF_PERIOD_MS:
        raise OverflowError("ticks interval overflow")
    machine = charged_inside(_CALL_US)
    now = machine.kernel.now
    return _Sleep(now - now % 1000 + max(0, int(t)) * 1000, scheduler())


def sleep(t: float, /) -> _Sleep:
    """Await it to wait ``t`` seconds."""
    return sleep_ms(int(t * 1000))


def create_task(coro: Coroutine[Any, Any, Any]) -> Task:
    """Make a task of a coroutine and queue it.

    Raises:
        TypeError: it is no coroutine.
    """
    if not hasattr(coro, "send"):
        raise TypeError("coroutine expected")
    task = Task(coro)  # before the charge, so that a coroutine of a life that ends there is closed with the others
    task.sched.machine.cpu.charge(_CALL_US)
    task.sched.push_now(task)
    return task


def promote(aw: Any) -> Task:
    """The task itself, or a new one for a coroutine."""
    return aw if isinstance(aw, Task) else create_task(aw)


def _finish(sched: Scheduler, task: Task, error: BaseException) -> None:
    """Note how a task ended, wake who awaits it, report what nobody does."""
    sched.alive.pop(task, None)
    waiters = task.state
    task.data = error
    if isinstance(waiters, _Waiters):
        task.state = False
        for waiter in waiters.tasks:
            waiter.data = None
            sched.push_now(waiter)
    elif callable(waiters):
        task.state = False
        waiters(task, error)
    else:
        task.state = None
        if not isinstance(error, StopIteration | CancelledError):
            # The port gives others one turn to await the task before it reports.
            sched.push_now(task)


def run_until_complete(main_task: Task | None = None) -> Any:
    """Run tasks until ``main_task`` ends, or for ever; returns its value or raises what ended it."""
    sched = scheduler()
    thread: Thread = getcurrent()  # type: ignore[assignment]  # only a node's thread gets here
    while True:
        task = sched.next_task(main_task, thread)
        if task is None:
            return None
        if not task.state:
            if task.state is None:
                Loop.call_exception_handler(
                    {"message": "Task exception wasn't retrieved", "exception": task.data, "future": task}
                )
            continue
        sched.cur_task = task
        thrown, task.data = task.data, None
        try:
            if thrown is None:
                task.coro.send(None)
            else:
                task.coro.throw(thrown)
            continue
        except NodeDead:
            raise
        except (CancelledError, Exception) as error:  # noqa: BLE001 - the loop's border: it tells who awaits the task
            ended = error
        if task is main_task:
            sched.cur_task = None
            sched.alive.pop(task, None)
            task.state, task.data = False, ended
            if isinstance(ended, StopIteration):
                return ended.value
            raise ended
        _finish(sched, task, ended)


def run(coro: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end."""
    return run_until_complete(create_task(coro))


async def _stopper() -> None:
    pass


class Loop(metaclass=Builtin):
    """The port's event loop: one, reached through :func:`get_event_loop`."""

    @staticmethod
    def create_task(coro: Coroutine[Any, Any, Any]) -> Task:
        """Make a task of a coroutine and queue it."""
        return create_task(coro)

    @staticmethod
    def run_forever() -> None:
        """Run until :meth:`stop`."""
        state = running().state
        state["asyncio.stop"] = task = Task(_stopper())
        run_until_complete(task)

    @staticmethod
    def run_until_complete(aw: Any) -> Any:
        """Run until ``aw`` ends."""
        return run_until_complete(promote(aw))

    @staticmethod
    def stop() -> None:
        """End :meth:`run_forever` after the tasks that are due."""
        task = running().state.pop("asyncio.stop", None)
        if task is not None:
            task.sched.push_now(task)

    @staticmethod
    def close() -> None:
        """Nothing to close."""

    @staticmethod
    def set_exception_handler(handler: Callable[[Any, dict[str, Any]], object] | None) -> None:
        """Set what is called with (loop, context) for an exception that nobody retrieves."""
        scheduler().exc_handler = handler

    @staticmethod
    def get_exception_handler() -> Callable[[Any, dict[str, Any]], object] | None:
        """The handler that is set, or None."""
        return scheduler().exc_handler

    @staticmethod
    def default_exception_handler(loop: Any, context: dict[str, Any]) -> None:
        """Print the exception on the console."""
        machine = running()
        machine.console.write(f"{context['message']}\nfuture: {context['future'].__class__.__name__}\n")
        machine.print_exception(context["exception"])

    @staticmethod
    def call_exception_handler(context: dict[str, Any]) -> None:
        """Hand ``context`` to the handler that is set, else to the default one."""
        handler = scheduler().exc_handler or Loop.default_exception_handler
        handler(Loop, context)


def get_event_loop(runq_len: int = 0, waitq_len: int = 0) -> type[Loop]:
    """The loop; the arguments are ignored, as on the port."""
    return Loop


def new_event_loop() -> type[Loop]:
    """Forget every task and start afresh."""
    machine = running()
    old = machine.state.pop("asyncio", None)
    if old is not None and not old.alive:
        machine.not_at_end(old._end)
    return Loop


def current_task() -> Task:
    """The task that runs.

    Raises:
        RuntimeError: none does.
    """
    task = scheduler().cur_task
    if task is None:
        raise RuntimeError("no running event loop")
    return task
