"""Load Modules on running nodes: check a file, put it on the flash, have the node load it anew.

The node unloads a module with its own firmware's ``InterpreterCore.unload``, in a thread of its own, so this works
whatever the node's network, password or number of sessions is. That calls the module's ``deinit()`` and frees the pins,
timers and interrupts that the firmware booked for it. Timers and pin interrupts that the module made by itself are
stopped by the simulator, which knows whose callback they have. The next command imports the new file.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.engine.code import instrument
from simulator.errors import NodeError, StateError
from simulator.micropython._owned import stop_interrupts
from simulator.node import Node, Run

NAME = re.compile(r"LM_[A-Za-z0-9_]+\.py")
_UNLOAD = "import InterpreterCore\nInterpreterCore.unload('{}')\n"

#: Called with None when the module is ready to be loaded anew, else with what went wrong, one line.
Done = Callable[["str | None"], object]


def syntax_problem(name: str, source: bytes) -> str | None:
    """What is wrong with a module's source, as ``LM_x.py:3: text``; None if it compiles."""
    try:
        instrument(source.decode(), name)
    except SyntaxError as error:
        return f"{name}:{error.lineno or 1}: {error.msg}"
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        return f"{name}:{line}: no UTF-8 text"
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; nested too deep
        return f"{name}:1: {error or 'too complex'}"
    return None


class Modules:
    """Reloads modules; :meth:`turn` is to be called between two stretches of virtual time."""

    def __init__(self) -> None:
        self._unloading: list[_Unloading] = []

    def reload(self, node: Node, name: str, source: bytes, done: Done) -> None:
        """Put a module into the root of a node's flash and have the node forget the one it runs.

        Args:
            node: on which node; one that is off loads the file when it boots.
            name: file name, ``LM_x.py``.
            source: its content.
            done: called when that is done, or has failed.

        Raises:
            OSError: the flash takes no more.
        """
        node.flash.write("/" + name, source)
        try:
            run = node.start(_UNLOAD.format(name.removesuffix(".py")))
        except StateError:
            done(None)
            return
        self._unloading.append(_Unloading(node, run, name.removesuffix(".py"), done))

    def turn(self) -> None:
        """Tell those whose unloading has ended."""
        if self._unloading:
            ended = [job for job in self._unloading if job.ended]
            self._unloading = [job for job in self._unloading if job not in ended]
            for job in ended:
                job.tell()


class _Unloading:
    """One module that a node is about to forget."""

    def __init__(self, node: Node, run: Run, module: str, done: Done) -> None:
        self._node = node
        self._run = run
        self._module = module
        self._boots = node.boots
        self._done = done

    @property
    def ended(self) -> bool:
        return self._run.done or self._is_reset()

    def _is_reset(self) -> bool:
        return self._node.boots != self._boots or not self._node.powered

    def tell(self) -> None:
        if not self._is_reset():
            stop_interrupts(self._node.machine, self._module)
        try:
            self._run.check()
        except NodeError as error:
            self._done(str(error).strip().splitlines()[-1])
        else:
            self._done(None)
