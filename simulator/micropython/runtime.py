"""What every API module stands on: the machine whose code is running, its processor and its threads.

Processor and threads are in :mod:`simulator.micropython._cpu` and offered here.

An API module written for this runtime is shared by all nodes of a process. It holds no state of its own: it asks
:func:`running` for the machine and keeps what it must in ``machine.state`` (gone with the life) or
``machine.retained`` (gone with the power).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent

from simulator.errors import NodeDead, OutsideNode
from simulator.kernel import Event, Kernel
from simulator.micropython._cpu import HANG_US, TICK_US, Cpu, Thread

if TYPE_CHECKING:
    from simulator.electrical.boards import Board
    from simulator.micropython.console import Console
    from simulator.micropython.flash import Flash

__all__ = [
    "FLASH_PREFIX",
    "HANG_US",
    "OUTSIDE",
    "TICK_US",
    "Cpu",
    "Machine",
    "Thread",
    "charged",
    "charged_inside",
    "running",
]

#: Frames of node code have file names that begin so.
FLASH_PREFIX = "flash:/"
#: Text of the error that tells so.
OUTSIDE = "no node is running here: API modules work only in code that a node runs"


def running() -> Machine:
    """The machine whose code is running now.

    Raises:
        OutsideNode: called from outside a node's thread.
    """
    try:
        machine: Machine = getcurrent().machine  # type: ignore[attr-defined]
    except AttributeError:
        raise OutsideNode(OUTSIDE) from None
    return machine


def charged(cost_us: int) -> Machine:
    """The machine whose code is running now, after its thread was charged processor time, as ``Cpu.charge`` does.

    Raises:
        OutsideNode: called from outside a node's thread.
        NodeDead: the life is over.
    """
    thread: Thread = getcurrent()  # type: ignore[assignment]  # seen below
    try:
        cpu = thread.cpu
    except AttributeError:
        raise OutsideNode(OUTSIDE) from None
    if cpu.dead:
        raise NodeDead
    kernel = cpu.kernel
    kernel.now = now = kernel.now + cost_us
    if now >= kernel.limit or now >= kernel.horizon:
        cpu.sync()
    return cpu.machine


def charged_inside(cost_us: int) -> Machine:
    """As :func:`charged`, for a call that touches nothing outside of the node's processor.

    In it the thread may be ahead of what other nodes do at the same time; see ``Kernel.look_ahead``.
    """
    thread: Thread = getcurrent()  # type: ignore[assignment]  # seen below
    try:
        cpu = thread.cpu
    except AttributeError:
        raise OutsideNode(OUTSIDE) from None
    if cpu.dead:
        raise NodeDead
    kernel = cpu.kernel
    kernel.now = now = kernel.now + cost_us
    if now >= kernel.limit:
        cpu.sync_inside()
    return cpu.machine


class Machine:
    """The silicon of one node, as API modules see it.

    Attributes:
        name: for traces and reports.
        board: which board it is.
        unique_id: 6 bytes, the base MAC.
        kernel: virtual time.
        cpu: processor of the present life.
        flash: the file system.
        console: serial output and input.
        state: what API modules keep for the present life, by module name.
        retained: what survives a reset but not a power cut (RTC memory and clock, reset cause).
        freq_hz: processor clock.
        parts: what the world attached: ``wifi``, ``pads``…; API modules look here for their hardware.
    """

    def __init__(
        self, name: str, *, board: Board, unique_id: bytes, kernel: Kernel, flash: Flash, console: Console
    ) -> None:
        self.name = name
        self.board = board
        self.unique_id = unique_id
        self.kernel = kernel
        self.flash = flash
        self.console = console
        self.state: dict[str, Any] = {}
        self.retained: dict[str, Any] = {}
        self.parts: dict[str, Any] = {}
        self.freq_hz = board.freq_hz
        self.cpu = Cpu(self)
        self._at_end: list[Callable[[], object]] = []
        #: Set by the node: called with the cause when firmware resets the chip.
        self.reset_asked: Callable[[str], None] = lambda cause: None
        #: Set by the node: called when a thread hangs.
        self.failed: Callable[[Exception], None] = lambda error: None
        #: Set by the engine: prints an exception as the port does.
        self.print_exception: Callable[[BaseException], None] = lambda error: None
        #: Set by the engine: an exception as text, as the port prints it.
        self.format_exception: Callable[[BaseException], str] = repr
        #: Set by the engine: the path on flash of a code object's file name, None if that is no node code.
        self.code_path: Callable[[str], str | None] = lambda filename: None
        #: Set by the engine: imports a module as firmware's ``import`` does.
        self.import_module: Callable[[str], Any] = lambda name: None
        #: Set by the engine: bytes of heap that are free.
        self.free_heap: Callable[[], int] = lambda: board.heap_bytes
        #: Set by the engine: a collection of garbage.
        self.collect_heap: Callable[[], object] = lambda: None
        #: Set by the engine: called at a loop turn after each ``_cpu.HEAP_SLICE_US`` of computing; raises MemoryError.
        self.check_heap: Callable[[], object] = lambda: None

    def node_stack(self) -> list[str]:
        """Frames of node code on the present stack, outermost first, as ``file:line in function``."""
        frames = []
        frame = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            path = self.code_path(code.co_filename)
            if path is not None:
                frames.append(f"{path}:{frame.f_lineno} in {code.co_name}")
            frame = frame.f_back  # type: ignore[assignment]
        return frames[::-1]

    def at_end(self, action: Callable[[], object]) -> Callable[[], object]:
        """Have ``action`` called (by the hub) when the life ends: timers stop, sockets vanish. Returns it."""
        self._at_end.append(action)
        return action

    def not_at_end(self, action: Callable[[], object]) -> None:
        """Take back what :meth:`at_end` returned; nothing happens if it is gone already."""
        if action in self._at_end:
            self._at_end.remove(action)

    def end_life(self) -> None:
        """End the present life. Called by the hub only."""
        self.cpu.end()
        actions, self._at_end = self._at_end, []
        for action in reversed(actions):
            action()
        self.state = {}

    def begin_life(self) -> None:
        """Fresh processor and API state for the next life."""
        self.freq_hz = self.board.freq_hz
        self.cpu = Cpu(self, hang_us=self.cpu.hang_us)

    def reset(self, cause: str) -> None:
        """Reset the chip from within: the calling thread ends here.

        Args:
            cause: ``hard``, ``soft``, ``deepsleep`` or ``wdt``.

        Raises:
            NodeDead: always.
        """
        cpu = self.cpu
        cpu.dead = True
        self.kernel.at(self.kernel.now, lambda: self.reset_asked(cause) if self.cpu is cpu else None)
        raise NodeDead

    def record(self, source: str, what: str) -> None:
        """Put a happening of this node into the trace."""
        self.kernel.trace.add(self.kernel.now, f"{self.name}.{source}", what)

    def event(self, delay_us: int, action: Callable[[], object]) -> Event:
        """Have ``action`` called by the hub after ``delay_us``, unless this life is over by then."""
        cpu = self.cpu
        return self.kernel.after(delay_us, lambda: None if cpu.dead else action())
