"""``os`` of the ESP32 port: files, the name of the machine, randomness.

Paths are those of the one file system, mounted at ``/`` (:mod:`simulator.micropython.flash`).

Source: extmod/modos.c, extmod/vfs.c, extmod/vfs_lfsx.c, ports/esp32/modos.c (v1.28); errors and orders measured on
MicroPython's VfsLfs2.

Limits: ``mount`` and ``umount`` (one file system) raise NotImplementedError; the classes ``VfsFat`` and ``VfsLfs2``
are not there. For the second terminal see :mod:`simulator.micropython._dupterm`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.micropython import port
from simulator.micropython._args import to_int
from simulator.micropython._dupterm import is_stream, terminal
from simulator.micropython._files import Path
from simulator.micropython._paths import split
from simulator.micropython._space import PAIR_BLOCKS
from simulator.micropython._tuples import attr_tuple
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.flash import NAME_MAX
from simulator.micropython.runtime import running

__all__ = [
    "chdir",
    "dupterm",
    "dupterm_notify",
    "getcwd",
    "ilistdir",
    "listdir",
    "mkdir",
    "mount",
    "remove",
    "rename",
    "rmdir",
    "stat",
    "statvfs",
    "sync",
    "umount",
    "uname",
    "unlink",
    "urandom",
]

#: File type bits. Source: extmod/vfs.h.
_S_IFDIR = 0x4000
_S_IFREG = 0x8000
#: A look-up in the file system.
_LOOK_US = 100
_CALL_US = 5


def uname() -> Any:
    """(sysname, nodename, release, version, machine), also as attributes."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return attr_tuple(
        sysname=port.SYSNAME,
        nodename=port.SYSNAME,
        release=port.RELEASE,
        version=port.VERSION,
        machine=machine.board.machine_text,
    )


def urandom(n: int, /) -> bytes:
    """``n`` random bytes, from the node's own stream of the world's seed."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    count = to_int(n)
    if count < 0:
        raise MemoryError(f"memory allocation failed, allocating {count & 0xFFFFFFFF} bytes")
    stream = machine.state.get("urandom")
    if stream is None:
        life = machine.retained["urandom"] = machine.retained.get("urandom", 0) + 1
        started_us = machine.retained.get("power_on_us", 0)
        stream = machine.state["urandom"] = machine.kernel.stream(f"{machine.name}/urandom/{started_us}/{life}")
    return bytes(stream.randbytes(count))


def sync() -> None:
    """Nothing on this port: LittleFS is in step after each close."""
    running().cpu.charge(_CALL_US)


def _look(path: object) -> Path:
    """Charge a look-up and resolve a path of the running node."""
    machine = running()
    machine.cpu.charge(_LOOK_US)
    return Path(machine, path)


def chdir(path: str, /) -> None:
    """Change the folder that relative paths start from.

    Raises:
        OSError: ENOENT, also for a file.
    """
    try:
        target = _look(path)
        known = running().flash.is_dir(target.absolute)
    except MicroOSError:
        known = False
    if not known:
        raise os_error("ENOENT")
    running().state["cwd"] = target.absolute


def getcwd() -> str:
    """The folder that relative paths start from."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return str(machine.state.get("cwd", "/"))


def listdir(path: str | bytes = "", /) -> list[str]:
    """Names in a folder, the present one by default.

    Raises:
        OSError: ENOENT, ENOTDIR.
    """
    return [entry[0] for entry in ilistdir(path)]


def ilistdir(path: str | bytes = "", /) -> Iterator[tuple[Any, int, int, int]]:
    """Iterate over a folder: (name, type, 0, size); names are bytes if ``path`` is.

    Raises:
        OSError: ENOENT, ENOTDIR.
    """
    target = _look(path)
    flash = running().flash
    folder = "" if target.absolute == "/" else target.absolute
    entries: list[tuple[Any, int, int, int]] = []
    for name in flash.listdir(target.absolute):
        full = f"{folder}/{name}"
        shown = name.encode("utf-8", "surrogateescape") if isinstance(path, bytes) and not target.is_root else name
        kind = _S_IFDIR if flash.is_dir(full) else _S_IFREG
        entries.append((shown, kind, 0, flash.size(full)))
    return iter(entries)


