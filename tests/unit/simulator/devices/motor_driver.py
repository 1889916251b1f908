"""Installs ``micropython-motor`` from PyPI, as it is, on a node: drivers for servos, steppers and DC motors."""

from __future__ import annotations

import importlib.metadata

PACKAGE = "micropython-motor"


def install(node) -> None:
    """Put the package's files under ``/lib``."""
    files = [path for path in importlib.metadata.files(PACKAGE) or [] if path.suffix == ".py"]
    node.install({f"/lib/{path}": path.read_binary() for path in files})
