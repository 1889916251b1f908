"""What ESP-IDF's driver and the hardware of one UART do for :mod:`simulator.micropython._uart`.

Theory of operation. Characters come into a FIFO of 128. An interrupt empties it into the receive buffer when it
holds so many as the threshold says, or when nothing came for a time. A piece that does not fit into the buffer is put
aside, and until the program has read, the FIFO fills; one character too many throws it away. Characters with a
framing or parity error are received like any other, a break as a zero.

Source: ESP-IDF v5.5 components/esp_driver_uart/src/uart.c (uart_rx_intr_handler_default, uart_read_bytes,
uart_set_rx_timeout), hal/esp32/include/hal/uart_ll.h; Espressif ESP32 technical reference manual, chapter 13
(UART_CONF0.ERR_WR_MASK is 0 after reset).

Limits: the driver's lines in the log are not printed; its queue of events has no end.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.electrical.frame import Format
from simulator.electrical.net import Net
from simulator.electrical.uart import BREAK, UartReceiver, UartSender
from simulator.kernel import Event
from simulator.micropython.runtime import Machine

FIFO_BYTES = 128
#: After installation. Source: uart.c, UART_THRESHOLD_NUM and UART_TOUT_THRESH_DEFAULT.
_FULL_THRESHOLD = 120
_IDLE_CHARACTERS = 10
#: Of flow control: RTS is taken back when the FIFO holds so many. Source: machine_uart.c, three quarters of the FIFO.
_ROOM_THRESHOLD = FIFO_BYTES * 3 // 4
#: Bits that the hardware's idle counter can count. Source: uart_ll_max_tout_thrd.
_MOST_IDLE_BITS = 127 * 8

#: What :attr:`UartDriver.on_event` is called with.
DATA_EVENT = "data"
BREAK_EVENT = "break"


class UartDriver:
    """The driver of one UART, from installation to deletion.

    Args:
        machine: whose.
        name: for faults, e.g. ``node01.uart1``.
        line: gives the net to send on, None if the pin is not the UART's.
        rx: the net to listen on.
        formats: how characters are framed, out and in.
        sizes: bytes of the transmit and of the receive buffer.

    Attributes:
        sender: the transmitting half.
        on_event: called with :data:`DATA_EVENT` when bytes have come into the buffer, with :data:`BREAK_EVENT` when
            the line was low for longer than a character.
        on_room: called with True when the FIFO has room again, with False when it is about to be full.
        has_room: what it was called with last.
        lost: received bytes that were thrown away because there was no room.
    """

    def __init__(
        self,
        machine: Machine,
        name: str,
        *,
        line: Callable[[], Net | None],
        rx: Net,
        formats: tuple[Format, Format],
        sizes: tuple[int, int],
    ) -> None:
        self.sender = UartSender(name, machine.kernel, line, formats[0])
        self.on_event: Callable[[str], object] = lambda event: None
        self.on_room: Callable[[bool], object] = lambda has_room: None
        self.has_room = True
        self.lost = 0
        self._machine = machine
        self._tx_bytes, self._rx_bytes = sizes
        self._format = formats[1]
        self._receiver = UartReceiver(rx, self._format, self._heard)
        self._threshold = _FULL_THRESHOLD
        self._idle_characters = _IDLE_CHARACTERS
        self._idle_event: Event | None = None
        self._fifo = bytearray()
        self._aside = b""
        self._buffer = bytearray()
        self._waiting: list[Callable[[], object]] = []

    # --- settings --------------------------------------------------------------------------------------------------

    def set_formats(self, sent: Format, received: Format) -> None:
        """Send and listen in other formats."""
        self.sender.format, self._format = sent, received
        self._receiver.set_format(received)

    def set_rx(self, rx: Net) -> None:
        """Listen on another net."""
        self._receiver.close()
        self._receiver = UartReceiver(rx, self._format, self._heard)

    def set_threshold(self, count: int) -> None:
        """Interrupt when the FIFO holds so many."""
        self._threshold = count

    def set_idle(self, characters: int) -> bool:
        """Interrupt when nothing came for so many characters; False if the hardware cannot count so far."""
        if characters > _MOST_IDLE_BITS // self._format.length:
            return False
        self._idle_characters = characters
        return True

    def delete(self) -> None:
        """Remove the driver: what is on its way in or out is lost."""
        self.sender.stop()
        self._receiver.close()
        self._expect_idle(running=False)

    # --- what the program does -------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Bytes in the receive buffer."""
        return len(self._buffer)

    def take(self, most: int) -> bytes:
        """Take bytes out of the receive buffer."""
        data = bytes(self._buffer[:most])
        del self._buffer[:most]
        if data and self._aside and len(self._aside) <= self._rx_bytes - len(self._buffer):
            aside, self._aside = self._aside, b""
            self._buffer += aside
            self._collect(full_only=True)
            self._tell_room()
        return data

    def flush_input(self) -> None:
        """Throw away what has been received."""
        self._buffer.clear()
        self._fifo.clear()
        self._aside = b""
        self._expect_idle(running=False)
        self._tell_room()

    def overfull_us(self) -> int:
        """Microseconds until the transmit buffer has taken all bytes, if nobody holds them back; 0 if it has."""
        return self.sender.left_us(self._tx_bytes + FIFO_BYTES)

    def on_data(self, callback: Callable[[], object]) -> None:
        """Have ``callback`` called once, when bytes come into the buffer."""
        self._waiting.append(callback)

    def off_data(self, callback: Callable[[], object]) -> None:
        """Take a callback back; nothing happens if it is not there."""
        if callback in self._waiting:
            self._waiting.remove(callback)

    # --- what the hardware does ------------------------------------------------------------------------------------

    def _heard(self, value: int, error: str) -> None:
        if self._machine.cpu.dead:
            return
        if len(self._fifo) == FIFO_BYTES:
            self.lost += len(self._fifo)
            self._fifo.clear()
        self._fifo.append(value)
        self._collect(full_only=True)
        self._tell_room()
        if error == BREAK:
            self.on_event(BREAK_EVENT)

    def _collect(self, *, full_only: bool) -> None:
        """The receive interrupt: move the FIFO's bytes into the buffer, if it is time."""
        if self._aside or not self._fifo:
            return
        if full_only and len(self._fifo) < self._threshold:
            self._expect_idle(running=True)
            return
        piece = bytes(self._fifo)
        self._fifo.clear()
        self._expect_idle(running=False)
        if len(piece) > self._rx_bytes - len(self._buffer):
            self._aside = piece
            return
        self._buffer += piece
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()
        self.on_event(DATA_EVENT)

    def _tell_room(self) -> None:
        has_room = len(self._fifo) < _ROOM_THRESHOLD
        if has_room != self.has_room:
            self.has_room = has_room
            self.on_room(has_room)

    def _expect_idle(self, *, running: bool) -> None:
        kernel = self._machine.kernel
        if self._idle_event is not None:
            kernel.cancel(self._idle_event)
            self._idle_event = None
        if running:
            delay_us = self._format.time_us(self._idle_characters)
            self._idle_event = kernel.after(delay_us, lambda: self._collect(full_only=False))
