"""``machine.ADC`` and ``machine.ADCBlock`` of the ESP32 port.

A reading is what the calibration line of Espressif's own driver gives backwards for the voltage on the pin's net, so
it is the same every time, and ``read_uv`` gives the voltage back within a millivolt or two.

Source: extmod/machine_adc.c, extmod/machine_adc_block.c, ports/esp32/adc.c, machine_adc.c, machine_adc_block.c (v1.28);
line and constants: ESP-IDF components/esp_adc, esp32/adc_cali_line_fitting.c, for a reference of 1100 mV;
docs/esp32/quickref.rst: reading block 2 while WiFi is active raises an exception.

Limits: no noise; no bend near full scale at 11 dB; every chip has the same reference voltage.
"""

from __future__ import annotations

from typing import Any, cast

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._esp_error import esp_error
from simulator.micropython._pin import Pin, pads_of, pin_of
from simulator.micropython.errors import os_error
from simulator.micropython.runtime import Machine, running

_CALL_US = 3
_READ_US = 40
_KEY = "machine.adc"
_MAX_BITS = 12
_VREF_MV = 1100
#: ADC unit -> per attenuation (scale in 1/65536, offset in mV).
_LINE = {
    1: ((57431, 75), (76236, 78), (105481, 107), (196602, 142)),
    2: ((57236, 63), (76175, 66), (105678, 89), (197170, 128)),
}


class _Converters:
    """The ADCs of one life."""

    def __init__(self) -> None:
        self.blocks: dict[int, ADCBlock] = {}
        self.adcs: dict[int, ADC] = {}


def _converters(machine: Machine) -> _Converters:
    return cast(_Converters, machine.state.setdefault(_KEY, _Converters()))


def _block(machine: Machine, unit: int) -> ADCBlock:
    blocks = _converters(machine).blocks
    if unit not in blocks:
        block = blocks[unit] = object.__new__(ADCBlock)
        block._unit, block._bits, block._open = unit, _MAX_BITS, False
    return blocks[unit]


def _adc(machine: Machine, gpio: int) -> ADC:
    """The one ADC object of a pin.

    Raises:
        ValueError: the pin has no ADC.
    """
    where = machine.board.adc_pins.get(gpio)
    if where is None:
        raise ValueError("invalid pin")
    adcs = _converters(machine).adcs
    if gpio not in adcs:
        adc = adcs[gpio] = object.__new__(ADC)
        adc._gpio, (adc._unit, _), adc._atten = gpio, where, -1
    return adcs[gpio]


