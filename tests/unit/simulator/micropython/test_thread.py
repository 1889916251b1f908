"""``_thread`` of the ESP32 port."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.world import World


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


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "GeneratorExit", "BaseException", "StopIteration"])
def test_exception_of_any_kind_ends_its_thread_only(bare: BareBoard, error: str) -> None:
    printed = run(
        bare,
        f"""
        def worker():
            raise {error}
        for _ in range(2):
            _thread.start_new_thread(worker, ())
            time.sleep_ms(1)
        print("main goes on")
        """,
    )
    assert printed.count(f"\n{error}: \n") == 2
    assert printed.endswith("main goes on\n")


@pytest.mark.engine("cpython", reason="engine-internals")
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_exception_that_cannot_be_printed_ends_its_thread_only(bare: BareBoard, error: type[BaseException]) -> None:
    def fail(_: BaseException) -> None:
        raise error

    bare.machine.print_exception = fail
    printed = run(
        bare,
        """
        def worker():
            raise IndexError
        _thread.start_new_thread(worker, ())
        time.sleep_ms(1)
        print("main goes on")
        """,
    )
    assert printed == "Unhandled exception in thread started by <function>\nIndexError: \nmain goes on\n"


def test_reset_in_a_thread_is_no_exception_of_it(bare: BareBoard) -> None:
    bare.node.start("import _thread, machine, time\n_thread.start_new_thread(machine.reset, ())\ntime.sleep(9)")
    bare.world.run_for(2)
    assert bare.node.boots == 2
    assert "Unhandled" not in bare.node.console.text()


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


def test_who_asks_before_the_woken_thread_runs_gets_the_lock(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        lock, seen = _thread.allocate_lock(), []
        def worker(name):
            with lock:
                seen.append(name)
        lock.acquire()
        for name in "ab":
            _thread.start_new_thread(worker, (name,))
            time.sleep_ms(1)
        lock.release()
        print(lock.acquire(0))
        time.sleep_ms(5)
        print(seen)
        lock.release()
        time.sleep_ms(5)
        print(seen, lock.locked())
        """,
    )
    assert printed == "True\n[]\n['b', 'a'] False\n"  # "a" was woken in vain and waits behind "b"


@pytest.mark.engine("cpython", reason="computing")
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


def count_of_threads(bare: BareBoard, stack_size: int) -> str:
    """How many threads can run at once with a stack size, and what comes then."""
    return run(
        bare,
        f"""
        count = 0
        try:
            while True:
                _thread.stack_size({stack_size})
                _thread.start_new_thread(time.sleep, (1,))
                count += 1
        except OSError as e:
            print(count, e)
        time.sleep(2)
        _thread.stack_size(4096)
        _thread.start_new_thread(print, ("again",))
        time.sleep_ms(1)
        """,
    )


@pytest.mark.parametrize(
    ("stack_size", "threads"), [(0, 17), (1, 21), (4096, 21), (5120, 17), (18 * 1024, 5), (100_000, 0), (-1, 0)]
)
def test_threads_start_as_long_as_there_is_memory_for_their_stacks(
    bare: BareBoard, stack_size: int, threads: int
) -> None:
    assert count_of_threads(bare, stack_size) == f"{threads} can't create thread\nagain\n"


def test_test_can_set_the_memory_for_threads(bare: BareBoard) -> None:
    bare.machine.parts["thread_ram_bytes"] = 11_000
    assert count_of_threads(bare, 0) == "2 can't create thread\nagain\n"


def test_stack_size_returns_what_was_set_before(bare: BareBoard) -> None:
    printed = run(bare, "print(_thread.stack_size(8192), _thread.stack_size(), _thread.stack_size())")
    assert printed == "0 8192 0\n"


@pytest.mark.engine("cpython", reason="engine-internals")
def test_lock_type_refuses_class_attributes(bare: BareBoard) -> None:
    assert raised(bare, "_thread.LockType.extra = 1") == "AttributeError type object 'lock' has no attribute 'extra'"


def test_thread_that_goes_on_lets_what_is_due_come_first(world: World) -> None:
    """Two threads hand a lock to each other while something is due at each microsecond."""
    source = """
        import _thread, time
        from machine import Pin
        pin = Pin(4, Pin.OUT)
        there, back = _thread.allocate_lock(), _thread.allocate_lock()
        there.acquire(), back.acquire()
        def worker():
            while True:
                there.acquire()
                pin.value(1)
                back.release()
        _thread.start_new_thread(worker, ())
        time.sleep_ms(10)
        for _ in range(9):
            there.release()
            back.acquire()
            pin.value(0)
    """
    node = world.add_node("node01", firmware=False, files={"/main.py": dedent(source).encode()})
    moments: list[int] = []

    def note(*level: int) -> None:
        moments.append(world.kernel.now)

    changes: list[int] = []
    net = node.machine.parts["pads"].net(4)
    net.on_change(lambda level: (changes.append(level), note()))
    world.run_for(0.305)
    began = world.kernel.now
    for t_us in range(began, began + 12_000):
        world.at(t_us, note)
    world.run_for(0.1)
    assert changes == [1, 0] * 9
    assert moments == sorted(moments)


def test_event_made_by_a_thread_comes_in_time_for_the_next_one(world: World) -> None:
    source = """
        import _thread, time
        from machine import Timer
        start, end, fired = _thread.allocate_lock(), _thread.allocate_lock(), []
        def worker():
            start.acquire()
            began = time.ticks_us()
            while not fired and time.ticks_diff(time.ticks_us(), began) < 50_000:
                pass
            print(time.ticks_diff(fired[0], began))
            end.release()
        start.acquire()
        end.acquire()
        _thread.start_new_thread(worker, ())
        time.sleep_ms(1)
        Timer(0).init(mode=Timer.ONE_SHOT, period=1, callback=lambda timer: fired.append(time.ticks_us()))
        start.release()
        end.acquire()
        """
    node = world.add_node("node01", firmware=False, files={"/main.py": dedent(source).encode()})
    world.run_for(1.0)
    assert 900 < int(node.console.text().splitlines()[0]) < 1_500, node.console.text()
