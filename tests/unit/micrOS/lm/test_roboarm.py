"""``roboarm`` moves two servos and switches a tool."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="roboarm")


class _Watch:
    """Changes of what the pins of the arm were told, in order: ('x', duty), ('y', duty), ('tool', level)."""

    def __init__(self, node):
        self.told = []
        self.times_us = []
        self._last = {}
        pads = node.machine.parts["pads"]
        pads.net(27).on_pwm(lambda wave: self._note(pads, "x", wave))
        pads.net(12).on_pwm(lambda wave: self._note(pads, "y", wave))
        pads.net(26).on_change(lambda level: self.told.append(("tool", level)))

    def _note(self, pads, axis, wave):
        duty = 0 if wave is None else round(wave.duty * 1_024)
        if duty not in (0, self._last.get(axis)):
            self.told.append((axis, duty))
            self.times_us.append(pads.kernel.now)
        self._last[axis] = duty

    def axis(self, name):
        return [duty for axis, duty in self.told if axis == name]


@pytest.fixture
def watch(node):
    return _Watch(node)


def test_home_is_a_jump(shell, watch):
    assert shell("roboarm load_n_init") == "Move to home"
    assert watch.told == [("x", 75), ("y", 70)]
    assert json.loads(shell("roboarm status >json")) == {"X": 75, "Y": 70}
    assert shell("roboarm load_n_init 50 y=60") == "Move to home"
    assert json.loads(shell("roboarm status >json")) == {"X": 50, "Y": 60}


def test_smooth_move_has_a_sample_each_10_ms(shell, watch):
    shell("roboarm load_n_init")
    del watch.told[:], watch.times_us[:]
    assert shell("roboarm control 80 70") == "Move X75->80 Y70->70"
    assert watch.axis("x") == [76, 77, 78, 79, 80]
    steps_us = [b - a for a, b in zip(watch.times_us, watch.times_us[1:], strict=False)]
    assert all(10_000 <= step_us < 12_000 for step_us in steps_us)


def test_both_axes_arrive_together(shell, watch):
    shell("roboarm load_n_init")
    del watch.told[:]
    assert shell("roboarm control 85 75") == "Move X75->85 Y70->75"
    assert (watch.axis("x")[-1], watch.axis("y")[-1]) == (85, 75)
    assert (len(watch.axis("x")), len(watch.axis("y"))) == (10, 5)


def test_move_at_once_and_with_one_axis(world, node, shell, watch):
    shell("roboarm load_n_init")
    del watch.told[:]
    assert shell("roboarm control 40 None smooth=False") == "Move X75->40 Y70->70"
    assert watch.told == [("x", 40)]
    assert shell("roboarm control None 72") == "Move X40->40 Y70->72"
    world.run_for(1)
    assert node.part("axis_x").get("pulse_us") == pytest.approx(781.2, abs=0.1)


def test_position_that_is_remembered_is_the_one_that_was_reached(shell):
    """D-26."""
    shell("roboarm load_n_init")
    assert shell("roboarm control 200 0") == "Move X75->115 Y70->40"
    assert json.loads(shell("roboarm status >json")) == {"X": 115, "Y": 40}
    assert shell("roboarm control 300 -5") == "Already was moved X:115 Y:40"


def test_speed_stays(world, shell, watch):
    shell("roboarm load_n_init")
    shell("roboarm control 80 70 s=50")
    del watch.told[:], watch.times_us[:]
    shell("roboarm control 75 70")
    assert watch.times_us[1] - watch.times_us[0] >= 50_000
    assert "s: -1 is not in 0..1000" in shell("roboarm control 80 70 s=-1")


def test_play_goes_from_point_to_point_with_the_tool_on(shell, watch):
    shell("roboarm load_n_init")
    del watch.told[:]
    assert shell("roboarm play 76 70 76 72 delay=100") == "MovePipe: 2 move was played."
    assert watch.told == [("tool", 1), ("x", 76), ("y", 71), ("y", 72), ("tool", 0)]


def test_play_releases_the_servos_unless_told_otherwise(world, node, shell):
    shell("roboarm play 76 70 76 72 deinit=False")
    assert node.part("axis_x").get("holding") is True
    shell("roboarm play 75 70 76 72")
    assert node.part("axis_x").get("holding") is False


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("roboarm play 40 40 50", "play: 3 numbers are no pairs of x and y"),
        ("roboarm play 40 40 50 200", "y: 200 is not in 40..115"),
        ("roboarm play 40 'a' 50 60", "y: a is not in 40..115"),
        ("roboarm play 40 40 50 60 delay=-1", "delay: -1 is not in 0..60000"),
        ("roboarm play 40 40 50 60 s='a'", "s: a is not in 0..1000"),
    ],
)
def test_wrong_play_moves_nothing_and_leaves_the_tool_off(world, node, shell, watch, command, text):
    """D-25."""
    assert f"exec_lm_core LM_roboarm->play: {text}\n" in shell(command)
    world.run_for(0.1)
    assert watch.told == []
    assert node.part("tool").get("closed") is False


def test_tool_goes_off_when_a_move_fails(world, node, shell):
    """D-25: an error in the middle of a play."""
    world.run_on(node, "import LogicalPins\nLogicalPins.bind('servo_2', 'other')")
    assert "pin 12 (servo_2) is in use by other" in shell("roboarm play 76 70 76 72")
    world.run_for(0.1)
    assert node.part("tool").get("closed") is False
    assert json.loads(shell("switch status 'set_state' >json")) == {"S": 0}


def test_record_is_played_and_survives_a_power_cut(world, node, shell, watch):
    shell("roboarm load_n_init")
    assert shell("roboarm record") == "Record[1]: X:75 Y:70"
    shell("roboarm control 80 60")
    assert shell("roboarm record") == "Record[2]: X:80 Y:60"
    world.run_for(3)
    assert node.flash.read("/rarm.pds") == b"75,70,80,60"
    node.power_off()
    node.power_on()
    shell = world.shell(node)
    assert shell("roboarm load_n_init") == "Move to home"
    assert shell("roboarm play") == "MovePipe: 2 move was played."
    assert json.loads(shell("roboarm status >json")) == {"X": 80, "Y": 60}


def test_record_is_appended_to_what_is_on_the_flash_without_an_init(world, node, shell):
    node.flash.write("/rarm.pds", b"40,41")
    assert shell("roboarm record") == "Record[2]: X:75 Y:70"
    world.run_for(3)
    assert node.flash.read("/rarm.pds") == b"40,41,75,70"


def test_record_is_cleaned(world, node, shell):
    node.flash.write("/rarm.pds", b"40,41")
    assert shell("roboarm record clean=True") == "Record was cleaned"
    world.run_for(3)
    assert node.flash.read("/rarm.pds") == b""
    assert shell("roboarm play") == "MovePipe: 0 move was played."


def test_record_has_an_end(node, shell):
    node.flash.write("/rarm.pds", b",".join([b"115"] * 500))
    assert "record: full, 250 points" in shell("roboarm record")
    assert shell("roboarm play s=0 delay=0", timeout_s=60) == "MovePipe: 250 move was played."


@pytest.mark.parametrize("content", [b"40,41,42", b"40,400"])
def test_record_that_makes_no_sense_is_refused(world, node, shell, content):
    node.flash.write("/rarm.pds", content)
    assert "exec_lm_core LM_roboarm->play: " in shell("roboarm play")
    world.run_for(0.1)
    assert node.part("tool").get("closed") is False


def test_boot_move_goes_round_and_releases(world, node, shell, watch):
    start_s = world.now_s
    assert shell("roboarm boot_move") == "Boot move"
    assert 6.0 < world.now_s - start_s < 7.5
    assert {min(watch.axis("x")), max(watch.axis("x"))} == {40, 115}
    assert {min(watch.axis("y")), max(watch.axis("y"))} == {40, 115}
    assert json.loads(shell("roboarm status >json")) == {"X": 75, "Y": 70}
    assert node.part("axis_x").get("holding") is False
    assert ("tool", 1) not in watch.told


def test_standby_switches_off_rests_and_releases(world, node, shell):
    shell("switch set_state 1")
    world.run_for(0.1)
    assert shell("roboarm standby") == "Standby mode"
    world.run_for(0.1)
    assert node.part("tool").get("closed") is False
    assert json.loads(shell("roboarm status >json")) == {"X": 75, "Y": 45}
    assert node.part("axis_y").get("holding") is False


def test_jiggle_stays_near_and_comes_back(shell, watch):
    shell("roboarm load_n_init")
    del watch.told[:]
    assert shell("roboarm jiggle") == "JJiggle :)"
    assert all(abs(duty - 75) <= 1 for duty in watch.axis("x"))
    assert all(abs(duty - 70) <= 1 for duty in watch.axis("y"))
    assert json.loads(shell("roboarm status >json")) == {"X": 75, "Y": 70}


@pytest.mark.parametrize("command", ["play 40 40 115 115 s=100", "boot_move s=100", "control 40 115 s=100"])
def test_long_move_can_be_stopped(world, node, shell, command):
    other = world.shell(node)
    shell("roboarm load_n_init")
    shell._connection.send(f"roboarm {command}\n".encode())
    world.run_for(1)
    assert other("roboarm stop") == "Stop"
    world.run_for(0.1)
    assert bytes(shell._connection.received).startswith(b"Stopped\n")
    world.run_for(0.1)
    assert node.part("tool").get("closed") is False


def test_loop_is_never_held_up(world, node, shell):
    other = world.shell(node)
    shell._connection.send(b"roboarm boot_move\n")
    world.run_for(0.5)
    start_s = world.now_s
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - start_s < 0.05


def test_servo_is_busy_while_the_arm_moves(world, node, shell):
    other = world.shell(node)
    shell._connection.send(b"roboarm boot_move s=30\n")
    world.run_for(0.5)
    assert "busy: roboarm.boot_move is running" in other("servo sduty 40")


@pytest.mark.parametrize("command", ["sduty 50", "set_state 1", "physical_pin 'servo_1'", "bind 'servo_1' 'x'"])
def test_functions_of_other_modules_are_none_of_its_own(shell, command):
    """D-50."""
    assert "has no attribute" in shell(f"roboarm {command}")


def test_lmdep_and_help(shell):
    assert shell("roboarm lmdep") == "('servo', 'switch')"
    usage = json.loads(shell("roboarm help >json"))
    assert usage[0] == "control x=<40-115> y=<40-115> s=<ms delay> smooth=True"
    assert "stop" in usage
