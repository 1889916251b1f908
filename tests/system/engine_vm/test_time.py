"""Virtual time on the virtual machine: what is counted there and what the world's clock says agree."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.engine.vm.channel import Channel, Message
from simulator.micropython._clock import set_rtc_us


def test_calls_that_need_no_exchange_take_time_all_the_same(vm: Any) -> None:
    began_us = vm.world.kernel.now
    vm.run("""
        import time
        for i in range(3000):
            time.ticks_ms()
    """)
    assert 3_000 <= vm.world.kernel.now - began_us < 10_000


def test_ticks_follow_the_worlds_clock(vm: Any) -> None:
    assert vm.lines("""
        import time
        a = time.ticks_us()
        b = time.ticks_ms()
        time.sleep_ms(1234)
        print(time.ticks_diff(time.ticks_us(), a) // 1000, time.ticks_diff(time.ticks_ms(), b))
    """) == ["1234 1234"]


def test_ticks_wrap_at_2_to_the_30(vm: Any) -> None:
    vm.run("import time\na = time.ticks_ms()")
    vm.world.run_for((1 << 30) / 1000 - 1)
    assert vm.lines("""
        b = time.ticks_ms()
        print(time.ticks_add(a, -1) // 10 == b // 10 or b, time.ticks_diff(a, b) // 1000)
    """)[0].endswith(" 1")


def test_ticks_arithmetic_is_the_ports(vm: Any) -> None:
    assert vm.lines("""
        import time
        M = (1 << 30) - 1
        print(time.ticks_add(M, 1), time.ticks_diff(0, M), time.ticks_diff(M, 0))
        try:
            time.ticks_add(0, 1 << 29)
        except OverflowError as e:
            print(e)
    """) == ["0 1 -1", "ticks interval overflow"]


def test_computing_takes_no_time(vm: Any) -> None:
    assert vm.lines("""
        import time
        a = time.ticks_us()
        for i in range(50000):
            pass
        print(time.ticks_us() - a < 20)
    """) == ["True"]


def test_clock_of_the_node_starts_in_2000(vm: Any) -> None:
    assert vm.lines("import time\nprint(time.localtime()[0], type(time.time()) is int, time.gmtime(0)[:3])") == [
        "2000 True (2000, 1, 1)"
    ]


def test_clock_that_is_set_is_the_new_one_at_once(vm: Any) -> None:
    assert vm.lines("""
        import time, machine
        time.time()
        machine.RTC().datetime((2026, 5, 1, 0, 12, 0, 0, 0))
        began = time.time()
        print(time.localtime(began)[:6])
        time.sleep(2)
        print(time.time() - began)
    """) == ["(2026, 5, 1, 12, 0, 0)", "2"]


def test_clock_that_the_world_sets_is_the_new_one_at_once(vm: Any) -> None:
    vm.run("import time\nprint(time.time())")
    set_rtc_us(vm.node.machine, 800_000_000_900_000)
    assert vm.lines("""
        print(time.time())
        time.sleep_ms(100)
        print(time.time())
    """) == ["800000000", "800000001"]


def test_clock_goes_on_when_ticks_have_wrapped(vm: Any) -> None:
    began = int(vm.run("import time\nprint(time.time())"))
    vm.world.run_for(25 * 86_400)
    assert int(vm.run("print(time.time())")) - began == pytest.approx(25 * 86_400, abs=2)


def test_computing_asks_the_world_only_for_what_is_due(vm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that need no exchange, for a second in which nothing happens."""
    receive, messages = Channel.receive, []

    def counted(channel: Channel) -> Message:
        message = receive(channel)
        messages.append(message)
        return message

    monkeypatch.setattr(Channel, "receive", counted)
    run = vm.later("""
        import time
        since = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), since) < 1000:
            pass
    """)
    vm.world.run_for(1.5)
    assert run.done
    assert len(messages) < 20
