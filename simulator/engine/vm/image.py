"""The flash of a node on the virtual machine: a LittleFS2 image with the rules of NOR flash.

Theory of operation. The image is a file in memory (or on disk) that the machine reads by itself; it programs and erases
by asking :class:`ImageFlash`, which knows the rules: programming clears bits, erasing sets those of a block. While no
machine runs, the host looks into the image with littlefs-python; while one does, it asks the machine, whose
file system has the newest state.

LittleFS synchronises after each commit, and before one after it has programmed data that it will name. ``cut_after``
counts all of these; a *durable step* is a commit. It is attributed to the file that the program touched last.

Source: lib/littlefs/lfs2.c; extmod/vfs_lfs.c (options: read 32, program 32, look ahead 32, cache 128 bytes);
Winbond W25Q32JV data sheet, 9.6, for times.

Limits: files have no time stamps; ``torn`` between 0 and 1 tears the first program of the step.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from simulator.engine.vm.littlefs_log import is_log
from simulator.errors import StateError, UsageError
from simulator.micropython._paths import clean, split
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.flash import ERASE_US, PAGE_BYTES, PROGRAM_US, Flash

if TYPE_CHECKING:
    from simulator.micropython.runtime import Cpu

READ_BYTES = 32
CACHE_BYTES = 128
_LOOKAHEAD_BYTES = 32
_NAME_MAX = 255
_FOLDER = 0x4000
#: The machine's heap is small: what the host writes goes to it in pieces.
_PIECE_BYTES = 1024
_OK = 0


class Machine(Protocol):
    """What a running machine does for the flash."""

    def service(self, name: str, *arguments: object) -> Any:
        """Have the machine do something while its program waits."""


class _Nor:
    """What littlefs-python asks for; the flash itself is the device."""

    def __init__(self, flash: ImageFlash) -> None:
        self._flash = flash

    def read(self, _config: object, block: int, offset: int, size: int) -> bytearray:
        start = block * self._flash.block_bytes + offset
        return bytearray(self._flash.memory[start : start + size])

    def prog(self, _config: object, block: int, offset: int, data: bytes) -> int:
        self._flash.put(block * self._flash.block_bytes + offset, bytes(data))
        return _OK

    def erase(self, _config: object, block: int) -> int:
        self._flash.clear(block)
        return _OK

    def sync(self, _config: object) -> int:
        return _OK


class ImageFlash(Flash):
    """A flash whose content is a LittleFS2 image.

    Args:
        capacity_bytes: size of the partition.
        block_bytes: size of an erase block.
        path: file of the image, made if it is not there; None for one in memory.

    Attributes:
        memory: the image.
        fd: descriptor of the image.
        machine: what has the file system mounted; None while the node is off.

    Raises:
        StateError: the file cannot be used.
    """

    def __init__(
        self, *, capacity_bytes: int = 0x200000, block_bytes: int = 4096, path: Path | None = None
    ) -> None:
        super().__init__(capacity_bytes=capacity_bytes, block_bytes=block_bytes)
        self.machine: Machine | None = None
        self._coming: Machine | None = None
        self._store: Callable[[str, bytes], None]
        self.fd = _open_image(path)
        self._name = str(path or "the image")
        weakref.finalize(self, os.close, self.fd)
        try:
            if path is not None and hasattr(os, "posix_fallocate"):  # a full disk is an error now, not a signal later
                os.posix_fallocate(self.fd, 0, capacity_bytes)
            os.truncate(self.fd, capacity_bytes)
            self.memory = mmap.mmap(self.fd, capacity_bytes)
        except OSError as error:
            raise StateError(f"cannot use {path or 'a file in memory'}: {error.strerror}") from error
        self._system: Any = None
        self._programmed_bytes = 0
        self._programmed: set[int] = set()  # blocks, since it was synchronised
        self._synchronised = 0

    # --- NOR -------------------------------------------------------------------------------------------------------

    def put(self, start: int, data: bytes) -> None:
        """Program: bits are cleared, never set.

        Raises:
            UsageError: the program would have to set a bit; the file system forgot to erase.
        """
        end = start + len(data)
        old = self.memory[start:end]
        new = int.from_bytes(old, "little") & int.from_bytes(data, "little")
        if new != int.from_bytes(data, "little"):
            raise UsageError(f"flash: programming {len(data)} bytes at {start:#x} that are not erased")
        self.memory[start:end] = data

    def clear(self, block: int) -> None:
        """Erase a block."""
        start = block * self.block_bytes
        self.memory[start : start + self.block_bytes] = b"\xff" * self.block_bytes

    def program(self, start: int, data: bytes, by: Cpu) -> int:
        """The machine programs; returns 0 or a negative error number."""
        failed = self._refused()
        if failed:
            return failed
        if self._is_last_step() and self._cut_share != 1.0:
            used = len(data.rstrip(b"\xff"))  # what follows fills the program up, and changes nothing
            self.put(start, data[: int(used * (self._cut_share or 0.0))])
            self._cut()
        self._programmed.add(start // self.block_bytes)
        self._programmed_bytes += len(data)
        self.put(start, data)
        return _OK

    def erase(self, block: int, by: Cpu) -> int:
        """The machine erases; returns 0 or a negative error number."""
        failed = self._refused()
        if failed:
            return failed
        by.busy(ERASE_US)
        self.clear(block)
        self.erased_blocks += 1
        return _OK

    def synchronised(self, path: str, by: Cpu) -> int:
        """The machine has programmed what belongs together: a durable step of the node if it is a commit."""
        if not self._programmed:
            return _OK
        size, blocks = self._programmed_bytes, self._programmed
        self._programmed_bytes, self._programmed = 0, set()
        by.busy((1 + -(-size // PAGE_BYTES)) * PROGRAM_US)
        self._synchronised += 1
        if any(is_log(self._block(block)) for block in blocks):
            path = clean(path)
            self.operations += 1
            self.writes[path] = self.writes.get(path, 0) + 1
        if self._cut_at is not None and self._synchronised >= self._cut_at:
            self._cut()
        return _OK

    def _block(self, number: int) -> bytes:
        return self.memory[number * self.block_bytes : (number + 1) * self.block_bytes]

    def _is_last_step(self) -> bool:
        return self._cut_at is not None and self._synchronised + 1 >= self._cut_at

    def cut_after(self, operations: int, *, torn: float | None = None) -> None:
        """Let the power fail when LittleFS has synchronised so often.

        Args:
            operations: 1 is the next time.
            torn: how much of the first program of that step is done; 1.0 is all of the step.
        """
        super().cut_after(operations, torn=torn)
        self._cut_at = self._synchronised + operations

    def _refused(self) -> int:
        if self.read_only:
            return -errno.EROFS
        if self._faults:
            failure = os_error(self._faults.pop(0))
            return -int(failure.args[0])
        return 0

    # --- lives -----------------------------------------------------------------------------------------------------

    def begin_life(self, machine: Machine, store: Callable[[str, bytes], None]) -> None:
        """A machine starts and will mount the file system, see :meth:`take_over`.

        Args:
            machine: it.
            store: has its program write a file: path, content.
        """
        self._store = store
        self._mounted()
        self._coming = machine
        self._programmed_bytes, self._programmed = 0, set()

    def take_over(self) -> None:
        """The machine has mounted the file system: from now on it is asked."""
        self._system = None
        self.machine, self._coming = self._coming, None

    def close_all(self) -> None:
        """The machine is gone."""
        super().close_all()
        self.machine = self._coming = self._system = None

    def _mounted(self) -> Any:
        """littlefs-python's view of the image, which is formatted if it is blank.

        Raises:
            StateError: it is neither blank nor does it hold a file system.
        """
        if self._system is None:
            from littlefs import LittleFS, LittleFSError

            options: dict[str, Any] = {
                "context": _Nor(self),
                "block_size": self.block_bytes,
                "block_count": self.capacity_bytes // self.block_bytes,
                "read_size": READ_BYTES,
                "prog_size": READ_BYTES,
                "cache_size": CACHE_BYTES,
                "lookahead_size": _LOOKAHEAD_BYTES,
                "name_max": _NAME_MAX,
                "block_cycles": 100,
                "mount": False,
            }
            system = LittleFS(**options)
            try:
                system.mount()
            except LittleFSError as error:
                if not self._is_blank():
                    raise StateError(f"{self._name} holds no file system that can be used: {error}") from error
                system.format()
                system.mount()
            self._system = system
        return self._system

    def _is_blank(self) -> bool:
        """Nothing stands where LittleFS begins. Source: ports/esp32/modules/inisetup.py, check_bootsec."""
        head = set(self.memory[: 2 * self.block_bytes])
        return head <= {0xFF} or head <= {0}

    @contextlib.contextmanager
    def _looking(self) -> Iterator[Any]:
        """The file system while no machine runs; its errors become the port's."""
        from littlefs import LittleFSError

        try:
            yield self._mounted()
        except LittleFSError as error:
            raise MicroOSError(-error.code) from None
        except OSError as error:  # theirs has a text only, and stands for one with a number
            cause = error.__context__
            code = -cause.code if isinstance(cause, LittleFSError) else error.errno
            raise MicroOSError(code or errno.EIO) from None

    # --- looking ---------------------------------------------------------------------------------------------------

    def _stat(self, path: str) -> tuple[bool, int] | None:
        """(is a folder, size) of what stands at a path; None if there is nothing."""
        path = clean(path)
        if path == "/":
            return True, 0
        try:
            if self.machine is not None:
                found = self.machine.service("stat", path)
                return bool(found[0] & _FOLDER), int(found[6])
            with self._looking() as system:
                state = system.stat(path)
                return state.type == 2, int(state.size)
        except OSError as error:
            if error.args[0] in (errno.ENOENT, errno.ENOTDIR):
                return None
            raise

    def exists(self, path: str) -> bool:
        """True if there is a file or a folder."""
        return self._stat(path) is not None

    def is_dir(self, path: str) -> bool:
        """True if there is a folder."""
        state = self._stat(path)
        return state is not None and state[0]

    def read(self, path: str) -> bytes:
        """Content of a file.

        Raises:
            OSError: ENOENT, EISDIR.
        """
        path = clean(path)
        state = self._stat(path)
        if state is None or state[0]:
            raise os_error("ENOENT" if state is None else "EISDIR")
        if self.machine is not None:
            pieces = [
                self.machine.service("read", path, start, _PIECE_BYTES) for start in range(0, state[1], _PIECE_BYTES)
            ]
            return b"".join(pieces)
        with self._looking() as system, system.open(path, "rb") as file:
            return bytes(file.read())

    def size(self, path: str) -> int:
        """Bytes of a file; 0 for a folder."""
        state = self._stat(path)
        if state is None:
            raise os_error("ENOENT")
        return state[1]

    def mtime(self, path: str) -> int:
        """0: files have no time stamps here."""
        self.size(path)
        return 0

    def ident(self, path: str) -> int:
        """A number for the path; that another file has taken its place is not known here."""
        self.size(path)
        return zlib.crc32(clean(path).encode())

    def files(self) -> dict[str, bytes]:
        """Every file: path -> content, sorted by path."""
        return {path: self.read(path) for path, is_folder in sorted(self._walk("/")) if not is_folder}

    def folders(self) -> list[str]:
        """Every folder but the root, parents before what they hold."""
        return sorted(path for path, is_folder in self._walk("/") if is_folder)

    def _walk(self, folder: str) -> Iterator[tuple[str, bool]]:
        for name in self.listdir(folder):
            path = f"{folder.rstrip('/')}/{name}"
            is_folder = self.is_dir(path)
            yield path, is_folder
            if is_folder:
                yield from self._walk(path)

    def listdir(self, path: str = "/") -> list[str]:
        """Names in a folder, in the order of LittleFS.

        Raises:
            OSError: ENOENT, ENOTDIR.
        """
        path = clean(path)
        state = self._stat(path)
        if state is None or not state[0]:
            raise os_error("ENOENT" if state is None else "ENOTDIR")
        if self.machine is not None:
            return list(self.machine.service("list", path))
        with self._looking() as system:
            return list(system.listdir(path))

    def used_blocks(self) -> int:
        """Blocks in use."""
        if self.machine is not None:
            state = self.machine.service("statvfs")
            return int(state[2] - state[3])
        with self._looking() as system:
            return int(system.used_block_count)

    def free_blocks(self) -> int:
        """Blocks not in use."""
        return max(0, self.capacity_bytes // self.block_bytes - self.used_blocks())

    def has_room(self, blocks: int) -> bool:
        """True if that many blocks are free."""
        return blocks <= self.free_blocks()

    # --- changing, by the host -------------------------------------------------------------------------------------

    def write(self, path: str, data: bytes, by: Cpu | None = None, *, fresh_blocks: int | None = None) -> None:
        """Put ``data`` into a file; missing folders are made for the host, not for the program (``by``).

        Raises:
            OSError: ENOSPC, EISDIR, ENOTDIR, ENAMETOOLONG; ENOENT and what else the program's writing meets.
        """
        path = clean(path)
        if by is not None and self.machine is not None:
            self._store(path, bytes(data))
            return
        if self.is_dir(path):
            raise os_error("EISDIR")
        folder = split(path)[0]
        if not self.exists(folder):
            self.mkdir(folder)
        if self.machine is None:
            with self._looking() as system, system.open(path, "wb") as file:
                file.write(data)
            return
        for start in range(0, max(len(data), 1), _PIECE_BYTES):
            self.machine.service("write", path, data[start : start + _PIECE_BYTES], start)

    def mkdir(self, path: str, by: Cpu | None = None) -> None:
        """Make a folder, and those above it."""
        path = clean(path)
        folder = split(path)[0]
        if folder != "/" and not self.exists(folder):
            self.mkdir(folder)
        if self.machine is not None:
            self.machine.service("mkdir", path)
            return
        with self._looking() as system:
            system.mkdir(path)

    def remove(self, path: str, by: Cpu | None = None) -> None:
        """Remove a file or an empty folder."""
        path = clean(path)
        if self.machine is not None:
            self.machine.service("remove", path)
            return
        with self._looking() as system:
            system.remove(path)

    def rename(self, old: str, new: str, by: Cpu | None = None) -> None:
        """Give a file or folder another path; what stood there is replaced."""
        old, new = clean(old), clean(new)
        if self.machine is not None:
            self.machine.service("rename", old, new)
            return
        with self._looking() as system:
            system.rename(old, new)

    def fill(self, free_bytes: int = 0) -> None:
        """Fill the flash with ``/fill.bin`` until only ``free_bytes`` (in whole blocks) are left."""
        if self.exists("/fill.bin"):
            self.remove("/fill.bin")
        wanted = self.free_blocks() - -(-free_bytes // self.block_bytes)
        size = wanted * (self.block_bytes - 8)
        while size > 0:
            try:
                self.write("/fill.bin", b"\xff" * size)
                break
            except OSError:
                self.remove("/fill.bin")
                size -= self.block_bytes
        if free_bytes:
            return
        with contextlib.suppress(OSError):  # what the last block still takes
            for number in range(self.capacity_bytes // self.block_bytes):
                self.write(f"/fill{number}.bin", b"\xff" * (self.block_bytes // 2))


def _open_image(path: Path | None) -> int:
    if path is not None:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StateError(f"cannot use {path}: {error.strerror}") from error
    if hasattr(os, "memfd_create"):
        return os.memfd_create("flash")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
