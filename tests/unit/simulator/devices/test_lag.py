"""A value that follows another one."""

from __future__ import annotations

import pytest

from simulator.devices.lag import Lag
from simulator.kernel import Kernel


def test_two_thirds_of_a_step_after_one_time_constant():
    kernel = Kernel()
    lag = Lag(kernel, 10.0, 20.0)
    lag.aim(30.0)
    assert lag.value() == 20.0
    kernel.run(10_000_000)
    assert lag.value() == pytest.approx(26.321, abs=0.001)
    kernel.run(100_000_000)
    assert lag.value() == pytest.approx(30.0, abs=0.001)


def test_new_target_is_followed_from_where_it_is():
    kernel = Kernel()
    lag = Lag(kernel, 10.0, 0.0)
    lag.aim(10.0)
    kernel.run(10_000_000)
    reached = lag.value()
    lag.aim(0.0)
    assert lag.value() == reached
    kernel.run(20_000_000)
    assert lag.value() == pytest.approx(reached * 0.36788, abs=0.001)


def test_without_a_time_constant_it_is_there_at_once():
    lag = Lag(Kernel(), 0, 1.0)
    lag.aim(5.0)
    assert lag.value() == 5.0
