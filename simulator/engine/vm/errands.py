"""What an API call has the machine do for it, and variables that a module of the API shares with the program.

Theory of operation. While a thread of the program waits in a call, the machine runs one of the engine's own functions
on it, as it runs a callback: so a file is written by the machine's file system, in the time that this takes, and a
module of the firmware is imported where the firmware's modules are.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from simulator.engine.vm.api import Calls
from simulator.micropython.errors import MicroOSError

#: Numbers of the engine's own functions, see board/_boot.py. Unlike a callback they have an answer.
IMPORT, STORE = -1, -2
_PIECE_BYTES = 512


class Errands:
    """The errands of one life.

    Args:
        calls: the API of that life.
        run: has the machine run one of its functions on the thread that waits, and returns what that returns.

    Attributes:
        answers: what the machine calls meanwhile: name -> function.
    """

    def __init__(self, calls: Calls, run: Callable[[int, list[object]], Any]) -> None:
        self._modules = calls.modules
        self._run = run
        self._names: dict[str, object] | None = None
        self._files: list[bytes] = []
        self.answers: dict[str, Callable[..., Any]] = {
            ".imported": self._note_names,
            ".piece": self._piece,
            ".variable": self._variable,
        }

    def module(self, name: str) -> ModuleType:
        """A module as the API imports it; of the firmware's own, variables that hold plain values.

        Raises:
            ImportError: there is none, or importing it failed.
        """
        if name in self._modules:
            return self._modules[name]
        self._names = None
        self._run(IMPORT, [name])
        if self._names is None:
            raise ImportError(f"no module named '{name}'")
        module = ModuleType(name)
        vars(module).update(self._names)
        return module

    def _note_names(self, names: dict[str, object]) -> None:
        self._names = names

    def store(self, path: str, data: bytes) -> None:
        """Make ``data`` the content of a file.

        Raises:
            OSError: as the machine's file system raises it; the file keeps what it held.
        """
        self._files.append(data)  # a callback that runs while the flash is busy may store another one
        try:
            failed = self._run(STORE, [path, len(self._files) - 1, len(data), _PIECE_BYTES])
        finally:
            self._files.pop()
        if failed:
            raise MicroOSError(failed)

    def _piece(self, file: int, start: int) -> bytes:
        return self._files[file][start : start + _PIECE_BYTES]

    def _variable(self, module: str, name: str, *value: object) -> object:
        """Get a variable of a module, or set it."""
        if value:
            setattr(self._modules[module], name, value[0])
        return getattr(self._modules[module], name)
