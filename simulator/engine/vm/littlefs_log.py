"""Tells whether a block of a LittleFS2 image is one of its logs: what is programmed there changes the file system.

Blocks of data only become part of a file when a log names them. A log is told by the checksum of its first
commit; a file that holds such a block itself, as the image of a flash does, is taken for one.

Source: lib/littlefs/SPEC.md, "Metadata blocks"; lib/littlefs/lfs2.c, lfs2_dir_fetchmatch. A tag is stored as what
changes from the one before.
"""

from __future__ import annotations

import zlib

_WORD = 4
_INVALID = 1 << 31
_TYPE = 0x780
_CHECKSUM = 0x500
_NO_SIZE = 0x3FF


def is_log(block: bytes) -> bool:
    """True if a block begins with a whole commit."""
    tag, at = 0xFFFFFFFF, _WORD
    while at + 2 * _WORD <= len(block):
        tag ^= int.from_bytes(block[at : at + _WORD], "big")
        if tag & _INVALID:
            return False
        at += _WORD
        if tag >> 20 & _TYPE == _CHECKSUM:
            return zlib.crc32(block[:at]) ^ 0xFFFFFFFF == int.from_bytes(block[at : at + _WORD], "little")
        size = tag & _NO_SIZE
        at += 0 if size == _NO_SIZE else size
    return False
