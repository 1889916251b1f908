"""``switch`` drives four relays."""

from __future__ import annotations

import json

import pytest

from simulator.wiring import load, solder

_RELAYS = ("relay_1", "relay_2", "relay_3", "relay_4")
_ERROR = "[ERROR] switch input have to 0 or 1"


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="switch")


def _closed(world, node):
    world.run_for(0.1)
    return [int(node.part(name).get("closed")) for name in _RELAYS]


@pytest.mark.parametrize(
    ("suffix", "tag", "closed"),
    [("", "", [1, 0, 0, 0]), ("2", "(2)", [0, 1, 0, 0]), ("3", "(3)", [0, 0, 1, 0]), ("4", "(4)", [0, 0, 0, 1])],
)
def test_channel_is_set_and_toggled(world, node, shell, suffix, tag, closed):
    assert shell(f"switch set_state{suffix} True") == f"SET STATE{tag}: 1"
    assert _closed(world, node) == closed
    assert shell(f"switch toggle{suffix}") == f"SET STATE{tag}: 0"
    assert _closed(world, node) == [0, 0, 0, 0]
    assert shell(f"switch toggle{suffix}") == f"SET STATE{tag}: 1"
    assert shell(f"switch set_state{suffix} 0") == f"SET STATE{tag}: 0"
    assert _closed(world, node) == [0, 0, 0, 0]


def test_no_state_writes_what_it_is(world, node, shell):
    shell("switch set_state2 1")
    node.machine.parts["pads"].pad(14).set_level(0)
    assert _closed(world, node) == [0, 0, 0, 0]
    assert shell("switch set_state2") == "SET STATE(2): 1"
    assert _closed(world, node) == [0, 1, 0, 0]


@pytest.mark.parametrize("state", ["2", "-1", "0.5", "'on'", "[1]"])
def test_state_other_than_0_and_1_is_refused(world, node, shell, state):
    assert shell(f"switch set_state3 {state}") == _ERROR
    assert _closed(world, node) == [0, 0, 0, 0]
    assert json.loads(shell("switch status 'set_state3' >json")) == {"S": 0}


def test_status_tells_all_or_the_channel_of_a_function(shell):
    shell("switch set_state3 1")
    assert json.loads(shell("switch status >json")) == {"SW1": 0, "SW2": 0, "SW3": 1, "SW4": 0}
    assert json.loads(shell("switch status 'toggle3' >json")) == {"S": 1}
    assert json.loads(shell("switch status 'toggle' >json")) == {"S": 0}
    assert json.loads(shell("switch status '' >json")) == {"S": 0}
    assert json.loads(shell("switch status 3 >json")) == {"S": 1}


def test_pinmap_and_help(shell):
    assert json.loads(shell("switch pinmap >json")) == {"switch_1": 26, "switch_2": 14, "switch_3": 27, "switch_4": 25}
    assert json.loads(shell("switch help >json")) == [
        "set_state state=<0,1>",
        "toggle",
        "set_state2 state=<0,1>",
        "toggle2",
        "set_state3 state=<0,1>",
        "toggle3",
        "set_state4 state=<0,1>",
        "toggle4",
        "load_n_init cache=None<True/False> ch_init=[1,2,3,4]",
        "status",
        "pinmap",
    ]


def _reboot(world, node):
    node.power_off()
    node.power_on()
    return world.shell(node)


def test_every_channel_comes_back_as_it_was(world, node, shell):
    """D-23: channel 1 is off, and what the others were is kept."""
    assert shell("switch load_n_init") == "CACHE: True"
    shell("switch set_state2 1")
    shell("switch set_state4 1")
    world.run_for(3)
    assert node.flash.read("/switch.pds") == b"0,1,0,1"
    shell = _reboot(world, node)
    assert _closed(world, node) == [0, 0, 0, 0]
    assert shell("switch load_n_init ch_init=[1,2]") == "CACHE: True"
    assert _closed(world, node) == [0, 1, 0, 0]
    assert json.loads(shell("switch status >json")) == {"SW1": 0, "SW2": 1, "SW3": 0, "SW4": 1}
    world.run_for(3)
    assert node.flash.read("/switch.pds") == b"0,1,0,1"


