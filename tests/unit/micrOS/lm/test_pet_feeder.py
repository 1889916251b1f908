"""``pet_feeder`` serves with a servo or with a stepper."""

from __future__ import annotations

import json

import pytest


def _duties(node):
    """Note the positions that servo 1 is moved to."""
    seen = []

    def note(wave):
        duty = 0 if wave is None else round(wave.duty * 1_024)
        if duty and seen[-1:] != [duty]:
            seen.append(duty)

    node.machine.parts["pads"].net(27).on_pwm(note)
    return seen


@pytest.fixture
def slide(world):
    """A feeder with the slide on a servo."""
    node = world.add_node("node01", wiring="pet_feeder")
    return node, world.shell(node)


@pytest.fixture
def auger(world):
    """A feeder with the auger on a stepper."""
    node = world.add_node("node01", wiring="pet_feeder_stepper")
    return node, world.shell(node)


def test_portion_opens_and_closes_all_the_way(world, slide):
    node, shell = slide
    seen = _duties(node)
    start_s = world.now_s
    assert shell("pet_feeder portion") == "Portion 1 was served"
    assert seen == [*range(65, 98), *range(96, 64, -1)]
    assert 1.2 < world.now_s - start_s < 2.2
    assert node.part("slide").get("holding") is False


def test_portions_with_other_positions(slide):
    node, shell = slide
    seen = _duties(node)
    assert shell("pet_feeder portion 2 posmin=80 posmax=82") == "Portion 2 was served"
    assert seen == [80, 81, 82, 81, 80, 81, 82, 81, 80]


def test_portion_can_be_stopped(world, slide):
    node, shell = slide
    other = world.shell(node)
    shell._connection.send(b"pet_feeder portion 100\n")
    world.run_for(3)
    assert other("pet_feeder stop") == "Stop"
    world.run_for(0.1)
    assert bytes(shell._connection.received).startswith(b"Stopped\n")
    assert node.part("slide").get("holding") is False


def test_new_portion_turns_the_auger(world, auger):
    node, shell = auger
    start_s = world.now_s
    assert shell("pet_feeder portion_new") == "None"
    assert 2.8 < world.now_s - start_s < 5
    assert node.part("auger").get("half_steps") == 135 * 8 - 1
    assert (node.part("auger").get("lost_steps"), node.part("auger").get("coils")) == (0, "0000")


def test_new_portions_by_count_and_steps(auger):
    node, shell = auger
    assert shell("pet_feeder portion_new 3 forward=10 back=2") == "None"
    assert node.part("auger").get("half_steps") == 3 * 10 * 8 - 1


def test_new_portion_can_be_stopped(world, auger):
    node, shell = auger
    other = world.shell(node)
    shell._connection.send(b"pet_feeder portion_new 20\n")
    world.run_for(1)
    assert other("pet_feeder stop") == "Stop"
    world.run_for(0.1)
    assert bytes(shell._connection.received).startswith(b"Stopped\n")
    turned = node.part("auger").get("half_steps")
    world.run_for(3)
    assert node.part("auger").get("half_steps") == turned


def test_loop_goes_on_while_it_serves(world, slide):
    """D-49."""
    node, shell = slide
    other = world.shell(node)
    shell._connection.send(b"pet_feeder portion\n")
    world.run_for(0.3)
    start_s = world.now_s
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - start_s < 0.05


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("portion 0", "repeat: 0 is not in 1..100"),
        ("portion posmin=30", "posmin: 30 is not in 40..115"),
        ("portion posmin=80 posmax=70", "posmax: 70 is not in 80..115"),
        ("portion_new 101", "count: 101 is not in 1..100"),
        ("portion_new 1 forward=-5", "forward: -5 is not in 0..5090"),
        ("portion_new 1 5 'x'", "back: x is not in 0..5090"),
    ],
)
def test_wrong_argument_moves_nothing(slide, command, text):
    node, shell = slide
    seen = _duties(node)
    assert text in shell(f"pet_feeder {command}")
    assert seen == []


def test_servo_and_stepper_share_a_pin_and_the_second_is_refused(slide):
    _, shell = slide
    shell("pet_feeder portion_new 1 1 0")
    assert "pin 27 (servo_1) is in use by stepper" in shell("pet_feeder portion")


def test_board_without_a_stepper_serves_with_the_servo(world):
    node = world.add_node("pico", board="tinypico", wiring="pet_feeder")
    shell = world.shell(node)
    assert shell("pet_feeder portion 1 80 82") == "Portion 1 was served"
    assert "unknown pin stppr_1" in shell("pet_feeder portion_new")


@pytest.mark.parametrize("command", ["sduty 50", "step 1", "sleep_ms 1"])
def test_functions_of_other_modules_are_none_of_its_own(slide, command):
    """D-50."""
    assert "has no attribute" in slide[1](f"pet_feeder {command}")


def test_lmdep_and_help(slide):
    _, shell = slide
    assert shell("pet_feeder lmdep") == "('servo', 'stepper')"
    assert json.loads(shell("pet_feeder help >json")) == [
        "portion repeat=1",
        "<-servo control",
        "portion_new count=1",
        "<-stepper control",
        "stop",
        "lmdep",
    ]
