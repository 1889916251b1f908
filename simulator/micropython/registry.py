"""Which modules a node can import, and in what order they are found.

Theory of operation (py/builtinimport.c and py/objmodule.c of MicroPython 1.28). For ``import name``, first the module
table; then *built-in* modules, which files cannot replace, among them ``usys`` and the extensible ones by a name with
``u`` (``utime`` is ``time``); then ``sys.path``, where the entry ``.frozen`` stands for the *frozen* ones; last,
*extensible* built-in modules, which a file of the same name replaces.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from simulator.micropython.runtime import Machine

_BUILTIN = (
    "_onewire",
    "_thread",
    "_webrepl",
    "cmath",
    "esp",
    "esp32",
    "framebuf",
    "gc",
    "math",
    "micropython",
    "network",
    "sys",
)
_EXTENSIBLE = (
    "array",
    "binascii",
    "collections",
    "errno",
    "hashlib",
    "heapq",
    "io",
    "json",
    "machine",
    "os",
    "platform",
    "random",
    "re",
    "select",
    "socket",
    "struct",
    "time",
    "websocket",
)
_FROZEN = ("asyncio", "dht", "ds18x20", "neopixel", "ntptime", "onewire", "uasyncio", "webrepl")
#: Frozen only into the firmware of boards that name them in ``Board.modules``.
_BOARD = ("dotstar", "tinypico")

_PACKAGE = "simulator.micropython."
_exported: dict[str, dict[str, object]] = {}


def find_builtin(name: str) -> str | None:
    """The host module for a built-in that files cannot replace, or None; knows the ``u`` names."""
    if name == "usys" or (name[:1] == "u" and name[1:] in _EXTENSIBLE):
        return _PACKAGE + name[1:]
    return _PACKAGE + name if name in _BUILTIN else None


def find_extensible(name: str) -> str | None:
    """The host module for a built-in that a file may replace, or None."""
    return _PACKAGE + name if name in _EXTENSIBLE else None


def find_frozen(name: str, machine: Machine) -> str | None:
    """The host module for a frozen module of this board, or None."""
    if name == "uasyncio":
        return _PACKAGE + "asyncio"
    if name in _FROZEN or (name in _BOARD and name in machine.board.modules):
        return _PACKAGE + name
    return None


def names(machine: Machine) -> list[str]:
    """Every importable name of the port on this board, sorted; for ``help('modules')`` and the contract test."""
    return sorted({*_BUILTIN, *_EXTENSIBLE, *_FROZEN, *machine.board.modules})


def build(name: str, host_name: str, machine: Machine) -> ModuleType:
    """Make a node's own module object from a shared host module.

    Args:
        name: as the node imported it.
        host_name: what one of the ``find_*`` functions returned.
        machine: whose ``exports`` to add.
    """
    host = importlib.import_module(host_name)
    shared = _exported.get(host_name)
    if shared is None:
        shared = _exported[host_name] = {key: getattr(host, key) for key in host.__all__}
    module = ModuleType(name.removeprefix("u") if name != "uctypes" else name)
    vars(module).clear()
    module.__name__ = name
    vars(module).update(shared)
    exports = getattr(host, "exports", None)
    if exports is not None:
        vars(module).update(exports(machine))
    return module
