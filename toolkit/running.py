"""Which simulators run: a file per process in the user's directory, naming its state directory.

A process that was killed leaves its file; it is known by its ``control.json``, which is gone, of another process, or
answered by nobody, and is removed by whoever looks next.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from simulator.control.address import find
from simulator.control.client import ControlClient
from simulator.errors import StateError
from toolkit.errors import ToolkitError, UsageError
from toolkit.places import user_dir

_FOLDER = "running"
_CONNECT_S = 5.0


@contextlib.contextmanager
def noted(state_dir: Path) -> Iterator[None]:
    """Let others find this process and its state directory while the context lasts.

    Raises:
        ToolkitError: the user's directory cannot be written.
    """
    try:
        folder = user_dir() / _FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / str(os.getpid())
        file.write_text(str(state_dir.resolve()), encoding="utf-8")
    except OSError as error:
        raise ToolkitError(f"cannot write to {error.filename}: {error.strerror}") from error
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def connect(wanted: str) -> ControlClient:
    """Connect to a running simulator.

    Args:
        wanted: its process number or its state directory; empty: the only one that runs.

    Raises:
        UsageError: none runs, several run and none is named, or the one that is named does not.
        ToolkitError: it does not answer.
    """
    try:
        if wanted and not wanted.isdigit():
            return ControlClient.open(Path(wanted).expanduser(), timeout_s=_CONNECT_S)
        running = _running()
        if wanted:
            if int(wanted) not in running:
                raise UsageError(f"--sim {wanted}: no simulator of that number runs{_list(running)}")
            return ControlClient.open(running[int(wanted)], timeout_s=_CONNECT_S)
        if not running:
            raise UsageError("no simulator runs: start one with --simulate, or name its state directory with --sim DIR")
        if len(running) > 1:
            raise UsageError(f"several simulators run: name one with --sim{_list(running)}")
        return ControlClient.open(next(iter(running.values())), timeout_s=_CONNECT_S)
    except StateError as error:
        raise ToolkitError(str(error)) from error


def _list(running: dict[int, Path]) -> str:
    return "".join(f"\n  {pid}  {path}" for pid, path in sorted(running.items()))


def _running() -> dict[int, Path]:
    """Process number -> state directory of those that have a control channel."""
    found: dict[int, Path] = {}
    for file in sorted((user_dir() / _FOLDER).glob("*")):
        with contextlib.suppress(OSError, ValueError):
            pid, path = int(file.name), Path(file.read_text(encoding="utf-8"))
            if _is_alive(pid, path):
                found[pid] = path
            else:
                file.unlink(missing_ok=True)
    return found


def _is_alive(pid: int, state_dir: Path) -> bool:
    try:
        if find(state_dir).pid != pid:
            return False
        ControlClient.open(state_dir, timeout_s=_CONNECT_S).close()
    except StateError:
        return False
    return True
