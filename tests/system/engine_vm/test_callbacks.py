"""Functions of the firmware that the world calls: timers, interrupts, scheduled functions."""

from __future__ import annotations

from typing import Any


def test_timer_calls_in_a_sleep_and_in_a_loop_of_calls(vm: Any) -> None:
    assert vm.lines("""
        import time
        from machine import Timer
        g = []
        t = Timer(0)
        t.init(period=100, callback=lambda t: g.append(time.ticks_ms()))
        s = time.ticks_ms()
        time.sleep_ms(350)
        print([round((x - s) / 100) for x in g])
        while len(g) < 5:
            time.sleep_us(500)
        print(len(g))
        t.deinit()
        time.sleep_ms(500)
        print(len(g))
    """) == ["[1, 2, 3]", "5", "5"]


def test_callback_gets_the_one_timer_and_runs_once_for_one_shot(vm: Any) -> None:
    assert vm.lines("""
        import time
        from machine import Timer
        g = []
        Timer(1).init(period=5, mode=Timer.ONE_SHOT, callback=g.append)
        time.sleep_ms(50)
        print(len(g), g[0] is Timer(1))
    """) == ["1 True"]


def test_pin_interrupt_gets_the_pin(vm: Any) -> None:
    """The pin's own output drives its input stage."""
    assert vm.lines("""
        import time
        from machine import Pin
        g = []
        p = Pin(4, Pin.OUT, value=0)
        p.irq(g.append, Pin.IRQ_RISING)
        for i in range(3):
            p.on()
            p.off()
            time.sleep_ms(1)
        print(len(g), g[0] is p)
        p.irq(None)
        p.on()
        time.sleep_ms(1)
        print(len(g))
    """) == ["3 True", "3"]


def test_scheduled_functions_run_in_order_and_nine_are_too_many(vm: Any) -> None:
    assert vm.lines("""
        import micropython, time
        g = []
        def fill():
            n = 0
            try:
                while True:
                    micropython.schedule(g.append, n)
                    n += 1
            except RuntimeError as e:
                return n, e
        def run(_):
            print(fill())
        micropython.schedule(run, 0)
        time.sleep_ms(5)
        print(g)
    """) == ["(8, RuntimeError('schedule queue full',))", "[0, 1, 2, 3, 4, 5, 6, 7]"]


def test_exception_of_a_callback_is_printed_and_ends_nothing(vm: Any) -> None:
    assert vm.lines("""
        import time
        from machine import Timer
        def tick(t):
            raise ValueError('oh')
        Timer(0).init(period=10, callback=tick)
        time.sleep_ms(25)
        Timer(0).deinit()
        print('on')
    """) == ["Traceback (most recent call last):", '  File "<stdin>", line 4, in tick', "ValueError: oh"] * 2 + ["on"]


def test_callback_may_call_the_world_and_wait(vm: Any) -> None:
    """A callback that sleeps holds the program up; another that is due meanwhile comes after it."""
    assert vm.lines("""
        import time
        from machine import Timer
        g = []
        s = time.ticks_ms()
        def now(): return round((time.ticks_ms() - s) / 10)
        def slow(t):
            g.append(('slow', now()))
            time.sleep_ms(50)
            g.append(('end', now()))
        def quick(t): g.append(('quick', now()))
        Timer(0).init(period=10, mode=Timer.ONE_SHOT, callback=slow)
        Timer(1).init(period=20, mode=Timer.ONE_SHOT, callback=quick)
        time.sleep_ms(20)
        g.append(('main', now()))
        print(g)
    """) == ["[('slow', 1), ('end', 6), ('quick', 6), ('main', 6)]"]


def test_callback_that_schedules_another_is_no_recursion(vm: Any) -> None:
    assert vm.lines("""
        import micropython, time
        g = []
        def inner(n): g.append(('inner', n))
        def outer(n):
            micropython.schedule(inner, n + 1)
            g.append(('outer', n))
        micropython.schedule(outer, 1)
        time.sleep_ms(1)
        print(g)
    """) == ["[('outer', 1), ('inner', 2)]"]


def test_bound_method_and_lambda_serve_as_callbacks(vm: Any) -> None:
    assert vm.lines("""
        import time
        from machine import Timer
        class A:
            n = 0
            def tick(self, t): self.n += 1
        a = A()
        Timer(0).init(period=10, callback=a.tick)
        time.sleep_ms(35)
        Timer(0).deinit()
        print(a.n)
    """) == ["3"]


def test_callback_that_came_again_is_kept(vm: Any) -> None:
    """What the world let go of is forgotten in lots; a function that it holds again must not be among them."""
    assert vm.lines("""
        import micropython, time
        from machine import Pin
        g = []
        p = Pin(4, Pin.OUT, value=0)
        for i in range(3):
            p.irq(g.append, Pin.IRQ_RISING)
            p.irq(None)
        f = g.append
        p.irq(f, Pin.IRQ_RISING)
        p.irq(None)
        p.irq(f, Pin.IRQ_RISING)
        for i in range(100):
            micropython.schedule(lambda _: None, i)
            time.sleep_ms(1)
        p.on()
        time.sleep_ms(1)
        print(len(g))
    """) == ["1"]


def test_dropped_callbacks_are_collected(vm: Any) -> None:
    """Two thousand scheduled functions leave no memory behind."""
    assert vm.lines("""
        import micropython, time, gc
        def go(n):
            for i in range(n):
                micropython.schedule(lambda _: i, None)
                time.sleep_ms(1)
            gc.collect()
            return gc.mem_alloc()
        a = go(100)
        b = go(2000)
        print(b - a < 2000)
    """) == ["True"]


def test_callback_runs_on_top_of_the_thread_that_waits(vm: Any) -> None:
    """The main thread waits for a lock that its own timer's callback releases."""
    assert vm.lines("""
        import _thread
        from machine import Timer
        l = _thread.allocate_lock()
        l.acquire()
        Timer(0).init(period=30, mode=Timer.ONE_SHOT, callback=lambda t: l.release())
        l.acquire()
        print('got it')
    """) == ["got it"]


def test_exit_in_a_callback_ends_the_callback_only(vm: Any) -> None:
    printed = vm.run("""
        import micropython, sys, time
        micropython.schedule(sys.exit, 3)
        time.sleep_ms(5)
        print('on')
    """)
    assert printed.endswith("SystemExit: 3\non\n")
    assert vm.node.boots == 1
