"""Errors of ESP-IDF as the port turns them into ``OSError``.

Source: ports/esp32/mphalport.c (check_esp_err_), ESP-IDF esp_err.h.
"""

from __future__ import annotations

from simulator.micropython.errors import ERRNO, MicroOSError

_CODES = {"ESP_FAIL": -1, "ESP_ERR_INVALID_ARG": 0x102, "ESP_ERR_INVALID_STATE": 0x103, "ESP_ERR_NOT_FOUND": 0x105}
#: Those that become numbers of their own.
_ERRNOS = {"ESP_ERR_NO_MEM": "ENOMEM", "ESP_ERR_TIMEOUT": "ETIMEDOUT", "ESP_ERR_NOT_SUPPORTED": "EOPNOTSUPP"}


def esp_error(name: str) -> MicroOSError:
    """The ``OSError`` for an error name of ESP-IDF: ``OSError(-258, 'ESP_ERR_INVALID_ARG')``."""
    if name in _ERRNOS:
        return MicroOSError(ERRNO[_ERRNOS[name]], name)
    return MicroOSError(-_CODES[name], name)
