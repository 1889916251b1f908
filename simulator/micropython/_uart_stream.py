"""The stream half of :mod:`simulator.micropython._uart`: reading, writing, being waited for.

Source: ports/esp32/machine_uart.c (mp_machine_uart_read, mp_machine_uart_ioctl), py/stream.c (v1.28).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from simulator.kernel import Wait
from simulator.micropython._args import ABSENT, to_int, writable
from simulator.micropython._builtin import Builtin
from simulator.micropython._esp_error import esp_error
from simulator.micropython._net import current_thread
from simulator.micropython._stream import BYTES_PER_US, Stream
from simulator.micropython._uart_driver import UartDriver
from simulator.micropython.runtime import running

CALL_US = 10
TICK_US = 10_000
_MS_PER_TICK = 10
_ALL_PIECE = 256
_POLLIN, _POLLOUT = 1, 4


class UartStream(metaclass=Builtin):
    """What a UART is as a stream of bytes; the settings are its subclass's."""

    __slots__ = ()

    _driver: UartDriver | None
    _timeout: int
    _timeout_char: int

    def any(self) -> int:
        """How many bytes can be read at once.

        Raises:
            OSError: ESP_FAIL, it is turned off.
        """
        running().cpu.charge(CALL_US)
        return self._installed().count

    def read(self, nbytes: int = -1, /) -> bytes | None:
        """Read at most ``nbytes``, or until nothing comes for ``timeout``; None if nothing came."""
        machine = running()
        machine.cpu.charge(CALL_US)
        count = to_int(nbytes)
        if count < -1:
            raise MemoryError(f"memory allocation failed, allocating {count & 0xFFFFFFFF} bytes")
        data = self._read_all() if count == -1 else self._receive(count)
        machine.cpu.charge(len(data) // BYTES_PER_US)
        return data if data or count == 0 else None

    def readinto(self, buf: Any, nbytes: int = ABSENT, /) -> int | None:
        """Read into a buffer; returns how many bytes, None if nothing came."""
        running().cpu.charge(CALL_US)
        view = writable(buf)
        count = len(view) if nbytes is ABSENT else min(to_int(nbytes), len(view))
        data = self._receive(max(count, 0))
        view[: len(data)] = data
        return len(data) if data or count == 0 else None

    def readline(self, size: int = -1, /) -> bytes | None:
        """Read to the end of a line, at most ``size`` bytes, or what came in time; None if nothing came."""
        running().cpu.charge(CALL_US)
        line, most = b"", to_int(size)
        while len(line) != most and line[-1:] != b"\n":
            byte = self._receive(1)
            if not byte:
                return line or None
            line += byte
        return line

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def write(self, buf: Any, max_len: int = ABSENT, length: int = ABSENT, /) -> int | None:
        """Send bytes; waits while the transmit buffer is full. Returns how many, None if the UART is turned off."""
        machine = running()
        machine.cpu.charge(CALL_US)
        data = bytes(Stream._piece(buf, max_len, length))
        if not data:
            return 0
        driver = self._driver
        if driver is None:
            return None
        driver.sender.send(data)
        while busy_us := driver.overfull_us():
            machine.cpu.busy(busy_us)
        return len(data)

    def _installed(self) -> UartDriver:
        driver = self._driver
        if driver is None:
            raise esp_error("ESP_FAIL")
        return driver

    def _read_all(self) -> bytes:
        data = b""
        while piece := self._receive(_ALL_PIECE - len(data) % _ALL_PIECE):
            data += piece
        return data

    def _receive(self, most: int) -> bytes:
        """What the port's read gives: one byte within ``timeout``, and more, each within ``timeout_char``."""
        data = self._take(min(most, 1), self._timeout)
        return data + self._take(most - 1, self._timeout_char) if data else b""

    def _take(self, most: int, wait_ms: int) -> bytes:
        driver = self._driver
        if driver is None:
            return b""
        data, ticks = driver.take(most), wait_ms // _MS_PER_TICK
        while len(data) < most and ticks and _await_data(driver, ticks):
            data += driver.take(most - len(data))
        return data

    # --- being waited for ------------------------------------------------------------------------------------------

    def _poll(self, asked: int) -> int:
        return (_POLLIN if self._installed().count and asked & _POLLIN else 0) | (asked & _POLLOUT)

    def _readable(self) -> bool:
        return self._installed().count > 0

    def _writable(self) -> bool:
        return True

    def _on_ready(self, callback: Callable[[], object]) -> None:
        self._installed().on_data(callback)

    def _off_ready(self, callback: Callable[[], object]) -> None:
        if self._driver is not None:
            self._driver.off_data(callback)


def _await_data(driver: UartDriver, ticks: int) -> bool:
    """Park the running thread until bytes come or so many ticks have passed; the first one may be a short one."""
    thread = current_thread()
    wait = Wait(thread)
    driver.on_data(wait.wake)
    try:
        return thread.wait(wait, (thread.kernel.now // TICK_US + ticks) * TICK_US)
    finally:
        driver.off_data(wait.wake)
