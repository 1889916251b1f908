"""What a test can do with a board."""

from __future__ import annotations

from typing import Protocol


class PowerProtocol(Protocol):
    """A board whose power can be switched."""

    def power_on(self) -> None:
        """Give it power; returns at once."""

    def power_off(self) -> None:
        """Cut the power at once, without warning to the firmware."""


class ConsoleProtocol(Protocol):
    """A board whose serial output can be read."""

    def console_text(self) -> str:
        """What it printed since the driver was made; the newest 64 kB at most."""


class ShellProtocol(Protocol):
    """A board whose TCP shell can be reached."""

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the shell answers; raises BoardError after ``timeout_s`` of the board's time."""

    def shell(self, command: str, *, timeout_s: float = 30.0) -> str:
        """Send one command in the board's session and return the reply without the prompt."""

    def close_session(self) -> None:
        """End the session; the next command opens a new one."""
