"""``L298N_DCmotor`` drives a motor."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="L298N_DCmotor")


@pytest.fixture
def motor(node):
    return node.part("motor")


@pytest.mark.parametrize(
    ("command", "reply", "drive_pct"),
    [
        ("m1_control 0 500", {"direction": "forward", "speed": 500}, 50.0),
        ("m1_control 1 1000", {"direction": "backward", "speed": 1000}, -100.0),
        ("m1_control direc=1", {"direction": "backward"}, 0.0),
        ("m1_control speed=250", {"speed": 250}, 25.0),
        ("m1_control", {}, 0.0),
        ("set_speed", {"speed": 100}, 10.0),
        ("set_speed 1000", {"speed": 1000}, 100.0),
        ("set_speed 0.5", {"speed": 0.5}, 0.05),
        ("set_speed 1001", {"speed": "value range error"}, 0.0),
        ("set_speed -1", {"speed": "value range error"}, 0.0),
        ("set_speed 'fast'", {"speed": "value range error"}, 0.0),
        ("m1_control 1 1001", {"direction": "backward", "speed": "value range error"}, 0.0),
        ("set_direction", {"direction": "forward"}, 0.0),
        ("set_direction 1", {"direction": "backward"}, 0.0),
        ("stop", {"speed": 0}, 0.0),
    ],
)
def test_command_drives_the_motor(shell, motor, command, reply, drive_pct):
    assert json.loads(shell(f"L298N_DCmotor {command} >json")) == reply
    assert motor.get("drive_pct") == pytest.approx(drive_pct, abs=0.01)


def test_motor_that_was_given_no_direction_goes_forward(world, shell, motor):
    """D-30."""
    shell("L298N_DCmotor set_speed 800")
    world.run_for(2)
    assert motor.get("speed_pct") > 50


def test_direction_changes_while_it_runs_and_stop_lets_it_run_out(world, shell, motor):
    shell("L298N_DCmotor m1_control 0 1000")
    world.run_for(2)
    forward = motor.get("speed_pct")
    shell("L298N_DCmotor set_direction 1")
    world.run_for(2)
    assert motor.get("speed_pct") == pytest.approx(-forward, abs=0.1)
    shell("L298N_DCmotor stop")
    assert motor.get("mode") == "coast"
    world.run_for(5)
    assert motor.get("speed_pct") == 0


def test_motor_gets_no_flash_of_half_a_duty(shell, motor):
    """D-09."""
    waves = []
    motor.site.net("ena").on_pwm(waves.append)
    shell("L298N_DCmotor set_speed 300")
    assert {round(wave.duty, 3) for wave in waves} == {0.0, 0.3}
    assert {wave.freq_hz for wave in waves} == {50}


def test_console_stays_clean(node, shell):
    """D-30: no debug prints."""
    shell("system heartbeat")
    before = node.console.text()
    shell("L298N_DCmotor m1_control 0 500")
    assert "PWM" not in node.console.text()[len(before) :]
    assert "Pin" not in node.console.text()[len(before) :]


def test_pins_of_others_are_refused_all_together(shell):
    shell("switch set_state4 1")
    assert "pin 25 (l298dir_2) is in use by switch" in shell("L298N_DCmotor set_speed 100")
    assert shell("buzzer bipp") == "Bip on 600 Hz"
    assert json.loads(shell("L298N_DCmotor pinmap >json")) == {"l298speed": 32, "l298dir_1": 33, "l298dir_2": 25}


def test_help_names_the_range_that_is_taken(shell):
    """D-30."""
    assert json.loads(shell("L298N_DCmotor help >json")) == [
        "m1_control direc=<0/1> speed=<0-1000>",
        "set_speed <0-1000>",
        "set_direction <0-1>",
        "stop",
        "pinmap",
    ]


def test_module_that_is_unloaded_leaves_no_motor_running(shell, motor):
    shell("L298N_DCmotor m1_control 0 1000")
    assert shell("system module unload='LM_L298N_DCmotor'") == "Module unload LM_L298N_DCmotor done."
    assert motor.get("drive_pct") == 0
    assert shell("switch set_state4 1") == "SET STATE(4): 1"
