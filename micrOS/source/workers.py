"""A few threads for functions that block, so that the loop never does.

Threads start when they are needed, at most MAX_THREADS; one stays idle for the next job, the others
end when there is nothing more to do.
"""

import _thread
import asyncio
import sys

import locks

MAX_THREADS = 4
_STACK_WORDS = 4608         # 18 kB on ESP32: compiling a Load Module's source takes nearly as much
_WORD_BYTES = 8 if sys.maxsize >> 32 else 4
_LOCK_MS = 1000


class Job:
    """A function call in a worker thread. `await job.wait()` until `is_done`."""

    def __init__(self, function, args=(), kwargs=None):
        self._call = (function, args, kwargs or {})
        self._flag = asyncio.ThreadSafeFlag()
        self._result = None
        self._error = None
        self.is_done = False

    async def wait(self):
        """Wait for the end; returns the result or raises what the function raised."""
        while not self.is_done:
            await self._flag.wait()
        if self._error is not None:
            raise self._error
        return self._result

    def run(self):
        """Do the work, in the thread that calls this."""
        function, args, kwargs = self._call
        try:
            self._result = function(*args, **kwargs)
        except (Exception, SystemExit) as e:  # noqa: BLE001 - border: the error belongs to who waits for the job
            self._error = e
        self.is_done = True
        self._flag.set()


class _Worker:
    def __init__(self, job):
        self.job = job
        self.gate = _thread.allocate_lock()
        self.gate.acquire()


class Pool:
    """Hands jobs to threads."""

    def __init__(self):
        self._queue = []
        self._idle = []
        self._count = 0
        self._lock = locks.BoundedLock(_LOCK_MS)

    def submit(self, job):
        """Start a job, or queue it if all threads are busy; True if it started."""
        with self._lock:
            if self._idle:
                worker = self._idle.pop()
                worker.job = job
                worker.gate.release()
                return True
            if self._count < MAX_THREADS and self._start_thread(job):
                self._count += 1
                return True
            if not self._count:
                raise MemoryError('memory allocation failed, no thread')
            self._queue.append(job)
            return False

    def _start_thread(self, job):
        """Start a worker with its first job; False if the port has no memory for it."""
        try:
            _thread.stack_size(_STACK_WORDS * _WORD_BYTES)
            _thread.start_new_thread(self._serve, (_Worker(job),))
        except (OSError, RuntimeError):
            return False
        return True

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

    def _serve(self, worker):
        while worker is not None:
            worker.job.run()
            worker = self._next(worker)

    def _next(self, worker):
        """Give a worker its next job, let it wait for one, or let it end."""
        worker.job = None
        with self._lock:
            if self._queue:
                worker.job = self._queue.pop(0)
                return worker
            if self._idle:
                self._count -= 1
                return None
            self._idle.append(worker)
        worker.gate.acquire()
        return worker


pool = Pool()


async def run(function, *args):
    """Call a blocking function in a worker thread and return its result."""
    job = Job(function, args)
    pool.submit(job)
    return await job.wait()
