"""``tinypico``, frozen into the TinyPICO's firmware: its pins, battery, DotStar power and colour wheel.

Source: micropython ports/esp32/boards/UM_TINYPICO/modules/tinypico.py (v1.28).
"""

from __future__ import annotations

from typing import Any, cast

from simulator.micropython.machine import ADC, Pin, deepsleep
from simulator.micropython.time import sleep_ms

__all__ = [
    "BAT_CHARGE",
    "BAT_VOLTAGE",
    "DAC1",
    "DAC2",
    "DOTSTAR_CLK",
    "DOTSTAR_DATA",
    "DOTSTAR_PWR",
    "I2C_SCL",
    "I2C_SDA",
    "SPI_CLK",
    "SPI_MISO",
    "SPI_MOSI",
    "dotstar_color_wheel",
    "get_battery_charging",
    "get_battery_voltage",
    "go_deepsleep",
    "set_dotstar_power",
]

BAT_VOLTAGE = 35
BAT_CHARGE = 34
DOTSTAR_CLK = 12
DOTSTAR_DATA = 2
DOTSTAR_PWR = 13
SPI_MOSI = 23
SPI_CLK = 18
SPI_MISO = 19
I2C_SDA = 21
I2C_SCL = 22
DAC1 = 25
DAC2 = 26

_SETTLE_MS = 35
_CHARGE_READS = 10
_WHEEL = 255
_THIRD = 85


def get_battery_voltage() -> float:
    """A rough estimate of the battery's voltage: 3.7 V at full scale of the converter."""
    return ADC(Pin(BAT_VOLTAGE)).read() / 4095 * 3.7


def get_battery_charging() -> bool:
    """Whether the charger pulls its line low, in ten readings out of ten."""
    pin = Pin(BAT_CHARGE, Pin.IN)
    return sum(cast(int, pin.value()) for _ in range(_CHARGE_READS)) == 0


def set_dotstar_power(state: Any) -> None:
    """Switch the DotStar's supply (low is on) and make its lines outputs or inputs; waits 35 ms."""
    if state:
        Pin(DOTSTAR_PWR, Pin.OUT, None, value=0)
    else:
        Pin(DOTSTAR_PWR, Pin.IN, None)
    for line in (DOTSTAR_CLK, DOTSTAR_DATA):
        Pin(line, Pin.OUT if state else Pin.IN)
    sleep_ms(_SETTLE_MS)


def dotstar_color_wheel(wheel_pos: int) -> tuple[int, int, int]:
    """Colour (r, g, b) of a wheel with 255 places: red, blue, green and back."""
    third, place = divmod(wheel_pos % _WHEEL, _THIRD)
    rising, falling = place * 3, _WHEEL - place * 3
    return ((falling, 0, rising), (0, rising, falling), (rising, falling, 0))[third]


def go_deepsleep(t: int) -> None:
    """Switch the DotStar off and sleep deeply for ``t`` ms."""
    set_dotstar_power(False)
    deepsleep(t)
