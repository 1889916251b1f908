"""``asyncio`` of the ESP32 port: MicroPython's own, not CPython's.

Source: extmod/asyncio/{__init__,core,event,funcs,lock,stream}.py (MicroPython 1.28), docs/library/asyncio.rst.

Limits: see :mod:`simulator.micropython._aio_core`; ``ssl`` arguments are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappush
from types import coroutine
from typing import Any

from greenlet import getcurrent

from simulator.errors import NodeDead, OutsideNode
from simulator.micropython._aio_core import (
    SUSPEND,
    CancelledError,
    Loop,
    Scheduler,
    Task,
    TimeoutError,
    create_task,
    current_task,
    get_event_loop,
    new_event_loop,
    promote,
    run,
    run_until_complete,
    scheduler,
    sleep,
    sleep_ms,
)
from simulator.micropython._aio_stream import Server, StreamReader, StreamWriter, open_connection, start_server
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import OUTSIDE, Cpu

__all__ = [
    "CancelledError",
    "Event",
    "Lock",
    "Loop",
    "Server",
    "StreamReader",
    "StreamWriter",
    "Task",
    "ThreadSafeFlag",
    "TimeoutError",
    "create_task",
    "current_task",
    "gather",
    "get_event_loop",
    "new_event_loop",
    "open_connection",
    "run",
    "run_until_complete",
    "sleep",
    "sleep_ms",
    "start_server",
    "wait_for",
    "wait_for_ms",
]

_CALL_US = 1


class Event(metaclass=Builtin):
    """A flag that many tasks can wait for; to be set by tasks only."""

    def __init__(self) -> None:
        self.state = False
        self.waiting: list[Task] = []

    def is_set(self) -> bool:
        """True while set."""
        return self.state

    def set(self) -> None:
        """Set it and let all waiting tasks go on."""
        sched = scheduler()
        waiting, self.waiting = self.waiting, []
        for task in waiting:
            task.data = None
            sched.push_now(task)
        self.state = True

    def clear(self) -> None:
        """Take it back."""
        self.state = False

    async def wait(self) -> bool:
        """Wait until it is set; returns True."""
        if not self.state:
            task = current_task()
            self.waiting.append(task)
            task.data = self.waiting
            await SUSPEND
        return True


class ThreadSafeFlag(metaclass=Builtin):
    """A flag that an interrupt or a thread may set; one task may wait for it, which clears it."""

    def __init__(self) -> None:
        self.state = 0
        self._waiter: Task | None = None
        self._sched: Scheduler | None = None

    def set(self) -> None:
        """Set it; the waiting task goes on."""
        # Cpu.charge, Scheduler.push_now and Wait.wake, inlined: whatever happens to a node comes here.
        thread = getcurrent()
        try:
            cpu: Cpu = thread.cpu  # type: ignore[attr-defined]  # seen below
        except AttributeError:
            raise OutsideNode(OUTSIDE) from None
        if cpu.dead:
            raise NodeDead
        kernel = cpu.kernel
        kernel.now = now = kernel.now + _CALL_US
        if now >= kernel.limit:
            cpu.sync_inside()
            now = kernel.now
        self.state = 1
        task = self._waiter
        if task is not None:
            self._waiter = task.data = None
            sched = task.sched
            sched.io_waiting -= 1
            sched.seq = task.key = seq = sched.seq + 1
            task.due_us = due_us = now - now % 1000
            heappush(sched.queue, (due_us, seq, task))
            wait = sched.wait
            if wait is not None:
                sched.wait = None
                wait.state = 1
                if wait.fiber is not thread:
                    wait.fiber.woken()

    def clear(self) -> None:
        """Take it back."""
        self.state = 0

    def ioctl(self, req: int, flags: int) -> int:
        """Stream poll, as the port's flag answers it: readable while set. Request 3 is MP_STREAM_POLL."""
        return self.state * flags if req == 3 else -1

    @coroutine
    def wait(self) -> Generator[None, None, None]:
        """Await it to wait until it is set, and then clear it."""
        if not self.state:
            sched = self._sched
            if sched is None:
                sched = self._sched = scheduler()
            task = sched.cur_task or current_task()
            if self._waiter is not None:
                raise AssertionError  # the port's poller takes one task per flag; extmod/asyncio/core.py, IOQueue
            self._waiter = task
            task.data = self
            sched.io_waiting += 1
            yield  # as `await SUSPEND`, in one frame less: most tasks wait here
        self.state = 0

    def _remove(self, task: Task) -> None:
        """How ``Task.cancel`` takes the waiting task away."""
        task.sched.io_waiting -= 1
        self._waiter = None


