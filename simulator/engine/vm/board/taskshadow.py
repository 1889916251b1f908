"""Shadow of `_asyncio`, the task queue of `asyncio` in C, which looks at the host's clock.

Tasks are kept in the order in which they are due; those of the same moment in the order in which they came.
"""

import _link


def _core():
    import sys
    return sys.modules['asyncio.core']


def _is_later(a, b):
    return ((a - b + 0x20000000) & 0x3fffffff) > 0x20000000


class TaskQueue:
    def __init__(self):
        self._tasks = []

    def peek(self):
        return self._tasks[0] if self._tasks else None

    def push(self, task, key=None):
        task.data = None
        task.ph_key = key = _link.ticks_ms() if key is None else key
        tasks = self._tasks
        i = len(tasks)
        while i and ((tasks[i - 1].ph_key - key + 0x20000000) & 0x3fffffff) > 0x20000000:
            i -= 1
        tasks.insert(i, task)

    def pop(self):
        return self._tasks.pop(0)

    def remove(self, task):
        self._tasks.remove(task)


class Task:
    def __init__(self, coro, globals=None):
        self.coro = coro
        self.data = None        # what it waits on: a queue, a task, an exception to be thrown
        self.state = True       # False when done, None when awaited too, a TaskQueue of those that wait for it
        self.ph_key = 0

    def __iter__(self):
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue()
        elif type(self.state) is not TaskQueue:
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        core = _core()
        self.state.push(core.cur_task)
        core.cur_task.data = self

    def done(self):
        return not self.state

    def cancel(self):
        if not self.state:
            return False
        core = _core()
        if self is core.cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        if hasattr(task.data, 'remove'):
            task.data.remove(task)
            core._task_queue.push(task)
        elif _is_later(task.ph_key, _link.ticks_ms()):
            core._task_queue.remove(task)
            core._task_queue.push(task)
        task.data = core.CancelledError
        return True
