"""``VL53L0X`` tells distances."""

from __future__ import annotations

import pytest

from tests.unit.micrOS.lm import stillness


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="VL53L0X")


@pytest.fixture
def ranger(node):
    return node.part("ranger")


def test_distance_is_told(shell, ranger):
    """D-45: at the address that the part has."""
    for distance_mm in (30, 345, 1200):
        ranger.set("distance_mm", distance_mm)
        assert shell("VL53L0X measure") == str(distance_mm)
    assert ranger.get("measured") == 3


def test_right_reference_spads_are_enabled(shell, ranger):
    """D-46."""
    shell("VL53L0X measure")
    assert ranger.get("spads_ok")


def test_part_rests_between_measurements(world, shell, ranger):
    shell("VL53L0X measure")
    world.run_for(1)
    assert not ranger.get("is_ranging")
    assert ranger.get("measured") == 1


def test_no_target_is_no_distance(shell, ranger):
    """D-46: the status counts."""
    ranger.fail("no_target")
    assert shell("VL53L0X measure").startswith("exec_lm_core LM_VL53L0X->measure: no target: range status 4")
    ranger.fail("no_target", on=False)
    assert shell("VL53L0X measure") == "500"


@pytest.mark.parametrize(
    ("fault", "text"),
    [("absent", "ENODEV"), ("scl_stuck", "116"), ("sda_stuck", "116"), ("deaf", "Errno 5"), ("never_ready", "116")],
)
def test_failure_is_an_error_and_ends(world, shell, ranger, fault, text):
    assert shell("VL53L0X measure") == "500"
    ranger.fail(fault)
    began = world.now_s
    assert text in shell("VL53L0X measure").split("\n")[0]
    assert world.now_s - began < 1
    ranger.fail(fault, on=False)
    assert shell("VL53L0X measure") == "500"


@pytest.mark.parametrize(
    ("fault", "text"),
    [("absent", "ENODEV"), ("sda_stuck", "model id 0x00"), ("no_spad_info", "116"), ("never_ready", "116")],
)
def test_failure_at_the_first_call_is_an_error(shell, ranger, fault, text):
    ranger.fail(fault)
    assert text in shell("VL53L0X measure").split("\n")[0]
    ranger.fail(fault, on=False)
    assert shell("VL53L0X measure") == "500"


def test_part_that_holds_the_clock_is_waited_for(shell, ranger):
    ranger.set("stretch_us", 100)
    assert shell("VL53L0X measure") == "500"


def test_part_that_was_without_power_unseen_answers_at_the_second_call(shell, ranger):
    assert shell("VL53L0X measure") == "500"
    ranger.fail("absent")
    ranger.fail("absent", on=False)
    assert "116" in shell("VL53L0X measure").split("\n")[0]
    assert shell("VL53L0X measure") == "500"


def test_loop_goes_on_while_it_is_set_up_and_measures(node, shell):
    stillness.watch(node, shell)
    shell("VL53L0X measure")
    assert stillness.longest_ms(shell) < 50


def test_what_it_needs_is_told(shell):
    assert shell("VL53L0X pinmap") == " i2c_scl: 22\n i2c_sda: 21"
    assert shell("VL53L0X help") == " measure,\n pinmap,"