class ADC(metaclass=Builtin):
    """An analog input; there is one object per pin.

    Args:
        pin: a Pin or its number; 32…39 are of block 1, the others of block 2, which WiFi uses too.
        atten: attenuation, ``ATTN_0DB`` by default.

    Raises:
        ValueError: the pin has no ADC (``invalid pin``); ``invalid atten``.
    """

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3
    WIDTH_9BIT = 9
    WIDTH_10BIT = 10
    WIDTH_11BIT = 11
    WIDTH_12BIT = 12

    __slots__ = ("_atten", "_gpio", "_unit")

    _atten: int
    _gpio: int
    _unit: int

    def __new__(cls, pin: Any, /, *, atten: int = -1) -> ADC:
        """Find the pin's ADC and configure it."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        adc = _adc(machine, pin_of(machine, pin)._pad.gpio)
        _block(machine, adc._unit)._open = True
        adc._init(atten)
        return adc

    def __repr__(self) -> str:
        return f"ADC(Pin({self._gpio}), atten={self._atten})"

    def init(self, *, atten: int = -1) -> None:
        """Set the attenuation."""
        running().cpu.charge(_CALL_US)
        self._init(atten)

    def deinit(self) -> None:
        """Free the whole block; its ADCs raise OSError (EPERM) until one is made anew."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        _block(machine, self._unit)._open = False

    def block(self) -> ADCBlock:
        """The ADCBlock that the pin belongs to."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        return _block(machine, self._unit)

    def read(self) -> int:
        """A raw reading, 0 … 2**width - 1.

        Raises:
            OSError: block 2 while WiFi is active (ETIMEDOUT); the block was freed (EPERM).
        """
        machine = running()
        return self._raw(machine) >> (_MAX_BITS - _block(machine, self._unit)._bits)

    def read_u16(self) -> int:
        """A reading stretched to 0 … 65535; errors as for :meth:`read`."""
        raw = self.read()
        bits = _block(running(), self._unit)._bits
        return raw << (16 - bits) | raw >> (2 * bits - 16)

    def read_uv(self) -> int:
        """The calibrated reading in microvolts, in steps of a millivolt; errors as for :meth:`read`."""
        machine = running()
        lost = _MAX_BITS - _block(machine, self._unit)._bits
        raw = self._raw(machine) >> lost << lost
        factor, offset_mv = self._line()
        return ((factor * raw + 32_768) // 65_536 + offset_mv) * 1000

    def atten(self, atten: int, /) -> None:
        """Set the attenuation; the older way."""
        running().cpu.charge(_CALL_US)
        self._set_atten(to_int(atten))

    def width(self, bits: int, /) -> None:
        """Set the resolution of the whole block, 9…12 bits; the older way."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        _set_bits(_block(machine, self._unit), to_int(bits))

    def _init(self, atten: int) -> None:
        if to_int(atten) != -1:
            self._set_atten(atten)
        elif self._atten == -1:
            self._set_atten(self.ATTN_0DB)

    def _set_atten(self, atten: int) -> None:
        if not _block(running(), self._unit)._open:
            raise os_error("EPERM")
        if not self.ATTN_0DB <= atten <= self.ATTN_11DB:
            raise ValueError("invalid atten")
        self._atten = atten

    def _line(self) -> tuple[int, int]:
        scale, offset_mv = _LINE[self._unit][self._atten]
        return _VREF_MV * scale // 4096, offset_mv

    def _raw(self, machine: Machine) -> int:
        """A 12-bit reading."""
        machine.cpu.charge(_READ_US)
        if not _block(machine, self._unit)._open:
            raise os_error("EPERM")
        if self._unit == 2 and _wifi_active(machine):
            raise esp_error("ESP_ERR_TIMEOUT")
        factor, offset_mv = self._line()
        above_mv = pads_of(machine).net(self._gpio).volts() * 1000 - offset_mv
        return min(max(int(above_mv * 65_536 / factor + 0.5), 0), 4095)


def _wifi_active(machine: Machine) -> bool:
    ask = getattr(machine.parts.get("net"), "wifi_active", None)
    return bool(ask()) if ask is not None else False


class ADCBlock(metaclass=Builtin):
    """One of the two converters, with the pins that it can read.

    Args:
        id: 1 or 2.
        bits: resolution, 9…12; -1 leaves it.

    Raises:
        ValueError: ``invalid block id``; ``invalid bits``.
    """

    __slots__ = ("_bits", "_open", "_unit")

    _bits: int
    _open: bool
    _unit: int

    def __new__(cls, id: int, /, *, bits: int = -1) -> ADCBlock:
        """Find the block and configure it."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if to_int(id) not in _LINE:
            raise ValueError("invalid block id")
        block = _block(machine, id)
        block._init(bits)
        return block

    def __repr__(self) -> str:
        return f"ADCBlock({self._unit}, bits={self._bits})"

    def init(self, *, bits: int = -1) -> None:
        """Set the resolution."""
        running().cpu.charge(_CALL_US)
        self._init(bits)

    def connect(self, channel: Any, source: Any = ABSENT, /, *, atten: int = -1) -> ADC:
        """The ADC of a channel number, of a pin, or of both if they belong together.

        Raises:
            ValueError: there is none.
        """
        machine = running()
        machine.cpu.charge(_CALL_US)
        pin = source if source is not ABSENT else channel if isinstance(channel, Pin) else None
        number = None if isinstance(channel, Pin) else to_int(channel)
        wanted = None if pin is None else pin_of(machine, pin)._pad.gpio
        for gpio, (unit, at) in machine.board.adc_pins.items():
            if unit == self._unit and number in (None, at) and wanted in (None, gpio):
                adc = _adc(machine, gpio)
                adc._init(atten)
                return adc
        raise ValueError("no matching ADC")

    def _init(self, bits: int) -> None:
        if to_int(bits) != -1:
            _set_bits(self, bits)
        self._open = True


def _set_bits(block: ADCBlock, bits: int) -> None:
    if not ADC.WIDTH_9BIT <= bits <= _MAX_BITS:
        raise ValueError("invalid bits")
    block._bits = bits
