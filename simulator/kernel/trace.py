"""The identity of a run: a hash over everything that happened, in order."""

from __future__ import annotations

import hashlib
from array import array

_FLUSH_AT = 4096


class Trace:
    """Collects what happens and hashes it.

    Two kinds of entries go in: the times of dispatched events (cheap, always) and named records
    (``add``), which can also be kept for reading. The digest covers both, in order.

    Attributes:
        keep: keep named records for ``records()``; off by default, so that long runs stay small.
    """

    __slots__ = ("_hash", "_kept", "keep", "times")

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self._kept: list[tuple[int, str, str]] = []
        self.keep = False
        self.times: list[int] = []

    def add(self, t_us: int, source: str, what: str) -> None:
        """Record one happening.

        Args:
            t_us: virtual time, microseconds.
            source: who, e.g. ``node01.pin``.
            what: what, any text; must not contain host addresses or ids (they differ from run to run).
        """
        self.flush()
        self._hash.update(f"{t_us} {source} {what}\n".encode())
        if self.keep:
            self._kept.append((t_us, source, what))

    def flush(self) -> None:
        """Move collected event times into the hash."""
        if self.times:
            self._hash.update(array("q", self.times).tobytes())
            self.times.clear()

    def digest(self) -> str:
        """Hex digest of the run so far; equal for equal seeds and inputs."""
        self.flush()
        return self._hash.hexdigest()

    def records(self) -> list[tuple[int, str, str]]:
        """Kept records as (t_us, source, what); empty unless ``keep`` was set."""
        return list(self._kept)
