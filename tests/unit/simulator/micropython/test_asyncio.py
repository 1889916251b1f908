"""``asyncio`` of the ESP32 port: tasks, time, cancellation. Order and texts: extmod/asyncio of MicroPython 1.28."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.world import World

_HEAD = """import asyncio, time
begun = time.ticks_ms()
def ms():
    return time.ticks_diff(time.ticks_ms(), begun)
async def log(name, delay_ms, result=None):
    try:
        await asyncio.sleep_ms(delay_ms)
        print(name, ms())
        return result
    except asyncio.CancelledError:
        print(name, "cancelled", ms())
        raise
async def fail(delay_ms, text="no"):
    await asyncio.sleep_ms(delay_ms)
    raise ValueError(text)
"""


def run(bare: BareBoard, body: str) -> list[str]:
    """Run ``body`` as the body of a main task; returns the printed lines."""
    indented = "".join("    " + line + "\n" for line in dedent(body).splitlines())
    return bare.run(f"{_HEAD}async def main():\n{indented}asyncio.run(main())\n").splitlines()


# --- tasks and time ---------------------------------------------------------------------------------------------------


def test_due_tasks_run_in_the_order_of_their_making(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        for name in "abc":
            asyncio.create_task(log(name, 0))
        await asyncio.sleep_ms(5)
        """,
    )
    assert [line[0] for line in lines] == ["a", "b", "c"]


def test_sleep_is_no_longer_than_ticks_can_tell(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        asyncio.create_task(log("a", 2**29 - 1))
        try:
            await asyncio.sleep_ms(2**29)
        except OverflowError as error:
            print(error)
        """,
    )
    assert lines == ["ticks interval overflow"]


def test_tasks_run_in_the_order_of_their_times(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        for name, delay_ms in ("a", 30), ("b", 10), ("c", 20):
            asyncio.create_task(log(name, delay_ms))
        await asyncio.sleep_ms(50)
        """,
    )
    assert lines == ["b 10", "c 20", "a 30"]


def test_task_begins_only_when_its_maker_waits(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        asyncio.create_task(log("task", 0))
        print("maker")
        await asyncio.sleep_ms(0)
        await asyncio.sleep_ms(0)
        """,
    )
    assert lines == ["maker", "task 0"]


def test_sleep_zero_lets_the_other_due_tasks_run_first(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        async def turn(name):
            for n in range(3):
                print(name + str(n))
                await asyncio.sleep_ms(0)
        asyncio.create_task(turn("a"))
        await turn("b")
        """,
    )
    assert lines == ["b0", "a0", "b1", "a1", "b2", "a2"]


@pytest.mark.engine("cpython", reason="computing")
def test_sleep_counts_whole_milliseconds(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        await asyncio.sleep(0)
        for _ in range(10):
            await asyncio.sleep_ms(10)
        print(ms())
        await asyncio.sleep(0.25)
        print(ms())
        """,
    )
    assert lines == ["100", "350"]


def test_run_returns_the_value_of_its_coroutine(bare: BareBoard) -> None:
    assert run(bare, "print(await log('a', 5, result=7))") == ["a 5", "7"]
    assert bare.run("async def f():\n    return 8\nprint(asyncio.run(f()))") == "8\n"


def test_run_raises_what_its_coroutine_raises(bare: BareBoard) -> None:
    assert bare.run(_HEAD + "try:\n    asyncio.run(fail(1))\nexcept ValueError as e:\n    print(e)") == "no\n"


def test_awaited_task_gives_its_value_again_and_again(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(log("a", 5, result=7))
        print(task.done(), await task, await task, task.done())
        """,
    )
    assert lines == ["a 5", "False 7 7 True"]


def test_several_tasks_may_await_one(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(log("a", 5, result=7))
        async def wait(name):
            print(name, await task)
        await asyncio.gather(wait("b"), wait("c"))
        """,
    )
    assert lines == ["a 5", "b 7", "c 7"]


def test_run_goes_on_while_its_task_waits_for_an_interrupt_to_set_an_event(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        import machine
        event = asyncio.Event()
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=40, callback=lambda t: event.set())
        await event.wait()
        print(ms())
        """,
    )
    assert lines == ["42"]  # it looks every 3 ms


