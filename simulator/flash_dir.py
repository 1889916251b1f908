"""A node's flash kept in a host directory, so that it outlives the process.

Each durable change of the flash becomes one atomic change of the directory: a file is written beside and moved into its
place, so that a process killed at any moment leaves the old or the new content, never a part. (The power of the *host*
may fail too: there is no fsync.)

Names: what a host file system may not hold (``a:b``, ``CON``, letters outside ASCII), what it would take for another
name (``Time.py`` beside ``time.py``), and percent signs stand percent-encoded. Names that begin with ``%`` and a
character that is no hexadecimal digit are our own: ``%lock``, ``%new``, and ``%+…`` for a piece of a name too long for
one entry.

Example::

    with FlashDir(Path("state/node01/flash")) as mirror:
        mirror.load(node.flash)
        mirror.attach(node.flash)
        ...

Limits: times of files are not kept.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from simulator.errors import StateError
from simulator.micropython._paths import split
from simulator.micropython.flash import Flash

_LOCK = "%lock"
_NEW = "%new"
_PIECE = "%+"
#: Longest name of one host entry. Source: NAME_MAX of Linux is 255 bytes, of NTFS 255 characters.
_NAME_MAX = 200
_UNSAFE = re.compile(r"[^ -~]|[<>:\"/\\|?*%]|[. ]$")
#: Source: Microsoft, "Naming Files, Paths, and Namespaces": device names, with or without an ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


class DirLock:
    """Keeps a second process, and a second user in this one, out of a directory.

    The lock goes with the process, however it ends.

    Args:
        folder: an existing directory.

    Raises:
        StateError: somebody else has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _LOCK
        self._fd = -1
        self._is_pid_file = False
        take = _locker()
        if take is None:
            self._take_by_pid()
        else:
            self._take(take)

    def _take(self, take: Callable[[int], object]) -> None:
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            take(fd)
        except OSError:
            os.close(fd)
            raise self._taken() from None
        self._fd = fd

    def _take_by_pid(self) -> None:
        """Without a locking call of the host: a file that names the process."""
        for _ in range(2):
            try:
                fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                if _is_alive(self._path):
                    raise self._taken() from None
                self._path.unlink(missing_ok=True)
                continue
            os.write(fd, str(os.getpid()).encode())
            os.close(fd)
            self._is_pid_file = True
            return
        raise self._taken()

    def _taken(self) -> StateError:
        return StateError(f"{self._folder} is in use by another simulator")

    def release(self) -> None:
        """Let others in; nothing happens the second time."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._is_pid_file:
            self._path.unlink(missing_ok=True)
            self._is_pid_file = False


def _locker() -> Callable[[int], object] | None:
    """The host's call that locks an open file at once or raises OSError; None if it has none."""
    posix = _module("fcntl")
    if posix is not None:
        return lambda fd: posix.flock(fd, posix.LOCK_EX | posix.LOCK_NB)
    windows = _module("msvcrt")
    if windows is not None:
        return lambda fd: windows.locking(fd, windows.LK_NBLCK, 1)
    return None


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _is_alive(path: Path) -> bool:
    """Whether the process that a lock file names still runs; when in doubt, yes."""
    if os.name == "nt":
        return True
    try:
        os.kill(int(path.read_text()), 0)
    except (ProcessLookupError, FileNotFoundError, ValueError):
        return False
    except OSError:
        return True
    return True


