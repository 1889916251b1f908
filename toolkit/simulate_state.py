"""Where ``--simulate`` keeps what nodes have written: one folder per node, in a directory that one process has.

Theory of operation. A node's flash starts with the *given* files: the firmware as it is installed now, and the files of
``--lm``. What the node changes beside them is *kept*: a second :class:`~simulator.micropython.flash.Flash` holds it and
nothing else, and a :class:`~simulator.flash_dir.FlashDir` mirrors that one. Each durable step of the node becomes one
durable step of the kept flash, so a process that is killed leaves the state before or after a step.

At the next start kept files win over the firmware's, since only the node itself (an update over the air) can have made
them; files of ``--lm`` win over both.

A throw-away directory goes with its process. One whose process was killed goes at the next such start: it is known by
a mark, which it gets once it is locked, and by its lock, which is free then.

Nodes on the engine ``micropython`` have a real flash image instead (:mod:`toolkit.simulate_image`), in a folder of
their own: the two engines do not see each other's state.

Limits: a given file that the node removed or renamed is back at the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from simulator.control.address import find
from simulator.engine.engines import MICROPYTHON
from simulator.errors import StateError
from simulator.flash_dir import DirLock, FlashDir
from simulator.micropython.flash import Flash
from simulator.node import Node
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.simulate_image import FlashImage

_CONFIG = "/node_config.json"
_SHELL_PORT = 9008
_SHOWN_PATHS = 5
_FRESH = "micros-"
#: Marks a throw-away directory; holds the number of its process, for people.
_FRESH_MARK = "%fresh"


class StateDir:
    """The state of one run; a context manager.

    Args:
        path: its directory; None for the one of ``MICROS_STATE_DIR``, else one of the user's.
        is_fresh: keep nothing; the directory is a temporary one for ``control.json``, and removed at the end. Those of
            killed processes are removed now.
        say: takes one line for the person, when keeping has failed.

    Attributes:
        path: its directory.

    Raises:
        ToolkitError: it cannot be made, or another process has it.
    """

    def __init__(self, path: Path | None, *, is_fresh: bool, say: Callable[[str], object]) -> None:
        self._is_fresh = is_fresh
        self._say = say
        self._lock: DirLock | None = None
        self._given: dict[str, bytes] = {}
        self._own: set[str] = set()
        self._mirrors: list[FlashDir] = []
        self._images: dict[str, FlashImage] = {}
        if is_fresh:
            self._make_fresh()
        else:
            self.path = path or _default_dir()
            self._take()

    def _make_fresh(self) -> None:
        import tempfile

        try:
            _remove_left(Path(tempfile.gettempdir()))
            self.path = Path(tempfile.mkdtemp(prefix=_FRESH))
        except OSError as error:
            raise ToolkitError(f"cannot make a temporary directory: {error.strerror}") from error
        with contextlib.suppress(OSError, StateError):  # without a lock it works too, and is left if it is killed
            self._lock = DirLock(self.path)
            (self.path / _FRESH_MARK).write_text(f"{os.getpid()}\n")

    def _take(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)  # the nodes' configurations hold passwords
            self._lock = DirLock(self.path)
            (self.path / _FRESH_MARK).unlink(missing_ok=True)  # one that was thrown away is kept from now on
        except StateError:
            raise ToolkitError(
                f"another simulator{self._holder()} runs on {self.path}: "
                "give this one another --state DIR (or --fresh) and another --port"
            ) from None
        except OSError as error:
            raise ToolkitError(f"cannot use {self.path}: {error.strerror} (--state names another place)") from error

    def _holder(self) -> str:
        try:
            return f" (process {find(self.path).pid})"
        except StateError:  # it has not got so far
            return ""

    def give(self, path: str, data: bytes) -> None:
        """A file of ``--lm``, new or changed: it is given to the nodes, not kept.

        Raises:
            StateError: a node's folder cannot be written.
        """
        self._own.add(path)
        self._given[path] = data
        for image in self._images.values():
            image.note(path, data)

    def image(self, name: str, capacity_bytes: int) -> Path | None:
        """File of the flash image of a node on the engine ``micropython``; None if nothing is kept.

        Raises:
            StateError: the node's folder cannot be used.
        """
        if self._is_fresh:
            return None
        from toolkit.simulate_image import FlashImage

        self._images[name] = FlashImage(self.path / f"{name}.{MICROPYTHON}", capacity_bytes)
        return self._images[name].path

    def fill(
        self, node: Node, firmware: Mapping[str, bytes], config: Mapping[str, object] | None = None
    ) -> list[str]:
        """Put firmware, kept files and those of :meth:`give` on a node's flash, and keep from now on what it changes.

        Args:
            node: whose flash.
            firmware: flash path -> content.
            config: keys of its configuration, for a node that has kept nothing yet.

        Returns:
            Lines for the person: which of its own files a node runs instead of the firmware's.

        Raises:
            StateError: the node's folder cannot be read or written.
        """
        self._given = {**firmware, **{path: self._given[path] for path in self._own}}
        if node.engine == MICROPYTHON:
            return self._fill_image(node, firmware, config or {})
        kept = Flash(capacity_bytes=node.flash.capacity_bytes)
        if not self._is_fresh:
            self._mirror(node, kept)
        mine = {path: data for path, data in kept.files().items() if path not in self._own}
        node.install({path: data for path, data in self._given.items() if has_room(kept, path)})
        for folder in kept.folders():
            if not node.flash.exists(folder):
                node.flash.mkdir(folder)
        node.install(mine)
        node.flash.on_commit = _Keeper(node.flash, kept, self).on_commit
        if not kept.files():
            self._name(node, config or {})
        return _notice(node, [path for path in mine if firmware.get(path, mine[path]) != mine[path]])

    def _fill_image(self, node: Node, firmware: Mapping[str, bytes], config: Mapping[str, object]) -> list[str]:
        image = self._images.get(node.name)
        if image is None:
            node.install(self._given)
            self._name(node, config)
            return []
        mine = image.fill(node, self._given, self._own)
        if image.is_new:
            self._name(node, config)
            image.complete()
        return _notice(node, [path for path in mine if {path, _compiled(path)} & firmware.keys()])

    @staticmethod
    def _name(node: Node, config: Mapping[str, object]) -> None:
        node.flash.write(_CONFIG, json.dumps({"devfid": node.name, **config}).encode())

    def _mirror(self, node: Node, kept: Flash) -> None:
        mirror = FlashDir(self.path / node.name)
        self._mirrors.append(mirror)
        mirror.on_failure = lambda error: self._say(f"{node.name}: {error}")
        mirror.load(kept)
        mirror.attach(kept)

    def is_given(self, path: str, data: bytes | None = None) -> bool:
        """Whether a file, with this content, comes from the installation or from ``--lm``."""
        return path in self._given and (data is None or self._given[path] == data)

    def is_own(self, path: str) -> bool:
        """Whether a file is one of ``--lm``."""
        return path in self._own

    def __enter__(self) -> StateDir:
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for mirror in self._mirrors:
            mirror.close()
        if self._lock is not None:
            self._lock.release()
        if self._is_fresh:
            import shutil

            shutil.rmtree(self.path, ignore_errors=True)


def _remove_left(temp: Path) -> None:
    """Remove throw-away directories of processes that were killed; those of other users are left alone."""
    for folder in temp.glob(f"{_FRESH}*"):
        try:
            if not _is_own_fresh(folder):
                continue
            DirLock(folder).release()
        except (OSError, StateError):  # its process lives, or another one was quicker
            continue
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def _is_own_fresh(folder: Path) -> bool:
    status, mark = folder.lstat(), (folder / _FRESH_MARK).lstat()
    own = getattr(os, "getuid", lambda: status.st_uid)()
    return stat.S_ISDIR(status.st_mode) and stat.S_ISREG(mark.st_mode) and status.st_uid == mark.st_uid == own


class _Keeper:
    """Does on the kept flash what a node does on its own, as far as it concerns files that were not given."""

    def __init__(self, flash: Flash, kept: Flash, state: StateDir) -> None:
        self._flash = flash
        self._kept = kept
        self._state = state

    def on_commit(self, operation: str, path: str, data: bytes | None, new_path: str | None) -> None:
        """See :attr:`simulator.micropython.flash.Flash.on_commit`."""
        if operation == "write":
            self._write(path, data or b"")
        elif operation == "rename":
            assert new_path is not None
            self._rename(path, new_path)
        elif operation == "mkdir":
            if not self._kept.exists(path):
                self._kept.mkdir(path)
        elif self._kept.exists(path):
            self._kept.remove(path)

    def _write(self, path: str, data: bytes) -> None:
        if not self._state.is_given(path, data):
            self._kept.write(path, data)
        elif self._kept.exists(path) and not self._state.is_own(path):
            self._kept.remove(path)

    def _rename(self, old: str, new: str) -> None:
        if self._kept.exists(old):
            self._kept.rename(old, new)
        for path, data in self._flash.files().items():  # given ones move too, and become the node's own by that
            inside = path == new or path.startswith(new + "/")
            if inside and not (self._kept.exists(path) and self._kept.read(path) == data):
                self._write(path, data)


def has_room(kept: Flash, path: str) -> bool:
    """Whether no folder stands at a path, and no file where it needs a folder."""
    if kept.is_dir(path):
        return False
    folder = path.rpartition("/")[0]
    while folder:
        if kept.exists(folder):
            return kept.is_dir(folder)
        folder = folder.rpartition("/")[0]
    return True


def _compiled(path: str) -> str:
    """The file that a source is taken for, where both are."""
    return path.removesuffix(".py") + ".mpy" if path.endswith(".py") else path


def _notice(node: Node, paths: list[str]) -> list[str]:
    if not paths:
        return []
    shown = ", ".join(paths[:_SHOWN_PATHS]) + (f" and {len(paths) - _SHOWN_PATHS} more" if paths[_SHOWN_PATHS:] else "")
    return [f"{node.name}: runs its own {shown} instead of the firmware's"]


def _default_dir() -> Path:
    named = os.environ.get("MICROS_STATE_DIR")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_state_dir("micrOS", appauthor=False)) / "simulator"


def shell_port(node: Node) -> int:
    """The port of a node's shell as its configuration has it now."""
    try:
        port = json.loads(node.flash.read(_CONFIG))["socport"]
    except (OSError, ValueError, KeyError, TypeError):
        return _SHELL_PORT
    return port if isinstance(port, int) and 0 < port < 65_536 else _SHELL_PORT
