"""HC-SR04: trigger and echo as edges; measured by a few lines that fire and time the pulse."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.hcsr04 import Hcsr04
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel

_PINS = {"trig": 32, "echo": 35}


class _Bench:
    """The sensor with a hand on its trigger."""

    def __init__(self, **options: Any) -> None:
        self.kernel = Kernel()
        pads = Pads(BOARDS["esp32"], self.kernel)
        self.sensor = Hcsr04(Site("hcsr04", pads, _PINS), **options)
        self._trigger = pads.net(32).driver("host")
        self.echo = pads.net(35)

    def fire(self, high_us: int = 10) -> int:
        """Pull the trigger; returns when it fell."""
        self._trigger.drive(1)
        self.kernel.run(self.kernel.now + high_us)
        self._trigger.drive(0)
        return self.kernel.now

    def shot(self, high_us: int = 10, wait_us: int = 100_000) -> list[tuple[int, int]]:
        """The edges of the echo after a shot, from the end of the trigger."""
        fell = self.fire(high_us)
        self.kernel.run(fell + wait_us)
        return [(t_us - fell, level) for t_us, level in self.echo.edges if t_us >= fell]


@pytest.mark.parametrize(("mm", "pulse_us"), [(20, 116), (100, 582), (1000, 5820), (4000, 23_280)])
def test_echo_is_as_long_as_the_sound_takes(mm: int, pulse_us: int) -> None:
    bench = _Bench()
    bench.sensor.set("distance_mm", mm)
    assert bench.shot() == [(450, 1), (450 + pulse_us, 0)]


@pytest.mark.parametrize("mm", [19, 4001, 1e9])
def test_without_a_target_in_reach_the_echo_lasts_38_ms(mm: float) -> None:
    bench = _Bench()
    bench.sensor.set("distance_mm", mm)
    assert bench.shot() == [(450, 1), (38_450, 0)]


def test_copy_does_not_raise_its_echo_without_a_target() -> None:
    bench = _Bench(is_copy=True)
    assert len(bench.shot()) == 2
    bench.sensor.set("distance_mm", 5000)
    assert bench.shot() == []
    bench.sensor.set("distance_mm", 1000)
    assert len(bench.shot()) == 2


def test_trigger_of_less_than_10_us_does_nothing() -> None:
    bench = _Bench()
    assert bench.shot(9) == []
    assert bench.shot(10)
    assert bench.sensor.get("shots") == 1


def test_trigger_while_it_listens_is_ignored() -> None:
    bench = _Bench()
    bench.fire()
    bench.kernel.run(3_000)
    bench.fire()
    bench.kernel.run(100_000)
    assert (bench.sensor.get("shots"), len(bench.echo.edges)) == (1, 2)


def test_shot_too_soon_hears_the_sound_of_the_last_one() -> None:
    """Forth and back twice at 2000 mm is 23.28 ms after the burst; the second shot, at 20 ms, hears it."""
    bench = _Bench()
    bench.sensor.set("distance_mm", 2000)
    assert bench.shot(wait_us=20_000) == [(450, 1), (12_090, 0)]
    assert bench.shot(wait_us=60_000)[-1] == (450 + 23_280 - 20_010, 0)
    assert bench.shot() == [(450, 1), (12_090, 0)]


def test_shots_60_ms_apart_are_right_at_every_distance() -> None:
    bench = _Bench()
    for mm in (20, 500, 1999, 4000):
        bench.sensor.set("distance_mm", mm)
        for _ in range(2):
            assert bench.shot(wait_us=60_000)[-1][0] == 450 + round(mm * 5.82)


def test_silent_sensor_does_not_answer() -> None:
    bench = _Bench()
    bench.sensor.fail("silent")
    assert bench.shot() == []


def test_stuck_echo_stays_high_until_it_is_mended() -> None:
    bench = _Bench()
    bench.sensor.fail("stuck_high")
    assert bench.echo.level() == 1
    bench.shot()
    assert bench.echo.level() == 1
    bench.sensor.fail("stuck_high", on=False)
    assert bench.echo.level() == 0
    assert len(bench.shot()) == 2


def test_noise_is_within_30_mm_and_the_same_every_time() -> None:
    def lengths() -> list[int]:
        bench = _Bench()
        bench.sensor.fail("noise")
        return [bench.shot()[-1][0] - 450 for _ in range(20)]

    first = lengths()
    assert first == lengths()
    assert len(set(first)) > 10
    assert all(970 * 5.82 - 1 <= length <= 1030 * 5.82 + 1 for length in first)


def test_firmware_measures_it(bare: Any) -> None:
    Hcsr04(Site("hcsr04", bare.machine.parts["pads"], _PINS)).set("distance_mm", 1234)
    source = (
        "from machine import Pin, time_pulse_us\nfrom time import sleep_us\nt = Pin(32, Pin.OUT)\ne = Pin(35, Pin.IN)\n"
        "t(1)\nsleep_us(10)\nt(0)\nprint(time_pulse_us(e, 1, 30000) * 100 // 582)"
    )
    assert bare.run(source) == "1234\n"


def test_wrong_option_is_refused() -> None:
    with pytest.raises(UsageError, match="is_copy"):
        _Bench(is_copy="yes")
