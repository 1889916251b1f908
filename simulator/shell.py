"""A client of a node's TCP shell, in virtual time, for tests and LM authors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulator.errors import StateError, WaitTimeout

if TYPE_CHECKING:
    from simulator.node import Node
    from simulator.world import World

#: A prompt: optional ``[configure] `` or ``[password] ``, name, blank, ``$``, two blanks.
_PROMPT = re.compile(rb"(?:\A|\n)((?:\[\w+\] )?[^\n]* \$  )\Z")
_PROMPT_END = b" $  "


class Shell:
    """One session. Call it with a command line; it returns the reply without the prompt.

    Args:
        world: whose time passes while it waits.
        node: the node to talk to.
        port: of its shell.

    Attributes:
        prompt: the last prompt, e.g. ``node01 $  ``.
    """

    def __init__(self, world: World, node: Node, *, port: int = 9008) -> None:
        self._world = world
        self._node = node
        self.prompt = ""
        address = world.lan.address(node.machine)
        self._connection = world.lan.client("shell").connect(address, port)
        self._read_reply(10.0, "the greeting")

    def __call__(self, command: str, *, timeout_s: float = 30.0) -> str:
        """Send a command and return its reply, lines joined by newlines, without the last newline.

        Raises:
            WaitTimeout: no prompt came back within ``timeout_s`` virtual seconds.
            StateError: the session is closed.
        """
        if self.closed:
            raise StateError("the session is closed")
        self._connection.send(command.encode() + b"\n")
        return self._read_reply(timeout_s, repr(command))

    @property
    def closed(self) -> bool:
        """True once the node has closed the session."""
        return self._connection.closed

    def _read_reply(self, timeout_s: float, what: str) -> str:
        received = self._connection.received
        try:
            self._world.run_until(lambda: self.closed or received.endswith(_PROMPT_END), timeout_s=timeout_s)
        except WaitTimeout:
            raise WaitTimeout(
                f"{self._node.name}: no prompt after {what} within {timeout_s:g} s; got {bytes(received)!r}"
            ) from None
        data = bytes(received)
        received.clear()
        match = _PROMPT.search(data)
        if match:
            self.prompt = match[1].decode()
            data = data[: match.start(1)]
        return data.decode().removesuffix("\n")

    def close(self) -> None:
        """Close the session from this side."""
        self._connection.close()
