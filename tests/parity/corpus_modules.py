"""Scenarios: the Load Modules on their wirings, what they answer and what their parts do."""

from __future__ import annotations

from collections.abc import Callable

from simulator.node import Node
from simulator.parity.record import Recorder
from simulator.parity.scenario import Scenario
from simulator.world import World

#: Wiring -> commands; after each one the parts are looked at.
_COMMANDS = {
    "rgb": (
        "rgb help",
        "rgb pinmap",
        "rgb load_n_init",
        "rgb rgb 100 200 300",
        "rgb status",
        "rgb brightness",
        "rgb brightness 50 False",
        "rgb toggle",
        "rgb rgb 500 0 0 False",
        "rgb rgb 1001",
        "rgb rgb -1 'a'",
        "rgb set_transition 0 0 0 3",
        "rgb run_transition",
        "rgb run_transition",
        "rgb status >json",
    ),
    "cct": ("cct load_n_init", "cct white 10 20", "cct brightness 10", "cct toggle smooth=False", "cct pinmap"),
    "dimmer": ("dimmer set_value 300", "dimmer set_value 1001", "dimmer toggle", "dimmer status", "dimmer set_value"),
    "neopixel": (
        "neopixel load_n_init",
        "neopixel neopixel 10 20 30 smooth=False",
        "neopixel segment 1 2 3 s=2",
        "neopixel segment 1 2 3 s=9",
        "neopixel toggle",
        "neoeffects meteor 100 50 0",
        "neoeffects cycle 10 20 30",
        "neoeffects rainbow",
        "neopixel status",
    ),
    "switch": (
        "switch load_n_init ch_init=[1,2]",
        "switch set_state True",
        "switch toggle2",
        "switch set_state3 2",
        "switch status",
        "switch status 'toggle2'",
        "switch pinmap",
    ),
    "servo": ("servo sduty 200", "servo s2duty 40", "servo status", "servo deinit", "servo sdemo"),
    "roboarm": ("roboarm control 80 70", "roboarm record", "roboarm control 90 90 1", "roboarm play", "roboarm stop"),
    "stepper": ("stepper load_n_init", "stepper step 3", "stepper angle 5 3", "stepper standby", "stepper step 0.5"),
    "L298N_DCmotor": ("L298N_DCmotor m1_control 0 500", "L298N_DCmotor set_speed 1001", "L298N_DCmotor stop"),
    "L9110_DCmotor": ("L9110_DCmotor motor_control 1 300", "L9110_DCmotor motor_control 2", "L9110_DCmotor pinmap"),
    "buzzer": ("buzzer bipp 2 1000", "buzzer play 't:d=16,o=5,b=250:c,p,8d#.'", "buzzer play 'x'", "buzzer pinmap"),
    "oled_ui": (
        "oled_ui control 'prev'",
        "oled_ui control 'prev'",
        "oled_ui control 'up'",
        "oled_ui msgbox 'hello there, you'",
        "oled clean 1",
        "oled text 'abc' 3 4",
        "oled rect 5 5 20 10 0 True",
        "oled line 0 0 127 63 0",
        "oled show",
        "oled invert",
        "oled poweroff",
        "i2c scan",
    ),
    "bme280": ("bme280 measure", "bme280 measure >json", "bme280 pinmap", "bme280 lmdep", "bme280 help"),
    "VL53L0X": ("VL53L0X measure", "VL53L0X pinmap"),
    "dht22": ("dht22 measure", "dht22 measure_w_co2", "dht22 help"),
    "dht11": ("dht11 measure", "dht11 lmdep"),
    "ds18": ("ds18 measure", "ds18 pinmap"),
    "distance_HCSR04": ("distance_HCSR04 distance_mm", "distance_HCSR04 distance_cm", "distance_HCSR04 deinit"),
    "co2": ("co2 raw_measure_mq135", "co2 measure_mq135 25 40", "co2 measure_mq135", "co2 measure_mq135 25 101"),
    "light_sensor": ("light_sensor intensity", "light_sensor illuminance", "light_sensor illuminance >json"),
    "ph_sensor": ("ph_sensor measure", "ph_sensor pinmap"),
    "esp32": ("esp32 hall", "esp32 temp", "esp32 touch", "esp32 battery"),
    "genIO": (
        "genIO set_out 25 1",
        "genIO set_pwm 26 1000 100",
        "genIO get_adc 'ph'",
        "genIO get_in 'irq1'",
        "genIO get_in 'nosuch'",
        "genIO set_out 36 1",
    ),
}
_QUICK = ("neopixel", "bme280", "ds18")


def _asks(commands: tuple[str, ...]) -> Callable[[World, Node, Recorder], None]:
    def play(world: World, node: Node, recorder: Recorder) -> None:
        talk = recorder.talk()
        for command in commands:
            talk.ask(command)
            recorder.step(f"parts after: {command}")
            recorder.parts()
        talk.ask("system alarms")

    return play


SCENARIOS = tuple(
    Scenario(f"module {name}", _asks((f"{name} help", *commands)), wiring=name, is_quick=name in _QUICK)
    for name, commands in _COMMANDS.items()
)
