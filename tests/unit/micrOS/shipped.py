"""Where the firmware's files lie on a node's flash: as sources on one engine, compiled on the other, as they ship."""

from __future__ import annotations

from typing import Any


def on_flash(node: Any, path: str) -> str:
    """The path that a file of the firmware has on this node: ``/hal.py`` or ``/hal.mpy``."""
    compiled = path.removesuffix(".py") + ".mpy"
    return compiled if node.ships_bytecode and not node.flash.exists(path) else path