def test_current_task_is_the_one_that_runs(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        async def me():
            return asyncio.current_task()
        task = asyncio.create_task(me())
        print(await task is task)
        """,
    )
    assert lines == ["True"]


def test_current_task_outside_a_loop_raises(bare: BareBoard) -> None:
    printed = bare.run("import asyncio\ntry:\n    asyncio.current_task()\nexcept RuntimeError as e:\n    print(e)")
    assert printed == "no running event loop\n"


def test_create_task_refuses_what_is_no_coroutine(bare: BareBoard) -> None:
    assert run(bare, "try:\n    asyncio.create_task(log)\nexcept TypeError as e:\n    print(e)") == [
        "coroutine expected"
    ]


def test_other_threads_run_while_the_loop_idles(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        import _thread
        def worker():
            for n in range(3):
                time.sleep_ms(10)
                print(n, ms())
        _thread.start_new_thread(worker, ())
        await asyncio.sleep_ms(100)
        print("main", ms())
        """,
    )
    assert lines == ["0 10", "1 20", "2 30", "main 100"]


# --- cancellation -----------------------------------------------------------------------------------------------------


def test_cancel_of_a_sleeping_task_ends_it_at_once(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(log("a", 1000))
        await asyncio.sleep_ms(10)
        print(task.cancel())
        await asyncio.sleep_ms(0)
        print(task.done(), task.cancel())
        """,
    )
    assert lines == ["True", "a cancelled 10", "True False"]


def test_cancel_of_a_task_that_never_ran_ends_it(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(log("a", 10))
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("cancelled", ms())
        """,
    )
    assert lines == ["cancelled 0"]


def test_cancel_of_a_task_that_awaits_another_ends_both(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        inner = asyncio.create_task(log("inner", 1000))
        async def wait():
            await inner
        outer = asyncio.create_task(wait())
        await asyncio.sleep_ms(10)
        outer.cancel()
        await asyncio.sleep_ms(1)
        print(inner.done(), outer.done())
        """,
    )
    assert lines == ["inner cancelled 10", "True True"]


@pytest.mark.parametrize("waited", ["lock.acquire()", "event.wait()", "flag.wait()"])
def test_cancel_of_a_task_that_waits_ends_it(bare: BareBoard, waited: str) -> None:
    lines = run(
        bare,
        f"""
        lock, event, flag = asyncio.Lock(), asyncio.Event(), asyncio.ThreadSafeFlag()
        await lock.acquire()
        async def wait():
            try:
                await {waited}
            finally:
                print("ends", ms())
        task = asyncio.create_task(wait())
        await asyncio.sleep_ms(10)
        task.cancel()
        await asyncio.sleep_ms(1)
        lock.release(), event.set(), flag.set()
        await asyncio.sleep_ms(1)
        print(task.done(), lock.locked())
        """,
    )
    assert lines == ["ends 10", "True False"]


def test_cancelled_task_may_go_on(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        async def stay():
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                pass
            await asyncio.sleep_ms(5)
            return "stayed"
        task = asyncio.create_task(stay())
        await asyncio.sleep_ms(10)
        task.cancel()
        print(await task, ms())
        """,
    )
    assert lines == ["stayed 15"]


def test_task_cannot_cancel_itself(bare: BareBoard) -> None:
    lines = run(bare, "try:\n    asyncio.current_task().cancel()\nexcept RuntimeError as e:\n    print(e)")
    assert lines == ["can't cancel self"]


def test_cancelled_error_is_no_exception(bare: BareBoard) -> None:
    lines = run(
        bare, "print(issubclass(asyncio.CancelledError, Exception), asyncio.CancelledError.__bases__[0].__name__)"
    )
    assert lines == ["False BaseException"]


