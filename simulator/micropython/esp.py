"""``esp`` of the ESP32 port.

Source: ports/esp32/modesp.c, docs/library/esp.rst (v1.28); a module with 4 MB of flash, the file system at 2 MB as in
ports/esp32/partitions-4MiB.csv.

Limits: ``osdebug`` keeps the level but ESP-IDF's log lines are not modelled; ``flash_read``, ``flash_write``,
``flash_erase``, ``gpio_matrix_in`` and ``gpio_matrix_out`` raise NotImplementedError.
"""

from __future__ import annotations

from typing import Any, NoReturn

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython.runtime import running

__all__ = [
    "LOG_DEBUG",
    "LOG_ERROR",
    "LOG_INFO",
    "LOG_NONE",
    "LOG_VERBOSE",
    "LOG_WARNING",
    "flash_erase",
    "flash_read",
    "flash_size",
    "flash_user_start",
    "flash_write",
    "gpio_matrix_in",
    "gpio_matrix_out",
    "osdebug",
]

#: Source: esp_log_level_t of ESP-IDF.
LOG_NONE = 0
LOG_ERROR = 1
LOG_WARNING = 2
LOG_INFO = 3
LOG_DEBUG = 4
LOG_VERBOSE = 5

_CALL_US = 2
_FLASH_BYTES = 4 * 1024 * 1024
_USER_START = 0x200000


def osdebug(uart_no: int | None, level: int = ABSENT, /) -> None:
    """Set how much ESP-IDF logs: up to ``level``, everything without one, errors only for ``None``."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    wanted = LOG_VERBOSE if level is ABSENT else to_int(level)
    machine.state["esp.log_level"] = LOG_ERROR if uart_no is None else wanted


def flash_size() -> int:
    """Bytes of the flash chip."""
    running().cpu.charge(_CALL_US)
    return _FLASH_BYTES


def flash_user_start() -> int:
    """Offset at which the file system begins."""
    running().cpu.charge(_CALL_US)
    return _USER_START


def flash_read(byte_offset: int, length_or_buffer: Any, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp.flash_read() is not modelled")


def flash_write(byte_offset: int, bytes: Any, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp.flash_write() is not modelled")


def flash_erase(sector_no: int, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp.flash_erase() is not modelled")


def gpio_matrix_in(pin: int, sig: int, inv: Any, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp.gpio_matrix_in() is not modelled")


def gpio_matrix_out(pin: int, sig: int, invout: Any, invoe: Any, /) -> NoReturn:
    """Not modelled."""
    raise NotImplementedError("esp.gpio_matrix_out() is not modelled")