def test_without_a_list_those_that_were_on_come_back_and_no_other_pin_is_touched(world, node, shell):
    node.flash.write("/switch.pds", b"0,1,0,1")
    shell("switch load_n_init")
    assert _closed(world, node) == [0, 1, 0, 1]
    assert shell("servo sduty") == "SET SERVO1: duty: 75"


def test_channel_whose_pin_is_in_use_does_not_keep_the_others_off(world, node, shell):
    node.flash.write("/switch.pds", b"0,1,1,1")
    shell("servo sduty")
    assert shell("switch load_n_init") == "CACHE: True"
    assert _closed(world, node)[3] == 1
    assert "switch 3: pin 27 (switch_3) is in use by servo" in shell("system alarms")


def test_listed_channels_are_driven_low_without_a_cache(world, node, shell):
    node.flash.write("/switch.pds", b"1,1,1,1")
    assert shell("switch load_n_init cache=False ch_init=[1, 4]") == "CACHE: False"
    assert _closed(world, node) == [0, 0, 0, 0]
    assert node.machine.parts["pads"].net(26).is_driven()
    shell("switch set_state 1")
    world.run_for(3)
    assert node.flash.read("/switch.pds") == b"1,1,1,1"


def test_channel_that_there_is_not_is_refused(shell):
    assert "ch_init: 5 is not in 1..4" in shell("switch load_n_init ch_init=[5]")
    assert "ch_init: 1 is no list" in shell("switch load_n_init ch_init=1")


@pytest.mark.parametrize("content", [b"1,1", b"1,1,1,7", b"on", b"\xff\xfe"])
def test_damaged_state_file_is_set_aside(world, node, shell, content):
    node.flash.write("/switch.pds", content)
    assert shell("switch load_n_init ch_init=[1,2,3,4]") == "CACHE: True"
    assert _closed(world, node) == [0, 0, 0, 0]
    assert "switch.pds" in shell("system alarms")


def test_power_cut_while_the_state_is_kept_leaves_the_old_or_the_new(world, node, shell):
    shell("switch load_n_init")
    shell("switch set_state 1")
    world.run_for(3)
    for cut_ms in (1_990, 2_000, 2_003, 2_010, 2_050):
        shell("switch toggle2")
        world.run_for(cut_ms / 1_000)
        shell = _reboot(world, node)
        assert node.flash.read("/switch.pds") in (b"1,0,0,0", b"1,1,0,0")
        assert shell("switch load_n_init") == "CACHE: True"
        assert json.loads(shell("switch status 'set_state' >json")) == {"S": 1}


def test_pin_of_another_module_is_refused_and_the_state_stays(shell):
    shell("stepper standby")
    assert "pin 26 (switch_1) is in use by stepper" in shell("switch set_state 1")
    assert json.loads(shell("switch status 'set_state' >json")) == {"S": 0}
    assert "pin 27 (switch_3) is in use by stepper" in shell("switch toggle3")


def test_tinypico_has_two_channels(world):
    node = world.add_node("pico", board="tinypico", wiring="switch")
    shell = world.shell(node)
    assert json.loads(shell("switch pinmap >json")) == {
        "switch_1": 18,
        "switch_2": 19,
        "switch_3": None,
        "switch_4": None,
    }
    assert shell("switch toggle2") == "SET STATE(2): 1"
    world.run_for(0.1)
    assert node.part("relay_2").get("closed") is True
    assert "unknown pin switch_3 in pin map tinypico" in shell("switch toggle3")


def test_wiring_fits_the_boards(world):
    for board in ("esp32", "tinypico"):
        solder(load("switch", board=board), world.make_node(f"node_{board}", board=board))


def test_state_is_there_when_the_module_is_loaded_again_at_once(node, shell):
    shell("switch load_n_init")
    shell("switch set_state 1")
    shell("system module unload='LM_switch'")
    assert node.flash.read("/switch.pds") == b"1,0,0,0"
    shell("switch load_n_init")
    assert shell("switch status 'toggle'") == " S: 1"
