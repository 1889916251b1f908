"""The servo answers to pulses; figures of the SG90, 0.1 s per 60 degrees."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.servo import Servo
from simulator.electrical.boards import BOARDS
from simulator.electrical.net import Pwm
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel
from tests.unit.simulator.devices import motor_driver


@pytest.fixture
def kernel():
    return Kernel()


@pytest.fixture
def pads(kernel):
    return Pads(BOARDS["esp32"], kernel)


@pytest.fixture
def hand(pads):
    return pads.net(27).driver("hand")


@pytest.fixture
def servo(pads):
    return Servo(Site("servo", pads, {"signal": 27}))


def _wave(pulse_us, freq_hz=50.0):
    return Pwm(freq_hz, pulse_us * freq_hz / 1e6)


@pytest.mark.parametrize(
    ("pulse_us", "angle_deg"), [(500, 0.0), (1_450, 90.0), (2_400, 180.0), (975, 45.0), (350, 0.0), (2_550, 180.0)]
)
def test_length_of_the_pulse_is_the_angle(kernel, hand, servo, pulse_us, angle_deg):
    hand.set_pwm(_wave(pulse_us))
    kernel.run(500_000)
    assert servo.get("angle_deg") == pytest.approx(angle_deg)
    assert servo.get("pulse_us") == pulse_us


def test_arm_takes_a_tenth_of_a_second_for_60_degrees(kernel, hand, servo):
    hand.set_pwm(_wave(2_400))
    kernel.run(50_000)
    assert servo.get("angle_deg") == pytest.approx(120.0)
    kernel.run(150_000)
    assert servo.get("angle_deg") == 180.0


def test_arm_turns_round_from_where_it_is(kernel, hand, servo):
    hand.set_pwm(_wave(2_400))
    kernel.run(50_000)
    hand.set_pwm(_wave(500))
    kernel.run(100_000)
    assert servo.get("angle_deg") == pytest.approx(90.0)


@pytest.mark.parametrize(
    ("pulse_us", "freq_hz"), [(1_000, 100.0), (1_000, 20_480.0 / 1024), (200, 50.0), (2_700, 50.0)]
)
def test_signal_that_is_none_for_a_servo_does_not_move_it(kernel, hand, servo, pulse_us, freq_hz):
    hand.set_pwm(_wave(pulse_us, freq_hz))
    kernel.run(500_000)
    assert (servo.get("angle_deg"), servo.get("holding"), servo.get("pulse_us")) == (90.0, False, 0.0)


def test_arm_stays_without_force_when_the_signal_stops(kernel, hand, servo):
    hand.set_pwm(_wave(2_400))
    kernel.run(50_000)
    assert servo.get("holding") is True
    hand.drive(0)
    kernel.run(500_000)
    assert (servo.get("angle_deg"), servo.get("target_deg"), servo.get("holding")) == (120.0, 120.0, False)


def test_pulses_made_by_hand_count_too(kernel, hand, servo):
    for k in range(30):
        kernel.run(k * 20_000)
        hand.drive(1)
        kernel.run(k * 20_000 + 975)
        hand.drive(0)
    assert (servo.get("angle_deg"), servo.get("pulse_us")) == (45.0, 975.0)
    kernel.run(kernel.now + 200_000)
    assert servo.get("holding") is False


def test_pulses_made_by_hand_too_often_are_no_signal(kernel, hand, servo):
    for k in range(30):
        kernel.run(k * 5_000)
        hand.drive(1)
        kernel.run(k * 5_000 + 975)
        hand.drive(0)
    assert servo.get("pulse_us") == 0.0


@pytest.mark.parametrize("fault", ["jammed", "unpowered"])
def test_fault_stops_the_arm_where_it_is(kernel, hand, servo, fault):
    hand.set_pwm(_wave(2_400))
    kernel.run(50_000)
    servo.fail(fault)
    kernel.run(500_000)
    assert servo.get("angle_deg") == 120.0
    servo.fail(fault, on=False)
    kernel.run(600_000)
    assert servo.get("angle_deg") == 180.0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"min_us": 2_400}, "min_us 2400 must be less than max_us 2400"),
        ({"range_deg": 0}, r"range_deg must be 10\.\.360, not 0"),
        ({"start_deg": 200}, r"start_deg must be 0\.\.180, not 200"),
        ({"s_per_60deg": "fast"}, r"s_per_60deg must be 0\.01\.\.10, not fast"),
    ],
)
def test_option_out_of_range_is_refused(pads, options, text):
    with pytest.raises(UsageError, match=text):
        Servo(Site("servo", pads, {"signal": 27}), **options)


def test_driver_from_pypi_turns_it(bare):
    servo = Servo(Site("servo", bare.machine.parts["pads"], {"signal": 27}))
    motor_driver.install(bare.node)
    bare.run(
        "from machine import Pin, PWM\n"
        "from micropython_motor.servo import Servo\n"
        "servo = Servo(PWM(Pin(27), freq=50, duty_u16=0), min_pulse=500, max_pulse=2400)\n"
        "servo.angle = 30\n"
    )
    bare.world.run_for(1)
    assert servo.get("angle_deg") == pytest.approx(30.0, abs=0.1)
    bare.run("servo.angle = 170\n")
    bare.world.run_for(0.1)
    assert servo.get("angle_deg") == pytest.approx(90.0, abs=1)
    bare.run("servo.angle = None\n")
    bare.world.run_for(1)
    assert (servo.get("angle_deg"), servo.get("holding")) == (pytest.approx(90.0, abs=1), False)
