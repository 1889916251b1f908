"""Load Modules that share a GPIO: whoever comes second is refused, until the first one is forgotten."""

from __future__ import annotations

import pytest

from tests.unit.micrOS.lm.boards import pin_map

#: Logical pin -> commands that use it, of different modules.
_USES = {
    "cwhite": ("cct white 1 2 False",),
    "wwhite": ("cct white 1 2 False",),
    "redgb": ("rgb rgb 1 2 3 False",),
    "rgreenb": ("rgb rgb 1 2 3 False",),
    "rgbue": ("rgb rgb 1 2 3 False",),
    "neop": ("neopixel neopixel 1 2 3 False",),
    "servo_1": ("servo sduty",),
    "servo_2": ("servo s2duty",),
    "switch_1": ("switch set_state 1",),
    "switch_2": ("switch set_state2 1",),
    "switch_3": ("switch set_state3 1",),
    "switch_4": ("switch set_state4 1",),
    "dim_1": ("dimmer set_value 3",),
    "l298speed": ("L298N_DCmotor set_speed 100",),
    "l298dir_1": ("L298N_DCmotor set_direction",),
    "l298dir_2": ("L298N_DCmotor set_direction 1",),
    "l9110dir_1": ("L9110_DCmotor motor_control 0 100",),
    "l9110dir_2": ("L9110_DCmotor motor_control 1 100",),
    "buzzer": ("buzzer bipp",),
    "stppr_1": ("stepper step 1",),
    "stppr_2": ("stepper step 1",),
    "stppr_3": ("stepper step 1",),
    "stppr_4": ("stepper step 1",),
    "hcsrtrig": ("distance_HCSR04 distance_mm",),
    "hcsrecho": ("distance_HCSR04 distance_cm",),
    "dhtpin": ("dht11 measure", "dht22 measure"),
    "co2": ("co2 raw_measure_mq135",),
    "temp6000": ("light_sensor intensity",),
    "ph": ("ph_sensor measure",),
    "ds18": ("ds18 measure",),
    "touch_0": ("esp32 touch",),
    "i2c_scl": ("i2c scan",),
    "i2c_sda": ("i2c scan",),
}
#: Pins that no Load Module drives by their names: LED, event inputs, battery, the page of oled_ui (see its test).
_OTHERS = {"builtin", "irq1", "irq2", "irq3", "irq4", "bat_volt", "bat_stat", "genadc"}


def _groups(board):
    """GPIO -> commands of the modules that share it."""
    found = {}
    for name, gpio in pin_map(board).items():
        found.setdefault(gpio, []).extend(_USES.get(name, ()))
    return [pytest.param(board, gpio, uses, id=f"{board}-{gpio}") for gpio, uses in found.items() if len(uses) > 1]


_GROUPS = _groups("esp32") + _groups("tinypico")


def test_every_pin_of_the_maps_is_known_here():
    assert set(pin_map("esp32")) | set(pin_map("tinypico")) == set(_USES) | _OTHERS
    assert [sum(group.values[0] == board for group in _GROUPS) for board in ("esp32", "tinypico")] == [9, 7]


@pytest.mark.parametrize(("board", "gpio", "uses"), _GROUPS)
def test_second_module_on_a_pin_is_refused(world, board, gpio, uses):
    node = world.add_node("node01", board=board)
    shell = world.shell(node)
    for first in uses:
        owner = first.partition(" ")[0]
        assert "in use" not in shell(first)
        for second in uses:
            if not second.startswith(owner):
                assert f") is in use by {owner}\n" in shell(second)
                module = second.partition(" ")[0]
                assert shell(f"system module 'LM_{module}'") == f"Module unload LM_{module} done."
        assert shell(f"system module 'LM_{owner}'") == f"Module unload LM_{owner} done."
    assert world.run_on(node, "import LogicalPins\nprint(LogicalPins.State.booked)") == "{}\n"
