"""The world a micrOS node lives in: virtual time, boards, wires, network.

Example::

    from simulator import World

    world = World(seed=1)
    node = world.add_node("node01")
    world.run_until(lambda: node.listening(9008), timeout_s=30)

It knows nothing of the host tool (``toolkit``) or the rig (``hil``), and the
firmware (``micrOS``) knows nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.node import Node
    from simulator.world import World

__all__ = ["Node", "World"]


def __getattr__(name: str) -> object:
    """Import the façade's names on first use, so that a part can be used without the whole."""
    if name == "World":
        from simulator.world import World

        return World
    if name == "Node":
        from simulator.node import Node

        return Node
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")
