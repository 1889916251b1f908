"""``machine.DAC`` and ``machine.TouchPad`` of the ESP32 port.

Source: ports/esp32/machine_dac.c, ports/esp32/machine_touchpad.c (v1.28); levels of touch: usual readings.

Limits: a touch pad reads what its pad's ``touch_value`` says (tests set it), whatever is on the net; ``config``'s
threshold is kept but wakes nothing.
"""

from __future__ import annotations

from typing import Any

from simulator.electrical.net import VDD
from simulator.micropython._args import to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._pin import pad_of, pads_of
from simulator.micropython.runtime import running

_CALL_US = 5
_DAC_MAX = 255


class DAC(metaclass=Builtin):
    """An analog output; there is one object per pin.

    Args:
        id: a Pin or its number, 25 or 26.

    Raises:
        ValueError: the pin has no DAC.
    """

    __slots__ = ("_gpio",)

    _gpio: int

    def __new__(cls, id: Any, /) -> DAC:
        """Find the pin's DAC and drive 0 V."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        pad = pad_of(machine, id)
        if pad.gpio not in machine.board.dac_pins:
            raise ValueError("invalid Pin for DAC")
        dacs: dict[int, DAC] = machine.state.setdefault("machine.dac", {})
        dac = dacs.setdefault(pad.gpio, object.__new__(cls))
        dac._gpio = pad.gpio
        pad.take("dac")
        pad.set_volts(0.0)
        return dac

    def __repr__(self) -> str:
        return f"DAC(Pin({self._gpio}))"

    def write(self, value: int, /) -> None:
        """Drive ``value``/255 of the supply.

        Raises:
            ValueError: not within 0…255.
        """
        machine = running()
        machine.cpu.charge(_CALL_US)
        if not 0 <= to_int(value) <= _DAC_MAX:
            raise ValueError("value out of range")
        pad = pads_of(machine).pad(self._gpio)
        if pad.owner == "dac":
            pad.set_volts(VDD * value / _DAC_MAX)


class TouchPad(metaclass=Builtin):
    """A capacitive touch input; there is one object per pin.

    Args:
        pin: a Pin or its number.

    Raises:
        ValueError: the pin cannot sense touch.
    """

    __slots__ = ("_gpio", "_threshold")

    _gpio: int
    _threshold: int

    def __new__(cls, pin: Any, /) -> TouchPad:
        """Find the pin's touch input."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        gpio = pad_of(machine, pin).gpio
        if gpio not in machine.board.touch_pins:
            raise ValueError("invalid pin for touchpad")
        touchpads: dict[int, TouchPad] = machine.state.setdefault("machine.touchpad", {})
        touchpad = touchpads.setdefault(gpio, object.__new__(cls))
        touchpad._gpio, touchpad._threshold = gpio, 0
        return touchpad

    def __repr__(self) -> str:
        return "<TouchPad>"

    def config(self, value: int, /) -> None:
        """Set the threshold below which a touch would wake the chip."""
        running().cpu.charge(_CALL_US)
        self._threshold = to_int(value) & 0xFFFF

    def read(self) -> int:
        """The count of the last measurement; smaller when touched."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        return pads_of(machine).pad(self._gpio).touch_value
