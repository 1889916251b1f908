"""The processor of a node's life, and the threads that share it; see :mod:`simulator.micropython.runtime`.

Theory of operation. A node's life has one :class:`Cpu`. Each thread of its firmware is a :class:`Thread`, a
fiber that must own the processor to run; a thread that waits releases it, one that computes keeps it
for a time slice while others are ready. API calls and loop turns *charge* processor time. When
that reaches the kernel's ``limit``, :meth:`Cpu.sync` lets due events happen, runs soft interrupts, hands the
processor to another thread, ends dead lives and finds threads that hang.

While a program only computes, it may be some hundred microseconds ahead of the programs of other nodes, so that nodes
that are busy at the same time need not take turns at each step; a call that touches anything else lets the others
come up first (``Kernel.look_ahead``, :func:`simulator.micropython.runtime.charged_inside`).

Limits: one processor; a call charges a fixed time, whatever its arguments, unless its module says otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent

from simulator.errors import NodeDead, NodeError, NodeHung
from simulator.kernel import Fiber, Wait

if TYPE_CHECKING:
    from simulator.micropython.runtime import Machine

#: Depth of the queue of scheduled callbacks. Source: ports/esp32/mpconfigport.h, MICROPY_SCHEDULER_DEPTH 8.
SCHEDULER_DEPTH = 8
FULL_HZ = 240_000_000
#: Virtual time that one loop turn costs at :data:`FULL_HZ`: a bytecode loop of MicroPython with an empty body.
TICK_US = 2
#: How long a thread keeps the processor while another one is ready.
SLICE_US = 1_000
#: A thread that computes for so long without waiting once is reported as hung.
HANG_US = 30_000_000
#: Computing of a node between two calls of :attr:`Machine.check_heap`, and how much later if no loop turn comes then.
HEAP_SLICE_US = 20_000
_HEAP_RETRY_US = 1_000
#: What it takes to call a scheduled function.
_CALLBACK_US = 10


class Thread(Fiber):
    """A thread of a node's firmware.

    Attributes:
        machine: the machine it belongs to.
        cpu: the processor of the life it belongs to.
        name: for reports, e.g. ``main``.
        ident: number as ``_thread.get_ident`` gives it; 1 is the main thread.
    """

    __slots__ = ("cpu", "hang_at", "ident", "machine", "name", "queued", "slice_end")

    def __init__(self, cpu: Cpu, run: Callable[[], object], *, name: str, ident: int) -> None:
        super().__init__(cpu.kernel, run)
        self.cpu = cpu
        self.machine = cpu.machine
        self.name = name
        self.ident = ident
        self.hang_at = 0
        self.slice_end = 0
        self.queued = False

    def resume(self) -> None:
        """Give the thread the processor, or queue it if another one has it. Called by the hub only."""
        cpu = self.cpu
        kernel = self.kernel
        owner = cpu.owner
        if owner is not self:
            if self.dead or cpu.dead:
                return
            if owner is not None:
                if not self.queued:
                    self.queued = True
                    cpu.ready.append(self)
                return
            if self.queued:
                self.queued = False
                cpu.ready.remove(self)
            if kernel.now < cpu.rest_from:  # it ran ahead of what wakes it now
                kernel.at_unseen(cpu.rest_from, self.resume, cpu)
                return
            cpu.owner = self
            cpu.heap_at = kernel.now + cpu.heap_left_us
        if cpu.heap_at < kernel.limit:
            kernel.limit = cpu.heap_at
        if cpu.ready and self.slice_end < kernel.limit:
            kernel.limit = self.slice_end
        self.switch()

    def woken(self) -> None:
        """As a fiber's; a thread that another one of its node wakes only queues for the processor."""
        cpu = self.cpu
        owner = cpu.owner
        kernel = self.kernel
        if owner is None or owner is self:
            kernel.at(kernel.now, self.resume, cpu)
        elif not self.queued:
            self.queued = True
            cpu.ready.append(self)
            if owner.slice_end < kernel.limit:
                kernel.limit = owner.slice_end

    def park(self) -> None:
        """Release the processor and let others run; back when resumed, after pending interrupts.

        A thread that is ready gets it at once if nothing else is due now, without a detour through the hub.
        """
        cpu = self.cpu
        if cpu.dead:
            raise NodeDead
        kernel = self.kernel
        now = kernel.now
        if cpu.pending and not cpu.in_callback:
            self.hang_at = now + cpu.hang_us
            cpu.run_pending()
            return
        ready = cpu.ready
        if ready and now < kernel.limit:
            cpu.owner = other = ready.popleft()  # as resume, inlined: every call of a plain function comes here
            other.queued = False
            other.slice_end = limit = now + SLICE_US
            if not ready or kernel.far < limit:
                limit = kernel.far
            kernel.limit = cpu.heap_at if cpu.heap_at < limit else limit
            other.switch()
        else:
            cpu.owner = None  # as Cpu.release, inlined: every wait comes here
            cpu.rest_from = now
            cpu.heap_left_us = cpu.heap_at - now
            if ready:
                cpu._hand_over()
            kernel.hub.switch()
        if cpu.dead:
            raise NodeDead
        now = kernel.now
        self.slice_end = now + SLICE_US
        self.hang_at = now + cpu.hang_us
        if cpu.pending and not cpu.in_callback:
            cpu.run_pending()
        if cpu.interrupted:
            cpu.raise_interrupt()

    def wait(self, wait: Wait, until_us: int | None = None) -> bool:
        """Park until ``wait`` is woken or ``until_us`` has come; soft interrupts run meanwhile.

        Returns:
            True if it was woken, False if the time ran out.
        """
        event = None if until_us is None else self.kernel.at(until_us, wait, self.cpu)
        try:
            while not wait.state:
                self.park()
        except BaseException:
            wait.state = 2
            if event is not None:
                event[2] = None
            raise
        if event is not None and wait.state == 1:
            event[2] = None
        return wait.state == 1

    def sleep_until(self, t_us: int) -> None:
        """Park until ``t_us``; soft interrupts run meanwhile."""
        kernel = self.kernel
        event = kernel.at(t_us, self.resume, self.cpu)
        try:
            while kernel.now < t_us:
                self.park()
        finally:
            event[2] = None

    def relax(self) -> None:
        """A wait of no length: it is not hung, and another ready thread may run."""
        cpu = self.cpu
        self.hang_at = self.kernel.now + cpu.hang_us
        if cpu.ready:
            self.slice_end = 0
            cpu.sync()


