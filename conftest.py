"""Fixtures for everybody who tests on simulated nodes, Load Module authors first.

Example::

    def test_heartbeat_answers(shell):
        assert shell("system heartbeat") == "<3 heartbeat <3"

``world`` is virtual time, ``node`` a booted node in it, ``shell`` a session on that node, ``bare`` a board with
MicroPython and no firmware.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from simulator.micropython.runtime import Machine
    from simulator.node import Node
    from simulator.shell import Shell
    from simulator.world import World

#: The options ``--engine`` and ``--vm-heap``.
pytest_plugins = ("simulator.parity.plugin",)


@pytest.fixture
def world() -> Iterator[World]:
    """An empty world with seed 0; its nodes are switched off after the test.

    A fault of its LAN that was started and never struck fails the test.
    """
    from simulator.world import World

    with World(seed=0) as world:
        yield world


@pytest.fixture
def node(world: World) -> Node:
    """A node with the project's firmware that has booted and listens on its shell's port."""
    node = world.add_node("node01")
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    return node


@pytest.fixture
def shell(world: World, node: Node) -> Shell:
    """A shell session on ``node``; call it with a command line to get the reply."""
    return world.shell(node)


class BareBoard:
    """A board with MicroPython and an empty flash, at its REPL.

    Attributes:
        world: its world.
        node: the node.
        machine: its silicon.
    """

    def __init__(self, world: World, node: Node) -> None:
        self.world = world
        self.node = node

    @property
    def machine(self) -> Machine:
        """The silicon of the node."""
        return self.node.machine

    def run(self, source: str, *, timeout_s: float = 60.0) -> str:
        """Execute source in ``__main__`` and return what was printed.

        Raises:
            NodeError: the source raised.
        """
        return self.world.run_on(self.node, source, timeout_s=timeout_s)


@pytest.fixture
def bare(world: World) -> BareBoard:
    """A board with MicroPython and no firmware, waiting at its REPL."""
    node = world.add_node("bare", firmware=False)
    world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
    return BareBoard(world, node)
