"""``machine.UART`` of the ESP32 port: UART 1 and 2, on any pins.

Bytes take their time on the pins' nets; a write returns when the transmit buffer has taken all. UART 0 belongs to the
REPL: ``UART(0)`` raises NotImplementedError; its bytes are the node's console.

Source: ports/esp32/machine_uart.c, extmod/machine_uart.c, py/stream.c (v1.28); FreeRTOS ticks are 10 ms
(CONFIG_FREERTOS_HZ 100), so a shorter time-out does not wait.

Limits: see also :mod:`simulator.micropython._uart_driver`. A rate below 77 or above 5 000 000 baud raises
NotImplementedError, so does flow control without its pin; RTS and CTS pins without flow control are left alone. GPIO 9
and 10, the default pins of UART 1, work, whatever flash the module has on them. While a read waits, soft interrupts
run, which on the port wait for its end. A pin that ``init`` replaces becomes an input, and so do the pins of an object
whose constructor raised. ``IRQ_RXIDLE`` borrows Timer 0 on the port: asking for it while ``Timer(0)`` runs raises
NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from simulator.electrical.frame import Format
from simulator.electrical.net import Net
from simulator.electrical.pads import INPUT, OUTPUT, PULL_UP
from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._esp_error import esp_error
from simulator.micropython._pin import pads_of, pin_of
from simulator.micropython._uart_driver import FIFO_BYTES, UartDriver
from simulator.micropython._uart_flow import CTS, INV_CTS, INV_RTS, RTS, UartFlow
from simulator.micropython._uart_irq import IRQ_BREAK, IRQ_RX, IRQ_RXIDLE, UartIrq
from simulator.micropython._uart_stream import CALL_US, TICK_US, UartStream
from simulator.micropython.errors import os_error
from simulator.micropython.runtime import Machine, running

_INIT_US = 200
_KEY = "machine.uart"
#: UART -> default (tx, rx).
_PINS = {1: (10, 9), 2: (17, 16)}
_UARTS = 3
_REPL = 0
_CLOCK_HZ = 80_000_000
_DEFAULT_BAUD = 115_200
_LOWEST_BAUD, _HIGHEST_BAUD = 77, 5_000_000
_BUFFER_BYTES = 256
#: Longest wait for the transmitter: before settings change, and before a break.
_DONE_US = 1_000_000
_BREAK_BITS = 13
_INV_RX, _INV_TX = 4, 32
_INVERSIONS = ((_INV_TX, "INV_TX"), (_INV_RX, "INV_RX"), (INV_RTS, "INV_RTS"), (INV_CTS, "INV_CTS"))
_FLOWS = ((RTS, "RTS"), (CTS, "CTS"))
_PARITIES = {None: "None", 1: "1", 0: "0"}


class UART(UartStream):
    """A serial port; a stream of bytes. ``UART(1) is UART(1)``; arguments after the id configure it as :meth:`init`.

    Args:
        id: 1 or 2.

    Raises:
        ValueError: there is no such UART; a setting is out of range.
        NotImplementedError: UART 0, the REPL's.
    """

    INV_TX = _INV_TX
    INV_RX = _INV_RX
    INV_RTS = INV_RTS
    INV_CTS = INV_CTS
    RTS = RTS
    CTS = CTS
    IRQ_RX = IRQ_RX
    IRQ_RXIDLE = IRQ_RXIDLE
    IRQ_BREAK = IRQ_BREAK

    __slots__ = (
        "_baud", "_bits", "_cts", "_driver", "_flow", "_flow_lines", "_id", "_invert", "_irq", "_parity", "_rts", "_rx",
        "_rxbuf", "_stop", "_timeout", "_timeout_char", "_tx", "_txbuf",
    )  # fmt: skip

    _baud: int
    _bits: int
    _cts: int
    _flow: int
    _flow_lines: UartFlow | None
    _id: int
    _invert: int
    _irq: UartIrq | None
    _parity: int | None
    _rts: int
    _rx: int
    _rxbuf: int
    _stop: int
    _tx: int
    _txbuf: int

    def __new__(  # noqa: PLR0913  # the port's signature
        cls,
        id: int,
        /,
        baudrate: int = 0,
        bits: int = 0,
        parity: int | None = ABSENT,
        stop: int = 0,
        *,
        tx: Any = ABSENT,
        rx: Any = ABSENT,
        rts: Any = ABSENT,
        cts: Any = ABSENT,
        txbuf: int = -1,
        rxbuf: int = -1,
        timeout: int = -1,
        timeout_char: int = -1,
        invert: int = -1,
        flow: int = -1,
    ) -> Self:
        """Find the UART and configure it."""
        machine = running()
        number = to_int(id)
        if not 0 <= number < _UARTS:
            raise ValueError(f"UART({number}) does not exist")
        if number == _REPL:
            raise NotImplementedError("machine.UART(0): the REPL's serial line is the node's console")
        uarts: dict[int, Self] = machine.state.setdefault(_KEY, {})
        uart = uarts.get(number)
        if uart is None:
            uart = object.__new__(cls)
            uart._id, uart._driver, uart._irq, uart._flow_lines = number, None, None, None
            uart._tx = uart._rx = -1
        try:
            uart.init(
                baudrate, bits, parity, stop, tx=tx, rx=rx, rts=rts, cts=cts, txbuf=txbuf, rxbuf=rxbuf,
                timeout=timeout, timeout_char=timeout_char, invert=invert, flow=flow,
            )  # fmt: skip
        except Exception:
            if number not in uarts:
                uart._delete(machine)
            raise
        if number not in uarts:
            machine.at_end(uart._end_life)
        uarts[number] = uart
        return uart

    def __repr__(self) -> str:
        baud = self._baud if self._driver is not None else _actual_baud(_DEFAULT_BAUD)
        inverted = "|".join(name for mask, name in _INVERSIONS if self._invert & mask)
        flow = "|".join(name for mask, name in _FLOWS if self._flow & mask)
        return (
            f"UART({self._id}, baudrate={baud}, bits={self._bits}, parity={_PARITIES[self._parity]}, "
            f"stop={self._stop}, tx={self._tx}, rx={self._rx}, rts={self._rts}, cts={self._cts}, txbuf={self._txbuf}, "
            f"rxbuf={self._rxbuf}, timeout={self._timeout}, timeout_char={self._timeout_char}, "
            f"irq={self._irq.triggers if self._irq else 0}{', invert=' + inverted if inverted else ''}"
            f"{', flow=' + flow if flow else ''})"
        )

    # --- settings --------------------------------------------------------------------------------------------------

    def init(  # noqa: PLR0913  # the port's signature
        self,
        baudrate: int = 0,
        bits: int = 0,
        parity: int | None = ABSENT,
        stop: int = 0,
        *,
        tx: Any = ABSENT,
        rx: Any = ABSENT,
        rts: Any = ABSENT,
        cts: Any = ABSENT,
        txbuf: int = -1,
        rxbuf: int = -1,
        timeout: int = -1,
        timeout_char: int = -1,
        invert: int = -1,
        flow: int = -1,
    ) -> None:
        """Change what is given; what has been received so far is thrown away.

        Args:
            baudrate: 77…5 000 000; 0 leaves it. The divider may give a little more or less.
            bits: 5…8.
            parity: None, 0 even, 1 odd.
            stop: 1 or 2.
            tx: pin to send on.
            rx: pin to receive on; gets a pull-up.
            rts: pin that is high while the other side is to wait.
            cts: pin that must be low for anything to be sent; gets a pull-up.
            txbuf: bytes of the transmit buffer, 0 or more than 128.
            rxbuf: bytes of the receive buffer, more than 128.
            timeout: ms to wait for the first byte of a read.
            timeout_char: ms to wait for each further one.
            invert: sum of ``INV_TX``, ``INV_RX``, ``INV_RTS``, ``INV_CTS``.
            flow: ``RTS``, ``CTS``, both or 0.

        Raises:
            ValueError: a setting is out of range; there is no such pin.
            OSError: ESP_FAIL, a buffer is too short or a pin has no output; ESP_ERR_INVALID_ARG, ``timeout_char`` is
                longer than the hardware can count.
            NotImplementedError: flow control without its pin; a rate out of range.
        """
        machine = running()
        machine.cpu.charge(_INIT_US)
        if self._driver is None:
            self._reset()
        else:
            self._await_done(machine)
        driver = self._install(machine, to_int(txbuf), to_int(rxbuf))
        if to_int(baudrate) > 0:
            self._baud = _actual_baud(baudrate)
        driver.set_rx(self._set_pins(machine, tx, rx))
        self._rts = self._rts if rts is ABSENT else pin_of(machine, rts)._pad.gpio
        self._cts = self._cts if cts is ABSENT else pin_of(machine, cts)._pad.gpio
        self._set_framing(to_int(bits), parity, to_int(stop))
        driver.set_formats(*self._formats())
        self._set_timeouts(driver, to_int(timeout), to_int(timeout_char))
        self._set_lines(machine, to_int(invert), to_int(flow))
        self._set_flow(machine, driver)
        driver.set_formats(*self._formats())
        driver.flush_input()

    def _reset(self) -> None:
        self._baud = _actual_baud(_DEFAULT_BAUD)
        self._bits, self._parity, self._stop = 8, None, 1
        self._tx, self._rx = _PINS[self._id]
        self._txbuf = self._rxbuf = _BUFFER_BYTES
        self._rts = self._cts = -1
        self._timeout = self._timeout_char = self._invert = self._flow = 0

    def _install(self, machine: Machine, txbuf: int, rxbuf: int) -> UartDriver:
        """Install the driver, or install it again with other buffers."""
        wanted = (self._txbuf if txbuf < 0 else txbuf & 0xFFFF, self._rxbuf if rxbuf < 0 else rxbuf & 0xFFFF)
        if wanted != (self._txbuf, self._rxbuf):
            self._txbuf, self._rxbuf = wanted
            self._delete(machine)
        if self._driver is not None:
            return self._driver
        if self._rxbuf <= FIFO_BYTES or 0 < self._txbuf <= FIFO_BYTES:
            raise esp_error("ESP_FAIL")
        self._driver = UartDriver(
            machine,
            f"{machine.name}.uart{self._id}",
            line=lambda: self._line(machine),
            rx=pads_of(machine).net(self._rx),
            formats=self._formats(),
            sizes=wanted,
        )
        if self._irq is not None:
            self._irq.attach(self._driver)
        return self._driver

    def _set_pins(self, machine: Machine, tx: Any, rx: Any) -> Net:
        """Route the pins; returns the net to listen on."""
        wanted_tx = self._tx if tx is ABSENT else pin_of(machine, tx)._pad.gpio
        wanted_rx = self._rx if rx is ABSENT else pin_of(machine, rx)._pad.gpio
        pads = pads_of(machine)
        if pads.pad(wanted_tx).input_only:
            raise esp_error("ESP_FAIL")
        if wanted_tx != self._tx:
            self._free_tx(machine)
        self._tx, self._rx = wanted_tx, wanted_rx
        sends, hears = pads.pad(wanted_tx), pads.pad(wanted_rx)
        sends.set_mode(INPUT | OUTPUT)
        sends.take(self._owner())
        sends.drive(self._formats()[0].idle)
        hears.set_mode(INPUT)
        if wanted_rx != wanted_tx:
            hears.take("gpio")
        hears.set_pull(PULL_UP)
        return hears.net

    def _set_framing(self, bits: int, parity: Any, stop: int) -> None:
        if bits not in (0, 5, 6, 7, 8):
            raise ValueError("invalid data bits")
        self._bits = bits or self._bits
        if parity is not ABSENT:
            self._parity = None if parity is None else to_int(parity) & 1
        if stop not in (0, 1, 2):
            raise ValueError("invalid stop bits")
        self._stop = stop or self._stop

    def _set_timeouts(self, driver: UartDriver, timeout: int, timeout_char: int) -> None:
        self._timeout = self._timeout if timeout == -1 else timeout & 0xFFFF
        self._timeout_char = self._timeout_char if timeout_char == -1 else timeout_char & 0xFFFF
        idle = self._timeout_char // (12_000 // self._baud + 1)
        if idle < 1:
            driver.set_threshold(1)
        if not driver.set_idle(max(idle, 1) & 0xFF):
            raise esp_error("ESP_ERR_INVALID_ARG")

    def _set_lines(self, machine: Machine, invert: int, flow: int) -> None:
        if invert != -1:
            if invert & ~(_INV_TX | _INV_RX | INV_RTS | INV_CTS):
                raise ValueError("invalid inversion mask")
            self._invert = invert
        if flow != -1:
            if flow & ~(RTS | CTS):
                raise ValueError("invalid flow control mask")
            self._flow = flow
        if self._line(machine) is not None:
            pads_of(machine).pad(self._tx).drive(self._formats()[0].idle)

    def _set_flow(self, machine: Machine, driver: UartDriver) -> None:
        if self._flow_lines is not None:
            self._flow_lines.end()
            self._flow_lines = None
        if not self._flow:
            return
        if (self._flow & RTS and self._rts < 0) or (self._flow & CTS and self._cts < 0):
            raise NotImplementedError("machine.UART(flow=...) without its pin")
        rts = pads_of(machine).pad(self._rts) if self._flow & RTS else None
        cts = pads_of(machine).pad(self._cts) if self._flow & CTS else None
        if rts is not None and rts.input_only:
            raise esp_error("ESP_FAIL")
        self._flow_lines = UartFlow(driver, rts=rts, cts=cts, invert=self._invert, owner=self._owner())

    def _formats(self) -> tuple[Format, Format]:
        """How characters are framed, out and in."""
        return (
            Format(self._baud, self._bits, self._parity, self._stop, bool(self._invert & _INV_TX)),
            Format(self._baud, self._bits, self._parity, self._stop, bool(self._invert & _INV_RX)),
        )

    def _owner(self) -> str:
        return f"uart{self._id}"

    def _line(self, machine: Machine) -> Net | None:
        """The net to send on; None once somebody else has taken the pin."""
        pad = pads_of(machine).pad(self._tx)
        return pad.net if pad.owner == self._owner() else None

    def _free_tx(self, machine: Machine) -> None:
        if self._tx >= 0 and self._line(machine) is not None:
            pad = pads_of(machine).pad(self._tx)
            pad.set_mode(INPUT)
            pad.take("gpio")

    def deinit(self) -> None:
        """Turn the UART off; its pins stay as they are. :meth:`init` turns it on again."""
        machine = running()
        machine.cpu.charge(CALL_US)
        self._end_life()

    def _end_life(self) -> None:
        if self._irq is not None:
            self._irq.detach()
        if self._flow_lines is not None:
            self._flow_lines.end()
            self._flow_lines = None
        if self._driver is not None:
            self._driver.delete()
            self._driver = None

    def _delete(self, machine: Machine) -> None:
        self._end_life()
        self._free_tx(machine)

    # --- sending -----------------------------------------------------------------------------------------------------

    def txdone(self) -> bool:
        """Whether everything has been sent."""
        running().cpu.charge(CALL_US)
        return self._driver is not None and not self._driver.sender.pending

    def flush(self) -> None:
        """Wait until everything has been sent.

        Raises:
            OSError: ETIMEDOUT, it is turned off, or flow control holds it back for too long.
        """
        machine = running()
        machine.cpu.charge(CALL_US)
        ticks = (3 + self._txbuf) * 13_000 * 2 // self._baud
        if self._driver is None or not self._await_done(machine, ticks * TICK_US):
            raise os_error("ETIMEDOUT")

    def sendbreak(self) -> None:
        """Hold the line low for 13 bits, after what is still to be sent.

        Raises:
            OSError: ESP_FAIL, it is turned off; ETIMEDOUT, sending takes longer than a second.
        """
        machine = running()
        machine.cpu.charge(CALL_US)
        self._installed()
        if not self._await_done(machine):
            raise esp_error("ESP_ERR_TIMEOUT")
        pad = pads_of(machine).pad(self._tx)
        pad.take(self._owner())
        pad.drive(0)
        machine.cpu.busy(_BREAK_BITS * 1_000_000 // self._baud)
        pad.drive(self._formats()[0].idle)

    def irq(self, handler: Callable[[Any], object] | None = ABSENT, trigger: int = 0, hard: Any = False) -> UartIrq:
        """Have ``handler(uart)`` called on events; None ends it. Without arguments only returns the object.

        Args:
            handler: the function.
            trigger: ``IRQ_RX``, bytes came; ``IRQ_RXIDLE``, and then none for a while; ``IRQ_BREAK``.
            hard: must be false.

        Raises:
            ValueError: another trigger; ``hard`` is true; the handler cannot be called.
        """
        machine = running()
        machine.cpu.charge(CALL_US)
        if self._irq is None:
            self._irq = UartIrq(machine, self)
        if handler is not ABSENT or trigger != 0 or hard:
            found = None if handler is ABSENT else handler
            self._irq.set_up(found, to_int(trigger), is_hard=bool(hard), baud=self._baud)
            if self._driver is not None:
                self._irq.attach(self._driver)
        return self._irq

    def _await_done(self, machine: Machine, limit_us: int = _DONE_US) -> bool:
        """Wait for the transmitter, one second at most or as long as told; False if it has not done then."""
        sender, until_us = self._installed().sender, machine.kernel.now + limit_us
        while sender.pending and machine.kernel.now < until_us:
            machine.cpu.busy(min(max(sender.left_us(), 1), until_us - machine.kernel.now))
        return not sender.pending


def uarts(machine: Machine) -> list[UART]:
    """The UARTs that the present life has made."""
    return list(machine.state.get(_KEY, {}).values())


def _actual_baud(baud: int) -> int:
    """The rate that the hardware's divider, in sixteenths, gives for a wanted one."""
    if not _LOWEST_BAUD <= baud <= _HIGHEST_BAUD:
        raise NotImplementedError(f"machine.UART(baudrate={baud})")
    return (_CLOCK_HZ << 4) // ((_CLOCK_HZ << 4) // baud)
