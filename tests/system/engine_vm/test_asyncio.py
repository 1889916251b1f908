"""asyncio, MicroPython's own, in virtual time on the virtual machine."""

from __future__ import annotations

from typing import Any

_HEAD = """
import asyncio, time, machine, _thread
start = time.ticks_ms()
def at(): return time.ticks_diff(time.ticks_ms(), start)
"""


def test_tasks_sleep_side_by_side_in_virtual_time(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        async def a(n, ms):
            for i in range(2):
                await asyncio.sleep_ms(ms)
                print(n, at())
        async def main():
            await asyncio.gather(a('x', 100), a('y', 70))
            await asyncio.sleep(3600)
            print(at())
        asyncio.run(main())
    """,
        timeout_s=4_000,
    ) == ["y 70", "x 100", "y 140", "x 200", "3600200"]


def test_same_moment_keeps_the_order_of_creation(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        async def a(i):
            await asyncio.sleep_ms(10)
            await asyncio.sleep_ms(10)
            print(i, end=' ')
        async def main():
            await asyncio.gather(*[a(i) for i in range(8)])
        asyncio.run(main())
        print()
    """,
    ) == ["0 1 2 3 4 5 6 7 "]


def test_wait_for_times_out_and_cancels(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        async def a():
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                print('cancelled', at())
                raise
        async def main():
            try:
                await asyncio.wait_for_ms(a(), 30)
            except asyncio.TimeoutError:
                print('timeout', at())
        asyncio.run(main())
    """,
    ) == ["cancelled 30", "timeout 30"]


def test_task_is_cancelled_awaited_and_done(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        async def a(): await asyncio.sleep(5)
        async def b(): return 7
        async def c(): raise ValueError('x')
        async def main():
            t = asyncio.create_task(a())
            await asyncio.sleep_ms(1)
            print(t.done(), t.cancel())
            try:
                await t
            except asyncio.CancelledError:
                print('gone', t.done(), t.cancel())
            print(await asyncio.create_task(b()))
            try:
                await asyncio.create_task(c())
            except ValueError as e:
                print(e)
            t = asyncio.current_task()
            try:
                t.cancel()
            except RuntimeError as e:
                print(e)
        asyncio.run(main())
    """,
    ) == ["False True", "gone True False", "7", "x", "can't cancel self"]


def test_flag_is_set_by_a_callback_and_by_a_thread(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        f = asyncio.ThreadSafeFlag()
        def th():
            time.sleep_ms(50)
            f.set()
        async def main():
            t = machine.Timer(0)
            t.init(period=100, callback=lambda t: f.set())
            for i in range(3):
                await f.wait()
                print(round(at() / 10))
            t.deinit()
            _thread.start_new_thread(th, ())
            await f.wait()
            print(round(at() / 10))
        asyncio.run(main())
    """,
    ) == ["10", "20", "30", "35"]


def test_flag_set_before_is_seen_at_once(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        f = asyncio.ThreadSafeFlag()
        f.set()
        async def main():
            await f.wait()
            print(at())
            try:
                await asyncio.wait_for_ms(f.wait(), 20)
            except asyncio.TimeoutError:
                print(at())
        asyncio.run(main())
    """,
    ) == ["0", "20"]


def test_event_and_lock(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        async def main():
            e = asyncio.Event()
            l = asyncio.Lock()
            async def s():
                async with l:
                    await asyncio.sleep_ms(40)
                    e.set()
            asyncio.create_task(s())
            await asyncio.sleep_ms(1)
            async with l:
                print(at())
            await e.wait()
            print(e.is_set())
        asyncio.run(main())
    """,
    ) == ["40", "True"]


def test_unhandled_exception_of_a_task_is_printed(vm: Any) -> None:
    lines = vm.lines(
        _HEAD,
        """
        async def bad():
            raise ValueError('task')
        async def main():
            asyncio.create_task(bad())
            await asyncio.sleep_ms(5)
            print('main')
        asyncio.run(main())
    """,
    )
    assert lines[0] == "Task exception wasn't retrieved"
    assert "ValueError: task" in lines
    assert lines[-1] == "main"


def test_streams_talk_over_loopback(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        async def serve(r, w):
            while True:
                line = await r.readline()
                if not line: break
                w.write(line.upper())
                await w.drain()
            w.close()
            await w.wait_closed()
        async def main():
            s = await asyncio.start_server(serve, '127.0.0.1', 5000)
            r, w = await asyncio.open_connection('127.0.0.1', 5000)
            for t in (b'one\\n', b'two\\n'):
                w.write(t)
                await w.drain()
                print(await r.readline())
            w.close()
            s.close()
        asyncio.run(main())
    """,
    ) == ["b'ONE\\n'", "b'TWO\\n'"]


