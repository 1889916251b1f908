"""How many blocks LittleFS2 takes: arithmetic, no state.

Source: lib/littlefs/lfs2.c (lfs_ctz_index, lfs_file_outline), DESIGN.md "CTZ skip-lists"; extmod/vfs_lfsx.c sets the
cache to 4 * 32 bytes, which bounds inlined files. Folder figures were fitted to VfsLfs2 of MicroPython with 150 files
in a folder.
"""

from __future__ import annotations

from collections.abc import Iterable

#: A file up to this size lives in its folder's log and takes no block of its own.
INLINE_BYTES = 128
#: A folder's log is a pair of blocks.
PAIR_BLOCKS = 2
#: Tags and time stamp of an entry, beside its name and inlined content.
_ENTRY_BYTES = 20
#: A log splits into two pairs when its entries reach the first share of a block, then again for each further one.
_SPLIT_SHARE = 0.57
_NEXT_SHARE = 0.35
_POINTER_BYTES = 4


def block_index(offset: int, block_bytes: int) -> int:
    """Index of the block of a file's skip-list that holds the byte at ``offset``."""
    room = block_bytes - 2 * _POINTER_BYTES
    index = offset // room
    if index == 0:
        return 0
    return (offset - _POINTER_BYTES * ((index - 1).bit_count() + 2)) // room


def data_blocks(size: int, block_bytes: int) -> int:
    """Blocks that the content of a file takes."""
    return 0 if size <= INLINE_BYTES else block_index(size - 1, block_bytes) + 1


def folder_blocks(entries: Iterable[tuple[str, int]], block_bytes: int) -> int:
    """Blocks that a folder takes: estimate from its files' (name, size)."""
    log_bytes = 0
    for name, size in entries:
        log_bytes += _ENTRY_BYTES + len(name) + (size if size <= INLINE_BYTES else 8)
    over = log_bytes - int(block_bytes * _SPLIT_SHARE)
    if over < 0:
        return PAIR_BLOCKS
    return PAIR_BLOCKS * (2 + over // int(block_bytes * _NEXT_SHARE))
