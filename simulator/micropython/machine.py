"""``machine`` of the ESP32 port; the classes live in the private modules beside this one.

Source: docs/library/machine.rst, extmod/modmachine.c, ports/esp32/modmachine.c (v1.28).

Limits: see the private modules. ``Counter``, ``Encoder``, ``I2CTarget``, ``I2S`` and ``SDCard`` are not there.
"""

from simulator.micropython._adc import ADC, ADCBlock
from simulator.micropython._analog import DAC, TouchPad
from simulator.micropython._i2c import I2C, SoftI2C
from simulator.micropython._pin import Pin, Signal
from simulator.micropython._pulse import bitstream, dht_readinto, time_pulse_us
from simulator.micropython._pwm import PWM
from simulator.micropython._rtc import RTC
from simulator.micropython._spi import SPI, SoftSPI
from simulator.micropython._system import (
    DEEPSLEEP,
    DEEPSLEEP_RESET,
    EXT0_WAKE,
    EXT1_WAKE,
    HARD_RESET,
    PIN_WAKE,
    PWRON_RESET,
    SLEEP,
    SOFT_RESET,
    TIMER_WAKE,
    TOUCHPAD_WAKE,
    ULP_WAKE,
    WDT,
    WDT_RESET,
    deepsleep,
    disable_irq,
    enable_irq,
    freq,
    idle,
    lightsleep,
    mem8,
    mem16,
    mem32,
    reset,
    reset_cause,
    soft_reset,
    unique_id,
    wake_pins,
    wake_reason,
)
from simulator.micropython._timer import Timer
from simulator.micropython._uart import UART

#: The older name of :func:`lightsleep`.
sleep = lightsleep

__all__ = [
    "ADC",
    "DAC",
    "DEEPSLEEP",
    "DEEPSLEEP_RESET",
    "EXT0_WAKE",
    "EXT1_WAKE",
    "HARD_RESET",
    "I2C",
    "PIN_WAKE",
    "PWM",
    "PWRON_RESET",
    "RTC",
    "SLEEP",
    "SOFT_RESET",
    "SPI",
    "TIMER_WAKE",
    "TOUCHPAD_WAKE",
    "UART",
    "ULP_WAKE",
    "WDT",
    "WDT_RESET",
    "ADCBlock",
    "Pin",
    "Signal",
    "SoftI2C",
    "SoftSPI",
    "Timer",
    "TouchPad",
    "bitstream",
    "deepsleep",
    "dht_readinto",
    "disable_irq",
    "enable_irq",
    "freq",
    "idle",
    "lightsleep",
    "mem8",
    "mem16",
    "mem32",
    "reset",
    "reset_cause",
    "sleep",
    "soft_reset",
    "time_pulse_us",
    "unique_id",
    "wake_pins",
    "wake_reason",
]
