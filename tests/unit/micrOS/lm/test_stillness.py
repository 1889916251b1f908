"""Nothing that a Load Module does holds the loop of the node for 50 ms, whatever is wired or missing."""

from __future__ import annotations

import pytest

from tests.unit.micrOS.lm import stillness

_LIMIT_MS = 50
#: Wiring, commands.
_CALLS = {
    "rgb": ("rgb", "rgb rgb 1000 500 3; rgb toggle; rgb brightness 20"),
    "cct": ("cct", "cct white 1000 10; cct load_n_init"),
    "dimmer": ("dimmer", "dimmer set_value 1000 True"),
    "neopixel of 300": (
        "neopixel",
        "neopixel load_n_init ledcnt=300; neopixel neopixel 255 0 255; neopixel segment 1 1 1 0; neopixel toggle",
    ),
    "effects on 300": (
        "neopixel",
        "neoeffects meteor 9 9 9 True ledcnt=300; neoeffects cycle 9 9 9; neoeffects rainbow; neoeffects rainbow",
    ),
    "effects on 800": ("neopixel", "neoeffects rainbow ledcnt=800; neoeffects meteor 9 9 9"),
    "tinyrgb": ("tinyrgb", "tinyrgb setrgb 1 2 3; tinyrgb wheel; tinyrgb toggle"),
    "servo": ("servo", "servo sdemo"),
    "roboarm": ("roboarm", "roboarm load_n_init; roboarm control 115 40; roboarm record; roboarm play; roboarm jiggle"),
    "stepper": ("stepper", "stepper angle 20 1"),
    "pet_feeder": ("pet_feeder", "pet_feeder portion"),
    "catgame": ("catgame", "catgame game 2"),
    "buzzer": ("buzzer", "buzzer bipp 2; buzzer play"),
    "dht11": ("dht11", "dht11 measure"),
    "dht22": ("dht22", "dht22 measure"),
    "ds18": ("ds18", "ds18 measure"),
    "distance_HCSR04": ("distance_HCSR04", "distance_HCSR04 distance_mm; distance_HCSR04 distance_mm"),
    "ph_sensor": ("ph_sensor", "ph_sensor measure"),
    "oled_ui": ("oled_ui", "oled_ui pageui; oled_ui msgbox"),
}
#: What has no part to talk to, and the text that it ends with.
_MISSING = {
    "dht22 measure": "116",
    "ds18 measure": "was not found",
    "distance_HCSR04 distance_mm": "no answer of the sensor",
    "VL53L0X measure": "ENODEV",
    "bme280 measure": "ENODEV",
    "oled show": "ENODEV",
}


@pytest.mark.parametrize("name", _CALLS)
def test_loop_goes_on_during_calls(world, name):
    wiring, commands = _CALLS[name]
    node = world.add_node("node01", board="tinypico" if wiring == "tinyrgb" else "esp32", wiring=wiring)
    shell = world.shell(node)
    stillness.watch(node, shell)
    for command in commands.split("; "):
        assert "exec_lm_core" not in shell(command)
    assert stillness.longest_ms(shell) < _LIMIT_MS


@pytest.mark.parametrize("command", _MISSING)
def test_loop_goes_on_while_nobody_answers(world, command):
    node = world.add_node("node01")
    shell = world.shell(node)
    stillness.watch(node, shell)
    assert _MISSING[command] in shell(command)
    assert stillness.longest_ms(shell) < _LIMIT_MS


def test_loop_goes_on_while_an_echo_is_awaited(world):
    node = world.add_node("node01", wiring="distance_HCSR04")
    node.part("hcsr04").set("distance_mm", 5000)
    shell = world.shell(node)
    stillness.watch(node, shell)
    assert "no echo" in shell("distance_HCSR04 distance_mm")
    assert stillness.longest_ms(shell) < _LIMIT_MS


def test_watch_sees_what_holds_the_loop(world):
    """The measure itself: a module that does it wrong."""
    source = b"import time\nasync def wrong():\n    time.sleep_ms(60)\n"
    node = world.add_node("node01", files={"/LM_slow.py": source})
    shell = world.shell(node)
    stillness.watch(node, shell)
    shell("slow wrong")
    assert stillness.longest_ms(shell) >= 60
