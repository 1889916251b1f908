"""``ntptime``, frozen into the port (placeholder until the module's owner replaces it)."""

from __future__ import annotations

from simulator.micropython.errors import os_error

__all__ = ["host", "settime", "time", "timeout"]
host = "pool.ntp.org"
timeout = 1


def time() -> int:
    """Ask the time server."""
    raise os_error("ETIMEDOUT")


def settime() -> None:
    """Set the clock from the time server."""
    time()
