"""``webrepl`` of the port: configuration is checked, the service is not modelled yet.

Source: micropython-lib micropython/net/webrepl/webrepl.py, extmod/modwebrepl.c (the password has at most 9 characters).

Limits: everything that would need the WebSocket REPL raises NotImplementedError naming the call; so nothing ever
runs that ``stop`` could stop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from simulator.micropython._text import buffer_of, text_of
from simulator.micropython.runtime import running

__all__ = [
    "DEBUG",
    "accept_conn",
    "client_s",
    "listen_s",
    "send_html",
    "server_handshake",
    "setup_conn",
    "start",
    "start_foreground",
    "static_host",
    "stop",
]

_CALL_US = 50
_PASSWORD_MAX = 9

listen_s = None
client_s = None
DEBUG = 0
static_host = "https://micropython.org/webrepl/"


def _missing(call: str) -> NoReturn:
    running().cpu.charge(_CALL_US)
    raise NotImplementedError(f"webrepl.{call}")


def server_handshake(cl: Any) -> bool:
    """Not modelled."""
    _missing("server_handshake")


def send_html(cl: Any) -> None:
    """Not modelled."""
    _missing("send_html")


def setup_conn(port: int, accept_handler: Callable[[Any], object] | None) -> Any:
    """Not modelled."""
    _missing("setup_conn")


def accept_conn(listen_sock: Any) -> bool:
    """Not modelled."""
    _missing("accept_conn")


def stop() -> None:
    """End the service; nothing happens if it does not run."""
    running().cpu.charge(_CALL_US)


def start(
    port: int = 8266,
    password: str | None = None,
    accept_handler: Callable[[Any], object] | None = accept_conn,
) -> None:
    """Check the password; the service itself is not modelled.

    Raises:
        ValueError: the password is longer than 9 bytes.
        NotImplementedError: otherwise.
    """
    stop()
    if password is not None and len(buffer_of(text_of(password))) > _PASSWORD_MAX:
        raise ValueError
    _missing("start")


def start_foreground(port: int = 8266, password: str | None = None) -> None:
    """As :func:`start`.

    Raises:
        ValueError: the password is longer than 9 bytes.
        NotImplementedError: otherwise.
    """
    start(port, password, None)