# --- wait_for ---------------------------------------------------------------------------------------------------------


def test_wait_for_returns_the_value_in_time(bare: BareBoard) -> None:
    assert run(bare, "print(await asyncio.wait_for(log('a', 10, result=7), 1), ms())") == ["a 10", "7 10"]


def test_wait_for_raises_what_was_raised_in_time(bare: BareBoard) -> None:
    body = "try:\n    await asyncio.wait_for(fail(10), 1)\nexcept ValueError as e:\n    print(e, ms())"
    assert run(bare, body) == ["no 10"]


def test_wait_for_cancels_when_time_is_up(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        try:
            await asyncio.wait_for_ms(log("a", 1000), 20)
        except asyncio.TimeoutError:
            print("timeout", ms())
        """,
    )
    assert lines == ["a cancelled 20", "timeout 20"]


def test_wait_for_without_a_limit_waits(bare: BareBoard) -> None:
    assert run(bare, "print(await asyncio.wait_for(log('a', 5000, result=7), None))") == ["a 5000", "7"]


def test_wait_for_that_is_cancelled_cancels_what_it_waits_for(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(asyncio.wait_for(log("a", 1000), 2))
        await asyncio.sleep_ms(10)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("outer cancelled", ms())
        """,
    )
    assert sorted(lines) == ["a cancelled 10", "outer cancelled 10"]


def test_wait_for_a_task_that_ended_already_gives_its_value(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(log("a", 0, result=7))
        await asyncio.sleep_ms(5)
        print(await asyncio.wait_for(task, 1), ms())
        """,
    )
    assert lines == ["a 0", "7 5"]


# --- gather -----------------------------------------------------------------------------------------------------------


def test_gather_returns_results_in_the_order_of_its_arguments(bare: BareBoard) -> None:
    lines = run(bare, "print(await asyncio.gather(log('a', 20, result=1), log('b', 10, result=2)), ms())")
    assert lines == ["b 10", "a 20", "[1, 2] 20"]


def test_gather_of_nothing_is_empty(bare: BareBoard) -> None:
    assert run(bare, "print(await asyncio.gather())") == ["[]"]


def test_gather_takes_tasks_that_ended_already(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        done = asyncio.create_task(log("a", 0, result=1))
        await asyncio.sleep_ms(5)
        print(await asyncio.gather(done, log("b", 5, result=2)))
        """,
    )
    assert lines == ["a 0", "b 10", "[1, 2]"]


def test_gather_raises_the_first_exception_at_once_and_the_others_run_on(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        try:
            await asyncio.gather(log("a", 50), fail(10))
        except ValueError as e:
            print(e, ms())
        await asyncio.sleep_ms(100)
        """,
    )
    assert lines == ["no 10", "a 50"]


def test_gather_returns_exceptions_when_asked(bare: BareBoard) -> None:
    body = "print(await asyncio.gather(fail(10), log('a', 20, result=1), return_exceptions=True))"
    assert run(bare, body) == ["a 20", "[ValueError('no',), 1]"]


@pytest.mark.parametrize("option", ["", ", return_exceptions=True"])
def test_gather_that_is_cancelled_cancels_all(bare: BareBoard, option: str) -> None:
    lines = run(
        bare,
        f"""
        async def both():
            await asyncio.gather(log("a", 1000), log("b", 1000){option})
        task = asyncio.create_task(both())
        await asyncio.sleep_ms(10)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("gather cancelled")
        await asyncio.sleep_ms(5)
        """,
    )
    assert sorted(lines) == ["a cancelled 10", "b cancelled 10", "gather cancelled"]


def test_gather_of_a_task_that_another_awaits_is_refused(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(log("a", 10))
        async def wait():
            await task
        asyncio.create_task(wait())
        await asyncio.sleep_ms(1)
        try:
            await asyncio.gather(task)
        except RuntimeError as e:
            print(e)
        """,
    )
    assert lines == ["can't gather"]


# --- Event, ThreadSafeFlag, Lock --------------------------------------------------------------------------------------


