"""The stepper answers to coils; order and gear of the 28BYJ-48 data sheet."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.stepper import Stepper28byj48
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel
from tests.unit.simulator.devices import motor_driver

#: Clockwise in half steps: coils 4, 4-3, 3, 3-2, 2, 2-1, 1, 1-4. IN1 first.
_CLOCKWISE = ("0001", "0011", "0010", "0110", "0100", "1100", "1000", "1001")
_PINS = {"in1": 33, "in2": 25, "in3": 26, "in4": 27}


class _Bench:
    """A motor whose coils are switched by hand."""

    def __init__(self, **options):
        self.kernel = Kernel()
        self.pads = Pads(BOARDS["esp32"], self.kernel)
        self.motor = Stepper28byj48(Site("motor", self.pads, _PINS), **options)
        self._hands = [self.pads.net(gpio).driver("hand") for gpio in _PINS.values()]

    def play(self, patterns, ms):
        """Show each pattern, one pin after the other in 5 us, for so long."""
        for pattern in patterns:
            end_us = self.kernel.now + round(ms * 1_000)
            for hand, coil in zip(self._hands, pattern, strict=True):
                hand.drive(int(coil))
                self.kernel.run(self.kernel.now + 5)
            self.kernel.run(end_us)

    def get(self, *names):
        return tuple(self.motor.get(name) for name in names)


@pytest.fixture
def bench():
    return _Bench()


def test_shaft_turns_once_in_4076_half_steps(bench):
    bench.play(_CLOCKWISE[:1], 2)
    bench.play((_CLOCKWISE[1:] + _CLOCKWISE[:1]) * 509 + _CLOCKWISE[1:5], 2)
    assert bench.get("half_steps", "angle_deg", "lost_steps") == (4_076, 360.02, 0)


def test_reverse_order_turns_it_back(bench):
    bench.play(_CLOCKWISE, 2)
    bench.play(tuple(reversed(_CLOCKWISE)), 2)
    assert bench.get("half_steps", "lost_steps") == (0, 0)


@pytest.mark.parametrize(
    "patterns", [("0001", "0010", "0100", "1000"), ("0011", "0110", "1100", "1001")], ids=["one coil", "two coils"]
)
def test_full_steps_are_two_half_steps(bench, patterns):
    bench.play(patterns[:1], 5)
    bench.play(patterns[1:], 5)
    assert bench.get("half_steps", "lost_steps") == (6, 0)


def test_steps_that_come_too_fast_are_lost(bench):
    bench.play(_CLOCKWISE * 4, 0.9)
    assert bench.get("half_steps", "lost_steps")[0] == 0
    assert bench.get("lost_steps")[0] > 0


def test_slower_motor_loses_what_another_one_does():
    bench = _Bench(max_pps=400)
    bench.play(_CLOCKWISE, 2)
    assert bench.get("half_steps") == (0,)


@pytest.mark.parametrize(
    "patterns",
    [("0001", "0110"), ("0001", "0100"), ("1010", "0101"), ("0001", "0000"), ("0001", "1111")],
    ids=["three eighths", "opposite", "coils against each other", "none", "all"],
)
def test_pattern_that_is_not_next_does_not_turn_it(bench, patterns):
    bench.play(patterns, 5)
    assert bench.get("half_steps") == (0,)


def test_full_steps_with_swapped_wires_do_not_turn_it(bench):
    bench.play(("1010", "0110", "0101", "1001") * 20, 10)
    assert abs(bench.get("half_steps")[0]) <= 2


def test_jammed_shaft_loses_every_step(bench):
    bench.play(_CLOCKWISE, 2)
    bench.motor.fail("jammed")
    bench.play(_CLOCKWISE, 2)
    bench.play(("0000",), 2)
    half_steps, lost = bench.get("half_steps", "lost_steps")
    assert half_steps == 7
    assert lost >= 8


def test_coils_are_shown_with_in1_first(bench):
    bench.play(("0110",), 2)
    assert bench.get("coils") == ("0110",)


def test_option_out_of_range_is_refused():
    with pytest.raises(UsageError, match=r"max_pps must be 1\.\.10000, not 0"):
        _Bench(max_pps=0)


@pytest.mark.parametrize(("style", "half_steps"), [("SINGLE", 199 * 2), ("DOUBLE", 199 * 2), ("INTERLEAVE", 199)])
def test_driver_from_pypi_turns_it(bare, style, half_steps):
    motor = Stepper28byj48(Site("motor", bare.machine.parts["pads"], _PINS))
    motor_driver.install(bare.node)
    bare.run(
        "import time\n"
        "from machine import Pin\n"
        "from micropython_motor import stepper\n"
        "ain1, bin1, ain2, bin2 = [Pin(n, Pin.OUT, value=0) for n in (33, 25, 26, 27)]\n"
        "motor = stepper.StepperMotor(ain1, ain2, bin1, bin2, microsteps=None)\n"
        "for _ in range(200):\n"
        f"    motor.onestep(style=stepper.{style})\n"
        "    time.sleep_ms(5)\n"
        "motor.release()\n"
    )
    bare.world.run_for(0.1)
    assert (abs(motor.get("half_steps")), motor.get("lost_steps"), motor.get("coils")) == (half_steps, 0, "0000")