class Cpu:
    """The processor of one life of a node.

    Attributes:
        owner: the thread that has the processor, None while all wait.
        ready: threads that wait for the processor.
        pending: soft interrupts that wait to run, as (function, argument).
        in_callback: a soft interrupt is running; others queue.
        dropped: soft interrupts lost because the queue was full.
        interrupted: KeyboardInterrupt waits to be raised in the main thread.
        dead: the life is over.
        polls: the owner waits busily and runs soft interrupts meanwhile.
        tick_us: cost of one loop turn at the present clock.
        hang_us: limit after which :class:`~simulator.errors.NodeHung` is reported.
        heap_at: while there is an owner, when the heap is checked next.
        heap_left_us: while there is none, how much computing there is until then.
        may_be_ahead: of other nodes, while it computes.
        rest_from: since when there is none; it may be later than ``kernel.now``, see ``Kernel.look_ahead``.
    """

    __slots__ = (
        "_idents",
        "dead",
        "dropped",
        "due",
        "hang_us",
        "heap_at",
        "heap_left_us",
        "in_callback",
        "interrupted",
        "kernel",
        "machine",
        "may_be_ahead",
        "owner",
        "pending",
        "polls",
        "ready",
        "rest_from",
        "threads",
        "tick_us",
    )

    def __init__(self, machine: Machine, *, hang_us: int = HANG_US) -> None:
        self.machine = machine
        self.kernel = machine.kernel
        self.owner: Thread | None = None
        self.ready: deque[Thread] = deque()
        self.pending: deque[tuple[Callable[[Any], object], object]] = deque()
        self.in_callback = False
        self.dropped = 0
        self.due: list[int] = []
        self.interrupted = False
        self.dead = False
        self.polls = False
        self.tick_us = TICK_US * FULL_HZ // machine.board.freq_hz
        self.hang_us = hang_us
        self.heap_at = 0
        self.heap_left_us = HEAP_SLICE_US
        self.rest_from = 0
        self.may_be_ahead = True
        self.threads: dict[int, Thread] = {}
        self._idents = 0

    def spawn(self, run: Callable[[], object], *, name: str) -> Thread:
        """Make a thread and start it at the current time."""
        self._idents += 1
        ident = self._idents
        thread = Thread(self, lambda: self._body(run, ident), name=name, ident=ident)
        self.threads[ident] = thread
        thread.start()
        return thread

    def _body(self, run: Callable[[], object], ident: int) -> None:
        self.threads[ident].hang_at = self.kernel.now + self.hang_us
        try:
            run()
        except NodeDead:
            pass
        except BaseException as error:  # noqa: BLE001 - last net: nothing of a node may end the hub
            self.machine.failed(NodeError(self.machine.name, f"{self.machine.name}: {_describe(error)}"))
        finally:
            self.threads.pop(ident, None)
            if self.owner is getcurrent():
                self.release()

    def release(self) -> None:
        """Give the processor up; the longest-ready thread gets it, or the main one if soft interrupts wait."""
        self.owner = None
        self.rest_from = self.kernel.now
        self.heap_left_us = self.heap_at - self.kernel.now
        if self.ready:
            self._hand_over()
        elif self.pending and not self.in_callback:
            self._wake_main()

    def _wake_main(self) -> None:
        main = self.threads.get(1)
        if main is not None:
            self.kernel.at_unseen(self.kernel.now, main.resume, self)

    def _hand_over(self) -> None:
        thread = self.ready.popleft()
        thread.queued = False
        thread.slice_end = self.kernel.now + SLICE_US
        self.kernel.at_unseen(self.kernel.now, thread.resume, self)

    def charge(self, cost_us: int) -> None:
        """Charge processor time to the running thread; every API call does.

        Raises:
            NodeDead: the life is over.
        """
        if self.dead:
            raise NodeDead
        kernel = self.kernel
        kernel.now = now = kernel.now + cost_us
        if now >= kernel.limit or now >= kernel.horizon:
            self.sync()

    def busy(self, cost_us: int, *, serves: bool = False) -> None:
        """Compute for ``cost_us`` without running bytecode (a flash erase, a bit-banged transfer).

        Other nodes and the world go on; threads and soft interrupts of this node wait.

        Args:
            cost_us: how long.
            serves: soft interrupts are run meanwhile, as in the port's busy wait.
        """
        self.charge(0)
        kernel = self.kernel
        thread = self._me()
        end_us = kernel.now + cost_us
        self.heap_at += cost_us
        if thread.hang_at:
            thread.hang_at += cost_us  # it is not the program that computes
        kernel.at(end_us, thread.resume, self)
        while kernel.now < end_us:
            self.polls = serves
            kernel.hub.switch()
            self.polls = False
            if self.dead:
                raise NodeDead
            if serves and self.pending and not self.in_callback:
                self.run_pending()
        if self.pending and not self.in_callback:
            self.run_pending()
        self.charge(0)

    def tick(self) -> None:
        """One turn of a loop in firmware code.

        Raises:
            MemoryError: what the node's program holds does not fit into its heap.
        """
        kernel = self.kernel
        kernel.now = now = kernel.now + self.tick_us
        if now >= kernel.limit:
            self.sync_inside(in_loop=True)

    def _me(self) -> Thread:
        thread = getcurrent()
        if not isinstance(thread, Thread) or thread.cpu is not self or self.dead:
            raise NodeDead
        return thread

    def sync(self, *, in_loop: bool = False) -> None:
        """Let due events happen, run soft interrupts, switch threads; the slow half of :meth:`charge` and :meth:`tick`.

        The heap is checked at loop turns only, so that no API call is left in the middle.
        """
        thread = self._me()
        kernel = self.kernel
        now = kernel.now
        if now >= self.heap_at:
            self.heap_at = now + (HEAP_SLICE_US if in_loop else _HEAP_RETRY_US)
            if in_loop:
                self.machine.check_heap()
        if now >= thread.hang_at > 0:
            self._report_hang(thread)
        if self.ready and now >= thread.slice_end:
            self.owner = None
            self.heap_left_us = self.heap_at - now
            thread.queued = True
            self.ready.append(thread)
            self._hand_over()
            kernel.hub.switch()
        else:
            # An earlier wake-up may still be on its way: it must not take time back, nor be followed by one more.
            event = kernel.at_unseen(now, thread.resume, self)
            kernel.hub.switch()
            while kernel.now < now:
                kernel.hub.switch()
            event[2] = None
        if self.dead:
            raise NodeDead
        if self.pending and not self.in_callback:
            self.run_pending()
        if self.interrupted:
            self.raise_interrupt()

    def sync_inside(self, *, in_loop: bool = False) -> None:
        """As :meth:`sync`, where the thread may be ahead of other nodes: nothing to do if only they are due."""
        kernel = self.kernel
        if self.may_be_ahead and kernel.limit == kernel.far == kernel.horizon:
            kernel.look_ahead(self)
            limit = min(kernel.far, self.heap_at)
            if self.ready and self.owner is not None and self.owner.slice_end < limit:
                limit = self.owner.slice_end
            kernel.limit = limit
            if kernel.now < limit:
                return
        self.sync(in_loop=in_loop)

    def keyboard_interrupt(self) -> None:
        """Have KeyboardInterrupt raised in the main thread as soon as it runs.

        Source: shared/runtime/interrupt_char.c and py/scheduler.c, mp_sched_keyboard_interrupt.
        """
        self.interrupted = True
        self.kernel.limit = 0
        self._wake_main()

    def raise_interrupt(self) -> None:
        """Raise what :meth:`keyboard_interrupt` asked for, if the main thread is the one that runs."""
        if getcurrent() is self.threads.get(1):
            self.interrupted = False
            raise KeyboardInterrupt

    def interrupt(self, function: Callable[[Any], object], argument: object, *, is_last: bool = False) -> bool:
        """Queue a soft interrupt (``micropython.schedule``, a timer or pin callback).

        Args:
            function: what to call.
            argument: with what.
            is_last: it is all that remains of an event to be done, so the main thread may run at once.

        Returns:
            False if the queue is full; the callback is lost, as on the chip.
        """
        if len(self.pending) >= SCHEDULER_DEPTH:
            self.dropped += 1
            return False
        self.pending.append((function, argument))
        if self.owner is None:
            main = self.threads.get(1)
            if is_last and main is not None and self.kernel.now < self.kernel.limit:
                main.resume()
            else:
                self._wake_main()
        else:
            self.kernel.limit = 0
            if self.polls:
                self.kernel.at(self.kernel.now, self.owner.resume)
        return True

    def run_pending(self) -> None:
        """Run the oldest soft interrupt in the calling thread; an exception is printed, as on the chip.

        One at a time, so that a callback that schedules itself leaves the program its turns.
        Source: py/scheduler.c, mp_sched_run_pending: "Run at most one pending Python callback".
        """
        self.in_callback = True
        try:
            function, argument = self.pending.popleft()
            kernel = self.kernel
            kernel.now = now = kernel.now + _CALLBACK_US  # as charge, inlined; the life is not over
            if now >= kernel.limit:
                self.sync_inside()
            try:
                function(argument)
            except NodeDead:  # the end of the life, no error of the callback
                raise
            except BaseException as error:  # noqa: BLE001 - ends the callback, not the thread; as on the port
                self.machine.print_exception(error)
        finally:
            self.in_callback = False
            if self.pending:
                self.kernel.limit = 0

    def _report_hang(self, thread: Thread) -> None:
        ran_us = self.kernel.now - thread.hang_at + self.hang_us
        error = NodeHung(self.machine.name, thread.name, ran_us=ran_us, stack=self.machine.node_stack())
        self.machine.failed(error)
        while True:
            self.owner = None
            if self.ready:
                self._hand_over()
            self.kernel.hub.switch()
            if self.dead:
                raise NodeDead

    def end(self) -> None:
        """End the life: every thread is unwound and none can do anything more. Called by the hub only."""
        self.dead = True
        self.ready.clear()
        self.pending.clear()
        now = self.kernel.now
        for thread in list(self.threads.values()):
            self.kernel.limit = 0
            if thread:
                thread.parent = getcurrent()
                thread.throw(NodeDead)
        self.kernel.now = now
        self.threads.clear()
        self.owner = None


def _describe(error: BaseException) -> str:
    """Type and text of an exception, however broken its ``__str__`` is."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:  # noqa: BLE001 - the exception is the node's, and so is its __str__
        return type(error).__name__
