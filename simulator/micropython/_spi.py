"""``machine.SoftSPI`` and ``machine.SPI`` of the ESP32 port, on the bus of :mod:`simulator.electrical.buses`.

Source: extmod/machine_spi.c, drivers/bus/softspi.c, ports/esp32/machine_hw_spi.c, spi_ll_master_cal_clock of ESP-IDF
(v1.28).

Limits: bytes pass as a whole; clock and data make no edges on the nets; word sizes other than 8 bits are refused when a
transfer is made.
"""

from __future__ import annotations

from typing import Any

from simulator.electrical.buses import SpiBus
from simulator.electrical.pads import INPUT, OUTPUT
from simulator.micropython._args import ABSENT, readable, to_int, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._pin import pads_of, pin_of
from simulator.micropython.errors import MicroOSError
from simulator.micropython.runtime import Machine, running

_CALL_US = 4
_INIT_US = 50
_KEY = "machine.spi"
_MSB = 0
_LSB = 1
_APB_HZ = 80_000_000
#: SPI id -> default (sck, mosi, miso).
_PINS = {1: (14, 13, 12), 2: (18, 23, 19)}
#: A bit-banged clock's shortest half period is about this many processor cycles.
_SOFT_CYCLES_PER_BIT = 200


class _Transfers:
    """What both kinds of SPI do with bytes."""

    __slots__ = ()

    def _transfer(self, data: bytes) -> bytes:
        raise NotImplementedError

    def read(self, nbytes: int, write: int = 0, /) -> bytes:
        """Shift ``nbytes`` bytes in while sending ``write`` over and over."""
        return self._transfer(bytes([to_int(write) & 0xFF]) * to_int(nbytes))

    def readinto(self, buf: Any, write: int = 0, /) -> None:
        """Fill ``buf`` with bytes shifted in while sending ``write`` over and over."""
        view = writable(buf)
        view[:] = self._transfer(bytes([to_int(write) & 0xFF]) * len(view))

    def write(self, buf: Any, /) -> None:
        """Send bytes; what comes back is dropped."""
        self._transfer(readable(buf))

    def write_readinto(self, write_buf: Any, read_buf: Any, /) -> None:
        """Send ``write_buf`` while ``read_buf``, of the same length, is filled.

        Raises:
            ValueError: the lengths differ.
        """
        data, view = readable(write_buf), writable(read_buf)
        if len(data) != len(view):
            raise ValueError("buffers must be the same length")
        view[:] = self._transfer(data)