def mkdir(path: str, /) -> None:
    """Make a folder.

    Raises:
        OSError: EEXIST, ENOENT, ENOTDIR, ENOSPC.
    """
    machine = running()
    machine.flash.mkdir(_look(path).absolute, machine.cpu)


def remove(path: str, /) -> None:
    """Remove a file or an empty folder.

    Raises:
        OSError: ENOENT, 39 for a folder that is not empty, EPERM for the root.
    """
    target = _look(path)
    if target.is_root:
        raise os_error("EPERM")
    machine = running()
    _check_folder(target)
    machine.flash.remove(target.absolute, machine.cpu)


unlink = remove


def rmdir(path: str, /) -> None:
    """Remove an empty folder (or a file: LittleFS makes no difference).

    Raises:
        OSError: as :func:`remove`.
    """
    remove(path)


def rename(old_path: str, new_path: str, /) -> None:
    """Give a file or folder another path; atomic, and it replaces what stood there.

    Raises:
        OSError: ENOENT, ENOTDIR, EISDIR, 39 for a folder that is not empty, EPERM for the root.
    """
    old, new = _look(old_path), _look(new_path)
    if old.is_root or new.is_root:
        raise os_error("EPERM")
    machine = running()
    _check_folder(old)
    if new.wants_folder and not machine.flash.is_dir(old.absolute):
        raise os_error("ENOTDIR")
    machine.flash.rename(old.absolute, new.absolute, machine.cpu)


def stat(path: str, /) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """(mode, 0, 0, 0, 0, 0, size, atime, mtime, ctime); the times are all the last write's, seconds since 2000.

    The size of a folder is any number: extmod/vfs_lfsx.c takes what happens to be on the stack.

    Raises:
        OSError: ENOENT, ENOTDIR.
    """
    target = _look(path)
    flash = running().flash
    _check_folder(target)
    if flash.is_dir(target.absolute):
        return (_S_IFDIR, 0, 0, 0, 0, 0, running().kernel.now & 0x7FFF, 0, 0, 0)
    size = flash.size(target.absolute)
    mtime = flash.mtime(target.absolute)
    return (_S_IFREG, 0, 0, 0, 0, 0, size, mtime, mtime, mtime)


def _check_folder(target: Path) -> None:
    """Raise ENOTDIR if a path ends in a slash but is a file, or leads through one."""
    flash = running().flash
    if flash.is_dir(target.absolute):
        return
    if target.wants_folder and flash.exists(target.absolute):
        raise os_error("ENOTDIR")
    folder = split(target.absolute)[0]
    while folder != "/":
        if flash.exists(folder) and not flash.is_dir(folder):
            raise os_error("ENOTDIR")
        folder = split(folder)[0]


def statvfs(path: str, /) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """(block size, fragment size, blocks, free blocks, free blocks, 0, 0, 0, 0, longest name).

    ``path`` is not looked up. As on the port a folder counts twice, as an entry and as a link in the list of folders,
    so that free blocks can come out below 0 (extmod/vfs_lfsx.c takes lfs2_fs_traverse, which includes orphans).
    """
    _look(path)
    flash = running().flash
    size, free = flash.block_bytes, flash.free_blocks() - PAIR_BLOCKS * len(flash.folders())
    return (size, size, flash.capacity_bytes // size, free, free, 0, 0, 0, 0, NAME_MAX)


def dupterm(stream_object: Any, index: int = 0, /) -> Any:
    """Make a stream the second terminal, None for none; returns the one before, or None.

    Raises:
        OSError: it is no stream.
        ValueError: there is one terminal, number 0.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    if to_int(index) != 0:
        raise ValueError("invalid dupterm index")
    if stream_object is not None and not is_stream(stream_object):
        raise MicroOSError("stream operation not supported")
    line = terminal(machine)
    previous, line.stream = line.stream, stream_object
    return previous


def dupterm_notify(obj_in: object, /) -> None:
    """Take what the second terminal has to read into the node's input."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    terminal(machine).take_input()


def mount(fsobj: object, mount_point: str, /, *, readonly: bool = False) -> None:
    """Not modelled."""
    running().cpu.charge(_CALL_US)
    raise NotImplementedError("os.mount")


def umount(mount_point: object, /) -> None:
    """Not modelled."""
    running().cpu.charge(_CALL_US)
    raise NotImplementedError("os.umount")
