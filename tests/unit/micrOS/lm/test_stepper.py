"""``stepper`` turns a 28BYJ-48."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="stepper")


@pytest.fixture
def motor(node):
    return node.part("motor")


def _patterns(motor):
    """Note the patterns of the coils that stand longer than a pin takes to be written."""
    seen = []

    def look():
        if seen[-1:] != [motor.get("coils")]:
            seen.append(motor.get("coils"))

    def changed(level):
        motor.site.kernel.after(100, look)

    for role in motor.roles:
        motor.site.net(role).on_change(changed)
    return seen


def test_quarter_of_a_turn_is_127_steps(shell, motor):
    assert shell("stepper angle 90") == "Move 90 degree (2 ms)"
    assert motor.get("half_steps") == 127 * 8 - 1  # the first pattern only tells where the rotor is
    assert motor.get("angle_deg") == pytest.approx(90, abs=0.5)
    assert (motor.get("lost_steps"), motor.get("coils")) == (0, "0000")


def test_phase_takes_2_ms(world, shell, motor):
    shell("stepper load_n_init")
    start_s = world.now_s
    shell("stepper angle 90")
    assert 127 * 8 * 0.002 < world.now_s - start_s < 127 * 8 * 0.0022


def test_turn_is_4075_77_half_steps(shell, motor):
    """35 degrees are 49.53 steps; of 509 to the turn they would be 49.49."""
    assert shell("stepper angle 35") == "Move 35 degree (2 ms)"
    assert motor.get("half_steps") == 50 * 8 - 1


def test_back_is_where_it_came_from(shell, motor):
    shell("stepper step 1")
    begin = motor.get("half_steps")
    assert shell("stepper step 20") == "Move 20 step (2 ms)"
    assert motor.get("half_steps") == begin + 160
    assert shell("stepper step -20") == "Move -20 step (2 ms)"
    assert motor.get("half_steps") == begin
    assert shell("stepper angle -90") == "Move -90 degree (2 ms)"
    assert motor.get("half_steps") == begin - 127 * 8


def test_half_steps_have_the_order_of_the_data_sheet(shell, motor):
    seen = _patterns(motor)
    shell("stepper step 1")
    assert seen == ["0001", "0011", "0010", "0110", "0100", "1100", "1000", "1001", "0000"]


def test_full_steps_have_an_order_that_fits_the_same_wiring(shell, motor):
    """D-28: two coils at a time, neighbours, and each next to the one before."""
    assert shell("stepper load_n_init mode='FULL'") == "None"
    seen = _patterns(motor)
    assert shell("stepper step 1") == "Move 1 step (10 ms)"
    assert seen == ["0011", "0110", "1100", "1001", "0000"]
    assert shell("stepper angle 90") == "Move 90 degree (10 ms)"
    assert motor.get("half_steps") == 128 * 8 - 2
    assert motor.get("lost_steps") == 0


@pytest.mark.parametrize(
    ("mode", "given", "used"), [("HALF", 1, 1), ("HALF", 3, 3), ("HALF", 0, 1), ("FULL", 5, 10), ("FULL", 12, 12)]
)
def test_speed_is_what_was_asked_for_and_stays(shell, motor, mode, given, used):
    """D-27: 1..9 ms are possible with half steps."""
    shell(f"stepper load_n_init '{mode}'")
    assert shell(f"stepper step 5 speed={given}") == f"Move 5 step ({used} ms)"
    assert shell("stepper step 5") == f"Move 5 step ({used} ms)"
    assert motor.get("lost_steps") == 0


def test_phase_is_never_shorter_than_asked_for(world, shell, motor):
    times_us = []
    motor.site.net("in1").on_change(lambda level: times_us.append(world.kernel.now))
    shell("stepper step 20 speed=1")
    gaps = [b - a for a, b in zip(times_us, times_us[1:], strict=False)]
    assert min(gaps) >= 3_000


def test_only_the_first_mode_counts(shell):
    shell("stepper load_n_init 'FULL'")
    assert shell("stepper load_n_init 'HALF'") == "None"
    assert shell("stepper step 1") == "Move 1 step (10 ms)"


def test_nothing_is_moved_before_it_is_asked_for(world, shell, motor):
    shell("stepper load_n_init")
    world.run_for(1)
    assert (motor.get("coils"), motor.get("half_steps")) == ("0000", 0)


def test_standby_lets_the_coils_go(shell, motor):
    assert shell("stepper standby") == "Standby"
    assert motor.get("coils") == "0000"


def test_move_can_be_stopped_and_its_coils_go(world, node, shell, motor):
    other = world.shell(node)
    shell._connection.send(b"stepper angle 3600\n")
    world.run_for(1)
    assert other("stepper stop") == "Stop"
    world.run_for(0.1)
    assert bytes(shell._connection.received).startswith(b"Stopped\n")
    assert (motor.get("coils"), motor.get("lost_steps")) == ("0000", 0)


def test_loop_goes_on_during_a_move(world, node, shell):
    """D-49."""
    other = world.shell(node)
    shell._connection.send(b"stepper angle 360\n")
    world.run_for(1)
    start_s = world.now_s
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - start_s < 0.05


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("angle 'far'", "dg: far is not in -36000..36000"),
        ("angle 1000000", "dg: 1000000 is not in -36000..36000"),
        ("step 1.5", "st: 1.5 is no whole number"),
        ("step 1 speed=2000", "speed: 2000 is not in 0..1000"),
        ("step", "missing argument: st"),
        ("load_n_init 'QUARTER'", "mode: QUARTER is not HALF or FULL"),
    ],
)
def test_wrong_argument_is_refused(shell, motor, command, text):
    assert text in shell(f"stepper {command}")
    assert motor.get("half_steps") == 0


def test_pin_in_use_is_refused_and_the_others_stay_free(shell):
    shell("switch set_state3 1")
    assert "pin 27 (stppr_4) is in use by switch" in shell("stepper step 1")
    assert shell("buzzer bipp") == "Bip on 600 Hz"


def test_board_without_its_pins_answers_help_and_refuses_moves(world):
    shell = world.shell(world.add_node("pico", board="tinypico"))
    assert json.loads(shell("stepper pinmap >json")) == {
        "stppr_1": None,
        "stppr_2": None,
        "stppr_3": None,
        "stppr_4": None,
    }
    assert "angle dg=+/-360" in shell("stepper help")
    assert "unknown pin stppr_1 in pin map tinypico" in shell("stepper step 1")


def test_pinmap_and_help(shell):
    assert json.loads(shell("stepper pinmap >json")) == {"stppr_1": 33, "stppr_2": 25, "stppr_3": 26, "stppr_4": 27}
    assert json.loads(shell("stepper help >json")) == [
        "angle dg=+/-360 speed=<ms>",
        "step st=+/-2 speed=<ms>",
        "standby",
        "stop",
        'load_n_init mode=<"HALF"/"FULL">',
        "pinmap",
        "Info: stepper: 28byj-48 driver: ULN2003",
    ]