class SoftSPI(_Transfers, metaclass=Builtin):
    """SPI by bit-banging on any three pins.

    Args:
        baudrate: clock in Hz; rounded down to what the loop can do.
        polarity: level of the idle clock.
        phase: 0 samples at the first edge.
        bits: 8.
        firstbit: ``MSB``.
        sck: clock pin.
        mosi: data out.
        miso: data in.

    Raises:
        ValueError: a pin is missing; ``bits`` or ``firstbit`` is another.
    """

    MSB = _MSB
    LSB = _LSB

    __slots__ = ("_bus", "_delay_half_us", "_miso", "_mosi", "_phase", "_polarity", "_sck")

    def __init__(  # noqa: PLR0913  # the port's signature
        self,
        baudrate: int = 500_000,
        *,
        polarity: int = 0,
        phase: int = 0,
        bits: int = 8,
        firstbit: int = _MSB,
        sck: Any = ABSENT,
        mosi: Any = ABSENT,
        miso: Any = ABSENT,
    ) -> None:
        machine = running()
        machine.cpu.charge(_INIT_US)
        self._delay_half_us = _delay_half(machine, to_int(baudrate))
        self._polarity, self._phase = to_int(polarity), to_int(phase)
        if bits != 8:
            raise ValueError("bits must be 8")
        if firstbit != _MSB:
            raise ValueError("firstbit must be MSB")
        if sck is ABSENT or mosi is ABSENT or miso is ABSENT:
            raise ValueError("must specify all of sck/mosi/miso")
        self._sck, self._mosi, self._miso = (_gpio(machine, pin) for pin in (sck, mosi, miso))
        self._route(machine)

    def __repr__(self) -> str:
        hz = _soft_max_hz(running()) if self._delay_half_us == 0 else 500_000 // self._delay_half_us
        return (
            f"SoftSPI(baudrate={hz}, polarity={self._polarity}, phase={self._phase}, "
            f"sck={self._sck}, mosi={self._mosi}, miso={self._miso})"
        )

    def init(
        self,
        baudrate: int = -1,
        polarity: int = -1,
        phase: int = -1,
        *,
        sck: Any = ABSENT,
        mosi: Any = ABSENT,
        miso: Any = ABSENT,
    ) -> None:
        """Change what is given; -1 leaves a setting."""
        machine = running()
        machine.cpu.charge(_INIT_US)
        if baudrate != -1:
            self._delay_half_us = _delay_half(machine, to_int(baudrate))
        self._polarity = self._polarity if polarity == -1 else to_int(polarity)
        self._phase = self._phase if phase == -1 else to_int(phase)
        self._sck = self._sck if sck is ABSENT else _gpio(machine, sck)
        self._mosi = self._mosi if mosi is ABSENT else _gpio(machine, mosi)
        self._miso = self._miso if miso is ABSENT else _gpio(machine, miso)
        self._route(machine)

    def deinit(self) -> None:
        """Nothing: the port's SoftSPI has no work here."""
        running().cpu.charge(_CALL_US)

    def _route(self, machine: Machine) -> None:
        self._bus = _route(machine, (self._sck, self._mosi, self._miso), self._polarity)

    def _transfer(self, data: bytes) -> bytes:
        machine = running()
        per_byte_us = 16 * self._delay_half_us or 8_000_000 // _soft_max_hz(machine)
        machine.cpu.busy(_CALL_US + per_byte_us * len(data))
        return self._bus.transfer(data, _idle(machine, self._miso))


