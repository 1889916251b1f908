"""``_thread`` of the ESP32 port: threads share one processor and one interpreter lock.

Source: py/modthread.c, ports/esp32/mpthreadport.c (MICROPY_PY_THREAD_GIL is on; a lock is a FreeRTOS binary semaphore,
so any thread may release it).

Limits: stacks never overflow. They only take memory: each thread its stack and a task's control block, of the internal
memory that is free after boot; when that is used up, no thread can be started. What WiFi, sockets and a growing heap
take of the same memory is not counted; a test sets the bytes that are left for threads with
``machine.parts["thread_ram_bytes"] = 20_000``. Threads are switched at loop turns and API calls, after 1 ms of
computing while another one is ready. The function in "Unhandled exception in thread started by" has no name or address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from greenlet import GreenletExit, getcurrent

from simulator.errors import NodeDead
from simulator.kernel import Wait
from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython.errors import MicroOSError
from simulator.micropython.runtime import Machine, Thread, charged_inside

__all__ = ["LockType", "allocate_lock", "exit", "get_ident", "stack_size", "start_new_thread"]

_CALL_US = 2
#: Source: ports/esp32/mpthreadport.c, MP_THREAD_DEFAULT_STACK_SIZE, MP_THREAD_MIN_STACK_SIZE.
_DEFAULT_STACK_BYTES = 5_120
_MIN_STACK_BYTES = 4_096
#: Estimate: FreeRTOS' control block of a task, and the heads of two allocations.
_TASK_BYTES = 376
#: Internal memory that ESP-IDF has free after boot. Source: ``idf_heap_info`` on an ESP32 with v1.27, in
#: github.com/micropython/micropython/issues/18859.
_RAM_BYTES = 94_256


def stack_bytes(machine: Machine, ident: int) -> int | None:
    """Bytes of stack of a thread that runs; None if this module has not started it."""
    stacks: dict[int, int] = machine.state.get("thread_stacks", {})
    return stacks.get(ident)


def free_ram_bytes(machine: Machine) -> int:
    """Bytes of internal memory beside MicroPython's heap that no thread has."""
    stacks: dict[int, int] = machine.state.get("thread_stacks", {})
    taken = sum(stacks.values()) + len(stacks) * _TASK_BYTES
    return int(machine.parts.get("thread_ram_bytes", _RAM_BYTES)) - taken


class LockType(metaclass=Builtin):
    """A lock; not re-entrant, and any thread may release it."""

    __slots__ = ("_locked", "_waiters")

    def __init__(self) -> None:
        self._locked = False
        self._waiters: list[Wait] = []

    def acquire(self, waitflag: int | bool = 1, timeout: float = -1, /) -> bool:
        """Take the lock.

        Args:
            waitflag: false for one try without waiting.
            timeout: seconds to wait at most; negative waits for ever. The ESP32 port ignores it.
        """
        charged_inside(_CALL_US)
        while self._locked:
            if not waitflag:
                return False
            thread: Thread = getcurrent()  # type: ignore[assignment]  # only a node's thread gets here
            wait = Wait(thread)
            self._waiters.append(wait)
            thread.wait(wait)
        self._locked = True
        return True

    def release(self) -> None:
        """Free the lock and wake the longest-waiting thread.

        It is that thread's only if it comes first: one that asks before it has the processor takes the lock, and the
        woken one waits again, behind all others. Source: FreeRTOS queue.c, xQueueGenericSend and xQueueSemaphoreTake.

        Raises:
            RuntimeError: it is not locked.
        """
        charged_inside(_CALL_US)
        if not self._locked:
            raise RuntimeError
        self._locked = False
        if self._waiters:
            self._waiters.pop(0).wake()

    def locked(self) -> bool:
        """True while somebody has it."""
        charged_inside(_CALL_US)
        return self._locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, exc_type: object, exc: object, traceback: object) -> None:
        self.release()


type.__setattr__(LockType, "__name__", "lock")


def allocate_lock() -> LockType:
    """A new lock."""
    charged_inside(_CALL_US)
    return LockType()


def get_ident() -> int:
    """Number of the running thread; the main thread's is 1."""
    charged_inside(_CALL_US)
    thread: Thread = getcurrent()  # type: ignore[assignment]  # only a node's thread gets here
    return thread.ident


def stack_size(size: int = 0, /) -> int:
    """Set the stack size of threads started later; returns the one set before. 0 stands for the port's default."""
    machine = charged_inside(_CALL_US)
    old: int = machine.state.get("thread_stack", 0)
    machine.state["thread_stack"] = to_int(size)
    return old


def exit() -> None:
    """End the running thread silently."""
    raise SystemExit


def start_new_thread(
    function: Callable[..., object], args: Sequence[object], kwargs: dict[str, object] = ABSENT, /
) -> int:
    """Start a thread; an exception that ends it is printed on the console. Returns its number."""
    machine = charged_inside(_CALL_US * 25)
    if not isinstance(args, (tuple, list)):
        raise TypeError(f"object '{type(args).__name__}' isn't a tuple or list")
    if kwargs is ABSENT:
        kwargs = {}
    if not isinstance(kwargs, dict):
        raise TypeError("expecting a dict for keyword args")
    stacks: dict[int, int] = machine.state.setdefault("thread_stacks", {})
    size = max(machine.state.get("thread_stack", 0) & 0xFFFFFFFF or _DEFAULT_STACK_BYTES, _MIN_STACK_BYTES)
    if size + _TASK_BYTES > free_ram_bytes(machine):
        raise MicroOSError("can't create thread")

    def body() -> None:
        try:
            _run(machine, lambda: function(*args, **kwargs))
        finally:
            stacks.pop(thread.ident, None)

    thread = machine.cpu.spawn(body, name=getattr(function, "__name__", "thread"))
    stacks[thread.ident] = size
    return thread.ident


def _run(machine: Machine, call: Callable[[], object]) -> None:
    """A thread's life; whatever firmware raises in it is shown, as on the port, and ends this thread only."""
    try:
        call()
    except (NodeDead, GreenletExit):  # no errors of firmware's
        raise
    except SystemExit:
        pass
    except BaseException as error:  # noqa: BLE001 - the thread's border
        machine.cpu.charge(_CALL_US)
        machine.console.write("Unhandled exception in thread started by <function>\n")
        _print_exception(machine, error)


def _print_exception(machine: Machine, error: BaseException) -> None:
    try:
        machine.print_exception(error)
    except (NodeDead, GreenletExit):
        raise
    except BaseException:  # noqa: BLE001 - the exception's own __str__ fails; the chip would reset here
        machine.console.write(f"{type(error).__name__}: \n")
