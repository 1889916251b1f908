"""Clients stay connected although virtual time runs faster than theirs.

The firmware ends a session that is silent for ``soctout`` seconds, on its own clock. At pace 60 that would be less than
two seconds of the person at the keyboard. So while time runs fast, a client that is silent but not yet for so long on
the wall's clock is heard from now and then: a telnet "no operation", which the firmware's framing drops but counts as a
sign of life. The firmware and its configuration stay as they are, and say the same number when they end a session.

Source: RFC 854 (IAC NOP is 255 241).

Limits: only the time-out of silent sessions is stretched; the 20 ms of silence that end a command without newline, and
the 10 s after which a client that does not read is dropped, are virtual.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import lru_cache

from simulator.control.runner import Runner
from simulator.kernel import Event, Kernel
from simulator.lan.bridge import Bridge, BridgedConnection
from simulator.node import Node
from simulator.world import World

NOP = b"\xff\xf1"
#: Signs of life per time-out.
_PER_TIMEOUT = 4
#: The firmware's default of ``soctout``, and its lowest value; see micrOS/source/config_schema.py.
_DEFAULT_S = 100
_LOWEST_S = 3


class SessionKeeper:
    """Keeps bridged sessions alive; :meth:`turn` is to be called between two stretches of virtual time.

    Args:
        world: the nodes.
        bridge: their clients.
        runner: tells whether time runs fast.
        clock: wall clock in seconds, monotonic.
    """

    def __init__(
        self, world: World, bridge: Bridge, runner: Runner, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kernel: Kernel = world.kernel
        self._bridge = bridge
        self._runner = runner
        self._clock = clock
        self._configs: dict[str, bytes] = {}
        self._clients: dict[BridgedConnection, _Client] = {}
        self._next: Event | None = None
        for node in world.nodes.values():
            self._note_config(node)
            node.on_boot.append(lambda node=node: self._note_config(node))  # type: ignore[misc]

    def turn(self) -> None:
        """Begin to watch clients when time runs fast."""
        if self._next is None and self._runner.is_fast:
            self._next = self._kernel.at(self._kernel.now, self._keep)

    def _note_config(self, node: Node) -> None:
        """The firmware reads ``soctout`` when it boots, so what is in the file then counts."""
        path = "/node_config.json"
        self._configs[node.name] = node.flash.read(path) if node.flash.exists(path) else b""
        if self._next is not None:  # its time-out may be a shorter one now
            self._kernel.cancel(self._next)
            self._next = self._kernel.at(self._kernel.now, self._keep)

    def _keep(self) -> None:
        """One round, in virtual time."""
        if not self._runner.is_fast:
            self._next = None
            for client in self._clients.values():
                client.forget()
            self._clients.clear()
            return
        known, self._clients = self._clients, {}
        for connection in self._bridge.connections:
            if connection.ending or connection.eof or connection.error:
                continue
            client = known.get(connection) or _Client(connection, self._clock)
            self._clients[connection] = client
            client.keep(_timeout_s(self._configs.get(connection.node, b"")))
        shortest_s = min(map(_timeout_s, self._configs.values()), default=_DEFAULT_S)
        self._next = self._kernel.after(shortest_s * 1_000_000 // _PER_TIMEOUT, self._keep)


@lru_cache(maxsize=1024)
def _timeout_s(config: bytes) -> int:
    """``soctout`` of a configuration file, as far as there is one."""
    try:
        value = json.loads(config)["soctout"]
    except (ValueError, KeyError, TypeError):
        return _DEFAULT_S
    return value if isinstance(value, int) and value >= _LOWEST_S else _DEFAULT_S


class _Client:
    """When a client was heard last."""

    def __init__(self, connection: BridgedConnection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock
        self._heard_s = clock()
        self._is_ours = False
        connection.on_change(self._changed)

    def _changed(self) -> None:
        if not self._is_ours:
            self._heard_s = self._clock()
        self._connection.on_change(self._changed)

    def forget(self) -> None:
        """Watch it no more."""
        self._connection.off_change(self._changed)

    def keep(self, timeout_s: int) -> None:
        """Send a sign of life, unless the client was silent for too long on its own clock."""
        connection = self._connection
        if connection.rx or self._clock() - self._heard_s >= timeout_s:
            return
        self._is_ours = True
        connection.rx += NOP
        connection.changed()
        self._is_ours = False
