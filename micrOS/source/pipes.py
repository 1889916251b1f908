"""Runs the commands that the configuration lists: of the boot hook, the timer, the event inputs and cron.

A command that comes again and again is read, checked and looked up once. As long as its module stays loaded, each
further call of a plain function goes straight to a worker, without a task of its own.
"""

import asyncio

import literals
import outbox
import workers
from Debug import errlog_add
from InterpreterCore import Call, start, state, watch
from micropython import const

_MAX_PLANS = const(8)
_plans = {}     # command -> a call of it, to be made again and again
_nowhere = outbox.Outbox()
_nowhere.close()


async def run(tasks, source):
    """Run commands, one after the other.

    Output is thrown away; a failure is logged as `<source>: <command>: <text>`. A command that takes longer
    than `lm_max_s` runs on while the list goes on, and one that ends in `&` and the like is a background job.

    Args:
        tasks: str, separated by `;`, or the list that `literals.split_tasks` made of it.
        source: str, for the log.
    """
    for task in literals.split_tasks(tasks) if isinstance(tasks, str) else tasks:
        if '&' in task and literals.is_background(task):
            import BgJob  # not before somebody wants a job
            is_ok, reply = BgJob.start(task)
            failure = None if is_ok else task + ': ' + reply[0]
        else:
            call = _begin(task)
            while not call.is_done and not call.is_overdue:
                await call.changed()
            failure = call.failure and task + ': ' + call.failure
            if len(call.words) < 2:
                failure = 'no command: ' + task
            if call.plan is not None:
                _keep(task, call.plan)
        if failure:
            errlog_add(source + ': ' + failure)


def _begin(task):
    """Start a command; returns its call."""
    call = _plans.get(task)
    if call is not None and call.begin():
        return call
    call = start(task)
    call.detach()
    return call


def _keep(task, plan):
    """Remember what a command means. Not one with a list or a dict: who gets it may change it."""
    if '[' not in task and '{' not in task:
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        _plans[task] = _Prepared(plan)


class _Prepared(Call):
    """A call like one before it."""

    is_done = True

    def __init__(self, plan):
        words, self._module, function, args, kwargs, rank, self._names = plan
        super().__init__((words, '', False), None, False, _nowhere)
        self._job = workers.Job(self._run_plain, (function, args, kwargs), self, rank, self._flag)

    def begin(self):
        """Start it anew; False if it still runs or would have to wait, or its module is not the one that it was."""
        module, name = self.words
        if (not self.is_done or state.loaded.get(module) is not self._module
                or getattr(self._module, name, None) is not self._job.call[1][0]
                or not state.locks.take_now(self._names, self)):
            return False
        self.is_done = self.is_overdue = False
        self.failure = None
        self._job.renew()
        try:
            watch(self)
            if workers.pool.submit(self._job):
                self._started = self._job.started
                return True
        except (MemoryError, OSError):
            pass        # the call that is made instead will tell it
        self._end(self._names)
        return False

    async def changed(self):
        """Wait until the function has ended, or is overdue; then its end is waited for by a task of its own."""
        try:
            await self._flag.wait()
        except asyncio.CancelledError:
            asyncio.create_task(self._stay())
            raise
        if self._job.is_done:
            self._settle()
        elif self.is_overdue:
            asyncio.create_task(self._stay())

    async def _stay(self):
        while not self._job.is_done:
            await self._flag.wait()
        self._settle()

    def _settle(self):
        if self._job.error is not None:
            self._fail(self._job.error)
        self._end(self._names)
