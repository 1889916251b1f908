"""``machine.Pin`` and ``machine.Signal`` of the ESP32 port.

There is one Pin object per GPIO and life. Interrupts are soft: the handler is queued and runs between two steps of the
program, with the Pin as its argument.

Source: ports/esp32/machine_pin.c, extmod/machine_signal.c (v1.28); gpio_int_type_t and gpio_drive_cap_t of ESP-IDF.

Limits: ``irq(wake=…)`` (waking from sleep by a pin) raises NotImplementedError; a level-triggered interrupt comes
again every 10 us while its level lasts, where the chip would do so without a pause; the driver's log lines about pulls
on pins without pull resistors are not printed; a square wave (PWM) faster than 20 kHz on the net raises no interrupts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.electrical.pads import INPUT, OPEN_DRAIN, OUTPUT, Pad, Pads
from simulator.kernel import Event
from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import Machine, charged, running

_CALL_US = 1
_INIT_US = 4
_KEY = "machine.pin"
_RISING = 1
_FALLING = 2
_LOW_LEVEL = 4
_HIGH_LEVEL = 5
_AGAIN_US = 10
_FASTEST_HZ = 20_000
_DRIVE_MAX = 3


class _Gpio:
    """The pins of one life."""

    def __init__(self, machine: Machine) -> None:
        pads = machine.parts.get("pads")
        self.pads: Pads = Pads(machine.board, machine.kernel).attach(machine) if pads is None else pads
        self.pins: dict[int, Pin] = {}

    def end(self) -> None:
        """The life is over: no interrupts, and every pad as after a reset."""
        for pin in self.pins.values():
            pin._interrupt.stop()
        self.pads.reset()


def _gpio(machine: Machine) -> _Gpio:
    gpio = machine.state.get(_KEY)
    if gpio is None:
        gpio = machine.state[_KEY] = _Gpio(machine)
        machine.at_end(gpio.end)
    return gpio


def pads_of(machine: Machine) -> Pads:
    """The pads of a machine, which are let go when its present life ends."""
    return _gpio(machine).pads


def pin_of(machine: Machine, which: object) -> Pin:
    """The Pin for a Pin, a Signal-free number; what the port's ``machine_pin_find`` does.

    Raises:
        ValueError: there is no such pin.
    """
    if isinstance(which, Pin):
        return which
    if isinstance(which, int) and which in machine.board.gpios:
        gpio = _gpio(machine)
        pin = gpio.pins.get(which)
        if pin is None:
            pin = gpio.pins[which] = object.__new__(Pin)
            pin._set_up(gpio.pads.pad(which))
        return pin
    raise ValueError("invalid pin")


def pad_of(machine: Machine, which: object) -> Pad:
    """The pad for a Pin or its number.

    Raises:
        ValueError: there is no such pin.
    """
    return pin_of(machine, which)._pad


class _PinIrq:
    """What ``Pin.irq`` returns: calling it queues the handler, ``trigger`` gets and sets the condition."""

    __slots__ = ("_edge", "_ends", "_handler", "_pin", "_trigger")

    def __init__(self, pin: Pin) -> None:
        self._pin = pin
        self._handler: Callable[[Pin], object] | None = None
        self._trigger = 0
        self._ends: list[Callable[[], None]] = []
        self._edge: Event | None = None

    def __call__(self) -> None:
        machine = running()
        machine.cpu.charge(_CALL_US)
        if self._handler is None:
            raise NotImplementedError("Pin.irq()() without a handler crashes the chip")
        machine.cpu.interrupt(self._handler, self._pin)

    def trigger(self, trigger: int = ABSENT, /) -> int:
        """The trigger so far; sets a new one if given."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        before = self._trigger
        if trigger is not ABSENT:
            self.start(machine, self._handler, to_int(trigger))
        return before

    def start(self, machine: Machine, handler: Callable[[Pin], object] | None, trigger: int) -> None:
        """Watch the pin's net."""
        self.stop()
        self._handler, self._trigger = handler, trigger
        if handler is None or trigger == 0:
            return
        net = self._pin._pad.net
        self._ends = [
            net.on_change(lambda level: self._changed(machine, level)),
            net.on_pwm(lambda wave: self._follow(machine)),
        ]
        self._follow(machine)
        self._check_level(machine)

    def stop(self) -> None:
        """Watch no more."""
        for end in self._ends:
            end()
        if self._edge is not None:
            self._pin._pad.net.kernel.cancel(self._edge)
        self._ends, self._edge, self._handler = [], None, None

    def _follow(self, machine: Machine) -> None:
        """Wait for the next edge of a square wave on the net, which makes none by itself."""
        if self._edge is not None:
            machine.kernel.cancel(self._edge)
            self._edge = None
        wave = self._pin._pad.net.pwm()
        if wave is None or wave.freq_hz > _FASTEST_HZ or machine.cpu.dead:
            return
        edges = [(at, level) for level in (0, 1) if (at := wave.edge_us(level, machine.kernel.now)) is not None]
        if edges:
            t_us, level = min(edges)
            self._edge = machine.kernel.at(t_us, lambda: self._passed(machine, level))

    def _passed(self, machine: Machine, level: int) -> None:
        self._edge = None
        self._follow(machine)
        if self._pin._pad.net.level() == level:
            self._changed(machine, level)

    def _changed(self, machine: Machine, level: int) -> None:
        if machine.cpu.dead or self._handler is None or not self._pin._pad.mode & INPUT:
            return
        if self._trigger in (_LOW_LEVEL, _HIGH_LEVEL):
            self._check_level(machine)
        elif self._trigger & (_RISING if level else _FALLING):
            machine.cpu.interrupt(self._handler, self._pin)

    def _check_level(self, machine: Machine) -> None:
        """Level triggers: queue the handler now and again while the level lasts."""
        if not self._ends or self._trigger not in (_LOW_LEVEL, _HIGH_LEVEL):
            return
        handler, wanted = self._handler, int(self._trigger == _HIGH_LEVEL)
        if handler is None or self._pin._pad.read() != wanted:
            return

        def handle(pin: Pin) -> None:
            try:
                handler(pin)
            finally:
                if self._handler is handler:
                    machine.event(_AGAIN_US, lambda: self._check_level(machine))

        machine.cpu.interrupt(handle, self._pin)