def test_event_lets_all_waiting_tasks_go(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        event = asyncio.Event()
        async def wait(name):
            print(name, await event.wait(), ms())
        for name in "ab":
            asyncio.create_task(wait(name))
        await asyncio.sleep_ms(10)
        event.set()
        await asyncio.sleep_ms(1)
        print(event.is_set(), await event.wait())
        event.clear()
        print(event.is_set())
        """,
    )
    assert lines == ["a True 10", "b True 10", "True True", "False"]


def test_flag_set_by_an_interrupt_wakes_the_task(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        import machine
        flag = asyncio.ThreadSafeFlag()
        machine.Timer(0, period=10, callback=lambda t: flag.set())
        for _ in range(3):
            await flag.wait()
            print(ms())
        """,
    )
    assert lines == ["10", "20", "30"]


def test_flag_set_by_a_thread_wakes_the_task(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        import _thread
        flag = asyncio.ThreadSafeFlag()
        def worker():
            time.sleep_ms(25)
            flag.set()
        _thread.start_new_thread(worker, ())
        await flag.wait()
        print(ms(), flag.state)
        """,
    )
    assert lines == ["25 0"]


def test_flag_that_is_set_already_does_not_wait(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        flag = asyncio.ThreadSafeFlag()
        flag.set()
        await flag.wait()
        print(ms())
        flag.set()
        flag.clear()
        try:
            await asyncio.wait_for_ms(flag.wait(), 5)
        except asyncio.TimeoutError:
            print("cleared")
        """,
    )
    assert lines == ["0", "cleared"]


def test_flag_works_after_a_wait_was_cancelled(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        flag = asyncio.ThreadSafeFlag()
        try:
            await asyncio.wait_for_ms(flag.wait(), 5)
        except asyncio.TimeoutError:
            pass
        asyncio.create_task(log("a", 5))
        flag.set()
        await flag.wait()
        print(ms())
        await asyncio.sleep_ms(10)
        """,
    )
    assert lines == ["5", "a 10"]


def test_lock_is_given_in_the_order_of_asking(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        lock = asyncio.Lock()
        async def use(name):
            async with lock:
                print(name, ms())
                await asyncio.sleep_ms(10)
        await asyncio.gather(*[use(name) for name in "abc"])
        print(lock.locked())
        """,
    )
    assert lines == ["a 0", "b 10", "c 20", "False"]


def test_lock_passes_over_a_waiter_that_was_cancelled(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        lock = asyncio.Lock()
        await lock.acquire()
        async def use(name):
            async with lock:
                print(name)
        first = asyncio.create_task(use("first"))
        asyncio.create_task(use("second"))
        await asyncio.sleep_ms(1)
        first.cancel()
        lock.release()
        await asyncio.sleep_ms(1)
        print(lock.locked())
        """,
    )
    assert lines == ["second", "False"]


def test_lock_goes_on_when_the_next_owner_is_cancelled_before_it_runs(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        lock = asyncio.Lock()
        await lock.acquire()
        async def use(name):
            async with lock:
                print(name)
        first = asyncio.create_task(use("first"))
        asyncio.create_task(use("second"))
        await asyncio.sleep_ms(1)
        lock.release()
        first.cancel()
        await asyncio.sleep_ms(1)
        print(lock.locked())
        """,
    )
    assert lines == ["second", "False"]


def test_release_of_a_free_lock_raises(bare: BareBoard) -> None:
    assert run(bare, "try:\n    asyncio.Lock().release()\nexcept RuntimeError as e:\n    print(e)") == [
        "Lock not acquired"
    ]


# --- the loop ---------------------------------------------------------------------------------------------------------


def test_exception_that_nobody_retrieves_is_printed_and_the_loop_goes_on(bare: BareBoard) -> None:
    lines = run(bare, "asyncio.create_task(fail(5))\nawait asyncio.sleep_ms(20)\nprint('goes on')")
    assert lines[0] == "Task exception wasn't retrieved"
    assert lines[-2:] == ["ValueError: no", "goes on"]


