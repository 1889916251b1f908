"""Event kernel: an integer microsecond clock, a heap of events, fibers that park on it.

Theory of operation. Everything that runs is either an *event* (a callable in the heap, run by the
hub) or a *fiber* (a greenlet that was resumed by an event). A fiber runs until it parks; then the hub pops
the next event. ``now`` is the time of whoever runs: the hub sets it to the event's time, a fiber moves it forward
by charging its own computing time. It may go on only up to ``limit``, which the hub sets to the time of the next event;
then it must let that event happen first (:meth:`Fiber.give_way`). So things happen in the order
of their times although nothing runs at once. Events of equal time run in the order in which they were made.

A fiber that computes and touches nothing but its owner's things need not take turns with fibers of other owners that
do the same: it may be ahead of them (:meth:`Kernel.look_ahead`), and the hub then goes back to their time. What others
can see of an owner still happens in the order of time.

The heap holds ints, time and number of an event in one, and the events stand beside it: to order a thousand nodes'
events by reading their times from all over the memory took a sixth of the time of a fleet.

A wait is a :class:`Wait`: made by the fiber, handed to whoever may end it, then given to
:meth:`Fiber.wait`. The first of ``wake`` and the deadline wins.

Example::

    kernel = Kernel(seed=1)
    kernel.after(1_000, lambda: print("1 ms"))
    kernel.run(until_us=2_000)
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

from greenlet import getcurrent, greenlet

from simulator.errors import StateError
from simulator.kernel.trace import Trace

FOREVER_US = 1 << 62
_EVENTS_PER_TURN = 4_096
_TURNS_PER_FULL_COLLECTION = 256

#: An event: [time, whether it is in the trace, callable, owner]; the callable is None once cancelled.
Event = list
#: An entry of the heap is the event's time shifted by so much, plus its number.
_NUMBER_BITS = 40
#: How far a fiber may run ahead of the next event.
_AHEAD_US = 1_000


class Owner(Protocol):
    """Whom events concern alone.

    Attributes:
        due: heap of its events that are to come; the kernel's.
    """

    due: list[int]


class Kernel:
    """Clock, heap, random streams and trace of one world.

    Args:
        seed: any int or str; same seed and same inputs give the same run.

    Attributes:
        now: virtual time in microseconds.
        limit: how far the running fiber may move ``now`` before it must give way.
        horizon: time of the next event, or just after the run's end; what ``limit`` is for a fiber that begins to run.
        far: the horizon, or beyond it where :meth:`look_ahead` has looked.
        until: end of the current :meth:`run`.
        rests: called at the end of each :meth:`run`, by the thread that ran it.
        trace: the run's identity.
    """

    __slots__ = (
        "_events",
        "_heap",
        "_is_running",
        "_seed",
        "_seq",
        "_turns",
        "_worldly",
        "far",
        "horizon",
        "hub",
        "limit",
        "now",
        "rests",
        "stop_asked",
        "trace",
        "until",
    )

    def __init__(self, seed: int | str = 0) -> None:
        self.now = 0
        self.limit = 0
        self.horizon = 0
        self.far = 0
        self.until = 0
        self.trace = Trace()
        self.hub: greenlet = getcurrent()
        self.stop_asked = False
        self.rests: list[Callable[[], object]] = []
        self._heap: list[int] = []
        self._events: dict[int, Event] = {}
        self._worldly: list[int] = []  # those that have no owner; the others are also in their owner's heap
        self._seq = 0
        self._seed = seed
        self._turns = 0
        self._is_running = False

    def at(self, t_us: int, action: Callable[[], object], owner: Owner | None = None) -> Event:
        """Have ``action`` called at ``t_us`` (or now, if that is past). Returns the event, for :meth:`cancel`.

        Args:
            t_us: when.
            action: what to do.
            owner: whom alone it concerns, for :meth:`look_ahead`; None if that cannot be said.
        """
        self._seq = seq = self._seq + 1
        key = t_us << _NUMBER_BITS | seq
        event = self._events[key] = [t_us, True, action, owner]
        heappush(self._heap, key)
        heappush(self._worldly if owner is None else owner.due, key)
        if t_us < self.far:
            self.far = t_us
            if t_us < self.limit:
                self.limit = t_us
            if t_us < self.horizon:
                self.horizon = t_us
        return event

    def at_unseen(self, t_us: int, action: Callable[[], object], owner: Owner | None = None) -> Event:
        """As :meth:`at`, for what is no happening: a fiber that goes on after it let others pass.

        How often one does depends on how the run is cut into calls of :meth:`run`, so the trace has nothing of it.
        """
        event = self.at(t_us, action, owner)
        event[1] = False
        return event

    def after(self, delay_us: int, action: Callable[[], object]) -> Event:
        """Have ``action`` called ``delay_us`` from now."""
        return self.at(self.now + delay_us, action)

    @staticmethod
    def cancel(event: Event) -> None:
        """Take the event back; nothing happens if it has run or was cancelled already."""
        event[2] = None

    def stream(self, name: str) -> random.Random:
        """A random generator of its own for ``name``; the same name always gets the same sequence."""
        return random.Random(f"{self._seed}/{name}")

    def next_us(self) -> int | None:
        """Time of the next event, None if there is none. Cancelled ones are dropped on the way."""
        heap, events = self._heap, self._events
        while heap and events[heap[0]][2] is None:
            self._drop(events.pop(heappop(heap))[3])
        return heap[0] >> _NUMBER_BITS if heap else None

    def run(self, until_us: int, *, rest_us: int | None = None) -> None:
        """Run every event up to and including ``until_us``; the clock stands there afterwards.

        Returns early, with the clock at the last event, when ``stop()`` was called.

        The host's garbage collector works between events only: what it finalises (a suspended generator of some node)
        must not act in the name of the node that happens to run.

        Args:
            until_us: last moment whose events are run.
            rest_us: where the clock stands afterwards if no event was later; ``until_us`` by default.

        Raises:
            StateError: called by an event or a fiber of this kernel.
        """
        if self._is_running:
            raise StateError("the world is running: an event cannot run it further")
        self._is_running = True
        collects = gc.isenabled()
        gc.disable()
        try:
            self._run_events(until_us)
        finally:
            self._is_running = False
            if collects:
                gc.enable()
            for rest in self.rests:
                rest()
        if not self.stop_asked:
            self.now = max(self.now, until_us if rest_us is None else rest_us)

    def _run_events(self, until_us: int) -> None:
        heap = self._heap
        take = self._events.pop
        worldly = self._worldly
        self.hub = getcurrent()
        self.until = until_us
        self.stop_asked = False
        waiting = self.trace.waiting
        note = waiting.append
        past_us = until_us + 1
        past = past_us << _NUMBER_BITS
        while heap and heap[0] < past:
            self._house_keep()
            for _ in range(_EVENTS_PER_TURN):
                if not heap or heap[0] >= past:
                    break
                t_us, is_seen, action, owner = take(heappop(heap))
                heappop(worldly if owner is None else owner.due)
                if action is None:
                    continue
                self.now = t_us
                if is_seen:
                    note(t_us)
                self.limit = self.far = self.horizon = heap[0] >> _NUMBER_BITS if heap and heap[0] < past else past_us
                action()
                if self.stop_asked:
                    return

    def _house_keep(self) -> None:
        """Hash the trace and collect the host's garbage, here in the hub."""
        if len(self.trace.waiting) < _EVENTS_PER_TURN:
            return
        self.trace.flush()
        self._turns += 1
        gc.collect(2 if self._turns % _TURNS_PER_FULL_COLLECTION == 0 else 1)

    def look_ahead(self, owner: Owner) -> None:
        """Set ``far`` for the fiber that runs: to the first event that may concern it, if that is soon.

        What concerns others alone may come before or after what the fiber does meanwhile, as long as it touches
        nothing but its own. For anything else it must not be further than ``horizon``.

        Args:
            owner: whose fiber it is.
        """
        far_us = min(self.horizon + _AHEAD_US, self.until + 1)
        for heap in (self._worldly, owner.due):
            if heap and heap[0] >> _NUMBER_BITS < far_us:
                far_us = heap[0] >> _NUMBER_BITS
        self.far = far_us

    def _drop(self, owner: Owner | None) -> None:
        """The first event of all, which was the first of its owner's too, has gone."""
        heappop(self._worldly if owner is None else owner.due)

    def horizon_without(self, action: Callable[[], object] | None) -> int:
        """What :attr:`horizon` would be without the events that were cancelled, and without the next if it is this."""
        past_us = self.until + 1
        next_us = self.next_us()
        if next_us is None:
            return past_us
        heap = self._heap
        if self._events[heap[0]][2] is action:
            next_us = min(heap[1:3], default=past_us << _NUMBER_BITS) >> _NUMBER_BITS
        return min(next_us, past_us)

    def stop(self) -> None:
        """Make the running :meth:`run` return after the current event."""
        self.stop_asked = True
        self.limit = 0


