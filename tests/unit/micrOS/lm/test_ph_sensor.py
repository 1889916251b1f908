"""``ph_sensor`` tells the pH, and can be calibrated."""

from __future__ import annotations

import json

import pytest

from simulator.devices import Site
from simulator.devices.analog import PhProbe

_FILE = "/ph.pds"


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="ph_sensor")


@pytest.fixture
def probe(node):
    return node.part("ph_probe")


def _measure(shell):
    return json.loads(shell("ph_sensor measure >json"))


@pytest.mark.parametrize(("ph", "volts"), [(7, 2.5), (4, 3.04), (10, 1.96), (2.2, 3.364), (14, 1.24)])
def test_usual_amplifier_needs_no_calibration(shell, probe, ph, volts):
    """D-42: there was no pH, and the mean was one of rounded values."""
    probe.set("ph", ph)
    values = _measure(shell)
    assert values["pH"] == pytest.approx(ph, abs=0.02)
    assert values["AVG V"] == pytest.approx(volts, abs=0.002)


def test_reply_has_the_lines_of_ever(world):
    node = world.add_node("node01")
    node.machine.parts["pads"].net(39).set_volts(1.792)
    shell = world.shell(node)
    lines = {line.partition(": ")[0] for line in shell("ph_sensor measure").split("\n")}
    assert lines == {" ADC data", " AVG V", " pH"}
    assert _measure(shell)["ADC data"] == {"raw": 2048, "percent": 50.0, "volt": pytest.approx(1.8)}


def test_mean_is_of_ten_readings_in_a_second(world, shell, probe):
    shell("ph_sensor help")
    began = world.now_s
    world.at(world.kernel.now + 550_000, lambda: probe.set("ph", 4))
    values = _measure(shell)
    assert 1.0 <= world.now_s - began < 1.1
    assert 5.0 < values["pH"] < 6.0


def test_others_are_served_while_it_measures(world, node, shell):
    other = world.shell(node)
    other("system heartbeat")
    shell._connection.send(b"ph_sensor measure\n")
    for _ in range(5):
        world.run_for(0.15)
        began = world.now_s
        assert other("system heartbeat") == "<3 heartbeat <3"
        assert world.now_s - began < 0.05
    assert "pH" in shell._read_reply(5, "the measurement")


@pytest.fixture
def odd(world):
    """A node with an amplifier that is far from usual, and its shell."""
    node = world.add_node("node01")
    probe = PhProbe(Site("odd", node.machine.parts["pads"], {"out": 39}), neutral_v=1.5, slope_v=0.25)
    return node, probe, world.shell(node)


def _calibrate(probe, shell, ph):
    probe.set("ph", ph)
    return json.loads(shell(f"ph_sensor calibrate {ph} >json"))


@pytest.mark.parametrize("buffers", [(7, 4), (4, 7), (6.86, 9.18)])
def test_two_buffers_calibrate_it(odd, buffers):
    node, probe, shell = odd
    for ph in buffers:
        reply = _calibrate(probe, shell, ph)
        assert reply == {"pH": ph, "V": pytest.approx(1.5 + (7 - ph) * 0.25, abs=0.002)}
    for ph in (4, 5.5, 7, 9, 11):
        probe.set("ph", ph)
        assert _measure(shell)["pH"] == pytest.approx(ph, abs=0.03)


def test_calibration_survives_a_power_cut(world, odd):
    node, probe, shell = odd
    for ph in (7, 4):
        _calibrate(probe, shell, ph)
    assert node.flash.read(_FILE) == b"700,1500,400,2250"
    node.power_off()
    node.power_on()
    probe.set("ph", 10)
    assert _measure(world.shell(node))["pH"] == pytest.approx(10, abs=0.03)


@pytest.mark.parametrize("step", range(1, 7))
def test_power_cut_while_it_is_saved_leaves_the_old_or_the_new_one(world, odd, step):
    node, probe, shell = odd
    _calibrate(probe, shell, 7)
    probe.set("ph", 4)
    node.flash.cut_after(step)
    shell._connection.send(b"ph_sensor calibrate 4\n")
    world.run_for(5)
    node.power_off()
    node.power_on()
    again = world.shell(node)
    _measure(again)
    assert node.flash.read(_FILE) in (b"700,1500,400,3040", b"700,1500,400,2250")
    assert not node.flash.exists(_FILE + ".bad")


def test_damaged_calibration_is_set_aside_and_told(world):
    node = world.add_node("node01", wiring="ph_sensor", files={_FILE: b"700,2500,40"})
    shell = world.shell(node)
    assert _measure(shell)["pH"] == pytest.approx(7, abs=0.02)
    assert node.flash.exists(_FILE + ".bad")
    assert "ph.pds is damaged" in shell("system alarms")


@pytest.mark.parametrize("ph", [4, 9])
def test_buffer_that_gives_the_voltage_of_the_other_one_is_refused(node, shell, probe, ph):
    probe.set("ph", 7.05)
    assert "does not fit the other buffer" in shell(f"ph_sensor calibrate {ph}")
    assert not node.flash.exists(_FILE)
    assert _measure(shell)["pH"] == pytest.approx(7.05, abs=0.02)


@pytest.mark.parametrize("argument", ["-1", "15", "'seven'", "None"])
def test_wrong_ph_is_refused(shell, argument):
    assert f"ph: {argument.strip(chr(39))} is not in 0..14\n" in shell("ph_sensor calibrate " + argument)


def test_voltage_out_of_range_is_no_ph(shell, probe):
    probe.fail("disconnected")
    values = _measure(shell)
    assert (values["pH"], values["AVG V"], values["ADC data"]["raw"]) == (None, None, 0)
    assert "the voltage is out of range" in shell("ph_sensor calibrate 7")


def test_pinmap_help_and_booking(shell):
    assert shell("ph_sensor pinmap") == " ph: 39"
    assert json.loads(shell("ph_sensor help >json")) == ["measure", "calibrate ph=<0-14>", "pinmap"]
    shell("ph_sensor measure")
    assert "pin 39 (ph) is in use by ph_sensor" in shell("genIO get_adc 'ph'")
