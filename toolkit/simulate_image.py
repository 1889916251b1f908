"""Where ``--simulate --engine micropython`` keeps what nodes have written: an image of each node's flash.

Theory of operation. The image holds the whole flash, *given* files too: the firmware as installed, and those of
``--lm``. ``given.json`` beside it tells which contents were given. At the next start a file that has such a content is
brought up to date, or removed if it is given no more; any other is the node's own and stays. ``given.json`` is
written before the files that it tells of, so that after a ``kill -9`` no given file is taken for one of the node's.
A first start works on ``flash.new``, which is ``flash.img`` once it is complete.

Limits: a given file that the node removed or renamed is back at the next start. A file of ``--lm`` replaces one of the
node's own of the same name for good.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from simulator.errors import StateError
from simulator.node import Node
from toolkit.simulate_state import has_room

_IMAGE = "flash.img"
_NEW = "flash.new"
_GIVEN = "given.json"


class FlashImage:
    """The image of one node, and what of it was given.

    Args:
        folder: where it is kept; made if it is not there.
        capacity_bytes: size of the node's flash.

    Attributes:
        path: file of the image, for the node to use; made by it if it is not there.
        is_new: the node has not been here before.

    Raises:
        StateError: the folder cannot be used, or holds the image of another flash.
    """

    def __init__(self, folder: Path, capacity_bytes: int) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _NEW).unlink(missing_ok=True)
            self.is_new = not (folder / _IMAGE).exists()
            size = capacity_bytes if self.is_new else (folder / _IMAGE).stat().st_size
        except OSError as error:
            raise StateError(f"cannot use {folder}: {error.strerror}") from error
        self.path = folder / (_NEW if self.is_new else _IMAGE)
        if size != capacity_bytes:
            raise StateError(f"{self.path} is of a flash of {size} bytes, this board's has {capacity_bytes}")
        self._given: dict[str, list[str]] = {} if self.is_new else self._load()

    def fill(self, node: Node, given: Mapping[str, bytes], always: Collection[str]) -> list[str]:
        """Bring what was given to a node up to date; the node is off.

        Args:
            node: it has the image.
            given: path -> content.
            always: paths that win over the node's own file.

        Returns:
            Paths of the node's own files.

        Raises:
            StateError: the folder cannot be written, or the flash takes no more.
        """
        found = node.flash.files()
        mine = [path for path, data in found.items() if path not in always and not self._is_given(path, data)]
        given = {path: data for path, data in given.items() if path not in mine}
        newer = {path: [*self._given.get(path, ()), _digest(data)] for path, data in given.items()}
        self._save({**self._given, **newer})
        try:
            for path in found.keys() - given.keys() - set(mine):
                node.flash.remove(path)
            changed = {path: data for path, data in given.items() if found.get(path) != data}
            node.install({path: data for path, data in changed.items() if has_room(node.flash, path)})
        except OSError as error:
            raise StateError(f"{self.path}: the node's flash takes no firmware: {error}") from error
        self._save({path: [_digest(data)] for path, data in given.items()})
        return mine

    def complete(self) -> None:
        """All is there that a first start puts on a flash."""
        if self.is_new:
            try:
                os.replace(self.path, self._folder / _IMAGE)
            except OSError as error:
                raise StateError(f"cannot write to {self._folder}: {error.strerror}") from error
            self.path, self.is_new = self._folder / _IMAGE, False

    def note(self, path: str, data: bytes) -> None:
        """A file is about to be given to the running node.

        Raises:
            StateError: the folder cannot be written.
        """
        if not self._is_given(path, data):
            self._save({**self._given, path: [*self._given.get(path, ()), _digest(data)]})

    def _is_given(self, path: str, data: bytes) -> bool:
        return _digest(data) in self._given.get(path, ())

    def _load(self) -> dict[str, list[str]]:
        file = self._folder / _GIVEN
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
            return {str(path): [str(digest) for digest in digests] for path, digests in given.items()}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise StateError(f"cannot use {file}: {error}; without it, delete {self._folder}") from error

    def _save(self, given: dict[str, list[str]]) -> None:
        new = self._folder / (_GIVEN + ".new")
        try:
            new.write_text(json.dumps(given, indent=0, sort_keys=True), encoding="utf-8")
            os.replace(new, self._folder / _GIVEN)
        except OSError as error:
            raise StateError(f"cannot write to {self._folder}: {error.strerror}") from error
        self._given = given


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
