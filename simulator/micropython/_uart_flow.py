"""Hardware flow control of a UART: RTS asks the other side to wait, CTS is asked.

RTS is low while the receive FIFO has fewer than 96 of its 128 bytes; nothing is sent while CTS is high, but what is on
its way ends. The CTS pin has a pull-up: with nothing on it, nothing is sent.

Source: ports/esp32/machine_uart.c (v1.28), uart_set_hw_flow_ctrl with a threshold of three quarters of the FIFO;
Espressif ESP32 technical reference manual, 13.3.10 "Hardware Flow Control"; ESP-IDF uart_set_pin.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.electrical.pads import INPUT, OUTPUT, PULL_UP, Pad
from simulator.micropython._uart_driver import UartDriver

RTS, CTS = 1, 2
INV_CTS, INV_RTS = 8, 64


class UartFlow:
    """The two lines of one UART, until :meth:`end`.

    Args:
        driver: of the UART.
        rts: the pad that tells, None for none.
        cts: the pad that is asked, None for none.
        invert: bits of :data:`INV_CTS` and :data:`INV_RTS`.
        owner: name of the UART as owner of pads.
    """

    def __init__(self, driver: UartDriver, *, rts: Pad | None, cts: Pad | None, invert: int, owner: str) -> None:
        self._driver = driver
        self._rts = rts
        self._owner = owner
        self._end_cts: Callable[[], None] = lambda: None
        if rts is not None:
            waits = int(not invert & INV_RTS)
            rts.set_mode(INPUT | OUTPUT)
            rts.take(owner)
            driver.on_room = lambda has_room: rts.drive(1 - waits if has_room else waits) if self._has_rts() else None
            driver.on_room(driver.has_room)
        if cts is not None:
            held = int(not invert & INV_CTS)
            cts.set_mode(INPUT)
            cts.take("gpio")
            cts.set_pull(PULL_UP)
            self._end_cts = cts.net.on_change(lambda level: driver.sender.hold(on=level == held))
            driver.sender.hold(on=cts.net.level() == held)

    def end(self) -> None:
        """No flow control any more; the RTS pin becomes an input."""
        self._end_cts()
        self._driver.on_room = lambda has_room: None
        self._driver.sender.hold(on=False)
        if self._rts is not None and self._has_rts():
            self._rts.set_mode(INPUT)
            self._rts.take("gpio")

    def _has_rts(self) -> bool:
        return self._rts is not None and self._rts.owner == self._owner
