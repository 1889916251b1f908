"""``_thread`` of the ESP32 port."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard


def run(bare: BareBoard, source: str) -> str:
    return bare.run("import _thread, time\n" + dedent(source))


def raised(bare: BareBoard, call: str) -> str:
    """Type and text of what a call raises."""
    return run(
        bare, f"try:\n    {call}\n    print('nothing')\nexcept Exception as e:\n    print(type(e).__name__, e)"
    ).strip()


def test_thread_gets_its_arguments(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        def worker(a, b=0):
            print(a, b)
        _thread.start_new_thread(worker, (1,))
        _thread.start_new_thread(worker, [2], {"b": 3})
        time.sleep_ms(1)
        """,
    )
    assert printed == "1 0\n2 3\n"


def test_ident_differs_per_thread_and_is_returned_at_the_start(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        seen = []
        ident = _thread.start_new_thread(lambda: seen.append(_thread.get_ident()), ())
        time.sleep_ms(1)
        print(seen == [ident], ident != _thread.get_ident())
        """,
    )
    assert printed == "True True\n"


def test_exit_ends_the_thread_silently(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        def worker():
            print("before")
            _thread.exit()
            print("after")
        _thread.start_new_thread(worker, ())
        time.sleep_ms(1)
        """,
    )
    assert printed == "before\n"


@pytest.mark.parametrize("error", ["ValueError", "asyncio.CancelledError"])
def test_exception_ends_the_thread_and_is_printed(bare: BareBoard, error: str) -> None:
    printed = run(
        bare,
        f"""
        import asyncio
        def worker():
            raise {error}("no")
        _thread.start_new_thread(worker, ())
        time.sleep_ms(1)
        print("main goes on")
        """,
    )
    lines = printed.splitlines()
    assert lines[0].startswith("Unhandled exception in thread started by <function")
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-2:] == [error.removeprefix("asyncio.") + ": no", "main goes on"]


def test_lock_is_handed_over_in_the_order_of_asking(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        lock, seen = _thread.allocate_lock(), []
        def worker(name):
            with lock:
                seen.append(name)
                time.sleep_ms(5)
        for name in "abc":
            _thread.start_new_thread(worker, (name,))
        time.sleep_ms(20)
        print(seen, lock.locked())
        """,
    )
    assert printed == "['a', 'b', 'c'] False\n"


def test_thread_that_waits_for_a_lock_takes_no_processor_time(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(lock.acquire, ())
        time.sleep_ms(1)
        begun = time.ticks_us()
        for _ in range(1000):
            pass
        print(time.ticks_diff(time.ticks_us(), begun) // 100)
        """,
    )
    assert printed == "30\n"  # 3 us per turn at the 160 MHz of a fresh board


def test_acquire_without_waiting_tells_whether_it_got_the_lock(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        lock = _thread.allocate_lock()
        print(lock.acquire(0), lock.acquire(0), lock.locked())
        """,
    )
    assert printed == "True False True\n"


def test_any_thread_may_release_a_lock(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(lock.release, ())
        lock.acquire()
        print("got it")
        """,
    )
    assert printed == "got it\n"


def test_release_of_a_free_lock_raises_runtimeerror(bare: BareBoard) -> None:
    assert raised(bare, "_thread.allocate_lock().release()") == "RuntimeError"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("print, 1", "TypeError object 'int' isn't a tuple or list"),
        ("print, (), 1", "TypeError expecting a dict for keyword args"),
        ("print, (), None", "TypeError expecting a dict for keyword args"),
    ],
)
def test_start_with_wrong_arguments_raises_typeerror(bare: BareBoard, arguments: str, text: str) -> None:
    assert raised(bare, f"_thread.start_new_thread({arguments})") == text


def test_too_many_threads_raise_oserror(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        count = 0
        try:
            while True:
                _thread.start_new_thread(time.sleep, (1,))
                count += 1
        except OSError as e:
            print(count, e)
        time.sleep(2)
        _thread.start_new_thread(print, ("again",))
        time.sleep_ms(1)
        """,
    )
    assert printed == "16 can't create thread\nagain\n"


def test_stack_size_returns_what_was_set_before(bare: BareBoard) -> None:
    printed = run(bare, "print(_thread.stack_size(8192), _thread.stack_size(), _thread.stack_size())")
    assert printed == "0 8192 0\n"


def test_lock_type_refuses_class_attributes(bare: BareBoard) -> None:
    assert raised(bare, "_thread.LockType.extra = 1") == "AttributeError type object 'lock' has no attribute 'extra'"
