"""The pads of a chip: for each GPIO its net, output driver, pulls, and which peripheral has the pad.

``Pads`` is the GPIO matrix of one node. It belongs to the board, not to a life: nets, wiring and what stands outside
stay through a reset, while the chip lets go of every pad (:meth:`Pads.reset`).

Example (from a test)::

    pads.net(4).drive(1)
    pads.net(4).release()
    pads.net(36).set_volts(1.2)
    pads.net(2).level(), pads.net(2).edges
    pads.i2c_bus(22, 21).attach(0x76, device)

Source: Espressif ESP32 technical reference manual, chapter 4 (IO_MUX and GPIO matrix).

Limits: drive strength is stored, not modelled; a hold ends with the life.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from simulator.electrical.boards import Board
from simulator.electrical.buses import I2cBus, SpiBus
from simulator.electrical.net import STRONG, WEAK, Fault, Net, Pwm
from simulator.errors import UsageError
from simulator.kernel import Kernel

#: Bits of :meth:`Pad.set_mode`, as the port's gpio_mode_t has them. Source: ESP-IDF hal/gpio_types.h.
INPUT = 1
OUTPUT = 2
OPEN_DRAIN = 4
#: Bits of :meth:`Pad.set_pull`.
PULL_DOWN = 1
PULL_UP = 2

#: What a touch measurement counts while nobody touches, and about what it counts when somebody does.
TOUCH_FREE = 600
TOUCH_TOUCHED = 200
#: What the chip's own sensor of temperature gives: an idle chip in a room.
DIE_TEMP_F = 128

_DRIVE_DEFAULT = 2


class Host(Protocol):
    """What a chip needs of its node to be attached."""

    name: str
    parts: dict[str, Any]

    def record(self, source: str, what: str) -> None:
        """Put a happening into the trace."""


class Pad:
    """One pad of the chip. Made by :class:`Pads`.

    Attributes:
        gpio: its number.
        mode: bits of :data:`INPUT`, :data:`OUTPUT`, :data:`OPEN_DRAIN`.
        pull: bits of :data:`PULL_DOWN`, :data:`PULL_UP`.
        out_level: the output latch.
        drive_cap: drive strength 0..3.
        owner: which peripheral drives the pad; ``gpio`` is the output latch.
        touch_value: what a touch measurement counts here; tests set it.
    """

    def __init__(self, gpio: int, net: Net, *, name: str, input_only: bool, reset_pull: int) -> None:
        self.gpio = gpio
        self.input_only = input_only
        self._net = net
        self._reset_pull = reset_pull
        self._out = net.driver(name)
        self._up = net.driver(f"{name} pull-up")
        self._down = net.driver(f"{name} pull-down")
        self._held = False
        self.touch_value = TOUCH_FREE
        self.reset()

    @property
    def net(self) -> Net:
        """The net that the pad is on."""
        return self._net.real()

    def reset(self) -> None:
        """What a chip reset does to the pad: input, output driver off, the pull of the reset state."""
        self._held = False
        self.mode = INPUT
        self.out_level = 0
        self.drive_cap = _DRIVE_DEFAULT
        self.owner = "gpio"
        self._out.release()
        self.set_pull(self._reset_pull)

    def take(self, owner: str) -> None:
        """Give the pad's output to a peripheral: ``gpio``, ``pwm`` or ``dac``."""
        self.owner = owner
        self._apply()

    def set_mode(self, mode: int) -> None:
        """Set direction and kind of output."""
        self.mode = mode
        self._apply()

    def set_pull(self, pull: int) -> None:
        """Switch the pull resistors; a pad that is input only has none."""
        self.pull = 0 if self.input_only else pull
        if self._held:
            return
        _switch(self._up.drive, self._up.release, 1, on=bool(self.pull & PULL_UP))
        _switch(self._down.drive, self._down.release, 0, on=bool(self.pull & PULL_DOWN))

    def set_level(self, level: int) -> None:
        """Write the output latch."""
        self.out_level = 1 if level else 0
        self._apply()

    def drive(self, level: int) -> None:
        """Drive a steady level past the output latch (a peripheral at rest)."""
        self._out.drive(level)

    def set_volts(self, volts: float) -> None:
        """Drive an analog voltage (a DAC)."""
        self._out.set_volts(volts)

    def set_pwm(self, wave: Pwm) -> None:
        """Drive a square wave."""
        self._out.set_pwm(wave)

    def set_hold(self, hold: bool) -> None:
        """Freeze output and pulls as they are, or let outstanding changes through."""
        self._held = hold
        if not hold:
            self._apply()
            self.set_pull(self.pull)

    def read(self) -> int:
        """What the input stage reads; 0 if it is off."""
        return self.net.level() if self.mode & INPUT else 0

    def _apply(self) -> None:
        if self._held or self.owner != "gpio":
            return
        if not self.mode & OUTPUT or (self.mode & OPEN_DRAIN and self.out_level):
            self._out.release()
        else:
            self._out.drive(self.out_level, strength=STRONG)