class Lock(metaclass=Builtin):
    """A lock between tasks; first come, first served."""

    def __init__(self) -> None:
        self.state: int | Task = 0
        self.waiting: list[Task] = []

    def locked(self) -> bool:
        """True while a task has it."""
        return self.state == 1

    def release(self) -> None:
        """Free it; the longest-waiting task gets it.

        Raises:
            RuntimeError: it is not locked.
        """
        if self.state != 1:
            raise RuntimeError("Lock not acquired")
        if self.waiting:
            task = self.waiting.pop(0)
            self.state = task
            task.data = None
            task.sched.push_now(task)
        else:
            self.state = 0

    async def acquire(self) -> bool:
        """Take it; returns True."""
        if self.state != 0:
            task = current_task()
            self.waiting.append(task)
            task.data = self.waiting
            try:
                await SUSPEND
            except CancelledError:
                if self.state is task:
                    self.state = 1
                    self.release()
                raise
        self.state = 1
        return True

    async def __aenter__(self) -> bool:
        return await self.acquire()

    async def __aexit__(self, exc_type: object, exc: object, tb: object) -> None:
        self.release()


async def _relay(waiter: Task, aw: Task) -> None:
    """Await ``aw`` for ``waiter``, which sleeps, and hand it the outcome by cancelling its sleep."""
    result = None
    status: bool | BaseException
    try:
        result = await aw
        status = True
    except BaseException as error:  # noqa: BLE001 - handed on to the waiter, whatever it is
        status = error
    if waiter.data is None and waiter.cancel():
        waiter.data = CancelledError(status, result)


async def wait_for(aw: Any, timeout: float | None, sleep: Callable[[Any], Any] = sleep) -> Any:
    """Await ``aw`` for at most ``timeout`` seconds.

    Raises:
        TimeoutError: it was not done in time; it has been cancelled.
    """
    task = promote(aw)
    if timeout is None:
        return await task
    runner = create_task(_relay(current_task(), task))
    try:
        await sleep(timeout)
    except CancelledError as error:
        status = error.args[0] if error.args else None
        if status is None:
            runner.cancel()
            raise
        if status is True:
            return error.args[1]
        raise status from None
    runner.cancel()
    await runner
    raise TimeoutError


def wait_for_ms(aw: Any, timeout: int | None) -> Any:
    """The same as :func:`wait_for`, in milliseconds."""
    return wait_for(aw, timeout, sleep_ms)


class _Group:
    """What a gather waits for: its tasks call it as they end; ``remove`` is how ``Task.cancel`` reaches it."""

    __slots__ = ("collects_errors", "failure", "left", "waiter")

    def __init__(self, tasks: list[Task], waiter: Task, *, collects_errors: bool) -> None:
        self.waiter = waiter
        self.collects_errors = collects_errors
        self.failure: BaseException | None = None
        self.left = 0
        for task in tasks:
            if task.state is True:
                task.state = self
                self.left += 1
            elif task.state:
                raise RuntimeError("can't gather")
            elif not collects_errors and self.failure is None and not isinstance(task.data, StopIteration):
                self.failure = task.data

    def __call__(self, task: Task, error: BaseException) -> None:
        if self.waiter.data is not self:
            return
        self.left -= 1
        if not self.collects_errors and not isinstance(error, StopIteration):
            self.failure = error
        if self.failure is not None or not self.left:
            self.waiter.data = None
            self.waiter.sched.push_now(self.waiter)

    def remove(self, task: Task) -> None:
        """Nothing to undo; the gather's own handler cancels what is left."""


async def gather(*aws: Any, return_exceptions: bool = False) -> list[Any]:
    """Await several at once; returns their results in order. If it is cancelled, so are they.

    Args:
        return_exceptions: put exceptions into the list; else the first is raised at once, and the others run on.

    Raises:
        RuntimeError: somebody else awaits one of the tasks.
    """
    tasks = [promote(aw) for aw in aws]
    waiter = current_task()
    group = _Group(tasks, waiter, collects_errors=return_exceptions)
    cancelled = False
    if group.left and group.failure is None:
        waiter.data = group
        try:
            await SUSPEND
        except CancelledError as error:
            group.failure, cancelled = error, True
    for task in tasks:
        if task.state is group:
            task.state = True
            if cancelled:
                task.cancel()
    if group.failure is not None:
        raise group.failure
    return [task.data.value if isinstance(task.data, StopIteration) else task.data for task in tasks]
