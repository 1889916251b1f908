"""What ``UART.irq`` returns, and when its handler is called.

Source: ports/esp32/machine_uart.c (uart_event_task, uart_timer_callback, uart_irq_configure_timer),
shared/runtime/mpirq.c (v1.28).

Limits: events from before the first ``irq`` call are forgotten; on the port up to three of them are delivered then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.kernel import Event
from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._timer import armed_timers
from simulator.micropython._uart_driver import BREAK_EVENT, DATA_EVENT, UartDriver
from simulator.micropython.runtime import Machine, running

IRQ_RX = 1
IRQ_BREAK = 2
IRQ_RXIDLE = 0x1000

_CALL_US = 2
_FLAGS = {DATA_EVENT: IRQ_RX, BREAK_EVENT: IRQ_BREAK}
#: The idle timer's period: 20 bits, but no less than 500 us; it must end once without a byte.
_IDLE_BITS = 20
_IDLE_LEAST_US = 500
_IDLE_TIMER = 0


class UartIrq(metaclass=Builtin):
    """The interrupt of a UART; made by ``UART.irq``. Calling it calls the handler.

    Attributes:
        handler: called with the UART; None for nobody.
        triggers: the events that call the handler.
    """

    __slots__ = ("_flags", "_idle_event", "_machine", "_period_us", "_is_quiet", "_uart", "handler", "triggers")

    def __init__(self, machine: Machine, uart: Any) -> None:
        self._machine = machine
        self._uart = uart
        self.handler: Callable[[Any], object] | None = None
        self._flags = 0
        self._period_us = 0
        self._idle_event: Event | None = None
        self._is_quiet = False
        self.triggers = 0

    def __repr__(self) -> str:
        return "<irq>"

    def __call__(self) -> None:
        running().cpu.charge(_CALL_US)
        self._queue()

    def flags(self) -> int:
        """The event that called the handler last."""
        running().cpu.charge(_CALL_US)
        return self._flags

    def trigger(self, trigger: int = ABSENT, /) -> int:
        """The events so far; sets other ones if given."""
        running().cpu.charge(_CALL_US)
        before = self.triggers
        if trigger is not ABSENT:
            self.triggers = to_int(trigger)
            self._stop_timer()
        return before

    def set_up(self, handler: Any, trigger: int, *, is_hard: bool, baud: int) -> None:
        """What ``UART.irq`` does with its arguments.

        Raises:
            ValueError: see there.
        """
        if handler is not None and not callable(handler):
            raise ValueError("handler must be None or callable")
        beyond = trigger & ~(IRQ_RX | IRQ_RXIDLE | IRQ_BREAK)
        if beyond:
            raise ValueError(f"trigger 0x{beyond & 0xFFFFFFFF:04x} unsupported")
        self.handler = handler
        if is_hard:
            raise ValueError("hard IRQ is not supported")
        if trigger & IRQ_RXIDLE and any(timer._id == _IDLE_TIMER for timer in armed_timers(self._machine)):
            raise NotImplementedError("UART.irq(trigger=IRQ_RXIDLE) while Timer(0) runs: it is the timer that counts")
        self.triggers = trigger
        self._period_us = max(_IDLE_BITS * 1_000_000 // baud, _IDLE_LEAST_US)
        self._stop_timer()

    def stop(self) -> None:
        """Call the handler no more."""
        self.handler, self.triggers = None, 0
        self._stop_timer()

    def attach(self, driver: UartDriver) -> None:
        """Hear the events of a driver."""
        driver.on_event = self._heard

    def detach(self) -> None:
        """The driver is going: nothing comes any more."""
        self._stop_timer()

    def _heard(self, event: str) -> None:
        if self.handler is None:
            return
        if event == DATA_EVENT and self.triggers & IRQ_RXIDLE:
            self._is_quiet = False
            if self._idle_event is None:
                self._start_timer()
        if self.triggers & _FLAGS[event]:
            self._flags = _FLAGS[event]
            self._queue()

    def _start_timer(self) -> None:
        self._idle_event = self._machine.event(self._period_us, self._tick)

    def _tick(self) -> None:
        """The timer's period is over: the first one without a byte is not enough, as it began before the last byte."""
        if self._is_quiet:
            self._idle_event = None
            self._flags = IRQ_RXIDLE
            self._queue()
            return
        self._is_quiet = True
        self._start_timer()

    def _stop_timer(self) -> None:
        if self._idle_event is not None:
            self._machine.kernel.cancel(self._idle_event)
            self._idle_event = None

    def _queue(self) -> None:
        if self.handler is not None:
            self._machine.cpu.interrupt(self.handler, self._uart)
