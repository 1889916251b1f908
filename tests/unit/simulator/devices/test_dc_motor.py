"""DC motors behind L298N and L9110: truth tables of the data sheets, a motor that needs time."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.dc_motor import L9110, L298n
from simulator.electrical.boards import BOARDS
from simulator.electrical.net import Pwm
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel
from tests.unit.simulator.devices import motor_driver

_L298N_PINS = {"ena": 32, "in1": 33, "in2": 25}
_L9110_PINS = {"ia": 33, "ib": 25}


class _Bench:
    """A motor whose bridge is driven by hand: a level, or a duty below 1."""

    def __init__(self, model, pins, **options):
        self.kernel = Kernel()
        self.pads = Pads(BOARDS["esp32"], self.kernel)
        self.motor = model(Site("motor", self.pads, pins), **options)
        self._hands = [self.pads.net(gpio).driver("hand") for gpio in pins.values()]

    def drive(self, *shares, seconds, freq_hz=1_000):
        for hand, share in zip(self._hands, shares, strict=True):
            if share in (0, 1):
                hand.drive(share)
            else:
                hand.set_pwm(Pwm(freq_hz, share, self.kernel.now))
        self.kernel.run(self.kernel.now + round(seconds * 1e6))

    def get(self, *names):
        return tuple(self.motor.get(name) for name in names)


@pytest.fixture
def l298n():
    return _Bench(L298n, _L298N_PINS, supply_v=6)


@pytest.fixture
def l9110():
    return _Bench(L9110, _L9110_PINS, supply_v=6)


@pytest.mark.parametrize(
    ("inputs", "mode", "drive_pct"),
    [
        ((1, 1, 0), "drive", 100.0),
        ((1, 0, 1), "drive", -100.0),
        ((1, 1, 1), "brake", 0.0),
        ((1, 0, 0), "brake", 0.0),
        ((0, 1, 0), "coast", 0.0),
        ((0.25, 1, 0), "drive", 25.0),
        ((1, 0, 0.75), "drive", -75.0),
    ],
)
def test_l298n_follows_its_truth_table(l298n, inputs, mode, drive_pct):
    l298n.drive(*inputs, seconds=0.1)
    assert l298n.get("mode", "drive_pct") == (mode, drive_pct)


@pytest.mark.parametrize(
    ("inputs", "mode", "drive_pct"),
    [
        ((1, 0), "drive", 100.0),
        ((0, 1), "drive", -100.0),
        ((0, 0), "brake", 0.0),
        ((1, 1), "brake", 0.0),
        ((0.5, 0), "drive", 50.0),
        ((1, 0.25), "drive", 75.0),
    ],
)
def test_l9110_follows_its_truth_table(l9110, inputs, mode, drive_pct):
    l9110.drive(*inputs, seconds=0.1)
    assert l9110.get("mode", "drive_pct") == (mode, drive_pct)


def test_motor_spins_up_and_loses_what_the_bridge_takes(l298n):
    l298n.drive(1, 1, 0, seconds=0.1)
    assert l298n.get("speed_pct") == (pytest.approx(70 * 0.632, abs=0.1),)
    l298n.drive(1, 1, 0, seconds=2)
    assert l298n.get("speed_pct") == (pytest.approx(70, abs=0.1),)


def test_brake_is_quicker_than_coasting(l298n):
    l298n.drive(1, 1, 0, seconds=2)
    l298n.drive(0, 1, 0, seconds=0.1)
    coasting = l298n.get("speed_pct")[0]
    l298n.drive(1, 1, 0, seconds=2)
    l298n.drive(1, 0, 0, seconds=0.1)
    braking = l298n.get("speed_pct")[0]
    assert coasting == pytest.approx(70 * 0.819, abs=0.5)
    assert braking < 3


def test_motor_comes_to_rest(l298n):
    l298n.drive(1, 0, 1, seconds=2)
    l298n.drive(0, 0, 1, seconds=5)
    assert l298n.get("speed_pct") == (0.0,)


def test_turns_are_counted_with_their_sign(l9110):
    l9110.drive(1, 0, seconds=10)
    forward = l9110.get("revolutions")[0]
    assert forward == pytest.approx(5 * 0.9 * (10 - 0.1), rel=0.01)
    l9110.drive(0, 1, seconds=10.2)
    assert l9110.get("revolutions")[0] == pytest.approx(0, abs=1)


def test_drive_below_the_stiction_does_not_start_it(l9110):
    l9110.drive(0.09, 0, seconds=2)
    assert l9110.get("speed_pct") == (0.0,)
    l9110.drive(0.2, 0, seconds=2)
    assert l9110.get("speed_pct") == (pytest.approx(18, abs=0.1),)


def test_frequency_that_the_bridge_cannot_follow_does_nothing(l298n):
    l298n.drive(0.5, 1, 0, seconds=1, freq_hz=41_000)
    assert l298n.get("speed_pct") == (0.0,)


def test_stalled_motor_stands_and_cut_wire_lets_it_run_out(l298n):
    l298n.drive(1, 1, 0, seconds=2)
    l298n.motor.fail("open")
    assert l298n.get("mode", "drive_pct") == ("coast", 0.0)
    l298n.motor.fail("open", on=False)
    l298n.motor.fail("stalled")
    assert l298n.get("speed_pct", "drive_pct") == (0.0, 100.0)


def test_option_out_of_range_is_refused():
    with pytest.raises(UsageError, match=r"supply_v must be 2\.5\.\.46, not 1"):
        _Bench(L298n, _L298N_PINS, supply_v=1)


@pytest.mark.parametrize(
    ("throttle", "mode", "drive_pct"),
    [("0.5", "drive", 50.0), ("-1.0", "drive", -100.0), ("0.0", "brake", 0.0), ("None", "brake", 0.0)],
)
def test_driver_from_pypi_drives_an_l9110(bare, throttle, mode, drive_pct):
    motor = L9110(Site("motor", bare.machine.parts["pads"], _L9110_PINS))
    motor_driver.install(bare.node)
    bare.run(
        "from machine import Pin, PWM\n"
        "from micropython_motor.motor import MOTOR\n"
        "motor = MOTOR(*[PWM(Pin(n), freq=1000, duty_u16=0) for n in (33, 25)])\n"
        f"motor.throttle = {throttle}\n"
    )
    bare.world.run_for(1)
    assert (motor.get("mode"), motor.get("drive_pct")) == (mode, pytest.approx(drive_pct, abs=0.1))


def test_driver_from_pypi_drives_an_l298n_that_is_always_enabled(bare):
    pads = bare.machine.parts["pads"]
    pads.net(32).drive(1)
    motor = L298n(Site("motor", pads, _L298N_PINS))
    motor_driver.install(bare.node)
    bare.run(
        "from machine import Pin, PWM\n"
        "from micropython_motor.motor import MOTOR, SLOW_DECAY\n"
        "motor = MOTOR(*[PWM(Pin(n), freq=1000, duty_u16=0) for n in (33, 25)])\n"
        "motor.decay_mode = SLOW_DECAY\n"
        "motor.throttle = -0.8\n"
    )
    bare.world.run_for(2)
    assert motor.get("speed_pct") == pytest.approx(-0.8 * 70, abs=0.2)
