"""Heap of a node on L0: a limit, and MemoryError where a board would raise it.

Theory of operation. CPython's objects do not tell what they would take on the chip. So the heap in use is an estimate,
made by *looking*: what the interpreter itself holds, what modules take by the length of their source, and what is
reachable from the node's modules, threads and tasks (:mod:`simulator.engine._sizes`). A look takes about a
millisecond of the host's time, so there are few. Between two looks, memory that is asked for in one piece
(``bytearray(n)``, ``[0] * n``) is taken off the *room* that the last look found; when it is used up there is another
look, as the port collects garbage then. Loops that grow something are found by :meth:`Heap.check`, which is called
after each 20 ms of computing: it looks soon when a thread begins to compute without waiting, then the less often the
slower the heap fills. All this depends on nothing but the node's program and its virtual time.

The port's heap grows beyond the board's figure, into what ESP-IDF has left beside the stacks of threads; so MemoryError
comes only when that is used up too, while figures of free memory, which count the first part only, are 0 by then.
Source: py/gc.c, gc_try_add_heap; ports/esp32/mpconfigport.h, MICROPY_GC_SPLIT_HEAP_AUTO.

What a look cannot see is caught by a brake: if the process's resident memory grew by :data:`_HOST_BYTES` while
one thread ran without waiting, that thread gets MemoryError too. Whether and when it strikes depends on the host.

Limits: not seen are values that no name holds, such as the list that a comprehension is making, and what the API's
objects hold (received bytes in a socket). Not limited at once are pieces of memory made otherwise than by
``bytearray``, ``bytes``, ``list``, ``tuple`` or ``set`` of a number or ``range``, repetition of a literal, ``x *= n``
and ``x + x``. The brake needs Linux. Memory is never fragmented. The number in MemoryError's text is that of the piece,
or one block where a loop was found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any, cast

from greenlet import getcurrent

from simulator.engine._sizes import BLOCK_BYTES, flat_bytes, named, reachable_bytes
from simulator.micropython._thread import free_ram_bytes
from simulator.micropython.runtime import Machine, Thread

#: What the interpreter has allocated when boot.py begins: module table, file system and WiFi objects, REPL line buffer.
_AFTER_BOOT_BYTES = 4_096
#: Heap that a module's code takes once loaded, in percent of its source's bytes. Source: 155 kB of our core,
#: loaded as .mpy (-O3) into the 64-bit MicroPython VM, take 123 kB with what its names hold; a 32-bit one takes 0.58 to
#: 0.74 of that; what the names hold is 10 kB by this estimate.
_HEAP_PERCENT = 42
#: Mark and sweep of 111 kB at 160 MHz.
_COLLECT_US = 2_500
#: Slices of computing between two looks at loop turns: at least, at most.
_LEAST_SLICES = 1
_MOST_SLICES = 40
#: After so many slices a figure is too old to be told.
_STALE_SLICES = 3
#: A thread that runs for so long without waiting is looked at at once.
_LONG_RUN_US = 60_000
#: What a module's code and what it holds take together, in percent of its source, before the first look.
_GUESS_PERCENT = 50
#: A module that took so long to load may have made much.
_LOADING_US = 3_000
_WORD_BYTES = 4
_HOST_BYTES = 256 << 20
_SIZED = (str, bytes, bytearray, list, tuple)


def _locals(frame: FrameType | None) -> Iterator[object]:
    """What the names of the node's frames hold, from ``frame`` outwards."""
    while frame is not None:
        if "__tick__" in frame.f_builtins:
            yield from named(frame.f_locals)
        frame = frame.f_back


def _resident_bytes() -> int:
    """Resident memory of the process; 0 where the system does not tell (no Linux)."""
    try:
        file = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(os.read(file, 64).split()[1]) * os.sysconf("SC_PAGE_SIZE")
    finally:
        os.close(file)


def memory_error(size_bytes: int) -> MemoryError:
    """The port's error for an allocation that failed. Source: py/runtime.c, m_malloc_fail."""
    return MemoryError(f"memory allocation failed, allocating {size_bytes} bytes")


