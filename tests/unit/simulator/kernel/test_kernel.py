"""Order, time and waits of the kernel."""

from __future__ import annotations

from collections.abc import Callable

from greenlet import getcurrent
from hypothesis import given
from hypothesis import strategies as st

from simulator.kernel import Fiber, Kernel, Wait


def fiber(kernel: Kernel, body: Callable[[Fiber], object]) -> Fiber:
    def run() -> None:
        me = getcurrent()
        assert isinstance(me, Fiber)
        body(me)

    made = Fiber(kernel, run)
    made.start()
    return made


def test_events_run_in_time_order() -> None:
    kernel, seen = Kernel(), []
    for t_us in (300, 100, 200):
        kernel.at(t_us, lambda t_us=t_us: seen.append((t_us, kernel.now)))
    kernel.run(1_000)
    assert seen == [(100, 100), (200, 200), (300, 300)]
    assert kernel.now == 1_000


def test_equal_times_run_in_order_of_making() -> None:
    kernel, seen = Kernel(), []
    for name in "abc":
        kernel.at(5, lambda name=name: seen.append(name))
    kernel.run(5)
    assert seen == ["a", "b", "c"]


def test_events_after_the_end_stay() -> None:
    kernel, seen = Kernel(), []
    kernel.at(10, lambda: seen.append(10))
    kernel.run(9)
    assert seen == []
    kernel.run(10)
    assert seen == [10]


def test_next_event_is_told_again_after_a_cancelled_one() -> None:
    kernel, seen = Kernel(), []
    kernel.cancel(kernel.at(10, lambda: None))
    kernel.at(20, lambda: seen.append((kernel.now, kernel.far)))
    kernel.at(5_000, lambda: seen.append((kernel.now, kernel.far)))
    assert kernel.next_us() == 20
    kernel.run(9_000)
    assert seen == [(20, 5_000), (5_000, 9_001)]
    assert kernel.next_us() is None
    kernel.at(9_500, lambda: None)

    class Anybody:
        def __init__(self) -> None:
            self.due: list[int] = []

    kernel.at(9_100, lambda: kernel.look_ahead(Anybody()))
    kernel.run(9_100)
    assert kernel.far == 9_101
    kernel.run(9_600)


def test_cancelled_event_does_not_move_the_clock() -> None:
    kernel = Kernel()
    kernel.cancel(kernel.at(90, lambda: None))
    kernel.run(100, rest_us=50)
    assert kernel.now == 50


def test_cancelled_event_does_not_run() -> None:
    kernel, seen = Kernel(), []
    event = kernel.at(10, lambda: seen.append(10))
    kernel.cancel(event)
    kernel.run(20)
    assert seen == []
    assert kernel.next_us() is None


def test_stop_ends_the_run_at_the_present_event() -> None:
    kernel, seen = Kernel(), []
    kernel.at(10, kernel.stop)
    kernel.at(20, lambda: seen.append(20))
    kernel.run(100)
    assert (kernel.now, seen) == (10, [])


def test_sleeping_fiber_wakes_at_its_time() -> None:
    kernel, seen = Kernel(), []

    def body(me: Fiber) -> None:
        me.sleep_until(250)
        seen.append(kernel.now)
        me.sleep_until(700)
        seen.append(kernel.now)

    fiber(kernel, body)
    kernel.run(1_000)
    assert seen == [250, 700]


def test_woken_wait_returns_true_at_once() -> None:
    kernel, seen = Kernel(), []

    def body(me: Fiber) -> None:
        wait = Wait(me)
        kernel.at(40, wait.wake)
        seen.append((me.wait(wait, 100), kernel.now))

    fiber(kernel, body)
    kernel.run(1_000)
    assert seen == [(True, 40)]


def test_unwoken_wait_returns_false_at_its_deadline() -> None:
    kernel, seen = Kernel(), []

    def body(me: Fiber) -> None:
        wait = Wait(me)
        seen.append((me.wait(wait, 100), kernel.now))
        wait.wake()
        me.sleep_until(500)
        seen.append((True, kernel.now))

    fiber(kernel, body)
    kernel.run(1_000)
    assert seen == [(False, 100), (True, 500)]


def test_give_way_lets_due_events_happen() -> None:
    kernel, seen = Kernel(), []

    def body(me: Fiber) -> None:
        kernel.now += 50
        me.give_way()
        seen.append("fiber")

    fiber(kernel, body)
    kernel.at(30, lambda: seen.append("event"))
    kernel.run(100)
    assert seen == ["event", "fiber"]


def test_new_earlier_event_lowers_the_limit() -> None:
    kernel, limits = Kernel(), []

    def body(me: Fiber) -> None:
        limits.append(kernel.limit)
        kernel.at(70, lambda: None)
        limits.append(kernel.limit)

    fiber(kernel, body)
    kernel.run(99)
    assert limits == [100, 70]


def test_horizon_without_what_is_cancelled_and_what_is_named() -> None:
    kernel, horizons = Kernel(), []

    def named() -> None:
        pass

    def body(me: Fiber) -> None:
        kernel.cancel(kernel.at(40, lambda: None))
        kernel.at(50, named)
        horizons.append((kernel.horizon, kernel.horizon_without(None), kernel.horizon_without(named)))
        kernel.at(70, lambda: None)
        kernel.at(60, lambda: None)
        horizons.append((kernel.horizon_without(None), kernel.horizon_without(named)))

    fiber(kernel, body)
    kernel.run(99)
    assert horizons == [(40, 50, 100), (50, 60)]


def test_streams_depend_on_seed_and_name_only() -> None:
    draws = [Kernel(seed).stream(name).random() for seed, name in ((1, "a"), (1, "a"), (1, "b"), (2, "a"))]
    assert draws[0] == draws[1]
    assert len({*draws}) == 3


@given(st.lists(st.integers(0, 50), max_size=30))
def test_digest_tells_runs_apart(times: list[int]) -> None:
    def digest(times: list[int]) -> str:
        kernel = Kernel(3)
        for t_us in times:
            kernel.at(t_us, lambda: None)
        kernel.run(100)
        return kernel.trace.digest()

    assert digest(times) == digest(list(times))
    assert digest(times) != digest([*times, 7])