class _Board(metaclass=Builtin):
    """Pins by the board's names; neither of our boards names any."""


class Pin(metaclass=Builtin):
    """A GPIO pin. ``Pin(4) is Pin(4)``; arguments after the id configure the pin as :meth:`init` does.

    Args:
        id: GPIO number, or a Pin.
        mode: ``IN``, ``OUT`` or ``OPEN_DRAIN``; None leaves it.
        pull: ``PULL_UP``, ``PULL_DOWN``, their sum, None for none; -1 leaves it.
        value: level of the output, set before the mode is.
        drive: ``DRIVE_0`` … ``DRIVE_3``.
        hold: freeze the pad.

    Raises:
        ValueError: ``invalid pin``; ``pin can only be input``.
    """

    IN = INPUT
    OUT = INPUT | OUTPUT
    OPEN_DRAIN = INPUT | OUTPUT | OPEN_DRAIN
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = _RISING
    IRQ_FALLING = _FALLING
    WAKE_LOW = _LOW_LEVEL
    WAKE_HIGH = _HIGH_LEVEL
    DRIVE_0 = 0
    DRIVE_1 = 1
    DRIVE_2 = 2
    DRIVE_3 = 3
    board = _Board

    __slots__ = ("_interrupt", "_pad")

    _interrupt: _PinIrq
    _pad: Pad

    def __new__(
        cls,
        id: Any,
        /,
        mode: int | None = None,
        pull: int | None = -1,
        *,
        value: Any = ABSENT,
        drive: int = ABSENT,
        hold: Any = ABSENT,
    ) -> Pin:
        """Find the pin, and configure it if anything but the id is given."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        pin = pin_of(machine, id)
        pin._configure(mode, pull, value, drive, hold)
        return pin

    def _set_up(self, pad: Pad) -> None:
        self._pad = pad
        self._interrupt = _PinIrq(self)

    def __repr__(self) -> str:
        return f"Pin({self._pad.gpio})"

    def __call__(self, x: Any = ABSENT, /) -> int | None:
        """Read the level, or write the output."""
        return self.value(x)

    def init(
        self,
        mode: int | None = None,
        pull: int | None = -1,
        *,
        value: Any = ABSENT,
        drive: int = ABSENT,
        hold: Any = ABSENT,
    ) -> None:
        """Configure the pin; arguments as for the class."""
        running().cpu.charge(_INIT_US)
        self._configure(mode, pull, value, drive, hold)

    def _configure(self, mode: int | None, pull: int | None, value: Any, drive: int, hold: Any) -> None:
        pad = self._pad
        if value is not ABSENT:
            pad.set_level(bool(value))
        if drive is not ABSENT and not pad.input_only and 0 <= to_int(drive) <= _DRIVE_MAX:
            pad.drive_cap = drive
        if mode is not None:
            if pad.input_only and to_int(mode) & OUTPUT:
                raise ValueError("pin can only be input")
            pad.set_mode(to_int(mode))
            pad.take("gpio")
        if pull != -1:
            pad.set_pull(0 if pull is None else to_int(pull))
        if hold is not ABSENT and not pad.input_only:
            pad.set_hold(bool(hold))

    def value(self, x: Any = ABSENT, /) -> int | None:
        """Read the level (0 or 1), or write the output."""
        charged(_CALL_US)
        if x is ABSENT:
            return self._pad.read()
        self._pad.set_level(bool(x))
        return None

    def on(self) -> None:
        """Write 1."""
        self.value(1)

    def off(self) -> None:
        """Write 0."""
        self.value(0)

    def toggle(self) -> None:
        """Write the opposite of what was written last."""
        self.value(1 - self._pad.out_level)

    def irq(
        self,
        handler: Callable[[Pin], object] | None = ABSENT,
        trigger: int = IRQ_FALLING | IRQ_RISING,
        wake: int | None = None,
    ) -> _PinIrq:
        """Have ``handler(pin)`` called on edges or levels; ``None`` ends it. Without arguments only returns the object.

        Raises:
            NotImplementedError: ``wake`` is given with a level trigger.
        """
        machine = running()
        machine.cpu.charge(_INIT_US)
        trigger = to_int(trigger)
        if trigger in (_LOW_LEVEL, _HIGH_LEVEL) and wake is not None:
            raise NotImplementedError("Pin.irq(wake=...): waking from sleep by a pin is not modelled")
        if handler is not ABSENT or trigger != _RISING | _FALLING:
            found = None if handler is ABSENT else handler
            self._interrupt.start(machine, found, 0 if found is None else trigger)
        return self._interrupt


class Signal(metaclass=Builtin):
    """A pin whose *active* state may be low.

    Args:
        pin: a Pin; or a pin number followed by what Pin takes.
        invert: active is low.
    """

    __slots__ = ("_invert", "_pin")

    def __init__(
        self,
        pin: Any,
        /,
        mode: int | None = ABSENT,
        pull: int | None = ABSENT,
        *,
        value: Any = ABSENT,
        drive: int = ABSENT,
        hold: Any = ABSENT,
        invert: Any = False,
    ) -> None:
        charged(_CALL_US)
        rest = {"mode": mode, "pull": pull, "value": value, "drive": drive, "hold": hold}
        given = {name: argument for name, argument in rest.items() if argument is not ABSENT}
        if isinstance(pin, (Pin, Signal)):
            if given:
                raise TypeError
            self._pin: Pin | Signal = pin
        else:
            self._pin = Pin(pin, **given)
        self._invert = int(bool(invert))

    def __repr__(self) -> str:
        return "<Signal>"

    def __call__(self, x: Any = ABSENT, /) -> int | None:
        """Read whether it is active, or make it so."""
        return self.value(x)

    def value(self, x: Any = ABSENT, /) -> int | None:
        """Read whether it is active (0 or 1), or make it so."""
        if x is ABSENT:
            return int(self._pin.value() or 0) ^ self._invert
        self._pin.value(int(bool(x)) ^ self._invert)
        return None

    def on(self) -> None:
        """Make it active."""
        self.value(1)

    def off(self) -> None:
        """Make it inactive."""
        self.value(0)