class FlashDir:
    """A directory that mirrors a flash.

    Args:
        path: the directory; made if it is not there.

    Attributes:
        path: the directory.
        failure: why mirroring stopped (the host's disk is full, say); None while it goes on.
        on_failure: called once with ``failure``.

    Raises:
        StateError: another process uses it, or it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure: StateError | None = None
        self.on_failure: Callable[[StateError], object] = lambda error: None
        #: Flash path -> host path, for all that is there.
        self._hosts: dict[str, Path] = {}
        self._taken: dict[str, str] = {}
        self._flash: Flash | None = None
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = DirLock(path)
        except OSError as error:
            raise StateError(f"cannot use {path}: {error.strerror}") from error

    def __enter__(self) -> FlashDir:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Mirror no more, and let others use the directory."""
        if self._flash is not None:
            self._flash.on_commit = None
            self._flash = None
        self._lock.release()

    def load(self, flash: Flash) -> None:
        """Put what the directory holds onto a flash; what a killed process left half done is cleared away.

        Raises:
            StateError: something in it is neither file nor folder, or cannot be read.
        """
        try:
            self._scan()
            for path, host in self._hosts.items():
                if not host.is_dir():
                    flash.write(path, host.read_bytes())
                elif not flash.is_dir(path):
                    flash.mkdir(path)
        except OSError as error:
            raise StateError(f"cannot load {self.path}: {error.strerror or error}") from error

    def _scan(self) -> None:
        """Find out what is there; clear away what a killed process left half done."""
        (self.path / _NEW).unlink(missing_ok=True)
        self._hosts = {"/": self.path}
        self._taken = {}
        for path, host in self._walk(self.path, "", ""):
            self._note(path, host)

    def _walk(self, host: Path, folder: str, piece: str) -> Iterator[tuple[str, Path]]:
        """(flash path, host path) of everything below ``host``, folders before what they hold."""
        with os.scandir(host) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            if entry.name in (_LOCK, _NEW) and host == self.path:
                continue
            if not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)):
                raise StateError(f"{entry.path} is neither file nor folder: links are not followed")
            if entry.name.startswith(_PIECE):
                yield from self._walk(Path(entry.path), folder, piece + entry.name[len(_PIECE) :])
                continue
            path = f"{folder}/{unquote(piece + entry.name, errors='surrogateescape')}"
            yield path, Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path), path, "")

    def attach(self, flash: Flash) -> None:
        """Make the directory hold what ``flash`` holds, and keep it so.

        Raises:
            StateError: the directory cannot be written.
        """
        try:
            if not self._hosts:
                self._scan()
            self._match(flash)
        except OSError as error:
            raise StateError(f"cannot write to {self.path}: {error.strerror or error}") from error
        self._flash = flash
        flash.on_commit = self._on_commit

    def _match(self, flash: Flash) -> None:
        for path in sorted(self._hosts, reverse=True):
            if not flash.exists(path) or flash.is_dir(path) != self._hosts[path].is_dir():
                self._remove(path)
        for path in flash.folders():
            if path not in self._hosts:
                self._mkdir(path)
        for path, data in flash.files().items():
            if path not in self._hosts or self._hosts[path].read_bytes() != data:
                self._write(path, data)

    def _on_commit(self, operation: str, path: str, data: bytes | None, new_path: str | None) -> None:
        if self.failure is not None:
            return
        try:
            self._apply(operation, path, data, new_path)
        except OSError as error:
            self.failure = StateError(
                f"cannot write to {self.path}: {error.strerror or error}; state is not kept any more"
            )
            self.on_failure(self.failure)

    def _apply(self, operation: str, path: str, data: bytes | None, new_path: str | None) -> None:
        if operation == "write":
            self._write(path, data or b"")
        elif operation == "mkdir":
            self._mkdir(path)
        elif operation == "rename":
            assert new_path is not None
            self._rename(path, new_path)
        else:
            self._remove(path)

    def _write(self, path: str, data: bytes) -> None:
        new = self.path / _NEW
        new.write_bytes(data)
        os.replace(new, self._place(path))

    def _mkdir(self, path: str) -> None:
        os.mkdir(self._place(path))

    def _remove(self, path: str) -> None:
        host = self._hosts[path]
        if host.is_dir():
            os.rmdir(host)
        else:
            os.unlink(host)
        self._forget(path)

    def _rename(self, old: str, new: str) -> None:
        source = self._hosts[old]
        if source.is_dir() and new in self._hosts:
            self._remove(new)
        target = self._place(new)
        os.replace(source, target)
        moved = [path for path in self._hosts if path == old or path.startswith(old + "/")]
        for path in moved:
            inside = self._hosts[path].relative_to(source)
            self._forget(path)
            self._note(new + path[len(old) :], target / inside)

    def _note(self, path: str, host: Path) -> None:
        self._hosts[path] = host
        self._taken[str(host).lower()] = path

    def _forget(self, path: str) -> None:
        host = self._hosts.pop(path)
        if self._taken.get(str(host).lower()) == path:
            del self._taken[str(host).lower()]

    def _place(self, path: str) -> Path:
        """The host path for a flash path, new or not; folders for the pieces of a long name are made."""
        if path in self._hosts:
            return self._hosts[path]
        folder, name = split(path)
        for encoded in (_safe(name), _unmistakable(name)):
            pieces = [encoded[start : start + _NAME_MAX] for start in range(0, len(encoded), _NAME_MAX)]
            host = self._hosts[folder].joinpath(*[_PIECE + piece for piece in pieces[:-1]], pieces[-1])
            if str(host).lower() not in self._taken:
                break
        host.parent.mkdir(parents=True, exist_ok=True)
        self._note(path, host)
        return host


def _quoted(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


def _safe(name: str) -> str:
    """A name that every host takes, encoded only where it must be."""
    encoded = _UNSAFE.sub(lambda found: _quoted(found.group()), name)
    return _quoted(encoded[0]) + encoded[1:] if _DEVICE.match(encoded) else encoded


def _unmistakable(name: str) -> str:
    """A name of which the host cannot take the case for another."""
    return "".join(_quoted(char) if char.isalpha() else _safe(char) for char in name)