class Heap:
    """The heap of one life.

    Args:
        machine: whose heap.
        modules: the node's module table.
    """

    def __init__(self, machine: Machine, modules: dict[str, ModuleType]) -> None:
        self._machine = machine
        self._cpu = machine.cpu
        self._modules = modules
        self._size = machine.board.heap_bytes
        #: How far the heap can grow beyond the board's figure.
        self._growth = max(0, free_ram_bytes(machine))
        self._code: dict[str, int] = {}
        #: What may be asked for before the next look.
        self._room = self._size + self._growth - _AFTER_BOOT_BYTES
        self._used = 0
        self._is_stale = False
        self._slices = 0
        self._interval = _LEAST_SLICES
        #: Thread and beginning of the last long run that was looked at, and of the run that is braked; resident memory
        #: of the process when the latter was first seen.
        self._run: tuple[int, int] = (0, 0)
        self._braked: tuple[int, int] = (0, 0)
        self._host_bytes = 0

    # --- what is in use -----------------------------------------------------------------------------------------------

    def free_bytes(self) -> int:
        """Bytes that are free; what a test has set, if it has.

        Garbage counts as used up to the next collection, unless the program computes for some time.
        """
        fixed = self._machine.parts.get("heap_free_bytes")
        if fixed is not None:
            return max(0, min(int(fixed), self._size))
        if self._is_stale:
            self._look()
        return max(0, self._room - self._growth)

    def collect(self) -> None:
        """Forget garbage: the next figure is of what is reachable."""
        self._is_stale = True

    def _look(self) -> None:
        self._is_stale = False
        self._slices = 0
        code = _AFTER_BOOT_BYTES + self._code_bytes()
        builtins = vars(self._modules["__main__"])["__builtins__"]
        self._growth = max(0, free_ram_bytes(self._machine))
        limit = self._size + self._growth
        self._used = code + reachable_bytes(self._roots(), limit - code, without=(builtins,))
        self._room = limit - self._used

    def _code_bytes(self) -> int:
        return sum(size for name, size in self._code.items() if name in self._modules)

    def _roots(self) -> Iterator[object]:
        for module in self._modules.values():
            names = vars(module)
            if "__builtins__" in names:  # the node's own: __main__, or from a file
                yield from named(names)
        running = getcurrent()
        for thread in self._cpu.threads.values():
            frame = sys._getframe() if thread is running else thread.gr_frame
            yield from _locals(frame)
        scheduler = self._machine.state.get("asyncio")
        if scheduler is not None:
            for task in scheduler.alive:
                yield task.coro

    # --- what is asked for --------------------------------------------------------------------------------------------

    def loaded(self, name: str, source: bytes, took_us: int) -> None:
        """Note a module that has been loaded from a file.

        Args:
            name: of the module.
            source: its content.
            took_us: how long its loading took, without that of others that it imports.

        Raises:
            MemoryError: it does not fit.
        """
        self._code[name] = len(source) * _HEAP_PERCENT // 100
        self._room -= len(source) * _GUESS_PERCENT // 100
        if took_us >= _LOADING_US or self._room < 0:
            self._look_or_fail()

    def reserve(self, size_bytes: int) -> None:
        """See that a piece of memory can be had.

        Raises:
            MemoryError: it does not fit.
        """
        if size_bytes > self._room:
            self._cpu.charge(_COLLECT_US)
            self._look()
            if size_bytes > self._room:
                raise memory_error(size_bytes)
        self._room -= size_bytes

    def fits(self, count: Any, unit_bytes: int = 1) -> Any:
        """``count`` itself, if so many units (or words, for a range) can be had; put around arguments by the compiler.

        Raises:
            MemoryError: they do not fit.
        """
        if type(count) is int:
            if count > 0:
                self.reserve(count * unit_bytes)
        elif type(count) is range:
            self.reserve(len(count) * _WORD_BYTES)
        return count

    def grows(self, value: Any, times: Any) -> Any:
        """``times`` itself, if so many times a string or list can be had; put into ``x *= n`` by the compiler.

        Raises:
            MemoryError: they do not fit.
        """
        if isinstance(value, _SIZED) and type(times) is int:
            unit = _WORD_BYTES if isinstance(value, (list, tuple)) else 1
            self.fits(times, len(value) * unit)
        return times

    # --- loops --------------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """After each slice of computing, at a loop turn: look now and then.

        Raises:
            MemoryError: more is in use than there is.
        """
        self._slices += 1
        self._is_stale = self._is_stale or self._slices >= _STALE_SLICES
        thread = cast(Thread, getcurrent())
        self._brake(thread)
        run = (thread.ident, thread.hang_at)
        if run != self._run and self._cpu.kernel.now - thread.hang_at + self._cpu.hang_us >= _LONG_RUN_US:
            self._run = run
            self._interval = _LEAST_SLICES
            self._look_or_fail()
        elif self._slices >= self._interval or self._is_crowded():
            self._look_at_growth()

    def _look_or_fail(self) -> None:
        self._look()
        if self._room < 0:
            raise memory_error(BLOCK_BYTES)

    def _look_at_growth(self) -> None:
        before, slices = self._used, self._slices
        self._look_or_fail()
        grew = self._used - before
        soon = slices * self._room // (2 * grew) if grew > 0 else _MOST_SLICES
        self._interval = max(_LEAST_SLICES, min(_MOST_SLICES, 2 * self._interval, soon))

    def _is_crowded(self) -> bool:
        """Whether what the innermost frame's names hold is too much already, without what that holds in turn."""
        frame: FrameType | None = sys._getframe()
        while frame is not None and "__tick__" not in frame.f_builtins:
            frame = frame.f_back
        if frame is None:
            return False
        values = {id(value): value for value in (*named(frame.f_locals), *named(frame.f_globals))}
        return flat_bytes(values.values()) > self._size + self._growth - _AFTER_BOOT_BYTES - self._code_bytes()

    def _brake(self, thread: Thread) -> None:
        resident = _resident_bytes()
        run = (thread.ident, thread.hang_at)
        if run != self._braked:
            self._braked = run
            self._host_bytes = resident
        elif resident - self._host_bytes > _HOST_BYTES:
            self._host_bytes = resident
            raise memory_error(BLOCK_BYTES)
