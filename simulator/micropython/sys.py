"""``sys`` of the ESP32 port.

Source: py/modsys.c, ports/esp32/mpconfigport.h.

Limits: ``stdin`` reads what was typed at the console line by line; ``settrace`` and ``ps1`` are not there.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from simulator.micropython._builtin import Builtin
from simulator.micropython.port import MPY, RELEASE, VERSION
from simulator.micropython.runtime import Machine, running

__all__ = ["byteorder", "exit", "print_exception", "version_info"]

byteorder = "little"
version_info = (3, 4, 0)


class _Implementation(tuple[Any, ...], metaclass=Builtin):
    """``sys.implementation``: a tuple whose fields have names."""

    __slots__ = ()
    name = property(itemgetter(0))
    version = property(itemgetter(1))
    _machine = property(itemgetter(2))
    _mpy = property(itemgetter(3))
    _build = property(itemgetter(4))


#: Source: MP_SSIZE_MAX on a 32-bit machine.
_MAXSIZE = 0x7FFFFFFF


def exit(retval: object = None, /) -> None:
    """End the program: in ``boot.py`` and ``main.py`` that is a soft reset."""
    raise SystemExit(*(() if retval is None else (retval,)))


def print_exception(exc: BaseException, file: Any = None, /) -> None:
    """Print an exception with its traceback to ``file`` or the console."""
    machine = running()
    if file is None:
        machine.print_exception(exc)
    else:
        file.write(machine.format_exception(exc))


class _ConsoleStream:
    """``sys.stdout`` and friends."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def write(self, text: str | bytes) -> int:
        """Print ``text``."""
        self._machine.cpu.charge(5)
        self._machine.console.write(text if isinstance(text, str) else text.decode())
        return len(text)

    def read(self, n: int = -1) -> str:
        """What was typed so far; never waits."""
        return self.readline()

    def readline(self) -> str:
        """The next typed line, "" if there is none."""
        self._machine.cpu.charge(5)
        line = self._machine.console.read_line()
        return "" if line is None else line + "\n"


def exports(machine: Machine) -> dict[str, object]:
    """The names that differ per node; ``modules`` and ``path`` are added by the engine."""
    stream = _ConsoleStream(machine)
    release = [int(part) for part in RELEASE.split(".")]
    return {
        "argv": [],
        "implementation": _Implementation(("micropython", (*release, ""), machine.board.machine_text, MPY, "ESP32")),
        "maxsize": _MAXSIZE,
        "platform": machine.board.platform,
        "stderr": stream,
        "stdin": stream,
        "stdout": stream,
        "version": f"3.4.0; MicroPython {VERSION}",
    }
