"""``_thread`` of the ESP32 port: threads share one processor and one interpreter lock.

Source: py/modthread.c, ports/esp32/mpthreadport.c (MICROPY_PY_THREAD_GIL is on).

Limits: the stack size is kept but not enforced; threads are switched at loop turns and API calls, after 1 ms of
computing while another one is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from greenlet import getcurrent

from simulator.errors import NodeDead
from simulator.kernel import Wait
from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython.errors import MicroOSError
from simulator.micropython.runtime import Thread, running

__all__ = ["LockType", "allocate_lock", "exit", "get_ident", "stack_size", "start_new_thread"]

_CALL_US = 2
#: FreeRTOS tasks with their stacks in internal RAM; more fail with "can't create thread".
_MAX_THREADS = 16


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
        machine = running()
        machine.cpu.charge(_CALL_US)
        while self._locked:
            if not waitflag:
                return False
            thread = cast(Thread, getcurrent())
            wait = Wait(thread)
            self._waiters.append(wait)
            try:
                thread.wait(wait)
            finally:
                if wait in self._waiters:
                    self._waiters.remove(wait)
        self._locked = True
        return True

    def release(self) -> None:
        """Free the lock; the longest-waiting thread gets it.

        Raises:
            RuntimeError: it is not locked.
        """
        running().cpu.charge(_CALL_US)
        if not self._locked:
            raise RuntimeError
        self._locked = False
        if self._waiters:
            self._waiters.pop(0).wake()

    def locked(self) -> bool:
        """True while somebody has it."""
        running().cpu.charge(_CALL_US)
        return self._locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, exc_type: object, exc: object, traceback: object) -> None:
        self.release()


type.__setattr__(LockType, "__name__", "lock")


def allocate_lock() -> LockType:
    """A new lock."""
    running().cpu.charge(_CALL_US)
    return LockType()


def get_ident() -> int:
    """Number of the running thread; the main thread's is 1."""
    running().cpu.charge(_CALL_US)
    return cast(Thread, getcurrent()).ident


def stack_size(size: int = 0, /) -> int:
    """Set the stack size of threads started later; returns the one set before. 0 stands for the port's default."""
    machine = running()
    machine.cpu.charge(_CALL_US)
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
    machine = running()
    machine.cpu.charge(_CALL_US * 25)
    if not isinstance(args, (tuple, list)):
        raise TypeError(f"object '{type(args).__name__}' isn't a tuple or list")
    if kwargs is ABSENT:
        kwargs = {}
    if not isinstance(kwargs, dict):
        raise TypeError("expecting a dict for keyword args")
    if len(machine.cpu.threads) > _MAX_THREADS:
        raise MicroOSError("can't create thread")

    def body() -> None:
        try:
            function(*args, **kwargs)
        except (NodeDead, KeyboardInterrupt):
            raise
        except SystemExit:
            pass
        except BaseException as error:  # noqa: BLE001 - ends the thread and is shown, as on the port
            machine.cpu.charge(_CALL_US)
            machine.console.write("Unhandled exception in thread started by <function>\n")
            machine.print_exception(error)

    thread = machine.cpu.spawn(body, name=getattr(function, "__name__", "thread"))
    return thread.ident
