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
