"""A folder of things made from other things, so that the next process need not make them again.

A name stands for all that an entry was made from (a digest), so entries never get stale; they are only deleted when
they are many or old. A cache that cannot be read or written costs time and nothing else.

Example::

    cache = DiskCache(cache_dir("mpy"), ".mpy")
    data = cache.load(name)
    if data is None:
        data = make()
        cache.save(name, data)
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from pathlib import Path

#: Bounds of a cache. A core with its modules is about 60 files.
_FILES = 2_000
_AGE_S = 30 * 86_400
#: A part file so much older than the newest file was left by a process that was killed.
_PART_S = 3_600
_DIGEST_BYTES = 8


def cache_dir(kind: str) -> Path | None:
    """Where a kind of things is cached: in ``MICROS_CACHE_DIR`` (empty: nowhere), else the user's cache directory."""
    setting = os.environ.get("MICROS_CACHE_DIR")
    if setting is not None:
        return Path(setting) / kind if setting else None
    import platformdirs

    return Path(platformdirs.user_cache_dir("micros", appauthor=False)) / kind


class DiskCache:
    """Entries in one folder, as ``<name><suffix>``, each behind a digest of its bytes.

    Args:
        folder: made when the first entry is saved; None keeps nothing.
        suffix: of its files, with the dot.
    """

    def __init__(self, folder: Path | None, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._ours = re.compile(rf"[0-9a-f]+({re.escape(suffix)}|\.\d+)")
        self._pruned = False

    def load(self, name: str) -> bytes | None:
        """Return the bytes of an entry; None if it is not there or damaged."""
        if self._folder is None:
            return None
        try:
            content = (self._folder / (name + self._suffix)).read_bytes()
        except OSError:
            return None
        data = content[_DIGEST_BYTES:]
        return data if content[:_DIGEST_BYTES] == _digest(data) else None

    def save(self, name: str, data: bytes) -> None:
        """Keep an entry; ``name`` is of hexadecimal digits."""
        if self._folder is None:
            return
        part = self._folder / f"{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(_digest(data) + data)
            os.replace(part, self._folder / (name + self._suffix))
            self._prune(self._folder)
        except OSError:
            pass  # a cache that cannot be written only costs time

    def _prune(self, folder: Path) -> None:
        """Bound the folder; once per process, after an entry was added. Ages count back from the newest file."""
        if self._pruned:
            return
        self._pruned = True
        with os.scandir(folder) as entries:
            files = [(entry.stat().st_mtime, entry) for entry in entries if self._ours.fullmatch(entry.name)]
        files.sort(key=lambda file: (file[0], file[1].name), reverse=True)
        newest_s = files[0][0]
        for place, (made_s, entry) in enumerate(files):
            limit_s = _AGE_S if entry.name.endswith(self._suffix) else _PART_S
            if place >= _FILES or newest_s - made_s > limit_s:
                with contextlib.suppress(OSError):  # another process was faster
                    os.unlink(entry.path)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
