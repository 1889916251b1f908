"""Make ``.venv`` for a checkout: the first start of ``devToolKit.py``. Standard library only.

Theory of operation. Two files in ``.venv`` tell its state:

* ``micros-made``: we made this environment, so we may make it anew. An environment without it (an IDE's, a
  person's own) is used, but never deleted.
* ``micros-stamp``: set-up came to its end; it holds what the environment was made from. ``devToolKit.py``
  compares it at every start. It is removed before anything is changed and written last, so an interrupted
  set-up is seen and done again.

One set-up at a time: an OS lock on ``.venv.lock``, which the kernel frees when its holder dies. On POSIX pip
inherits it, so that a pip that outlives a killed start still keeps others away.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

LOCK_LIMIT_S = 900
STEP_LIMIT_S = 900
_NOTICE_EVERY_S = 10.0
_LOG_LINES_SHOWN = 12

#: What pip's or venv's output says -> what we tell the person.
_CAUSES = (
    (r"No space left on device|Errno 28\b|not enough space on the disk", "the disk is full"),
    (r"ensurepip is not available|No module named '?(ensurepip|venv|pip)\b", "this Python has no venv or pip"),
    (
        r"name resolution|NewConnectionError|ConnectTimeout|Could not fetch URL|Connection(Reset)?Error"
        r"|Network is unreachable|ReadTimeout|No matching distribution found|ProxyError|SSLError",
        "the package index cannot be reached (no network?)",
    ),
    (r"requires a different Python", "the Python in .venv is too old; delete .venv and start again"),
    (r"Permission denied|Read-only file system|Access is denied", "a file or folder cannot be written"),
)


class SetupError(Exception):
    """Set-up cannot be done; the text is one line for the person at the keyboard."""


class Checkout(NamedTuple):
    """Where things are.

    ``base`` is what the environment is made from (``devToolKit.stamp_base``); ``lock_fd`` the lock while we hold it.
    """

    root: str
    venv: str
    python: str
    base: str
    lock_fd: int | None = None

    @property
    def stamp(self) -> str:
        """Path of the file that says: complete, and made from this."""
        return os.path.join(self.venv, "micros-stamp")

    @property
    def made(self) -> str:
        """Path of the file that says: made by us."""
        return os.path.join(self.venv, "micros-made")

    @property
    def log(self) -> str:
        """Path of the output of venv and pip of the last set-up."""
        return os.path.join(self.root, ".venv-setup.log")


def run(checkout: Checkout, extras: set[str], is_ready: Callable[[set[str]], bool]) -> int:
    """Make the environment ready and say how it goes, on stderr.

    Args:
        checkout: where to work.
        extras: extras of ``pyproject.toml`` that are wanted; those already there are kept.
        is_ready: asked again once the lock is ours, as another start may have done the work.

    Returns:
        0 done, 1 failed (one line says why), 130 interrupted.
    """
    try:
        _check_python()
        with _lock(checkout) as lock_fd:
            if not is_ready(extras):
                _set_up(checkout._replace(lock_fd=lock_fd), extras)
    except SetupError as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"cannot set up {checkout.venv}: {error.strerror or error}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; the next start does the set-up again")
        return 130
    return 0


def _say(text: str) -> None:
    print(f"devToolKit: {text}", file=sys.stderr, flush=True)


def _check_python() -> None:
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise SetupError(
                f"this Python has no module {module!r}: install it (Debian, Ubuntu: apt install python{version}-venv)"
            )


def _set_up(checkout: Checkout, extras: set[str]) -> None:
    started = time.monotonic()
    before, complete_before = _read_stamp(checkout), False
    if _must_be_made(checkout):
        again = "making .venv anew" if os.path.isdir(checkout.venv) else "first start: making .venv"
        _say(f"{again} with Python {sys.version.split()[0]}")
        _make(checkout)
    with contextlib.suppress(FileNotFoundError):
        os.remove(checkout.stamp)
        complete_before = True
    wanted = sorted(extras | set(before.partition("\n")[0].split()[1:]))
    try:
        _install(checkout, wanted)
    except SetupError:
        if complete_before:  # pip changes nothing when it fails: what worked goes on working
            _write(checkout.stamp, before)
        raise
    _write(checkout.stamp, " ".join(["extras", *wanted]) + "\n" + checkout.base)
    _say(f"ready after {time.monotonic() - started:.0f} s")


def _install(checkout: Checkout, wanted: list[str]) -> None:
    what = "the tool" + (f" with what {', '.join(wanted)} needs" if wanted else "")
    _say(f"installing {what} into .venv (under a minute, needs the network)")
    if _step(checkout, [checkout.python, "-m", "pip", "--version"], check=False) != 0:
        _step(checkout, [checkout.python, "-m", "ensurepip"])
    target = f".[{','.join(wanted)}]" if wanted else "."
    options = ["--no-input", "--no-user", "--disable-pip-version-check"]
    _step(checkout, [checkout.python, "-m", "pip", "install", *options, "--editable", target])


def _read_stamp(checkout: Checkout) -> str:
    """Return the stamp of the environment that is there (its extras are kept in a renewed one); "" if there is none."""
    try:
        with open(checkout.stamp, encoding="utf-8") as stamp:
            return stamp.read()
    except OSError:
        return ""


def _must_be_made(checkout: Checkout) -> bool:
    """True if the environment has to be made (anew): absent, unfinished, of another Python or moved."""
    if not os.path.isdir(checkout.venv):
        return True
    if not os.path.exists(checkout.made):
        if os.listdir(checkout.venv) and not os.path.exists(checkout.python):
            raise SetupError(f"{checkout.venv} is no Python environment and not ours; move it away and start again")
        return not os.listdir(checkout.venv)
    head = _read_stamp(checkout).split("\n", 3)[1:3]
    return head != checkout.base.split("\n", 2)[:2] or not os.path.exists(checkout.python)


def _make(checkout: Checkout) -> None:
    if os.path.isdir(checkout.venv):
        shutil.rmtree(checkout.venv)
    os.mkdir(checkout.venv)
    _write(checkout.made, "made by devToolKit.py; safe to delete\n")
    _step(checkout, [sys.executable, "-m", "venv", checkout.venv], first=True)


def _step(checkout: Checkout, command: list[str], *, first: bool = False, check: bool = True) -> int:
    """Run one command with its output in the log; its exit code, or SetupError with the cause."""
    inherited = () if checkout.lock_fd is None or os.name == "nt" else (checkout.lock_fd,)
    with open(checkout.log, "w" if first else "a", encoding="utf-8", errors="replace") as log:
        log.write(f"$ {' '.join(command)}\n")
        log.flush()
        child = subprocess.Popen(
            command, cwd=checkout.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=inherited
        )
        try:
            code = _wait(child)
        except BaseException:
            child.kill()
            child.wait()
            raise
    if check and code != 0:
        raise SetupError(_explain(checkout, command))
    return code


def _wait(child: subprocess.Popen[bytes]) -> int:
    started = time.monotonic()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=_NOTICE_EVERY_S)
        waited = time.monotonic() - started
        if waited > STEP_LIMIT_S:
            raise SetupError(f"set-up did not come to an end within {STEP_LIMIT_S} s; given up")
        _say(f"... still at it ({waited:.0f} s)")


def _explain(checkout: Checkout, command: list[str]) -> str:
    """Show the end of the log and return the line that says what went wrong."""
    with open(checkout.log, encoding="utf-8", errors="replace") as log:
        lines = log.read().splitlines()
    last_step = max(i for i, line in enumerate(lines) if line.startswith("$ "))
    output = lines[last_step + 1 :]
    for line in output[-_LOG_LINES_SHOWN:]:
        print(f"    {line}", file=sys.stderr)
    for pattern, cause in _CAUSES:
        if re.search(pattern, "\n".join(output)):
            return f"set-up failed: {cause}; details: {checkout.log}"
    return f"set-up failed in '{command[2]}'; details: {checkout.log}"


def _write(path: str, text: str) -> None:
    with open(path + ".new", "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


@contextlib.contextmanager
def _lock(checkout: Checkout) -> Iterator[int]:
    """Hold the set-up lock; wait for another start up to LOCK_LIMIT_S."""
    fd = os.open(checkout.venv + ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _wait_for_lock(fd)
        yield fd
    finally:
        os.close(fd)


def _wait_for_lock(fd: int) -> None:
    deadline = time.monotonic() + LOCK_LIMIT_S
    told = False
    while not _try_lock(fd):
        if not told:
            _say("another start is setting up .venv; waiting for it")
            told = True
        if time.monotonic() > deadline:
            raise SetupError(f"another start has been setting up .venv for {LOCK_LIMIT_S} s; end it and try again")
        time.sleep(0.2)


def _try_lock(fd: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: better unguarded than not at all
        return True
    return True
