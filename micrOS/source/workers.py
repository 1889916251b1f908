"""A few threads for functions that block, so that the loop never does.

Threads start when they are needed, at most MAX_THREADS; one stays idle for the next job, the others
end when there is nothing more to do. Functions that never return may take all threads but the last,
which is kept for urgent jobs.
"""

import _thread
import asyncio
import sys
import time

import locks

MAX_THREADS = 4
MAX_ORDINARY = MAX_THREADS - 1
_STACK_WORDS = 4608         # 18 kB on ESP32: compiling a Load Module's source takes nearly as much
_WORD_BYTES = 8 if sys.maxsize >> 32 else 4
_LOCK_MS = 1000


class Job:
    """A function call in a worker thread. `await job.wait()` until `is_done`.

    Args:
        function: what to call.
        args: tuple.
        name: str, for messages.
        is_urgent: True lets it use the last thread too.
    """

    def __init__(self, function, args=(), name='', is_urgent=False):
        self.name = name
        self.is_urgent = is_urgent
        self.is_done = False
        self.is_stuck = False       # it has run longer than a function should ever do
        self._call = (function, args)
        self._flag = asyncio.ThreadSafeFlag()
        self._result = None
        self._error = None
        self._started = time.ticks_ms()

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
        self._started = time.ticks_ms()
        try:
            self._result = function(*args)
        except StopIteration:
            self._error = RuntimeError('StopIteration')     # raised in a coroutine it would count as its return
        except BaseException as e:  # noqa: BLE001 - border: the error belongs to who waits for the job
            self._error = e
        self.is_done = True
        self._flag.set()

    def note_age(self, limit_ms):
        """Set `is_stuck` if it runs longer than limit_ms; to be called more often than ticks wrap."""
        if time.ticks_diff(time.ticks_ms(), self._started) > limit_ms:
            self.is_stuck = True


class _Worker:
    def __init__(self, job):
        self.job = job
        self.gate = _thread.allocate_lock()
        self.gate.acquire()


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
                if self._idle:
                    worker = self._idle.pop()
                    self._running.append(job)
                    worker.job = job
                    worker.gate.release()
                    return True
                if self._start_thread(job):
                    return True
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
        """Mark the jobs that run longer than limit_ms as stuck."""
        for job in list(self._running):
            job.note_age(limit_ms)

    def stuck(self, prefix=''):
        """Return the names of the running jobs that begin with prefix if all of these are stuck, else []."""
        jobs = [job for job in self._running if job.name.startswith(prefix)]
        return [job.name for job in jobs] if all(job.is_stuck for job in jobs) else []

    def _may_start(self, job):
        if len(self._running) >= MAX_THREADS:
            return False
        return job.is_urgent or sum([not other.is_urgent for other in self._running]) < MAX_ORDINARY

    def _start_thread(self, job):
        """Start a worker with its first job; False if the port has no memory for it."""
        self._count += 1
        self._running.append(job)
        try:
            _thread.stack_size(_STACK_WORDS * _WORD_BYTES)
            _thread.start_new_thread(self._serve, (_Worker(job),))
        except (OSError, RuntimeError, MemoryError):
            self._give_back(job)
            return False
        return True

    def _serve(self, worker):
        try:
            while worker.job is not None:
                worker.job.run()
                self._next(worker)
        finally:
            self._give_back(worker.job)

    def _next(self, worker):
        """Give a worker its next job, or let it wait for one; without a job it is to end."""
        with self._lock:
            self._running.remove(worker.job)
            worker.job = self._take_queued()
            if worker.job is not None or self._idle:
                return
            self._idle.append(worker)
        worker.gate.acquire()

    def _take_queued(self):
        for job in self._queue:
            if self._may_start(job):
                self._queue.remove(job)
                self._running.append(job)
                return job
        return None

    def _give_back(self, job):
        """A thread ends, or did not start. Without the lock, which may be what failed."""
        self._count -= 1
        if job in self._running:
            self._running.remove(job)


pool = Pool()


async def run(function, *args):
    """Call a blocking function of the firmware in a worker thread and return its result."""
    job = Job(function, args, 'firmware', is_urgent=True)
    pool.submit(job)
    return await job.wait()
