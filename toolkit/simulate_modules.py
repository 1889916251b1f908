"""``--lm`` and ``--watch``: the user's own Load Modules on the nodes, loaded again when they are saved."""

from __future__ import annotations

import linecache
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from simulator.control.modules import Done, syntax_problem
from simulator.engine.code import store
from simulator.node import Node
from toolkit.errors import ToolkitError

#: Files are looked at this often. Polling works on every file system and needs nothing installed.
POLL_S = 0.3
#: A file that is absent for so long is gone; editors that save by renaming are quicker.
GONE_S = 1.0

Say = Callable[[str], object]
#: Modification time, size and inode: what changes when a file is saved.
_Stamp = tuple[int, int, int]


class OwnModule:
    """One file of ``--lm``.

    Raises:
        ToolkitError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.stamp = _stamp(path)
        try:
            self.source = path.read_bytes()
        except OSError as error:
            raise ToolkitError(f"cannot read {path}: {error.strerror}") from error
        self._register()

    @property
    def is_there(self) -> bool:
        """There is something at its path."""
        return _stamp(self.path) is not None

    @property
    def flash_path(self) -> str:
        """Where it goes on the node: the root, where it wins over a built-in module of that name."""
        return f"/{self.name}"

    def take_changes(self) -> bool:
        """Look at the file; True if it was saved since the last time. An empty or absent one is just being written."""
        stamp = _stamp(self.path)
        if stamp is None or stamp == self.stamp:
            return False
        try:
            source = self.path.read_bytes()
        except OSError:
            return False
        if not source or _stamp(self.path) != stamp:
            return False
        self.stamp = stamp
        if source == self.source:
            return False
        self.source = source
        self._register()
        return True

    def _register(self) -> None:
        """Let debuggers and tracebacks show the person's own file."""
        path = str(self.path.resolve())
        linecache.cache.pop(path, None)
        store().register_origin(self.flash_path, self.source, path)


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def load(paths: Iterable[Path], say: Say) -> list[OwnModule]:
    """Read the files of ``--lm`` and say which do not compile.

    Raises:
        ToolkitError: one cannot be read.
    """
    modules = [OwnModule(path) for path in paths]
    for module in modules:
        problem = syntax_problem(module.name, module.source)
        if problem is not None:
            say(problem)
    return modules


class Watcher:
    """Puts saved files on the nodes; :meth:`turn` is to be called between two stretches of virtual time.

    Args:
        files: what to watch.
        nodes: where they go.
        give: called with a changed file's path on flash and content, before it goes to the nodes.
        reload: puts it on one node (:meth:`simulator.control.modules.Modules.reload`).
        say: takes one line for the person.
        clock: wall clock in seconds, monotonic.
    """

    def __init__(
        self,
        files: Sequence[OwnModule],
        nodes: Sequence[Node],
        give: Callable[[str, bytes], object],
        reload: Callable[[Node, str, bytes, Done], object],
        say: Say,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._nodes = nodes
        self._give = give
        self._reload_on = reload
        self._say = say
        self._clock = clock
        self._next_s = 0.0
        self._missing: dict[OwnModule, float] = {}  # since when
        self._gone: set[OwnModule] = set()  # those that were told of

    def turn(self) -> None:
        """Look at the files, if it is time."""
        now_s = self._clock()
        if now_s < self._next_s:
            return
        self._next_s = now_s + POLL_S
        for file in self._files:
            self._look_for(file, now_s)
            if file.take_changes():
                self._changed(file)

    def _look_for(self, file: OwnModule, now_s: float) -> None:
        if file.is_there:
            self._missing.pop(file, None)
            if file in self._gone:
                self._gone.remove(file)
                self._say(f"{file.name} is back")
        elif now_s - self._missing.setdefault(file, now_s) >= GONE_S and file not in self._gone:
            self._gone.add(file)
            self._say(f"{file.name} is gone: the nodes keep what they have until it is back ({file.path})")

    def _changed(self, file: OwnModule) -> None:
        problem = syntax_problem(file.name, file.source)
        if problem is not None:
            self._say(f"{problem} (the nodes keep the old one)")
            return
        self._give(file.flash_path, file.source)
        for node in self._nodes:
            self._reload(file, node)

    def _reload(self, file: OwnModule, node: Node) -> None:
        def done(trouble: str | None) -> None:
            if trouble is None:
                self._say(f"reloaded {file.name} ({node.name})")
            else:
                self._say(f"cannot reload {file.name} ({node.name}): {trouble}")

        try:
            self._reload_on(node, file.name, file.source, done)
        except OSError as error:
            done(str(error))
