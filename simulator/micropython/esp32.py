"""``esp32`` of the ESP32 port.

Source: ports/esp32/modesp32.c, docs/library/esp32.rst (v1.28).

Limits: the die's temperature is what the pads' ``die_temp_f`` says, whatever the chip does; waking by touch,
pins or the ULP and ``idf_heap_info`` raise NotImplementedError; ``gpio_deep_sleep_hold``, ``idf_task_info`` and the
classes NVS, Partition, PCNT, RMT and ULP are not there.
"""

from __future__ import annotations

from typing import Any, NoReturn

from simulator.micropython._pin import pads_of
from simulator.micropython.runtime import running

__all__ = [
    "HEAP_DATA",
    "HEAP_EXEC",
    "WAKEUP_ALL_LOW",
    "WAKEUP_ANY_HIGH",
    "idf_heap_info",
    "raw_temperature",
    "wake_on_ext0",
    "wake_on_ext1",
    "wake_on_gpio",
    "wake_on_touch",
    "wake_on_ulp",
]

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True
#: Source: MALLOC_CAP_EXEC and MALLOC_CAP_8BIT of ESP-IDF.
HEAP_EXEC = 1
HEAP_DATA = 4

_CALL_US = 2
_MEASURE_US = 300


def raw_temperature() -> int:
    """Temperature of the die in degrees Fahrenheit."""
    machine = running()
    machine.cpu.charge(_MEASURE_US)
    return pads_of(machine).die_temp_f


def wake_on_touch(wake: Any, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp32.wake_on_touch() is not modelled")


def wake_on_ulp(wake: Any, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp32.wake_on_ulp() is not modelled")


def wake_on_ext0(pin: Any = None, level: Any = False) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp32.wake_on_ext0() is not modelled")


def wake_on_ext1(pins: Any = None, level: Any = False) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp32.wake_on_ext1() is not modelled")


def wake_on_gpio(pins: Any = None, level: Any = False) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp32.wake_on_gpio() is not modelled")


def idf_heap_info(capabilities: int, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp32.idf_heap_info() is not modelled")
