"""A board of the simulator as a board of the rig: L0, in virtual time.

All waits are of virtual time, so a test of a 30 s time-out takes milliseconds.
"""

from __future__ import annotations

from hil.errors import BoardError
from hil.resources import BoardResource
from simulator.errors import SimulatorError
from simulator.shell import Shell
from simulator.world import World

_SHELL_PORT = 9008


class SimulatedBoardDriver:
    """Power, console and shell of one simulated board in a world of its own.

    Args:
        resource: which board.

    Raises:
        BoardError: the simulator has no such board.
    """

    def __init__(self, resource: BoardResource) -> None:
        self.resource = resource
        self._world = World(seed=resource.name)
        self._session: Shell | None = None
        try:
            self._node = self._world.add_node(resource.name, board=resource.board, power=False)
        except SimulatorError as error:
            raise BoardError(resource.name, str(error)) from error

    def power_on(self) -> None:
        """Give it power; returns at once."""
        self._node.power_on()

    def power_off(self) -> None:
        """Cut the power at once; what was not durable on flash is lost."""
        self._session = None
        self._node.power_off()

    def console_text(self) -> str:
        """What the board printed, the newest 64 kB at most."""
        return self._node.console.text()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the shell listens.

        Raises:
            BoardError: it does not within ``timeout_s`` virtual seconds; the console's end is in the text.
        """
        try:
            self._world.run_until(lambda: self._node.listening(_SHELL_PORT), timeout_s=timeout_s)
        except SimulatorError as error:
            console_end = self.console_text()[-400:]
            raise BoardError(self.resource.name, f"{error}; console ends with {console_end!r}") from error

    def shell(self, command: str, *, timeout_s: float = 30.0) -> str:
        """Send one command and return the reply without the prompt.

        Raises:
            BoardError: no reply, or the session is closed.
        """
        try:
            if self._session is None or self._session.closed:
                self._session = self._world.shell(self._node)
            return self._session(command, timeout_s=timeout_s)
        except SimulatorError as error:
            raise BoardError(self.resource.name, f"{command!r}: {error}") from error

    def close_session(self) -> None:
        """End the session; the next command opens a new one."""
        if self._session is not None and not self._session.closed:
            self._session.close()
        self._session = None

    def settle(self, seconds: float) -> None:
        """Let the board's time pass."""
        self._world.run_for(seconds)

    def release(self) -> None:
        """Switch off and free what the board holds."""
        self.close_session()
        self._world.close()
