"""A few threads for functions that block, so that the loop never does.

Threads start when they are needed, at most 4; one stays idle for the next job, the others
end when there is nothing more to do. A job has a rank, which is how many threads those of its rank and below may take:
functions that never return leave one to urgent jobs, and those of background jobs one more to what clients call.
"""

import _thread
import asyncio
import sys
import time

import locks
from micropython import const

URGENT = const(4)        # all threads
ORDINARY = const(3)
BACKGROUND = const(2)
_STACK_WORDS = const(4608)      # 18 kB on ESP32: compiling a Load Module's source takes nearly as much
_LOCK_MS = const(1000)


class Job:
    """A function call in a worker thread. `await job.wait()` until `is_done`.

    Args:
        function: what to call.
        args: tuple.
        name: str, for messages.
        rank: URGENT, ORDINARY or BACKGROUND.
    """

    def __init__(self, function, args=(), name='', rank=ORDINARY):
        self.name = name
        self.rank = rank
        self.is_done = False
        self.is_stuck = False       # it has run longer than a function should ever do
        self._call = (function, args)
        self._flag = asyncio.ThreadSafeFlag()
        self._result = None
        self._error = None
        self.started = time.ticks_ms()

    async def wait(self):
        """Wait for the end; returns the result or raises what the function raised."""
        while not self.is_done:
            await self._flag.wait()
        if self._error is not None:
            raise self._error
        return self._result

    def run(self):
        """Do the work, in the thread that calls this."""
        function, args = self._call
        self.started = time.ticks_ms()
        try:
            self._result = function(*args)
        except StopIteration:
            self._error = RuntimeError('StopIteration')     # raised in a coroutine it would count as its return
        except BaseException as e:  # noqa: BLE001 - border: the error belongs to who waits for the job
            self._error = e
        self.is_done = True
        self._flag.set()


class Pool:
    """Hands jobs to threads."""

    def __init__(self):
        self._queue = []
        self._running = []      # jobs that threads have
        self._idle = []
        self._count = 0
        self._lock = locks.BoundedLock(_LOCK_MS)

    def submit(self, job):
        """Start a job, or queue it if no thread is free for it; True if it started."""
        with self._lock:
            if self._may_start(job):
                self._running.append(job)
                if self._idle:
                    worker = self._idle.pop()
                    worker[0] = job
                    worker[1].release()
                    return True
                self._count += 1
                try:
                    _thread.stack_size(_STACK_WORDS * (8 if sys.maxsize >> 32 else 4))
                    _thread.start_new_thread(self._serve, ([job, _thread.allocate_lock()],))
                    return True
                except (OSError, RuntimeError, MemoryError):     # the port has no memory for it
                    self._give_back(job)
                if not self._count:
                    raise MemoryError('memory allocation failed, no thread')
            self._queue.append(job)
            return False

    def is_queued(self, job):
        """True if a job waits for a thread."""
        return job in self._queue

    def withdraw(self, job):
        """Take a queued job back; False if it has started."""
        with self._lock:
            if job in self._queue:
                self._queue.remove(job)
                return True
        return False

    def note_ages(self, limit_ms):
        """Mark the jobs that run longer than limit_ms as stuck; to be called more often than ticks wrap."""
        for job in list(self._running):
            if time.ticks_diff(time.ticks_ms(), job.started) > limit_ms:
                job.is_stuck = True

    def stuck(self, prefix=''):
        """Return the names of the running jobs that begin with prefix if all of these are stuck, else []."""
        jobs = [job for job in self._running if job.name.startswith(prefix)]
        return [job.name for job in jobs] if all(job.is_stuck for job in jobs) else []

    def _may_start(self, job):
        return sum([other.rank <= job.rank for other in self._running]) < job.rank

    def _serve(self, worker):
        """Do jobs in a thread of its own. A worker is [job or None, a lock to wait at for the next one]."""
        try:
            worker[1].acquire()
            while worker[0] is not None:
                worker[0].run()
                self._next(worker)
        finally:
            self._give_back(worker[0])

    def _next(self, worker):
        """Give a worker its next job, or let it wait for one; without a job it is to end."""
        with self._lock:
            self._running.remove(worker[0])
            worker[0] = None
            for job in self._queue:
                if self._may_start(job):
                    self._queue.remove(job)
                    self._running.append(job)
                    worker[0] = job
                    return
            if self._idle:
                return
            self._idle.append(worker)
        worker[1].acquire()

    def _give_back(self, job):
        """A thread ends, or did not start. Without the lock, which may be what failed."""
        self._count -= 1
        if job in self._running:
            self._running.remove(job)


pool = Pool()


async def run(function, *args):
    """Call a blocking function of the firmware in a worker thread and return its result."""
    job = Job(function, args, 'firmware', URGENT)
    pool.submit(job)
    return await job.wait()