def test_exception_that_is_awaited_in_time_is_not_reported(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        task = asyncio.create_task(fail(5))
        try:
            await task
        except ValueError:
            print("caught")
        await asyncio.sleep_ms(20)
        """,
    )
    assert lines == ["caught"]


def test_exception_handler_gets_message_exception_and_future(bare: BareBoard) -> None:
    lines = run(
        bare,
        """
        def handle(loop, context):
            print(context["message"], repr(context["exception"]), context["future"] is task, loop is asyncio.Loop)
        asyncio.get_event_loop().set_exception_handler(handle)
        print(asyncio.get_event_loop().get_exception_handler() is handle)
        task = asyncio.create_task(fail(5))
        await asyncio.sleep_ms(20)
        """,
    )
    assert lines == ["True", "Task exception wasn't retrieved ValueError('no',) True True"]


def test_cancelled_task_that_nobody_awaits_is_not_reported(bare: BareBoard) -> None:
    lines = run(
        bare,
        "task = asyncio.create_task(log('a', 50))\nawait asyncio.sleep_ms(5)\ntask.cancel()\nawait asyncio.sleep_ms(5)",
    )
    assert lines == ["a cancelled 5"]


def test_run_forever_ends_with_stop(bare: BareBoard) -> None:
    printed = bare.run(
        _HEAD
        + dedent("""
        loop = asyncio.get_event_loop()
        async def stop():
            await asyncio.sleep_ms(30)
            loop.stop()
        loop.create_task(log("a", 20))
        loop.create_task(log("b", 40))
        loop.create_task(stop())
        loop.run_forever()
        print("stopped", ms())
        print(loop.run_until_complete(log("c", 20, result=3)))
        """)
    )
    assert printed.splitlines() == ["a 20", "stopped 30", "b 40", "c 50", "3"]


def test_new_event_loop_forgets_the_tasks(bare: BareBoard) -> None:
    printed = bare.run(
        _HEAD + "asyncio.create_task(log('a', 5))\nasyncio.new_event_loop()\nasyncio.run(log('b', 20))\n"
    )
    assert printed == "b 20\n"


def test_tasks_of_two_nodes_do_not_meet(world: World) -> None:
    nodes = [world.add_node(name, firmware=False) for name in ("one", "two")]
    world.run_for(1)
    runs = [node.start(_HEAD + f"asyncio.run(log('{node.name}', {n * 10}))") for n, node in enumerate(nodes, 1)]
    world.run_for(1)
    assert [run.printed for run in runs] == ["one 10\n", "two 20\n"]


def test_uasyncio_is_asyncio(bare: BareBoard) -> None:
    assert bare.run("import asyncio, uasyncio\nprint(uasyncio.sleep_ms is asyncio.sleep_ms)") == "True\n"


@pytest.mark.engine("cpython", reason="interpreter-build")
def test_second_task_that_waits_for_a_flag_is_refused(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import asyncio
        async def main():
            flag = asyncio.ThreadSafeFlag()
            first = asyncio.create_task(flag.wait())
            await asyncio.sleep_ms(1)
            try:
                await flag.wait()
            except AssertionError:
                print('refused')
            flag.set()
            await first
            print('first goes on')
        asyncio.run(main())
        """)
    )
    assert printed == "refused\nfirst goes on\n"


def test_task_may_cancel_the_task_that_awaits_it_and_wait_on(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import asyncio
        async def child(event):
            await asyncio.sleep_ms(1)
            parent.cancel()
            await event.wait()
            print('child goes on')
        async def main():
            global parent
            event = asyncio.Event()
            async def waits():
                await child_task
            child_task = asyncio.create_task(child(event))
            parent = asyncio.create_task(waits())
            await asyncio.sleep_ms(10)
            event.set()
            await asyncio.sleep_ms(10)
        asyncio.run(main())
        """)
    )
    assert printed == "child goes on\n"
