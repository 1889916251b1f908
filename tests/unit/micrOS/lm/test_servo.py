"""``servo`` moves two servos."""

from __future__ import annotations

import json

import pytest

from simulator.devices import Site
from simulator.devices.buzzer import Buzzer


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="servo")


def _angle_deg(duty):
    """Where an SG90 stands after a pulse of duty/1024 of 20 ms."""
    return (duty / 1024 * 20_000 - 500) / 1_900 * 180


@pytest.mark.parametrize(
    ("command", "reply", "part", "duty"),
    [
        ("servo sduty 40", "SET SERVO1: duty: 40", "servo_1", 40),
        ("servo sduty", "SET SERVO1: duty: 75", "servo_1", 75),
        ("servo sduty 200", "SET SERVO1: duty: 115", "servo_1", 115),
        ("servo sduty -1", "SET SERVO1: duty: 40", "servo_1", 40),
        ("servo s2duty 100", "SET SERVO2: duty: 100", "servo_2", 100),
        ("servo s2duty duty=115.0", "SET SERVO2: duty: 115", "servo_2", 115),
    ],
)
def test_servo_turns_to_its_duty(world, node, shell, command, reply, part, duty):
    assert shell(command) == reply
    world.run_for(1)
    assert node.part(part).get("angle_deg") == pytest.approx(_angle_deg(duty), abs=0.1)
    assert node.part(part).get("holding") is True


def test_first_pulse_is_the_wanted_one(node, shell):
    """No flash of half a duty when the output is made (D-09)."""
    waves = []
    node.machine.parts["pads"].net(27).on_pwm(waves.append)
    shell("servo sduty 40")
    assert [(wave.freq_hz, wave.duty) for wave in waves] == [(50, 40 / 1024)]


def test_demo_moves_from_end_to_end_and_lets_others_work(world, node, shell):
    other = world.shell(node)
    angles = []
    start_us = world.kernel.now
    for t_ms in (900, 1_900):
        world.at(start_us + t_ms * 1_000, lambda: angles.append(node.part("servo_1").get("angle_deg")))
    world.at(start_us + 1_000_000, lambda: other._connection.send(b"system heartbeat\n"))
    assert shell("servo sdemo") == "sduty DEMO"
    assert angles == [pytest.approx(_angle_deg(40), abs=0.1), pytest.approx(_angle_deg(115), abs=0.1)]
    assert b"<3 heartbeat <3" in bytes(other._connection.received)
    world.run_for(1)
    assert node.part("servo_1").get("angle_deg") == pytest.approx(_angle_deg(75), abs=0.1)


def test_deinit_stops_the_pulses_until_the_next_move(world, node, shell):
    shell("servo sduty 115")
    shell("servo s2duty 115")
    world.run_for(1)
    assert shell("servo deinit") == "Deinit servo 1 and 2"
    world.run_for(1)
    assert [node.part(name).get("holding") for name in ("servo_1", "servo_2")] == [False, False]
    assert node.part("servo_1").get("angle_deg") == pytest.approx(_angle_deg(115), abs=0.1)
    assert shell("servo sduty 40") == "SET SERVO1: duty: 40"
    world.run_for(1)
    assert node.part("servo_1").get("angle_deg") == pytest.approx(_angle_deg(40), abs=0.1)


def test_deinit_frees_the_pins(shell):
    shell("servo sduty")
    assert "pin 27 (switch_3) is in use by servo" in shell("switch set_state3 1")
    shell("servo deinit")
    assert shell("switch set_state3 1") == "SET STATE(3): 1"
    assert "pin 27 (servo_1) is in use by switch" in shell("servo sduty")


def test_status_tells_what_a_widget_asks_for(shell):
    shell("servo sduty 50")
    shell("servo s2duty 60")
    assert json.loads(shell("servo status >json")) == {"S1": 50, "S2": 60}
    assert json.loads(shell("servo status 's2duty' >json")) == {"X": 60}
    assert json.loads(shell("servo status 'sduty' >json")) == {"X": 50}


def test_failed_move_is_not_remembered(shell):
    shell("switch set_state3 1")
    shell("servo sduty 115")
    assert json.loads(shell("servo status 'sduty' >json")) == {"X": 75}


def test_duty_that_is_no_number_is_refused(shell):
    assert shell("servo sduty 'left'").startswith("exec_lm_core LM_servo->sduty: duty: left is not in 40..115\n")


def test_pinmap_and_help(shell):
    assert json.loads(shell("servo pinmap >json")) == {"servo_1": 27, "servo_2": 12}
    assert json.loads(shell("servo help >json")) == [
        "sduty duty=<int>40-115",
        "sdemo",
        "s2duty",
        "deinit",
        "status",
        "pinmap",
    ]


def test_outputs_of_other_frequencies_do_not_disturb_it(world, shell, node):
    """D-08: every user of PWM keeps its own frequency."""
    buzzer = Buzzer(Site("buzzer", node.machine.parts["pads"], {"signal": 33}))
    shell("servo sduty 40")
    assert shell("buzzer bipp 1 1000") == "Bip on 1000 Hz"
    shell("servo s2duty 115")
    assert [freq_hz for _, freq_hz, _ in buzzer.get("notes")] == [pytest.approx(1_000, rel=0.005)]
    assert node.part("servo_1").get("pulse_us") == pytest.approx(781.2, abs=0.5)
    assert node.part("servo_2").get("pulse_us") == pytest.approx(2_246.1, abs=0.5)
