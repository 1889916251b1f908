"""``machine.I2C`` and ``machine.SoftI2C`` of the ESP32 port, on the bus of :mod:`simulator.electrical.buses`.

Source: extmod/machine_i2c.c, ports/esp32/machine_i2c.c (v1.28).

Limits: a write without stop and the read after it reach the device as two transactions; after ``SoftI2C.start`` what
is written reaches the device at ``stop``, so its bytes always count as acknowledged; missing pull-ups are not noticed;
use of an I2C after ``deinit`` raises NotImplementedError; a device has answered although the controller gave up because
it held the clock for too long; what ``SoftI2C.readfrom_mem`` returns when the register's number was not acknowledged is
zeros, where the chip's memory is as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.electrical.buses import I2cBus, Segment
from simulator.electrical.pads import INPUT, OPEN_DRAIN, OUTPUT, PULL_UP
from simulator.micropython._args import ABSENT, readable, to_int, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._pin import pads_of, pin_of
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.runtime import Machine, running

_CALL_US = 5
_KEY = "machine.i2c"
_OPEN = INPUT | OUTPUT | OPEN_DRAIN
_FREQ_HZ = 400_000
_TIMEOUT_US = 50_000
#: I2C id -> default (scl, sda). Source: MICROPY_HW_I2C0_SCL… of ports/esp32/modmachine.h.
_PINS = {0: (18, 19), 1: (25, 26)}
_LEGACY = "Warning: I2C(-1, ...) is deprecated, use SoftI2C(...) instead\n"
_FIRST_ADDRESS, _LAST_ADDRESS = 0x08, 0x77
#: A clock that is held is looked at every 10 us, and later after every 16th of the time waited.
_STEP_US, _STEPS = 10, 16


class _Controller:
    """What both kinds of I2C do on their bus."""

    __slots__ = ("_bus", "_freq_hz", "_scl", "_sda", "_timeout_us")

    _bus: I2cBus
    _freq_hz: int
    _scl: int
    _sda: int
    _timeout_us: int

    def _route(self, machine: Machine, *, pull: int) -> None:
        """Make both pins open-drain outputs that let go."""
        pads = pads_of(machine)
        for gpio in (self._scl, self._sda):
            pad = pads.pad(gpio)
            if pad.input_only:
                raise ValueError("pin can only be input")
            pad.set_level(1)
            pad.set_mode(_OPEN)
            pad.take("gpio")
            if pull:
                pad.set_pull(pull)
        self._bus = pads.i2c_bus(self._scl, self._sda)

    def _transfer(self, address: int, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """One transaction; takes as long as its bits do, and as long as devices hold the clock.

        Raises:
            OSError: ETIMEDOUT when somebody holds the clock down for longer than the limit, ENODEV when the address
                is not acknowledged.
        """
        machine = running()
        self._await_clock(machine)
        if _is_held_low(machine, self._sda):
            return self._with_data_low(machine, segments)
        answer = self._bus.transfer(address, segments)
        is_too_long = self._bus.longest_hold_us >= max(1, self._timeout_us)
        held_us = self._timeout_us if is_too_long else self._bus.held_us
        machine.cpu.busy(self._time_us([] if answer is None else segments) + held_us)
        if is_too_long:
            raise os_error("ETIMEDOUT")
        if answer is None:
            raise os_error("ENODEV")
        return answer

    def _time_us(self, segments: Sequence[Segment]) -> int:
        """How long the address and so many bytes take."""
        count = 1 + sum(part if isinstance(part, int) else len(part) for part in segments)
        return _CALL_US + count * 9_000_000 // max(1, self._freq_hz)

    def _await_clock(self, machine: Machine) -> None:
        """Wait until nobody holds the clock down.

        Raises:
            OSError: ETIMEDOUT, somebody does for longer than the limit.
        """
        waited_us, step_us = 0, _STEP_US
        while _is_held_low(machine, self._scl):
            if waited_us >= self._timeout_us:
                raise os_error("ETIMEDOUT")
            step_us = max(step_us, waited_us // _STEPS)
            machine.cpu.busy(min(step_us, self._timeout_us - waited_us))
            waited_us += step_us

    def _with_data_low(self, machine: Machine, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """A transaction while somebody holds the data line down."""
        raise NotImplementedError

    def _acknowledged(self, data: bytes, count: int) -> int:
        return count

    def scan(self) -> list[int]:
        """Addresses 0x08…0x77 that acknowledge."""
        found = []
        for address in range(_FIRST_ADDRESS, _LAST_ADDRESS + 1):
            try:
                self._transfer(address, [b""])
            except MicroOSError:
                continue
            found.append(address)
        return found

    def readfrom(self, addr: int, nbytes: int, stop: bool = True, /) -> bytes:
        """Read ``nbytes`` bytes."""
        return self._read(to_int(addr), to_int(nbytes))

    def readfrom_into(self, addr: int, buf: Any, stop: bool = True, /) -> None:
        """Fill ``buf``."""
        view = writable(buf)
        view[:] = self._read(to_int(addr), len(view))

    def writeto(self, addr: int, buf: Any, stop: bool = True, /) -> int:
        """Write bytes; returns how many were acknowledged."""
        data = readable(buf)
        return self._acknowledged(data, self._transfer(to_int(addr), [data])[0])

    def writevto(self, addr: int, vector: Sequence[Any], stop: bool = True, /) -> int:
        """Write the buffers of a list or tuple one after the other; returns how many bytes were acknowledged."""
        if not isinstance(vector, (tuple, list)):
            raise TypeError(f"object '{type(vector).__name__}' isn't a tuple or list")
        return self.writeto(addr, b"".join(readable(part) for part in vector))

    def readfrom_mem(self, addr: int, memaddr: int, nbytes: int, *, addrsize: int = 8) -> bytes:
        """Write the register's number, ``addrsize`` bits long, then read ``nbytes`` bytes."""
        return self._read_register(addr, memaddr, addrsize, to_int(nbytes)) or bytes(to_int(nbytes))

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: Any, *, addrsize: int = 8) -> None:
        """Write the register's number, then fill ``buf``."""
        view = writable(buf)
        view[:] = self._read_register(addr, memaddr, addrsize, len(view)) or view

    def writeto_mem(self, addr: int, memaddr: int, buf: Any, *, addrsize: int = 8) -> None:
        """Write the register's number and bytes after it."""
        self.writeto(addr, _register(memaddr, addrsize) + readable(buf))

    def _read(self, address: int, count: int) -> bytes:
        return _filled(self._transfer(address, [count])[1], count)

    def _read_register(self, addr: int, memaddr: int, addrsize: int, count: int) -> bytes:
        """What a register holds; empty if its number was not acknowledged, which software I2C passes over."""
        number = _register(memaddr, addrsize)
        acknowledged, parts = self._transfer(to_int(addr), [number, count])
        return _filled(parts, count) if self._acknowledged(number, acknowledged) == len(number) else b""


