"""The identity of a run: a hash over everything that happened, in order."""

from __future__ import annotations

import hashlib

#: A record longer than this is hashed at once, so that waiting records stay small.
_LONG = 1_000


class Trace:
    """Collects what happens and hashes it.

    Two kinds of entries go in: the times of dispatched events (cheap, always) and named records
    (``add``), which can also be kept for reading. The digest covers both, in order. Entries wait in ``waiting`` and are
    hashed many at a time.

    Attributes:
        keep: keep named records for ``records()``; off by default, so that long runs stay small.
        waiting: entries not hashed yet: times as int, records as (t_us, source, what).
    """

    __slots__ = ("_hash", "_kept", "keep", "waiting")

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self._kept: list[tuple[int, str, str]] = []
        self.keep = False
        self.waiting: list[int | tuple[int, str, str]] = []

    def add(self, t_us: int, source: str, what: str) -> None:
        """Record one happening.

        Args:
            t_us: virtual time, microseconds.
            source: who, e.g. ``node01.pin``.
            what: what, any text; must not contain host addresses or ids (they differ from run to run).
        """
        record = (t_us, source, what)
        self.waiting.append(record)
        if self.keep:
            self._kept.append(record)
        if len(what) > _LONG:
            self.flush()

    def flush(self) -> None:
        """Move waiting entries into the hash."""
        if self.waiting:
            # One line per entry, so that where the flushes fall makes no difference.
            self._hash.update("".join([f"{entry}\n" for entry in self.waiting]).encode("utf-8", "surrogatepass"))
            self.waiting.clear()

    def digest(self) -> str:
        """Hex digest of the run so far; equal for equal seeds and inputs."""
        self.flush()
        return self._hash.hexdigest()

    def records(self) -> list[tuple[int, str, str]]:
        """Kept records as (t_us, source, what); empty unless ``keep`` was set."""
        return list(self._kept)