def test_30_days_of_asyncio_cross_the_wrap_of_ticks(vm: Any) -> None:
    """2 ** 30 ms are 12.4 days; a hundred wake-ups a day."""
    run = vm.later(
        _HEAD,
        """
        async def main():
            n = 0
            w = time.ticks_ms()
            wraps = 0
            for i in range(3000):
                await asyncio.sleep(864)
                n += 1
                t = time.ticks_ms()
                wraps += t < w
                w = t
            print(n, wraps)
        asyncio.run(main())
    """,
    )
    vm.world.run_for(31 * 86_400)
    run.check()
    assert run.printed == "3000 2\n"


def test_select_poll_of_a_socket_and_a_flag(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        import select, socket
        s = socket.socket()
        s.bind(('127.0.0.1', 5000))
        s.listen(1)
        p = select.poll()
        p.register(s, select.POLLIN)
        print(p.poll(20), at())
        c = socket.socket()
        c.connect(('127.0.0.1', 5000))
        print([(o is s, e) for o, e in p.poll(1000)])
        p.unregister(s)
        print(p.poll(5))
        try:
            p.modify(s, 1)
        except OSError as e:
            print(e)
    """,
    ) == ["[] 20", "[(True, 1)]", "[]", "[Errno 2] ENOENT"]


def test_polls_by_turns_ask_what_each_was_told(vm: Any) -> None:
    """What was asked for last is not sent again; another poll, or another mask, is another question."""
    assert vm.lines(
        _HEAD,
        """
        import select, socket
        s = socket.socket()
        s.bind(('127.0.0.1', 5000))
        s.listen(1)
        c = socket.socket()
        c.connect(('127.0.0.1', 5000))
        s, _ = s.accept()
        reads, writes = select.poll(), select.poll()
        reads.register(c, select.POLLIN)
        writes.register(c, select.POLLOUT)
        for _ in range(3):
            print(len(reads.poll(10)), len(writes.poll(10)), len(writes.poll(10)), at())
        print(len(reads.poll(10)), len(reads.poll(10)), at())
        s.write(b'x')
        print(len(reads.poll(10)), len(reads.poll(10)), at())
        reads.modify(c, select.POLLOUT)
        c.read(1)
        print(reads.poll(10)[0][1], reads.poll(10)[0][1], at())
        reads.modify(c, select.POLLIN)
        print(reads.poll(10), at())
    """,
    ) == ["0 1 1 10", "0 1 1 20", "0 1 1 30", "0 0 50", "1 1 50", "4 4 50", "[] 60"]


def test_own_streams_are_told_in_the_order_of_registration(vm: Any) -> None:
    assert vm.lines(
        _HEAD,
        """
        import io, select
        class Own(io.IOBase):
            def ioctl(self, request, mask):
                return mask
        flags = [asyncio.ThreadSafeFlag() for _ in range(9)]
        p = select.poll()
        for flag in flags:
            p.register(flag, select.POLLIN)
        for flag in flags:
            flag.set()
        found = [flags.index(flag) for flag, events in p.poll(0)]
        print(found)
        p.unregister(flags[3])
        p.modify(flags[4], 0)
        flags[5].clear()
        print([flags.index(flag) for flag, events in p.poll(0)])
        p.register(flags[3], select.POLLIN)
        p.modify(flags[4], select.POLLIN)
        print([(flags.index(flag), events) for flag, events in p.ipoll(0, 1)][-2:], p.poll(5), at())
        own = Own()
        p.register(own, select.POLLOUT)
        print([events for _, events in p.poll(0)], [events for _, events in p.ipoll(0, 1)], p.poll(5), at())
    """,
    ) == ["[0, 1, 2, 3, 4, 5, 6, 7, 8]", "[0, 1, 2, 6, 7, 8]", "[(3, 1), (4, 1)] [] 5", "[4] [4] [] 10"]


def test_callback_and_thread_poll_beside_the_program(vm: Any) -> None:
    """Each is answered for the streams that it asks about, whoever asked last."""
    assert vm.lines(
        _HEAD,
        """
        import select, socket
        s = socket.socket()
        s.bind(('127.0.0.1', 5000))
        s.listen(1)
        c = socket.socket()
        c.connect(('127.0.0.1', 5000))
        def poll(mask):
            p = select.poll()
            p.register(c, mask)
            return p
        reads, writes, others = poll(select.POLLIN), poll(select.POLLOUT), poll(select.POLLOUT)
        found, there = [], []
        timer = machine.Timer(0)
        timer.init(period=3, callback=lambda timer: found.append(len(writes.poll(0))))
        def look():
            for _ in range(10):
                there.append(len(others.poll(5)) + len(reads.poll(2)))
        _thread.start_new_thread(look, ())
        print([len(reads.poll(4)) for _ in range(10)])
        timer.deinit()
        print(set(found), len(found) > 10, set(there), len(there))
    """,
    ) == ["[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "{1} True {1} 10"]