class SoftI2C(_Controller, metaclass=Builtin):
    """I2C by bit-banging on any two pins.

    Args:
        scl: clock pin.
        sda: data pin.
        freq: of the clock, Hz.
        timeout: longest clock stretching, us.
    """

    __slots__ = ("_address", "_out")

    def __init__(self, scl: Any, sda: Any, *, freq: int = _FREQ_HZ, timeout: int = _TIMEOUT_US) -> None:
        self.init(scl, sda, freq=freq, timeout=timeout)

    def __repr__(self) -> str:
        return f"SoftI2C(scl={self._scl}, sda={self._sda}, freq={self._freq_hz})"

    def init(self, scl: Any, sda: Any, *, freq: int = _FREQ_HZ, timeout: int = _TIMEOUT_US) -> None:
        """Set pins and clock anew; arguments as for the class."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        self._scl = pin_of(machine, scl)._pad.gpio
        self._sda = pin_of(machine, sda)._pad.gpio
        self._timeout_us = to_int(timeout)
        if to_int(freq) == 0:
            raise ZeroDivisionError("divide by zero")
        self._freq_hz = 500_000 // max(1, 500_000 // freq)
        self._address: int | None = None
        self._out = bytearray()
        self._route(machine, pull=0)

    def _with_data_low(self, machine: Machine, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """Bit-banging sees an acknowledge in every low bit: all is acknowledged, and zeros are read."""
        machine.cpu.busy(self._time_us(segments))
        written = sum(len(segment) for segment in segments if isinstance(segment, bytes))
        return written, [bytes(segment) for segment in segments if isinstance(segment, int)]

    def deinit(self) -> None:
        """Nothing: the port's SoftI2C has no work here."""
        running().cpu.charge(_CALL_US)

    def start(self) -> None:
        """Begin a transaction by hand."""
        running().cpu.charge(_CALL_US)
        self._flush()
        self._address, self._out = None, bytearray()

    def stop(self) -> None:
        """End a transaction begun by :meth:`start`."""
        running().cpu.charge(_CALL_US)
        self._flush()

    def write(self, buf: Any, /) -> int:
        """Write bytes after :meth:`start`, address and direction first; returns how many were acknowledged."""
        data = readable(buf)
        if self._address is not None:
            running().cpu.busy(_CALL_US + len(data) * 9_000_000 // self._freq_hz)
            self._out += data
            return len(data)
        if not data:
            return 0
        try:
            self._transfer(data[0] >> 1, [])
        except MicroOSError:
            return 0
        self._address, self._out = data[0] >> 1, bytearray(data[1:])
        return len(data)

    def readinto(self, buf: Any, nack: bool = True, /) -> None:
        """Fill ``buf`` after the address was written with the direction bit for reading."""
        view = writable(buf)
        if self._address is None:
            view[:] = b"\xff" * len(view)
        else:
            view[:] = self._read(self._address, len(view))

    def _flush(self) -> None:
        if self._address is not None and self._out:
            self._bus.transfer(self._address, [bytes(self._out)])
        self._address, self._out = None, bytearray()


class I2C(_Controller, metaclass=Builtin):
    """Hardware I2C; there is one object per id. ``I2C(-1, scl, sda)`` warns and gives a SoftI2C.

    Args:
        id: 0 (pins 18, 19) or 1 (pins 25, 26).
        scl: clock pin.
        sda: data pin.
        freq: of the clock, Hz.
        timeout: longest clock stretching, us.

    Raises:
        ValueError: no such I2C.
    """

    __slots__ = ("_id", "_live")

    _id: int
    _live: bool

    def __new__(
        cls,
        id: int = 0,
        _scl: Any = ABSENT,
        _sda: Any = ABSENT,
        /,
        *,
        scl: Any = ABSENT,
        sda: Any = ABSENT,
        freq: int = -1,
        timeout: int = -1,
    ) -> Any:
        """Find the I2C and configure it; what is not given stays."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if to_int(id) == -1:
            machine.console.write(_LEGACY)
            pins = {"scl": scl if _scl is ABSENT else _scl, "sda": sda if _sda is ABSENT else _sda}
            rates = {"freq": freq, "timeout": timeout}
            given = {name: value for name, value in (pins | rates).items() if value is not ABSENT and value != -1}
            return SoftI2C(**given)
        if _scl is not ABSENT:
            raise TypeError("extra positional arguments given")
        if id not in _PINS:
            raise ValueError(f"I2C({id}) doesn't exist")
        i2c = _hardware(cls, machine, id)
        i2c._scl = i2c._scl if scl is ABSENT else pin_of(machine, scl)._pad.gpio
        i2c._sda = i2c._sda if sda is ABSENT else pin_of(machine, sda)._pad.gpio
        i2c._freq_hz = i2c._freq_hz if freq == -1 else to_int(freq)
        i2c._timeout_us = i2c._timeout_us if timeout == -1 else to_int(timeout)
        i2c._route(machine, pull=PULL_UP)
        i2c._live = True
        return i2c

    def __repr__(self) -> str:
        return f"I2C({self._id}, scl={self._scl}, sda={self._sda}, freq={self._freq_hz}, timeout={self._timeout_us})"

    def init(self, scl: Any, sda: Any, *, freq: int = _FREQ_HZ, timeout: int = _TIMEOUT_US) -> None:
        """Not there on hardware I2C.

        Raises:
            OSError: always.
        """
        raise MicroOSError("I2C operation not supported")

    def deinit(self) -> None:
        """Free the bus; its pins are inputs afterwards."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        for gpio in (self._scl, self._sda):
            pads_of(machine).pad(gpio).set_mode(INPUT)
        self._live = False

    def _transfer(self, address: int, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        if not self._live:
            raise NotImplementedError("machine.I2C after deinit()")
        return super()._transfer(address, segments)

    def _with_data_low(self, machine: Machine, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """The controller finds the bus busy and gives up; raises OSError, ETIMEDOUT."""
        machine.cpu.busy(self._timeout_us)
        raise os_error("ETIMEDOUT")

    def start(self) -> None:
        """Not there on hardware I2C; raises OSError."""
        raise MicroOSError("I2C operation not supported")

    def stop(self) -> None:
        """Not there on hardware I2C; raises OSError."""
        raise MicroOSError("I2C operation not supported")

    def readinto(self, buf: Any, nack: bool = True, /) -> None:
        """Not there on hardware I2C; raises OSError."""
        raise MicroOSError("I2C operation not supported")

    def write(self, buf: Any, /) -> int:
        """Not there on hardware I2C; raises OSError."""
        raise MicroOSError("I2C operation not supported")

    def _acknowledged(self, data: bytes, count: int) -> int:
        """The hardware driver gives up at the first byte that is not acknowledged."""
        if count < len(data):
            raise os_error("ENODEV")
        return len(data)


def _hardware(cls: type[I2C], machine: Machine, number: int) -> I2C:
    i2cs: dict[int, I2C] = machine.state.setdefault(_KEY, {})
    if number not in i2cs:
        i2c = i2cs[number] = object.__new__(cls)
        i2c._id, (i2c._scl, i2c._sda) = number, _PINS[number]
        i2c._freq_hz, i2c._timeout_us = _FREQ_HZ, _TIMEOUT_US
    return i2cs[number]


def _is_held_low(machine: Machine, gpio: int) -> bool:
    net = pads_of(machine).net(gpio)
    return net.is_driven() and net.level() == 0


def _register(memaddr: int, addrsize: int) -> bytes:
    """The register's number, most significant byte first."""
    memaddr = to_int(memaddr)
    return bytes(memaddr >> shift & 0xFF for shift in range(to_int(addrsize) - 8, -1, -8))


def _filled(parts: list[bytes], count: int) -> bytes:
    """What was read, of the length asked for: a line nobody drives reads as ones."""
    return b"".join(parts)[:count].ljust(count, b"\xff")
