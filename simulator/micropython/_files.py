"""Open files of a node: what ``open`` returns.

A file object holds the content as it was at ``open``; what is written to it becomes the file's content at ``flush`` or
``close``. Opening a new file for writing makes it durably, empty; opening an old one with ``w`` changes
nothing until then.

Source: extmod/vfs_lfsx_file.c, py/stream.c, lib/littlefs/lfs2.c (built with LFS2_NO_ASSERT: reading and writing are
not held to the mode); measured on MicroPython's VfsLfs2.

Limits: two files that grow at once in a nearly full flash may both find room that only one has, until the first is
closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.errors import NodeDead
from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._paths import clean
from simulator.micropython._space import INLINE_BYTES, block_index, data_blocks
from simulator.micropython._stream import BYTES_PER_US, Stream
from simulator.micropython._text import text_of
from simulator.micropython.errors import os_error
from simulator.micropython.runtime import Machine, running

if TYPE_CHECKING:
    from simulator.micropython.flash import Flash

OPEN_US = 200
IO_US = 5
_WAYS = "rwxa"


class Path:
    """A path as a node wrote it, resolved.

    Attributes:
        absolute: the one spelling of it.
        wants_folder: it ends in a slash, so it can't be a file.
        is_root: it is the root of all file systems, which the port treats apart from folders.
    """

    __slots__ = ("absolute", "is_root", "wants_folder")

    def __init__(self, machine: Machine, path: object) -> None:
        text = text_of(path).partition("\0")[0]
        cwd = machine.state.get("cwd", "/")
        self.is_root = text == "/" or (text == "" and cwd == "/")
        if text[:1] != "/":
            text = f"{cwd}/{text}"
        self.wants_folder = text[-1:] == "/" or text.endswith("/.")
        self.absolute = clean(text)


class _File(Stream):
    """What both kinds of file objects share."""

    __slots__ = ("_changed_from", "_dirty", "_failed", "_flash", "_ident", "_life", "_path", "_to_end")
    _changed_from: int | None
    _dirty: bool
    _failed: bool
    _flash: Flash | None
    _ident: int
    _life: int
    _path: str
    _to_end: bool

    def readlines(self) -> list[Any]:
        """Read every line that is left."""
        self._enter()
        return list(iter(self._line, self._slice(0, 0)))

    def write(self, data: Any, max_len: int = ABSENT, length: int = ABSENT, /) -> int:
        """Write text or bytes; with two arguments at most ``max_len`` bytes, with three ``length`` from ``max_len`` on.

        Returns:
            Bytes written.

        Raises:
            OSError: ENOSPC; what fitted is in the file object, what the file held stays.
        """
        machine = self._enter()
        piece = self._piece(data, max_len, length)
        machine.cpu.charge(len(piece) // BYTES_PER_US)
        self._put(piece)
        return len(piece)

    def flush(self) -> None:
        """Make durable what was written so far.

        Raises:
            OSError: ENOSPC, EIO…; the file keeps what it held.
        """
        self._enter()
        self._sync()

    def close(self) -> None:
        """Make durable what was written and end; nothing happens the second time."""
        machine = running()
        machine.cpu.charge(IO_US)
        if self._flash is None:
            return
        try:
            if not self._failed:
                self._sync()
        finally:
            self._flash = None
            self._content = b""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to ``offset`` bytes from the start (0), here (1) or the end (2).

        Returns:
            The new position.
        """
        self._enter()
        offset, whence = to_int(offset), to_int(whence)
        start = {0: 0, 1: self._pos, 2: len(self._content)}.get(whence)
        target = self._pos if start is None else start + offset
        if target < 0:
            raise os_error("EINVAL")
        self._pos = target
        return target

    def tell(self) -> int:
        """The position in bytes."""
        self._enter()
        return self._pos

    def __repr__(self) -> str:
        return f"<io.{type(self).__name__}>"

    def _enter(self) -> Machine:
        machine = running()
        machine.cpu.charge(IO_US)
        flash = self._flash
        if flash is None:
            raise ValueError
        if self._life != flash.life:
            raise NodeDead
        return machine

    def _put(self, piece: Any) -> None:
        content = self._writable()
        if self._to_end:
            self._pos = max(self._pos, len(content))
        if len(piece) == 0:
            return
        start = min(self._pos, len(content))
        self._changed_from = start if self._changed_from is None else min(start, self._changed_from)
        self._dirty = True
        piece = self._fitting(piece)
        if self._pos > len(content) and piece:
            content.extend(bytes(self._pos - len(content)))
        content[self._pos : self._pos + len(piece)] = piece
        self._pos += len(piece)
        if self._failed:
            raise os_error("ENOSPC")

    def _fitting(self, piece: Any) -> Any:
        """As much of ``piece`` as the flash has room for; notes when that is not all."""
        flash = self._flash
        assert flash is not None
        if flash.has_room(self._fresh(self._pos + len(piece))):
            return piece
        self._failed = True
        blocks = self._shared(self._changed_from or 0) + flash.free_blocks()
        room = max(INLINE_BYTES, blocks * (flash.block_bytes - 8))
        return piece[: max(0, room - self._pos)]

    def _writable(self) -> bytearray:
        if not isinstance(self._content, bytearray):
            self._content = bytearray(self._content)
        return self._content

    def _shared(self, changed_from: int) -> int:
        """Blocks of the old content that the new one goes on using."""
        assert self._flash is not None
        return block_index(changed_from, self._flash.block_bytes) if changed_from > INLINE_BYTES else 0

    def _fresh(self, size: int) -> int:
        """Blocks that the new content needs beside the old one."""
        assert self._flash is not None
        if self._changed_from is None:
            return 0
        return max(0, data_blocks(size, self._flash.block_bytes) - self._shared(self._changed_from))

    def _sync(self) -> None:
        flash = self._flash
        assert flash is not None
        if not self._dirty:
            return
        data = bytes(self._content)
        fresh = self._fresh(len(data))
        self._dirty, self._changed_from, self._failed = False, None, False
        if not flash.exists(self._path) or flash.is_dir(self._path) or flash.ident(self._path) != self._ident:
            return  # removed or replaced meanwhile: LittleFS drops the content silently
        try:
            flash.write(self._path, data, running().cpu, fresh_blocks=fresh)
        except OSError:
            self._failed = True
            raise


