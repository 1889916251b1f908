"""``_thread`` on the virtual machine: real threads, switched where the world says."""

from __future__ import annotations

from typing import Any


def test_threads_share_the_processor_and_wait_for_locks(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        l = _thread.allocate_lock()
        g = []
        done = []
        def work(name, ms):
            for i in range(3):
                with l:
                    g.append(name)
                    time.sleep_ms(ms)
            done.append(name)
        for name, ms in (('a', 5), ('b', 7), ('c', 3)):
            _thread.start_new_thread(work, (name, ms))
        while len(done) < 3:
            time.sleep_ms(1)
        print(sorted(g), l.locked())
    """) == ["['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c'] False"]


def test_lock_keeps_a_critical_section(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        l = _thread.allocate_lock()
        inside = 0
        worst = 0
        left = 4
        def work():
            global inside, worst, left
            for i in range(10):
                with l:
                    inside += 1
                    worst = max(worst, inside)
                    time.sleep_ms(1)
                    inside -= 1
            left -= 1
        for i in range(4):
            _thread.start_new_thread(work, ())
        while left:
            time.sleep_ms(5)
        print(worst)
    """) == ["1"]


def test_exception_in_a_thread_is_printed_and_ends_it_alone(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        def bad():
            raise ValueError('in thread')
        _thread.start_new_thread(bad, ())
        time.sleep_ms(20)
        print('main')
    """) == [
        "Unhandled exception in thread started by <function>", "Traceback (most recent call last):",
        '  File "<stdin>", line 3, in bad', "ValueError: in thread", "main",
    ]  # fmt: skip


def test_thread_exit_is_silent(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        def quiet():
            _thread.exit()
        _thread.start_new_thread(quiet, ())
        time.sleep_ms(20)
        print('main')
    """) == ["main"]


def test_thread_started_from_a_thread_and_idents_differ(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        g = []
        def inner(): g.append(_thread.get_ident())
        def outer():
            g.append(_thread.get_ident())
            g.append(_thread.start_new_thread(inner, ()))
            time.sleep_ms(5)
            g.append(_thread.get_ident())
        _thread.start_new_thread(outer, ())
        time.sleep_ms(50)
        print(_thread.get_ident(), len(g), g[0] == g[3], g[1] == g[2], g[0] != g[1])
    """) == ["1 4 True True True"]


def test_hundred_threads_one_after_another_leave_nothing(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time, gc
        g = []
        def go(n):
            for i in range(n):
                _thread.start_new_thread(g.append, (i,))
                time.sleep_ms(1)
            c = len(g)
            g.clear()
            gc.collect()
            return c, gc.mem_alloc()
        a = go(5)
        b = go(100)
        print(a[0], b[0], b[1] - a[1] < 500)
    """) == ["5 100 True"]
    assert vm.node.machine.cpu.threads.keys() == {1}


def test_ten_threads_at_once(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        g = []
        def work(i):
            time.sleep_ms(20 - i)
            g.append(i)
        for i in range(10):
            _thread.start_new_thread(work, (i,))
        time.sleep_ms(50)
        print(g)
    """) == ["[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]"]


def test_too_many_threads_are_refused(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        l = _thread.allocate_lock()
        l.acquire()
        n = 0
        try:
            while n < 50:
                _thread.start_new_thread(l.acquire, ())
                n += 1
        except OSError as e:
            print(n, e)
    """) == ["17 can't create thread"]


