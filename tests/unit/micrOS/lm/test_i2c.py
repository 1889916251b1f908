"""``i2c`` looks who is on the bus; all modules share it."""

from __future__ import annotations

import pytest

from tests.unit.micrOS.lm import stillness


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="i2c")


def test_addresses_are_told(shell, node):
    assert shell("i2c scan") == "[41, 60, 80, 118]"
    node.part("eeprom").fail("absent")
    assert shell("i2c scan") == "[41, 60, 118]"


def test_empty_bus_is_an_empty_list(world):
    assert world.shell(world.add_node("node02"))("i2c scan") == "[]"


@pytest.mark.parametrize(("fault", "text"), [("scl_stuck", "116"), ("sda_stuck", "the bus is stuck: SDA is low")])
def test_stuck_bus_is_an_error(world, shell, node, fault, text):
    node.part("eeprom").fail(fault)
    began = world.now_s
    assert text in shell("i2c scan").split("\n")[0]
    assert world.now_s - began < 0.2
    node.part("eeprom").fail(fault, on=False)
    assert shell("i2c scan") == "[41, 60, 80, 118]"


def test_all_modules_share_the_bus(shell, node):
    shell("oled text 'shared'")
    shell("oled show")
    assert shell("VL53L0X measure") == "500"
    assert " temp [ºC]: 21.0" in shell("bme280 measure").split("\n")
    assert shell("i2c scan") == "[41, 60, 80, 118]"
    assert node.part("oled").get("lit") > 0


@pytest.mark.parametrize("command", ["i2c scan", "bme280 measure", "VL53L0X measure", "oled clean", "oled_ui pageui"])
def test_pin_of_another_module_is_refused_and_nothing_stays_booked(world, node, shell, command):
    world.run_on(node, "import LogicalPins\nLogicalPins.bind('i2c_sda', 'mine')")
    assert "pin 21 (i2c_sda) is in use by mine" in shell(command)
    assert world.run_on(node, "print(LogicalPins.holder(22))") == "None\n"
    world.run_on(node, "LogicalPins.release('mine')")
    assert "in use" not in shell(command)


def test_pins_of_the_bus_are_refused_to_others(world, node, shell):
    shell("i2c scan")
    source = "import LogicalPins\ntry:\n    LogicalPins.bind(22, 'mine')\nexcept ValueError as e:\n    print(e)"
    assert world.run_on(node, source) == "pin 22 (22) is in use by i2c\n"


def test_loop_goes_on_while_it_looks(node, shell):
    stillness.watch(node, shell)
    shell("i2c scan")
    assert stillness.longest_ms(shell) < 50


def test_what_it_needs_is_told(shell):
    assert shell("i2c pinmap") == " i2c_scl: 22\n i2c_sda: 21"
    assert shell("i2c help") == " scan,\n pinmap,"