class Pads:
    """All pads of one chip, and the buses on them.

    Args:
        board: which pins there are.
        kernel: the clock.

    Attributes:
        board: which pins there are.
        kernel: the clock.
        die_temp_f: what the chip's own sensor of temperature gives, degrees Fahrenheit.
    """

    def __init__(self, board: Board, kernel: Kernel) -> None:
        self.board = board
        self.kernel = kernel
        self.die_temp_f = DIE_TEMP_F
        self._pads: dict[int, Pad] = {}
        self._i2c: dict[tuple[int, int], I2cBus] = {}
        self._spi: dict[tuple[int, int, int], SpiBus] = {}
        self._spi_heard: dict[tuple[int, int], list[Callable[[bytes], object]]] = {}
        self._host: Host | None = None

    def attach(self, host: Host) -> Pads:
        """Put the chip into a node: ``host.parts["pads"]``. Returns itself."""
        self._host = host
        host.parts["pads"] = self
        return self

    def pad(self, gpio: int) -> Pad:
        """The pad of a GPIO.

        Raises:
            UsageError: the board has no such GPIO.
        """
        pad = self._pads.get(gpio)
        if pad is None:
            pad = self._pads[gpio] = self._make(gpio)
        return pad

    def net(self, gpio: int) -> Net:
        """The net at a GPIO, to drive, read and watch from outside.

        Raises:
            UsageError: the board has no such GPIO.
        """
        return self.pad(gpio).net

    def used(self) -> list[int]:
        """The GPIOs that anybody has touched so far, in order."""
        return sorted(self._pads)

    def i2c_bus(self, scl: int, sda: int) -> I2cBus:
        """The I2C bus on two GPIOs; devices are attached to it."""
        return self._i2c.setdefault((self.pad(scl).gpio, self.pad(sda).gpio), I2cBus())

    def spi_bus(self, sck: int, mosi: int, miso: int = -1) -> SpiBus:
        """The SPI bus on three GPIOs (-1: that line is not used); devices are attached to it."""
        for gpio in (sck, mosi, miso):
            if gpio != -1:
                self.pad(gpio)
        if (sck, mosi, miso) not in self._spi:
            bus = self._spi[sck, mosi, miso] = SpiBus()
            bus.sent += self._spi_heard.get((sck, mosi), [])
        return self._spi[sck, mosi, miso]

    def on_spi(self, sck: int, mosi: int, listener: Callable[[bytes], object]) -> None:
        """Have ``listener(data)`` called with what is sent on these pins, whichever the data-in pin is."""
        self._spi_heard.setdefault((self.pad(sck).gpio, self.pad(mosi).gpio), []).append(listener)
        for (clock, data, _), bus in self._spi.items():
            if (clock, data) == (sck, mosi):
                bus.sent.append(listener)

    def faults(self) -> list[Fault]:
        """Faults of all nets, in order of time."""
        nets: list[Net] = []
        for pad in self._pads.values():
            if pad.net not in nets:
                nets.append(pad.net)
        return sorted((fault for net in nets for fault in net.faults), key=lambda fault: fault.t_us)

    def reset(self) -> None:
        """The chip is reset: it lets go of every pad. What is outside stays."""
        for pad in self._pads.values():
            pad.reset()

    def _make(self, gpio: int) -> Pad:
        if gpio not in self.board.gpios:
            raise UsageError(f"board {self.board.name!r} has no GPIO {gpio!r}")
        net = Net(f"gpio{gpio}", self.kernel, lambda text: self._record(f"{gpio}={text}"))
        return Pad(
            gpio,
            net,
            name=f"{self._host.name if self._host else self.board.name}.gpio{gpio}",
            input_only=gpio in self.board.input_only,
            reset_pull=self.board.reset_pulls.get(gpio, 0),
        )

    def _record(self, text: str) -> None:
        if self._host is not None:
            self._host.record("pin", text)


def _switch(drive: Callable[..., object], release: Callable[[], object], level: int, *, on: bool) -> None:
    if on:
        drive(level, strength=WEAK)
    else:
        release()