def test_thread_with_keywords_and_wrong_arguments(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        def f(a, b=0): print(a, b)
        _thread.start_new_thread(f, (1,), {'b': 2})
        time.sleep_ms(5)
        for a in ((f, 1), (f, (), 1), (f,)):
            try:
                _thread.start_new_thread(*a)
            except TypeError as e:
                print('TypeError')
    """) == ["1 2", "TypeError", "TypeError", "TypeError"]


def test_lock_without_waiting(vm: Any) -> None:
    assert vm.lines("""
        import _thread
        l = _thread.allocate_lock()
        print(l.acquire(), l.acquire(0), l.locked())
        l.release()
        print(l.locked())
        try:
            l.release()
        except RuntimeError:
            print('RuntimeError')
    """) == ["True False True", "False", "RuntimeError"]


def test_thread_computes_while_the_main_thread_sleeps(vm: Any) -> None:
    """A thread's calls take virtual time, and the other's sleep ends in the midst of them."""
    assert vm.lines("""
        import _thread, time
        n = 0
        stop = False
        def spin():
            global n
            while not stop:
                time.sleep_us(10)
                n += 1
        _thread.start_new_thread(spin, ())
        s = time.ticks_ms()
        time.sleep_ms(30)
        stop = True
        print(28 < time.ticks_diff(time.ticks_ms(), s) < 35, n > 500)
    """) == ["True True"]


def test_lock_wakes_the_longest_waiting_thread(vm: Any) -> None:
    assert vm.lines("""
        import _thread, time
        l = _thread.allocate_lock()
        g = []
        l.acquire()
        def work(i):
            with l:
                g.append(i)
                time.sleep_ms(2)
        for i in range(4):
            _thread.start_new_thread(work, (i,))
            time.sleep_ms(1)
        l.release()
        time.sleep_ms(50)
        print(g)
    """) == ["[0, 1, 2, 3]"]


_WORKER = """
    import _thread, asyncio, time
    from machine import Pin
    gate = _thread.allocate_lock()
    gate.acquire()
    flag = asyncio.ThreadSafeFlag()
    work = None
    def worker():
        while True:
            gate.acquire()
            work()
            flag.set()
    _thread.start_new_thread(worker, ())
    time.sleep_ms(5)
    began = time.ticks_ms()
    def at():
        return time.ticks_diff(time.ticks_ms(), began)
    async def ask(what, times=3):
        global work, began
        work = what
        for _ in range(times):
            began = time.ticks_ms()
            gate.release()
            await asyncio.wait_for_ms(flag.wait(), 1000)
            print(round(at() / 5) * 5)
"""


def test_worker_that_only_computes_answers_at_once(vm: Any) -> None:
    assert vm.lines(_WORKER, "asyncio.run(ask(lambda: None))\n") == ["0", "0", "0"]


def test_worker_that_waits_lets_the_loop_go_on(vm: Any) -> None:
    assert vm.lines(
        _WORKER,
        """
        async def beat():
            while True:
                await asyncio.sleep_ms(20)
                print('beat', round(at() / 5) * 5)
        async def main():
            task = asyncio.create_task(beat())
            await ask(lambda: time.sleep_ms(45), 2)
            task.cancel()
        asyncio.run(main())
    """,
    ) == ["beat 20", "beat 40", "45", "beat 15", "beat 35", "45"]


def test_worker_that_asks_the_world_is_answered_between_the_loops_turns(vm: Any) -> None:
    assert vm.lines(
        _WORKER,
        """
        pin = Pin(4, Pin.OUT)
        def toggle():
            year = time.localtime(0)[0]
            pin.value(year - 2000 + 1 - pin.value())
        async def main():
            await ask(lambda: None, 2)
            await ask(toggle)
        asyncio.run(main())
        print(pin.value())
    """,
    ) == ["0", "0", "0", "0", "0", "1"]


def test_loop_that_waits_for_a_worker_is_woken_in_time(vm: Any) -> None:
    """The worker computes for longer than the loop wants to wait."""
    assert vm.lines(
        _WORKER,
        """
        def compute():
            until = time.ticks_add(time.ticks_ms(), 30)
            while time.ticks_diff(until, time.ticks_ms()) > 0:
                pass
        async def main():
            global work
            await ask(lambda: None, 2)
            work = compute
            gate.release()
            began = time.ticks_ms()
            try:
                await asyncio.wait_for_ms(flag.wait(), 10)
                print('set')
            except asyncio.TimeoutError:
                print(10 <= time.ticks_diff(time.ticks_ms(), began) <= 12)
            await flag.wait()
            print(30 <= time.ticks_diff(time.ticks_ms(), began) <= 33)
        asyncio.run(main())
    """,
    ) == ["0", "0", "True", "True"]


def test_thread_that_may_go_on_waits_for_no_more_than_a_slice(vm: Any) -> None:
    assert vm.lines(
        _WORKER,
        """
        ran = []
        def work():
            ran.append(at())
        began = time.ticks_ms()
        gate.release()
        while at() < 5:
            pass
        print(ran)
    """,
    ) == ["[1]"]


def test_callback_wakes_a_worker_while_the_program_sleeps(vm: Any) -> None:
    assert vm.lines(
        _WORKER,
        """
        from machine import Timer
        work = lambda: print('worker', round(at() / 5) * 5)
        began = time.ticks_ms()
        Timer(0).init(period=30, mode=Timer.ONE_SHOT, callback=lambda timer: gate.release())
        time.sleep_ms(100)
        print('main', round(at() / 5) * 5)
    """,
    ) == ["worker 30", "main 100"]
