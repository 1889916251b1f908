"""Brings a board into the state a test asks for.

::

    off --(power_on, wait_ready)--> running --(power_off)--> off

A board that failed to reach a state stays out of use; :mod:`hil.fixtures` tells the first cause to every later test.
"""

from __future__ import annotations

from typing import Protocol

from hil.protocols import ConsoleProtocol, PowerProtocol, ShellProtocol
from hil.resources import BoardResource

_BOOT_TIMEOUT_S = 60.0


class BoardDriver(PowerProtocol, ConsoleProtocol, ShellProtocol, Protocol):
    """What the strategy needs of a driver."""

    resource: BoardResource

    def settle(self, seconds: float) -> None:
        """Let the board's time pass."""

    def release(self) -> None:
        """Free what the board holds."""


class BoardStrategy:
    """One board and its state.

    Args:
        driver: reaches the board.

    Attributes:
        state: ``off`` or ``running``.
    """

    def __init__(self, driver: BoardDriver) -> None:
        self.driver = driver
        self.state = "off"

    def to_off(self) -> None:
        """Cut the power."""
        self.driver.power_off()
        self.state = "off"

    def to_running(self) -> None:
        """Have it powered and its shell answering.

        Raises:
            BoardError: it does not come up.
        """
        if self.state == "running":
            return
        self.driver.power_on()
        self.driver.wait_ready(_BOOT_TIMEOUT_S)
        self.state = "running"

    def power_cycle(self, off_s: float = 1.0) -> None:
        """Cut the power for ``off_s`` seconds and boot again."""
        self.to_off()
        self.driver.settle(off_s)
        self.to_running()