class SPI(_Transfers, metaclass=Builtin):
    """Hardware SPI; there is one object per id.

    Args:
        id: 1 (pins 14, 13, 12) or 2 (pins 18, 23, 19).
        baudrate: clock in Hz; the nearest that the divider gives.
        polarity: level of the idle clock.
        phase: 0 samples at the first edge.
        bits: of a word.
        firstbit: ``MSB`` or ``LSB``.
        sck: clock pin.
        mosi: data out, None for none.
        miso: data in, None for none.

    Raises:
        ValueError: no such SPI.
    """

    MSB = _MSB
    LSB = _LSB

    __slots__ = ("_bus", "_hz", "_id", "_live", "_pins", "_settings")

    _bus: SpiBus
    _hz: int
    _id: int
    _live: bool
    _pins: list[int]
    _settings: dict[str, int]

    def __new__(  # noqa: PLR0913  # the port's signature
        cls,
        id: int,
        baudrate: int = 500_000,
        *,
        polarity: int = 0,
        phase: int = 0,
        bits: int = 8,
        firstbit: int = _MSB,
        sck: Any = ABSENT,
        mosi: Any = ABSENT,
        miso: Any = ABSENT,
    ) -> SPI:
        """Find the SPI and configure it."""
        machine = running()
        if to_int(id) not in _PINS:
            raise ValueError(f"SPI({id}) doesn't exist")
        spis = machine.state.setdefault(_KEY, {})
        spi: SPI = spis.get(id) or object.__new__(cls)
        spi._id, spi._pins, spi._settings = id, list(_PINS[id]), {}
        spi._configure(machine, baudrate, (polarity, phase, bits, firstbit), (sck, mosi, miso))
        spis[id] = spi
        return spi

    def __repr__(self) -> str:
        sets = ", ".join(f"{name}={value}" for name, value in self._settings.items())
        sck, mosi, miso = self._pins
        return f"SPI(id={self._id}, baudrate={self._hz}, {sets}, sck={sck}, mosi={mosi}, miso={miso})"

    def init(  # noqa: PLR0913  # the port's signature
        self,
        baudrate: int = -1,
        *,
        polarity: int = -1,
        phase: int = -1,
        bits: int = -1,
        firstbit: int = -1,
        sck: Any = ABSENT,
        mosi: Any = ABSENT,
        miso: Any = ABSENT,
    ) -> None:
        """Change what is given; -1 leaves a setting."""
        self._configure(running(), baudrate, (polarity, phase, bits, firstbit), (sck, mosi, miso))

    def deinit(self) -> None:
        """Free the bus; its pins are inputs afterwards."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if self._live:
            self._live = False
            for gpio in self._pins:
                if gpio != -1:
                    pad = pads_of(machine).pad(gpio)
                    pad.take("gpio")
                    pad.set_mode(INPUT)

    def _configure(self, machine: Machine, baudrate: int, settings: tuple[int, ...], pins: tuple[Any, ...]) -> None:
        machine.cpu.charge(_INIT_US)
        if baudrate != -1:
            self._hz = _actual_hz(to_int(baudrate))
        for name, value in zip(("polarity", "phase", "bits", "firstbit"), settings, strict=True):
            if value != -1:
                self._settings[name] = to_int(value)
        for index, pin in enumerate(pins):
            if pin is not ABSENT:
                self._pins[index] = -1 if pin is None else _gpio(machine, pin)
        sck, mosi, miso = self._pins
        self._bus = _route(machine, (sck, mosi, miso), self._settings["polarity"])
        self._live = True

    def _transfer(self, data: bytes) -> bytes:
        machine = running()
        if not self._live:
            raise MicroOSError("transfer on deinitialized SPI")
        bits = self._settings["bits"]
        if bits != 8:
            raise NotImplementedError(f"machine.SPI transfers with bits={bits}")
        if not data:
            raise ValueError("buffer too short")
        machine.cpu.busy(_CALL_US + len(data) * 8_000_000 // self._hz)
        if self._settings["firstbit"] == _LSB:
            return _mirrored(self._bus.transfer(_mirrored(data), _idle(machine, self._pins[2])))
        return self._bus.transfer(data, _idle(machine, self._pins[2]))


def _mirrored(data: bytes) -> bytes:
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)


def _gpio(machine: Machine, pin: object) -> int:
    return pin_of(machine, pin)._pad.gpio


def _idle(machine: Machine, miso: int) -> int:
    return 1 if miso == -1 else pads_of(machine).pad(miso).net.level()


def _route(machine: Machine, gpios: tuple[int, int, int], polarity: int) -> SpiBus:
    """Make clock and data-out outputs, data-in an input."""
    pads = pads_of(machine)
    sck, mosi, miso = gpios
    for gpio, level in ((sck, polarity), (mosi, 0)):
        if gpio != -1:
            pad = pads.pad(gpio)
            if pad.input_only:
                raise ValueError("pin can only be input")
            pad.set_level(level)
            pad.set_mode(INPUT | OUTPUT)
            pad.take("gpio")
    if miso != -1:
        pads.pad(miso).set_mode(INPUT)
    return pads.spi_bus(sck, mosi, miso)


def _soft_max_hz(machine: Machine) -> int:
    return machine.freq_hz // _SOFT_CYCLES_PER_BIT


def _delay_half(machine: Machine, baudrate: int) -> int:
    """Half a clock period in us; 0 for as fast as it goes."""
    if baudrate >= _soft_max_hz(machine):
        return 0
    if baudrate == 0:
        raise ZeroDivisionError("divide by zero")
    return -(-500_000 // baudrate)


def _actual_hz(hz: int) -> int:
    """The clock that the hardware's divider gives for a wanted one."""
    if hz > _APB_HZ // 4 * 3:
        return _APB_HZ
    best_hz, best_error = 0, -1
    for count in range(2, 65):
        pre = min(max((_APB_HZ // count + hz // 2) // max(hz, 1), 1), 8192)
        got = _APB_HZ // (pre * count)
        error = abs(got - hz)
        if best_error < 0 or error <= best_error:
            best_hz, best_error = got, error
    return best_hz
