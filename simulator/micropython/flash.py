"""The file system of a node: LittleFS2 in memory, with its promises and its hazards.

Theory of operation. A file is one immutable ``bytes`` object, so nodes with equal firmware share it. What a node
changes becomes durable in whole steps: creating a file, writing a file's content (at flush or close), removing,
renaming, making a folder. Each step first takes its time, then happens at once: LittleFS copies on write, so power
that fails in between leaves the old content. Many pieces flushed one by one are many steps, and a cut between them
leaves a part: that hazard is real and kept.

Both sides use the same methods. The host (a test, the hub) calls them without ``by``: no time passes, nothing fails
but what is impossible, parents are made. A node's API modules hand in their processor as ``by``: time is charged,
faults and power cuts strike.

Example::

    flash = Flash(capacity_bytes=0x200000)
    flash.write("/lib/a.py", b"x = 1")
    flash.cut_after(2)  # the second durable step of the node from now does not happen: the power fails

Source: lib/littlefs/lfs2.c and lib/littlefs/DESIGN.md; extmod/vfs_lfsx.c, extmod/vfs.c;
ports/esp32/modules/inisetup.py (mount options). Rules for names, errors, order of listings, inlined files and
copy-on-write were measured on MicroPython's VfsLfs2 over a RAM block device. Times: Winbond W25Q32JV data sheet, 9.6
(page program, sector erase, typical).

Limits: the room that folders take is an estimate; wear levelling moves no block; a folder renamed into itself, which
LittleFS loses, raises NotImplementedError; what a lost file object had not flushed is gone, also at a soft reset
and when the port's collector would have closed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from simulator.errors import NodeDead, UsageError
from simulator.micropython._files import FileIO, TextIOWrapper, open_file
from simulator.micropython._paths import clean, split
from simulator.micropython._space import INLINE_BYTES, PAIR_BLOCKS, data_blocks, folder_blocks
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.runtime import running

if TYPE_CHECKING:
    from simulator.micropython.runtime import Cpu

NAME_MAX = 255
#: LittleFS's own numbers, which the port hands on. Source: lib/littlefs/lfs2.h.
ENAMETOOLONG = 36
ENOTEMPTY = 39
#: Typical figures of the W25Q32JV.
ERASE_US = 45_000
PROGRAM_US = 700
PAGE_BYTES = 256
#: One entry in a folder's log: tags, name, size, time stamp.
_LOG_ENTRY_BYTES = 160

CommitHook = Callable[[str, str, "bytes | None", "str | None"], object]


class _File:
    """Content of one file; ``ident`` changes when the path gets another file."""

    __slots__ = ("data", "ident", "mtime")

    def __init__(self, data: bytes, ident: int, mtime: int) -> None:
        self.data = data
        self.ident = ident
        self.mtime = mtime


class Flash:
    """A file system of its own for one node.

    Args:
        capacity_bytes: size of the partition.
        block_bytes: size of an erase block.

    Attributes:
        operations: durable steps that the node has made.
        writes: durable steps of the node by path; a quiet node adds none.
        erased_blocks: blocks the node has erased.
        read_only: the node's changes fail with EROFS.
        on_commit: called after each durable change, by either side, with (operation, path, data, new path); operation
            is one of write, remove, rename, mkdir, rmdir.
        on_power_cut: called when :meth:`cut_after` strikes.
        clock: seconds since 2000-01-01, for time stamps.
    """

    def __init__(self, *, capacity_bytes: int = 0x200000, block_bytes: int = 4096) -> None:
        if block_bytes < 512 or capacity_bytes < 8 * block_bytes:
            raise UsageError(f"a flash of {capacity_bytes} bytes in blocks of {block_bytes} holds no file system")
        self.capacity_bytes = capacity_bytes
        self.block_bytes = block_bytes
        self.operations = 0
        self.writes: dict[str, int] = {}
        self.erased_blocks = 0
        self.read_only = False
        self.on_commit: CommitHook | None = None
        self.on_power_cut: Callable[[], object] = lambda: None
        self.clock: Callable[[], int] = lambda: 0
        self._files: dict[str, _File] = {}
        self._folders: dict[str, None] = {"/": None}
        self._held_blocks = 0
        self._idents = 0
        self._life = 0
        self._log_bytes = 0
        self._cut_at: int | None = None
        self._cut_share: float | None = None
        self._faults: list[str] = []

    # -- looking -----------------------------------------------------------------------------------------------------

    def exists(self, path: str) -> bool:
        """True if there is a file or a folder."""
        path = clean(path)
        return path in self._files or path in self._folders

    def is_dir(self, path: str) -> bool:
        """True if there is a folder."""
        return clean(path) in self._folders

    def read(self, path: str) -> bytes:
        """Content of a file.

        Raises:
            OSError: ENOENT, EISDIR.
        """
        return self._file(clean(path)).data

    def size(self, path: str) -> int:
        """Bytes of a file; 0 for a folder."""
        path = clean(path)
        return 0 if path in self._folders else len(self._file(path).data)

    def mtime(self, path: str) -> int:
        """When a file was last written, seconds since 2000-01-01; 0 for a folder."""
        path = clean(path)
        return 0 if path in self._folders else self._file(path).mtime

    def ident(self, path: str) -> int:
        """A number that the file at ``path`` keeps until it is removed, renamed or renamed over."""
        return self._file(clean(path)).ident

    def files(self) -> dict[str, bytes]:
        """Every file: path -> content, sorted by path."""
        return {path: self._files[path].data for path in sorted(self._files)}

    def folders(self) -> list[str]:
        """Every folder but the root, parents before what they hold."""
        return sorted(self._folders)[1:]

    def listdir(self, path: str = "/") -> list[str]:
        """Names in a folder, in the order of LittleFS: by bytes, but longer names before their own beginnings.

        Raises:
            OSError: ENOENT, ENOTDIR.
        """
        path = clean(path)
        if path not in self._folders:
            raise os_error("ENOTDIR" if path in self._files else "ENOENT")
        return sorted(self._names(path), key=_order)

    def _names(self, folder: str) -> Iterator[str]:
        prefix = "/" if folder == "/" else folder + "/"
        start = len(prefix)
        for table in (self._files, self._folders):
            for path in table:
                if path.startswith(prefix) and len(path) > start and "/" not in path[start:]:
                    yield path[start:]

    def used_blocks(self) -> int:
        """Blocks in use."""
        entries: dict[str, list[tuple[str, int]]] = {folder: [] for folder in self._folders}
        for path, file in self._files.items():
            folder, name = split(path)
            entries[folder].append((name, len(file.data)))
        return self._held_blocks + sum(folder_blocks(names, self.block_bytes) for names in entries.values())

    def free_blocks(self) -> int:
        """Blocks not in use."""
        return max(0, self.capacity_bytes // self.block_bytes - self.used_blocks())

    def has_room(self, blocks: int) -> bool:
        """True if that many blocks are free."""
        at_most_used = self._held_blocks + 4 * len(self._folders) + len(self._files)
        return at_most_used + blocks <= self.capacity_bytes // self.block_bytes or blocks <= self.free_blocks()

    def _file(self, path: str) -> _File:
        file = self._files.get(path)
        if file is None:
            raise os_error("EISDIR" if path in self._folders else "ENOENT")
        return file

    # -- changing ----------------------------------------------------------------------------------------------------

    def write(self, path: str, data: bytes, by: Cpu | None = None, *, fresh_blocks: int | None = None) -> None:
        """Put ``data`` into a file, new or not, in one durable step.

        Args:
            path: absolute path.
            data: the whole content; kept as it is, not copied.
            by: the processor that writes; None for the host, which gets missing folders made.
            fresh_blocks: blocks that this takes while the old content is still there; default all of them.

        Raises:
            OSError: ENOSPC, EISDIR, ENOENT and ENOTDIR (of a parent), ENAMETOOLONG (36).
        """
        path = clean(path)
        if path in self._folders:
            raise os_error("EISDIR")
        self._check_parent(path, by)
        blocks = data_blocks(len(data), self.block_bytes) if fresh_blocks is None else fresh_blocks
        if blocks and not self.has_room(blocks):
            raise os_error("ENOSPC")
        self._commit("write", path, by, lambda: self._put(path, bytes(data)), bytes(data), erase=blocks)

    def _put(self, path: str, data: bytes) -> None:
        old = self._files.get(path)
        ident = self._next_ident() if old is None else old.ident
        self._held_blocks += data_blocks(len(data), self.block_bytes) - self._blocks_of(path)
        self._files[path] = _File(data, ident, self.clock())

    def _take(self, path: str) -> _File | None:
        self._held_blocks -= self._blocks_of(path)
        return self._files.pop(path, None)

    def _blocks_of(self, path: str) -> int:
        file = self._files.get(path)
        return 0 if file is None else data_blocks(len(file.data), self.block_bytes)

    def mkdir(self, path: str, by: Cpu | None = None) -> None:
        """Make a folder.

        Raises:
            OSError: EEXIST, ENOSPC, ENOENT and ENOTDIR (of a parent), ENAMETOOLONG (36).
        """
        path = clean(path)
        if self.exists(path):
            raise os_error("EEXIST")
        self._check_parent(path, by)
        if not self.has_room(PAIR_BLOCKS):
            raise os_error("ENOSPC")
        self._commit("mkdir", path, by, lambda: self._folders.setdefault(path), erase=1)

    def remove(self, path: str, by: Cpu | None = None) -> None:
        """Remove a file or an empty folder (LittleFS makes no difference).

        Raises:
            OSError: ENOENT, ENOTEMPTY (39).
        """
        path = clean(path)
        if path in self._files:
            self._commit("remove", path, by, lambda: self._take(path))
            return
        if path not in self._folders:
            raise os_error("ENOENT")
        if path == "/":
            raise os_error("EINVAL")
        if next(self._names(path), None) is not None:
            raise MicroOSError(ENOTEMPTY)
        self._commit("rmdir", path, by, lambda: self._folders.pop(path))

    def rename(self, old: str, new: str, by: Cpu | None = None) -> None:
        """Give a file or folder another path, in one durable step; what stood there is replaced.

        Raises:
            OSError: ENOENT; EISDIR, ENOTDIR: a folder and a file; ENOTEMPTY (39): the replaced folder holds something.
        """
        old, new = clean(old), clean(new)
        if not self.exists(old):
            raise os_error("ENOENT")
        self._check_parent(new, by)
        if old == new:
            return
        if old in self._folders and new.startswith(old + "/"):
            raise NotImplementedError("os.rename of a folder into itself, which LittleFS loses")
        self._check_replace(old, new)
        self._commit("rename", old, by, lambda: self._move(old, new), new_path=new)

    def _check_replace(self, old: str, new: str) -> None:
        if new in self._folders:
            if old in self._files:
                raise os_error("EISDIR")
            if next(self._names(new), None) is not None:
                raise MicroOSError(ENOTEMPTY)
        elif new in self._files and old in self._folders:
            raise os_error("ENOTDIR")

    def _move(self, old: str, new: str) -> None:
        if old in self._files:
            self._take(new)
            file = self._files.pop(old)
            self._files[new] = _File(file.data, self._next_ident(), file.mtime)
            return
        for path in [path for path in self._folders if path == old or path.startswith(old + "/")]:
            del self._folders[path]
            self._folders[new + path[len(old) :]] = None
        for path in [path for path in self._files if path.startswith(old + "/")]:
            self._files[new + path[len(old) :]] = self._files.pop(path)

    def _next_ident(self) -> int:
        self._idents += 1
        return self._idents

    def _check_parent(self, path: str, by: Cpu | None) -> None:
        folder, name = split(path)
        if len(name.encode("utf-8", "surrogateescape")) > NAME_MAX:
            raise MicroOSError(ENAMETOOLONG)
        if folder in self._folders:
            return
        if by is None:
            if folder in self._files:
                raise os_error("ENOTDIR")
            self.mkdir(folder)
            return
        while folder not in self._files and folder not in self._folders:
            folder = split(folder)[0]
        raise os_error("ENOTDIR" if folder in self._files else "ENOENT")

    # -- durable steps -----------------------------------------------------------------------------------------------

    def _commit(
        self,
        operation: str,
        path: str,
        by: Cpu | None,
        apply: Callable[[], object],
        data: bytes | None = None,
        *,
        new_path: str | None = None,
        erase: int = 0,
    ) -> None:
        if by is not None:
            self._take_time(by, path, min(0 if data is None else len(data), erase * self.block_bytes), erase)
        apply()
        if self.on_commit is not None:
            self.on_commit(operation, path, data, new_path)
        if by is not None and self._cut_at is not None and self.operations >= self._cut_at:
            self._cut()

    def _take_time(self, by: Cpu, path: str, size: int, erase: int) -> None:
        if self.read_only:
            raise os_error("EROFS")
        if self._faults:
            raise os_error(self._faults.pop(0))
        self._log_bytes += _LOG_ENTRY_BYTES
        if self._log_bytes >= self.block_bytes:
            self._log_bytes = 0
            erase += 1
        cost_us = erase * ERASE_US + (1 + -(-size // PAGE_BYTES)) * PROGRAM_US
        last = self._cut_at is not None and self.operations + 1 >= self._cut_at
        share = self._cut_share if last else 1.0
        if share:
            by.busy(int(cost_us * min(share, 1.0)))
        if last and (share is None or share < 1.0):
            self._cut()
        self.erased_blocks += erase
        self.operations += 1
        self.writes[path] = self.writes.get(path, 0) + 1

    def _cut(self) -> None:
        self._cut_at = None
        self.on_power_cut()
        raise NodeDead

    # -- faults ------------------------------------------------------------------------------------------------------

    def cut_after(self, operations: int, *, torn: float | None = None) -> None:
        """Let the power fail at a durable step of the node.

        Args:
            operations: which step from now, 1 is the next.
            torn: how much of it is done by then: None and anything below 1 leave what was there before (LittleFS
                copies on write), 1.0 makes the step durable but its caller never hears of it.
        """
        if operations < 1 or (torn is not None and not 0.0 <= torn <= 1.0):
            raise UsageError("cut_after: operations counts from 1, torn is 0.0 to 1.0 or None")
        self._cut_at = self.operations + operations
        self._cut_share = torn

    def fail_next(self, symbol: str, operations: int = 1) -> None:
        """Let the node's next durable steps fail, e.g. with ``"EIO"`` or ``"ENOSPC"``; nothing is changed by them."""
        os_error(symbol)
        self._faults.extend([symbol] * operations)

    def fill(self, free_bytes: int = 0) -> None:
        """Fill the flash with one file, ``/fill.bin``, until only ``free_bytes`` (in whole blocks) are left."""
        self._take("/fill.bin")
        wanted = self.free_blocks() - -(-free_bytes // self.block_bytes)
        if wanted <= 0:
            return
        size = wanted * (self.block_bytes - 8)
        while data_blocks(size, self.block_bytes) > wanted:
            size -= 8
        self.write("/fill.bin", b"\xff" * max(size, INLINE_BYTES + 1))

    def close_all(self) -> None:
        """End of a life: what file objects have not flushed is gone, and they can do nothing more."""
        self._life += 1

    def power_cut(self) -> None:
        """The power is gone: pending cuts and faults are forgotten."""
        self.close_all()
        self._cut_at = None
        self._faults.clear()

    # -- the node's open() -------------------------------------------------------------------------------------------

    @property
    def life(self) -> int:
        """Lives ended so far; a file object of an earlier one is dead."""
        return self._life

    def open(self, file: str, mode: str = "r", buffering: int = -1, encoding: object = None) -> TextIOWrapper | FileIO:
        """``open`` as the running node sees it; buffering and encoding are ignored, as on the port.

        Raises:
            OSError: ENOENT, EISDIR, EEXIST, ENOTDIR, EPERM (the root).
            ValueError: the mode names two ways to open.
        """
        return open_file(running(), file, mode)


def _order(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape") + b"\xff"
