"""A few threads for functions that block, so that the loop never does.

Threads start when they are needed, at most 4; one stays for the next job, the others end when there is nothing more
to do. A job has a rank, which is how many threads those of its rank and below may take:
functions that never return leave one to urgent jobs, and those of background jobs one more to what clients call.

Jobs are handed out by the loop alone. A thread only says that it is free, and waits for the next one.
"""

import _thread
import asyncio
import sys
import time

from micropython import const

URGENT = const(4)        # all threads
ORDINARY = const(3)
BACKGROUND = const(2)
_STACK_WORDS = const(4608)      # 18 kB on ESP32: compiling a Load Module's source takes nearly as much
_POLL_MS = const(5)


class Job:
    """A function call in a worker thread. `await job.wait()` until `is_done`.

    Args:
        function: what to call.
        args: tuple.
        name: for messages, a text or what has one.
        rank: URGENT, ORDINARY or BACKGROUND.
        flag: ThreadSafeFlag that is set at its end; `wait()` makes do with one of its own.
    """

    _result = None

    def __init__(self, function, args=(), name='', rank=ORDINARY, flag=None):
        self.name = name
        self.rank = rank
        self.call = (function, args)
        self._flag = flag or asyncio.ThreadSafeFlag()
        self.renew()

    def renew(self):
        """Make it ready to be submitted, again too."""
        self.is_done = False
        self.is_stuck = False       # it has run longer than a function should ever do
        self.error = None

    async def wait(self):
        """Wait for the end; returns the result or raises what the function raised."""
        while not self.is_done:
            await self._flag.wait()
        if self.error is not None:
            raise self.error
        return self._result

    def run(self):
        """Do the work, in the thread that calls this; `end()` then tells it."""
        function, args = self.call
        try:
            self._result = function(*args)
        except StopIteration:
            self.error = RuntimeError('StopIteration')     # raised in a coroutine it would count as its return
        except BaseException as e:  # noqa: BLE001 - border: the error belongs to who waits for the job
            self.error = e

    def end(self):
        """Tell who waits that the work is done."""
        self.is_done = True
        self._flag.set()


class Pool:
    """Hands jobs to threads."""

    def __init__(self):
        self._queue = []        # jobs that could not start yet, in the order of their coming
        self._workers = []      # each is [job or None, a lock to wait at for the next one]

    async def start(self, job, limit_ms=None):
        """Start a job as soon as there is a thread for it; False if there is none for limit_ms."""
        if self.submit(job):
            return True
        self._queue.append(job)
        try:
            since = time.ticks_ms()
            while not self.submit(job):
                if limit_ms and time.ticks_diff(time.ticks_ms(), since) > limit_ms:
                    return False
                await asyncio.sleep_ms(_POLL_MS)
            return True
        finally:
            self._queue.remove(job)

    def submit(self, job):
        """Start a job if there is a thread for it now; False if not."""
        for other in self._queue:
            if other is job:
                break
            if other.rank >= job.rank:
                return False
        busy, free = 0, None
        for worker in self._workers:
            other = worker[0]
            if other is None:
                free = worker
            elif other.rank <= job.rank:
                busy += 1
        if busy >= job.rank:
            return False
        job.started = time.ticks_ms()
        if free is None:
            return self._start_thread(job)
        free[0] = job
        free[1].release()
        return True

    def note_ages(self, limit_ms):
        """Mark the jobs that run longer than limit_ms as stuck; to be called more often than ticks wrap."""
        for job in self._running():
            if time.ticks_diff(time.ticks_ms(), job.started) > limit_ms:
                job.is_stuck = True

    def stuck(self, prefix=''):
        """Return the names of the running jobs that begin with prefix if all of these are stuck, else []."""
        jobs = [job for job in self._running() if str(job.name).startswith(prefix)]
        return [str(job.name) for job in jobs] if all(job.is_stuck for job in jobs) else []

    def end_spare(self):
        """Let the threads end that have nothing to do, but for one."""
        for worker in [worker for worker in self._workers if worker[0] is None][1:]:
            self._workers.remove(worker)
            worker[1].release()

    def _running(self):
        return [job for job in [worker[0] for worker in self._workers] if job is not None]

    def _start_thread(self, job):
        worker = [job, _thread.allocate_lock()]
        try:
            _thread.stack_size(_STACK_WORDS * (8 if sys.maxsize >> 32 else 4))
            _thread.start_new_thread(_serve, (worker,))
        except (OSError, RuntimeError, MemoryError):     # the port has no memory for it
            if not self._workers:
                raise MemoryError('memory allocation failed, no thread')
            return False
        self._workers.append(worker)
        return True


def _serve(worker):
    """Do jobs in a thread of its own, as long as there are some."""
    lock = worker[1]
    lock.acquire()
    while worker[0] is not None:
        job = worker[0]
        job.run()
        worker[0] = None        # from here on it may get another one
        job.end()
        job = None
        lock.acquire()


pool = Pool()


async def run(function, *args):
    """Call a blocking function of the firmware in a worker thread and return its result."""
    job = Job(function, args, 'firmware', URGENT)
    await pool.start(job)
    try:
        return await job.wait()
    finally:
        pool.end_spare()
