"""What the board itself has."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.chip import Battery, ChipTemperature


@pytest.mark.parametrize(("temp_c", "raw_f"), [(-40, -40), (0, 32), (53.3, 128), (60, 140)])
def test_chip_tells_its_temperature_in_fahrenheit(bare: Any, temp_c: float, raw_f: int) -> None:
    ChipTemperature(Site("chip", bare.machine.parts["pads"], {})).set("temp_c", temp_c)
    assert bare.run("import esp32\nprint(esp32.raw_temperature())") == f"{raw_f}\n"


@pytest.fixture
def battery(world: Any) -> Battery:
    node = world.add_node("tiny", board="tinypico", firmware=False)
    world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
    return Battery(Site("battery", node.machine.parts["pads"], {"volt": 35, "stat": 34}))


_ASK = "import tinypico\nprint('%.2f' % tinypico.get_battery_voltage(), tinypico.get_battery_charging())"


@pytest.mark.parametrize(
    ("battery_v", "divided_v", "told"), [(3.0, 0.7973, "2.77"), (3.7, 0.9834, "3.49"), (4.2, 1.1163, "3.70")]
)
def test_firmware_of_the_tinypico_estimates_the_battery(
    world: Any, battery: Battery, battery_v: float, divided_v: float, told: str
) -> None:
    """Roughly: its formula takes no offset of the converter into account, and the converter ends at 3.9 V."""
    battery.set("battery_v", battery_v)
    assert battery.get("volts") == pytest.approx(divided_v, abs=0.0001)
    assert world.run_on(world.nodes["tiny"], _ASK) == f"{told} False\n"


def test_charger_pulls_its_line_low(world: Any, battery: Battery) -> None:
    battery.set("charging", True)
    assert world.run_on(world.nodes["tiny"], _ASK).endswith(" True\n")
    battery.fail("disconnected")
    assert world.run_on(world.nodes["tiny"], _ASK) == "0.00 False\n"