class Wait:
    """One wait of one fiber.

    Attributes:
        state: 0 while waiting, 1 when woken, 2 when the deadline came first.
    """

    __slots__ = ("fiber", "state")

    def __init__(self, fiber: Fiber) -> None:
        self.fiber = fiber
        self.state = 0

    def wake(self) -> None:
        """End the wait; the fiber runs at the current time, after the events that are due before it.

        It may be the fiber itself that does it, in an interrupt while it waits.
        """
        if self.state == 0:
            self.state = 1
            fiber = self.fiber
            if fiber is not getcurrent():
                fiber.woken()

    def __call__(self) -> None:
        """The deadline's event."""
        if self.state == 0:
            self.state = 2
            self.fiber.resume()


class Fiber(greenlet):
    """A thread of execution in virtual time.

    Args:
        kernel: the clock it lives by.
        run: what it does; called without arguments when first resumed.
    """

    __slots__ = ("_run", "kernel")

    def __init__(self, kernel: Kernel, run: Callable[[], object]) -> None:
        super().__init__(self._live, kernel.hub)
        self.kernel = kernel
        self._run = run

    def _live(self) -> None:
        try:
            self._run()
        finally:
            self.parent = self.kernel.hub  # where to go from here; the hub may have changed since the beginning

    def start(self) -> None:
        """Begin at the current time."""
        self.kernel.at(self.kernel.now, self.resume)

    def woken(self) -> None:
        """Its wait has ended: have it run at the current time."""
        self.kernel.at(self.kernel.now, self.resume)

    def resume(self) -> None:
        """Run the fiber until it parks. Called by the hub only, as an event."""
        self.switch()

    def wait(self, wait: Wait, until_us: int | None = None) -> bool:
        """Park until ``wait`` is woken or ``until_us`` has come.

        Returns:
            True if it was woken, False if the time ran out.
        """
        kernel = self.kernel
        event = None if until_us is None else kernel.at(until_us, wait)
        hub = kernel.hub
        while wait.state == 0:
            hub.switch()
        if event is not None and wait.state == 1:
            event[2] = None
        return wait.state == 1

    def sleep_until(self, t_us: int) -> None:
        """Park until ``t_us``."""
        kernel = self.kernel
        kernel._seq = seq = kernel._seq + 1  # Kernel.at, inlined: this is the hottest path of all
        key = t_us << _NUMBER_BITS | seq
        kernel._events[key] = [t_us, True, self.switch, None]
        heappush(kernel._worldly, key)
        heappush(kernel._heap, key)
        switch = kernel.hub.switch
        switch()
        while kernel.now < t_us:
            switch()

    def give_way(self) -> None:
        """Let every event happen that is due by now, then go on."""
        kernel = self.kernel
        kernel.at(kernel.now, self.resume)
        kernel.hub.switch()