class TextIOWrapper(_File):
    """A file opened as text, UTF-8."""

    __slots__ = ()


class FileIO(_File):
    """A file opened with ``b``."""

    __slots__ = ()
    _text = False


def open_file(machine: Machine, file: object, mode: object) -> TextIOWrapper | FileIO:
    """Open a file of the running node; see :meth:`simulator.micropython.flash.Flash.open`."""
    machine.cpu.charge(OPEN_US)
    kind: type[TextIOWrapper] | type[FileIO] = TextIOWrapper
    way, plus = "", False
    for char in text_of(mode):
        if char in _WAYS:
            if way or plus:
                raise ValueError
            way = char
        elif char == "+":
            plus = True
        elif char in "bt":
            kind = FileIO if char == "b" else TextIOWrapper
    path = Path(machine, file)
    if path.is_root:
        raise os_error("EPERM")
    if plus and way in ("", "r"):
        way = "r+"
    return _opened(machine.flash, machine, path, kind, way or "r")


def _opened(
    flash: Flash, machine: Machine, path: Path, kind: type[TextIOWrapper] | type[FileIO], way: str
) -> TextIOWrapper | FileIO:
    exists = flash.exists(path.absolute)
    if exists and way == "x":
        raise os_error("EEXIST")
    if exists and flash.is_dir(path.absolute):
        raise os_error("EISDIR")
    if path.wants_folder:
        raise os_error("ENOTDIR")
    if not exists:
        if way[0] == "r":
            _check_parents(flash, path.absolute)
            raise os_error("ENOENT")
        flash.write(path.absolute, b"", machine.cpu)
    new = kind()
    new._flash = flash
    new._path = path.absolute
    new._ident = flash.ident(path.absolute)
    new._life = flash.life
    new._content = b"" if way == "w" else flash.read(path.absolute)
    new._dirty = way != "r"
    new._changed_from = 0 if way == "w" and exists else None
    new._pos = 0
    new._to_end = way == "a"
    new._failed = False
    return new


def _check_parents(flash: Flash, path: str) -> None:
    """Raise ENOTDIR if a file stands where a folder should be."""
    end = path.find("/", 1)
    while end > 0:
        folder = path[:end]
        if not flash.is_dir(folder):
            raise os_error("ENOTDIR" if flash.exists(folder) else "ENOENT")
        end = path.find("/", end + 1)
