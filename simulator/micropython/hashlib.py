"""``hashlib`` of the ESP32 port: MD5, SHA-1, SHA-256.

Source: extmod/modhashlib.c (v1.28); ``digest`` ends the object, there is no ``hexdigest``.
"""

from __future__ import annotations

import hashlib as _host
from typing import Any

from simulator.micropython._args import ABSENT
from simulator.micropython._builtin import Builtin
from simulator.micropython._text import buffer_of
from simulator.micropython.runtime import running

__all__ = ["md5", "sha1", "sha256"]

_CALL_US = 10
#: mbedTLS in software at 160 MHz: some 2 MB/s.
_BYTES_PER_US = 2


class _Hash(metaclass=Builtin):
    """One running hash."""

    __slots__ = ("_final", "_hash")
    _algorithm = ""

    def __init__(self, data: Any = ABSENT, /) -> None:
        self._hash = _host.new(self._algorithm, usedforsecurity=False)
        self._final = False
        if data is ABSENT:
            running().cpu.charge(_CALL_US)
        else:
            self.update(data)

    def update(self, data: Any, /) -> None:
        """Add bytes.

        Raises:
            ValueError: hash is final.
        """
        piece = buffer_of(data)
        running().cpu.charge(_CALL_US + len(piece) // _BYTES_PER_US)
        self._check()
        self._hash.update(piece)

    def digest(self) -> bytes:
        """The hash of all bytes added; the object is of no more use.

        Raises:
            ValueError: hash is final.
        """
        running().cpu.charge(_CALL_US)
        self._check()
        self._final = True
        return self._hash.digest()

    def _check(self) -> None:
        if self._final:
            raise ValueError("hash is final")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class md5(_Hash):
    """MD5."""

    __slots__ = ()
    _algorithm = "md5"


class sha1(_Hash):
    """SHA-1."""

    __slots__ = ()
    _algorithm = "sha1"


class sha256(_Hash):
    """SHA-256."""

    __slots__ = ()
    _algorithm = "sha256"
