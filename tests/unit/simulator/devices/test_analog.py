"""Parts whose output is a voltage, and what the converter makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site, find_part
from simulator.devices.analog import Joystick, Mq135, Photoresistor, PhProbe, Potentiometer, Temt6000
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel

_GPIO = 36


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def pads(kernel: Kernel) -> Pads:
    return Pads(BOARDS["esp32"], kernel)


def _site(pads: Pads) -> Site:
    return Site("part", pads, {"out": _GPIO})


@pytest.mark.parametrize(("lux", "volts"), [(0, 0.0), (1, 0.005), (360, 1.8), (660, 3.3), (100_000, 3.3)])
def test_temt6000_gives_a_volt_per_200_lux(pads: Pads, lux: float, volts: float) -> None:
    part = Temt6000(_site(pads))
    part.set("lux", lux)
    assert part.get("volts") == pads.net(_GPIO).volts() == pytest.approx(volts)


@pytest.mark.parametrize(("lux", "volts"), [(0, 0.0327), (1, 0.3870), (10, 1.32), (100, 2.5406), (1000, 3.1140)])
def test_photoresistor_conducts_better_in_the_light(pads: Pads, lux: float, volts: float) -> None:
    part = Photoresistor(_site(pads))
    part.set("lux", lux)
    assert pads.net(_GPIO).volts() == pytest.approx(volts, abs=0.001)


@pytest.mark.parametrize(
    ("ppm", "rs_kohm", "raw10"), [(400, 49.10, 173), (1000, 35.27, 226), (2000, 27.46, 273), (4000, 21.38, 326)]
)
def test_mq135_has_the_resistance_of_its_curve(pads: Pads, ppm: float, rs_kohm: float, raw10: int) -> None:
    """raw10 is the share of the supply in 1/1023. Factor 1 is at 20 degC and 33 %."""
    part = Mq135(_site(pads), supply_v=3.3)
    part.set("temp_c", 20)
    part.set("hum_pct", (1.130128205 - 0.06666666 - 1) / 0.001923077)
    part.set("ppm", ppm)
    assert part.get("rs_kohm") == pytest.approx(rs_kohm, abs=0.01)
    assert round(pads.net(_GPIO).volts() / 3.3 * 1023) == raw10


@pytest.mark.parametrize(("temp_c", "hum_pct", "factor"), [(25, 40, 0.96987), (10, 40, 1.14598), (30, 80, 0.87628)])
def test_mq135_depends_on_temperature_and_humidity(pads: Pads, temp_c: float, hum_pct: float, factor: float) -> None:
    part = Mq135(_site(pads))
    for name, value in (("temp_c", temp_c), ("hum_pct", hum_pct), ("ppm", 400)):
        part.set(name, value)
    assert part.get("rs_kohm") == pytest.approx(49.10 * factor, abs=0.02)


def test_mq135_with_a_cold_heater_conducts_nothing(pads: Pads) -> None:
    part = Mq135(_site(pads))
    assert pads.net(_GPIO).volts() > 0.5
    part.fail("cold")
    assert pads.net(_GPIO).volts() < 0.01


def test_mq135_follows_the_gas_slowly(kernel: Kernel, pads: Pads) -> None:
    part = Mq135(_site(pads), response_s=10.0)
    start = part.get("volts")
    part.set("ppm", 4000)
    assert part.get("volts") == start
    seen = []
    for _ in range(8):
        kernel.run(kernel.now + 10_000_000)
        seen.append(pads.net(_GPIO).volts())
    assert seen == sorted(seen)
    assert seen[0] > start
    settled = Mq135(_site(Pads(BOARDS["esp32"], Kernel())))
    settled.set("ppm", 4000)
    assert seen[-1] == pytest.approx(settled.get("volts"), abs=0.002)
    assert kernel.next_us() is None, "it goes on for ever"


@pytest.mark.parametrize(
    ("ph", "temp_c", "volts"),
    [(7, 25, 2.5), (4, 25, 3.04), (10, 25, 1.96), (7, 80, 2.5), (4, 60, 3.1034), (0, 25, 3.76)],
)
def test_ph_probe_falls_with_the_ph(pads: Pads, ph: float, temp_c: float, volts: float) -> None:
    part = PhProbe(_site(pads))
    part.set("ph", ph)
    part.set("temp_c", temp_c)
    assert pads.net(_GPIO).volts() == pytest.approx(volts, abs=0.001)


def test_ph_probe_of_another_board(pads: Pads) -> None:
    part = PhProbe(_site(pads), neutral_v=2.4, slope_v=0.2)
    part.set("ph", 4)
    assert pads.net(_GPIO).volts() == pytest.approx(3.0)


def test_potentiometer_divides_the_supply(pads: Pads) -> None:
    part = Potentiometer(_site(pads))
    assert pads.net(_GPIO).volts() == pytest.approx(1.65)
    part.set("position_pct", 100)
    assert pads.net(_GPIO).volts() == pytest.approx(3.3)


def test_joystick_has_two_axes_and_a_button(kernel: Kernel, pads: Pads) -> None:
    part = Joystick(Site("stick", pads, {"x": 36, "y": 39, "button": 23}), is_y_inverted=True)
    pads.pad(23).set_pull(2)
    part.set("x_pct", 100)
    part.set("y_pct", 100)
    assert (pads.net(36).volts(), pads.net(39).volts(), pads.net(23).level()) == (pytest.approx(3.3), 0.0, 1)
    part.press(0.2)
    assert pads.net(23).level() == 0
    kernel.run(200_000)
    assert pads.net(23).level() == 1


def test_joystick_without_a_button_has_axes_all_the_same(pads: Pads) -> None:
    part = Joystick(Site("stick", pads, {"x": 36, "y": 39}))
    part.set("x_pct", -50)
    assert pads.net(36).volts() == pytest.approx(0.825)


@pytest.mark.parametrize("model", [Temt6000, Photoresistor, Mq135, PhProbe, Potentiometer])
def test_broken_wire_lets_the_net_float(pads: Pads, model: type[Any]) -> None:
    part = model(_site(pads))
    assert pads.net(_GPIO).is_driven()
    part.fail("disconnected")
    assert (pads.net(_GPIO).is_driven(), part.get("volts")) == (False, 0.0)
    part.fail("disconnected", on=False)
    assert part.get("volts") > 0


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("mq135", {"supply_v": 12}),
        ("mq135", {"load_kohm": 0}),
        ("mq135", {"response_s": -1}),
        ("ph_probe", {"slope_v": 0}),
        ("ph_probe", {"neutral_v": "x"}),
        ("photoresistor", {"load_kohm": True}),
    ],
)
def test_wrong_option_is_refused(pads: Pads, kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        find_part(kind)(_site(pads), **options)


def test_two_users_of_the_converter_do_not_disturb_each_other(bare: Any) -> None:
    """A width is of a whole block: who reads `read_u16` is right whatever the others set (D-40)."""
    pads = bare.machine.parts["pads"]
    Temt6000(Site("light", pads, {"out": 36})).set("lux", 360)
    Mq135(Site("gas", pads, {"out": 35}))
    source = (
        "from machine import ADC\nlight, gas = ADC(36, atten=3), ADC(35, atten=3)\n"
        "for bits in (12, 10, 9):\n    gas.width(bits)\n    print(light.read(), light.read_u16(), light.read_uv())"
    )
    rows = [[int(word) for word in line.split()] for line in bare.run(source).split("\n") if line]
    assert [row[0] for row in rows] == [2058, 514, 257]
    assert [row[1] for row in rows] == [pytest.approx(2058 * 16, abs=200)] * 3
    assert [row[2] for row in rows] == [pytest.approx(1_800_000, abs=8_000)] * 3
