"""The second terminal of a node: what ``os.dupterm`` is made of.

What the node prints is also written to a stream, with CR LF for LF; what the stream has to read goes to the node's
input, and Ctrl-C interrupts the main program. A stream that ends or raises is taken off, with a line that says so.

Source: extmod/os_dupterm.c, extmod/modos.c (``dupterm_notify``), ports/esp32/mphalport.c (v1.28).

Limits: each text that the node prints is one write to the stream; on the port ``print`` writes its arguments, the
blanks between them and the line's end one by one. What is printed while no thread of the node runs (``MPY: soft
reboot``) is not copied.
"""

from __future__ import annotations

from typing import Any

from greenlet import getcurrent

from simulator.errors import NodeDead
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import Machine

CTRL_C = 3
#: Longest piece for one write. Source: extmod/modwebsocket.c, ``assert(size < 0x10000)``.
_PIECE_BYTES = 0xFFFF


def is_stream(value: object) -> bool:
    """Whether an object has the port's stream protocol: one of its stream types, or a class derived from them."""
    return isinstance(type(value), Builtin) and hasattr(value, "readinto") and hasattr(value, "write")


class Terminal:
    """The second terminal of one life.

    Attributes:
        stream: where it writes and reads; None for nowhere.
    """

    def __init__(self, machine: Machine) -> None:
        self.stream: Any = None
        self._machine = machine
        self._reading = False

    def take_input(self) -> None:
        """Read the stream until it has nothing more; Ctrl-C ends the reading too."""
        console = self._machine.console
        while (byte := self._receive()) is not None:
            console.put(byte)

    def _receive(self) -> int | None:
        if self.stream is None or self._reading:
            return None
        self._reading = True
        buffer = bytearray(1)
        try:
            count = self.stream.readinto(buffer)
        except NodeDead:
            raise
        except BaseException as error:  # noqa: BLE001 - ends the terminal, whatever it is; as on the port
            self._take_off("dupterm: Exception in read() method, deactivating: ", error)
            return None
        finally:
            self._reading = False
        if count == 0:
            self._take_off("dupterm: EOF received, deactivating\n", None)
        if not count:
            return None
        if buffer[0] == self._machine.state.get("kbd_intr", CTRL_C):
            self._machine.cpu.keyboard_interrupt()
            return None
        return buffer[0]

    def copy(self, text: str) -> None:
        """Write what the node prints."""
        if self.stream is None or getattr(getcurrent(), "machine", None) is not self._machine:
            return
        data = text.replace("\n", "\r\n").encode(errors="replace")
        try:
            for start in range(0, len(data), _PIECE_BYTES):
                self.stream.write(data[start : start + _PIECE_BYTES])
        except NodeDead:
            raise
        except BaseException as error:  # noqa: BLE001 - as in _receive
            self._take_off("dupterm: Exception in write() method, deactivating: ", error)

    def _take_off(self, message: str, error: BaseException | None) -> None:
        stream, self.stream = self.stream, None
        self._machine.console.write(message)
        if error is not None:
            self._machine.print_exception(error)
        try:
            stream.close()
        except NodeDead:
            raise
        except BaseException:  # noqa: BLE001 - "Ignore any errors during stream closing"
            pass


def terminal(machine: Machine) -> Terminal:
    """The second terminal of a machine's present life."""
    line: Terminal | None = machine.state.get("dupterm")
    if line is None:
        line = machine.state["dupterm"] = Terminal(machine)
        machine.console.copy = line.copy
    return line
