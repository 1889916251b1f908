"""Finds the models: every module of this package may hold some, and so may a file of the user's own."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from pathlib import Path

import simulator.devices
from simulator.errors import UsageError


@cache
def load_all() -> None:
    """Import every module of the package, so that :func:`simulator.devices.find_part` knows all kinds."""
    for module in pkgutil.iter_modules(simulator.devices.__path__):
        importlib.import_module(f"simulator.devices.{module.name}")


@cache
def load_file(path: Path) -> None:
    """Execute a Python file that makes models known; once per process, however often it is asked for.

    Raises:
        UsageError: it cannot be read, or raises; the text names file and line.
    """
    spec = importlib.util.spec_from_file_location(f"models_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: a file of models is named *.py")
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except Exception as error:  # the user's own code; where it failed is what helps
        raise UsageError(f"{path}{_line(error, path)}: {type(error).__name__}: {error}") from error


def _line(error: Exception, path: Path) -> str:
    """``:12``, the line of a file that an error came through last; empty if it did not."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    line, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return line
