"""``L9110_DCmotor`` drives a motor."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="L9110_DCmotor")


@pytest.fixture
def motor(node):
    return node.part("motor")


@pytest.mark.parametrize(
    ("command", "reply", "drive_pct"),
    [
        ("motor_control 0 500", {"speed": 500, "direc": "forward"}, 50.0),
        ("motor_control 1 1000", {"speed": 1000, "direc": "backward"}, -100.0),
        ("motor_control direc=0 speed=0", {"speed": 0, "direc": "forward"}, 0.0),
    ],
)
def test_command_drives_the_motor(shell, motor, command, reply, drive_pct):
    assert json.loads(shell(f"L9110_DCmotor {command} >json")) == reply
    assert motor.get("drive_pct") == pytest.approx(drive_pct, abs=0.01)


def test_turning_round_stops_the_other_side(world, shell, motor):
    shell("L9110_DCmotor motor_control 0 1000")
    world.run_for(1)
    assert motor.get("speed_pct") > 80
    shell("L9110_DCmotor motor_control 1 600")
    world.run_for(1)
    assert motor.get("speed_pct") == pytest.approx(-54, abs=0.5)
    shell("L9110_DCmotor motor_control 1 0")
    world.run_for(1)
    assert motor.get("speed_pct") == 0


@pytest.mark.parametrize(
    "command", ["0 1001", "0 -1", "0 5000", "2 100", "-1 100", "'left' 100", "0", "", "speed=100", "0 'fast'"]
)
def test_invalid_parameters_are_refused_and_move_nothing(shell, motor, command):
    """D-29."""
    assert shell(f"L9110_DCmotor motor_control {command}") == "invalid parameters"
    assert motor.get("drive_pct") == 0


def test_motor_gets_no_flash_of_half_a_duty(shell, motor):
    """D-09."""
    waves = []
    for role in motor.roles:
        motor.site.net(role).on_pwm(waves.append)
    shell("L9110_DCmotor motor_control 0 300")
    assert {round(wave.duty, 3) for wave in waves} == {0.0, 0.3}
    assert all(wave.freq_hz == pytest.approx(1_024, rel=0.005) for wave in waves)


def test_pins_of_others_are_refused_all_together(shell):
    shell("switch set_state4 1")
    assert "pin 25 (l9110dir_2) is in use by switch" in shell("L9110_DCmotor motor_control 0 100")
    assert shell("buzzer bipp") == "Bip on 600 Hz"


def test_pinmap_and_help(shell):
    assert json.loads(shell("L9110_DCmotor pinmap >json")) == {"l9110dir_1": 33, "l9110dir_2": 25}
    assert json.loads(shell("L9110_DCmotor help >json")) == ["motor_control direc=<0/1> speed=<0-1000>", "pinmap"]


def test_module_that_is_unloaded_leaves_no_motor_running(shell, motor):
    shell("L9110_DCmotor motor_control 1 1000")
    assert shell("system module unload='LM_L9110_DCmotor'") == "Module unload LM_L9110_DCmotor done."
    assert motor.get("drive_pct") == 0
    assert shell("switch set_state4 1") == "SET STATE(4): 1"
