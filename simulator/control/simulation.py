"""A world that runs for people: what the control channel and the live view can reach."""

from __future__ import annotations

from simulator.control.modules import Modules
from simulator.control.runner import Runner
from simulator.errors import UsageError
from simulator.node import Node
from simulator.world import World


class Simulation:
    """A world, the loop that runs it, and where its nodes are reached.

    Args:
        world: nodes, network, time.
        runner: the loop.
        version: of the firmware.
        addresses: node name -> (host, port) of its shell on this computer.

    Attributes:
        world: nodes, network, time.
        runner: the loop.
        version: of the firmware.
        addresses: node name -> (host, port) of its shell on this computer.
        modules: reloads Load Modules.
    """

    def __init__(
        self, world: World, runner: Runner, *, version: str = "", addresses: dict[str, tuple[str, int]] | None = None
    ) -> None:
        self.world = world
        self.runner = runner
        self.version = version
        self.addresses = addresses if addresses is not None else {}
        self.modules = Modules()
        runner.on_turn.append(self.modules.turn)

    def node(self, name: str) -> Node:
        """A node by its name.

        Raises:
            UsageError: there is none.
        """
        node = self.world.nodes.get(name)
        if node is None:
            names = list(self.world.nodes)
            shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
            raise UsageError(f"no node {name[:40]!r}; there are: {shown}")
        return node
