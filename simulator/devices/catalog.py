"""Finds the models: every module of this package may hold some."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import simulator.devices


@cache
def load_all() -> None:
    """Import every module of the package, so that :func:`simulator.devices.find_part` knows all kinds."""
    for module in pkgutil.iter_modules(simulator.devices.__path__):
        importlib.import_module(f"simulator.devices.{module.name}")
