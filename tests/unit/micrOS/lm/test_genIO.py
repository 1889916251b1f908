"""``genIO`` gives access to any pin, except to those of others."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="genIO")


@pytest.fixture
def pads(node):
    return node.machine.parts["pads"]


def _call(shell, command):
    return json.loads(shell(f"genIO {command} >json"))


def _error(shell, command):
    return shell("genIO " + command).partition("\n")[0].partition("LM_genIO->")[2].partition(": ")[2]


def test_wave_is_on_the_pin_as_asked(shell, pads):
    assert _call(shell, "set_pwm 14 freq=1000 duty=256") == {"pin": 14, "freq": 1000, "duty": 256}
    wave = pads.net(14).pwm()
    assert (wave.freq_hz, wave.duty) == (pytest.approx(1000, rel=0.005), pytest.approx(0.25))


def test_first_wave_is_the_wanted_one(shell, pads):
    """No flash of half a duty (D-09); defaults are 1024 Hz and 500."""
    waves = []
    pads.net(14).on_pwm(waves.append)
    shell("genIO set_pwm 'redgb' duty=0")
    shell("genIO set_pwm 'redgb'")
    assert [round(wave.duty * 1024) for wave in waves if wave is not None] == [0, 500]
    assert pads.net(14).pwm().freq_hz == pytest.approx(1024, rel=0.005)


def test_output_has_its_level_and_ends_a_wave(shell, pads):
    shell("genIO set_pwm 14")
    assert _call(shell, "set_out 14 1") == {"pin": 14, "state": 1}
    assert (pads.net(14).pwm(), pads.net(14).level()) == (None, 1)
    assert _call(shell, "set_out 'redgb' 0") == {"pin": "redgb", "state": 0}
    assert pads.net(14).level() == 0


def test_voltage_is_measured(node, shell, pads):
    pads.net(39).set_volts(1.792)
    assert _call(shell, "get_adc 'ph'") == {"raw": 2048, "percent": 50.0, "volt": pytest.approx(1.8), "pin": "ph"}
    assert _call(shell, "get_adc 39") == {"raw": 2048, "percent": 50.0, "volt": pytest.approx(1.8), "pin": 39}
    node.part("potentiometer").set("position_pct", 0)
    assert _call(shell, "get_adc 34")["raw"] == 0


def test_input_is_read_with_its_pull_up(node, shell):
    assert _call(shell, "get_in 23") == {"pin": 23, "state": 1}
    node.part("button").set("pressed", True)
    assert _call(shell, "get_in 23") == {"pin": 23, "state": 0}


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("set_pwm 'nope'", "unknown pin nope in pin map esp32"),
        ("get_adc 'genadc'", "unknown pin genadc in pin map esp32"),
        ("set_out 20 1", "invalid pin"),
        ("set_out 35 1", "pin can only be input"),
        ("get_adc 18", "invalid pin"),
        ("set_pwm 14 duty=1024", "duty: 1024 is not in 0..1023"),
        ("set_pwm 14 duty=-1", "duty: -1 is not in 0..1023"),
        ("set_pwm 14 freq=0", "freq: 0 is not in 1..1000000"),
        ("set_pwm 14 duty=0.5", "duty: 0.5 is not in 0..1023"),
        ("set_out 14 2", "state: 2 is not in 0..1"),
        ("set_out 14 'on'", "state: on is not in 0..1"),
    ],
)
def test_mistake_is_told(shell, command, text):
    assert _error(shell, command) == text


@pytest.mark.parametrize("command", ["set_pwm 26", "set_out 'switch_1' 0", "get_in 26", "get_adc 26"])
def test_pin_of_another_module_is_refused_and_keeps_its_level(shell, pads, command):
    shell("switch set_state 1")
    assert "is in use by switch" in _error(shell, command)
    assert pads.net(26).level() == 1


@pytest.mark.parametrize(
    ("command", "gpio"), [("set_pwm 35", 35), ("set_out 35 1", 35), ("get_adc 33", 33), ("get_in 35", 35)]
)
def test_pin_that_is_not_up_to_it_is_not_kept(world, node, shell, command, gpio):
    """What was asked of it failed; another module may have it. One that was booked before stays so."""
    is_refused = "exec_lm_core" in shell(f"genIO {command}")
    booked = world.run_on(node, "import LogicalPins\nprint(sorted(LogicalPins.State.booked))")
    assert booked == ("[]\n" if is_refused else f"[{gpio}]\n")
    assert is_refused == ("get" not in command)


def test_pin_stays_booked_when_a_later_use_of_it_fails(world, node, shell):
    assert "exec_lm_core" not in shell("genIO get_in 35")
    assert "exec_lm_core" in shell("genIO set_out 35 1")
    assert "pin 35 (co2) is in use by genIO" in shell("co2 raw_measure_mq135")


def test_deinit_stops_waves_and_gives_pins_back(shell, pads):
    shell("genIO set_pwm 14")
    shell("genIO get_in 26")
    assert shell("genIO deinit") == "None"
    assert pads.net(14).pwm() is None
    assert shell("switch set_state 1") == "SET STATE: 1"


def test_unloading_stops_waves_too(shell, pads):
    shell("genIO set_pwm 14")
    assert shell("system module 'LM_genIO'") == "Module unload LM_genIO done."
    assert pads.net(14).pwm() is None


def test_help(shell):
    assert json.loads(shell("genIO help >json")) == [
        "set_pwm pin=<int> freq=<int> duty=<0-1000>",
        "set_out pin state",
        "get_adc pin",
        "get_in pin",
        "deinit",
    ]
