"""Child processes: servers that are measured from outside, and programs that measure themselves.

Every wait has a limit, and a child is ended by its own process id.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from bench.environment import ROOT, children_environ, ready_python
from bench.errors import BenchError

_END_LIMIT_S = 10.0
_LOOK_S = 0.02
_READY = re.compile(r" ready at ([\d.]+):(\d+)$")
#: Windows sends no Ctrl-C to one child, only Ctrl-Break to a group.
_NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
_INTERRUPT = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)


def free_port() -> int:
    """A TCP port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A child that serves until it is interrupted; a context manager that ends it.

    Args:
        command: program and arguments.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        try:
            self._child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=children_environ(),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                creationflags=_NEW_GROUP,
            )
        except OSError as error:
            self._log.close()
            raise BenchError(f"cannot start {command[0]}: {error.strerror}") from error

    def check_alive(self) -> None:
        """Raise if the child has ended.

        Raises:
            BenchError: it has; the last line that it printed is in the text.
        """
        if self._child.poll() is not None:
            raise BenchError(f"{self.name} ended with code {self._child.returncode}: {self.last_line()}")

    @property
    def name(self) -> str:
        """The script that runs, for messages."""
        return os.path.basename(next((part for part in self._command if part.endswith(".py")), self._command[0]))

    def lines(self) -> list[str]:
        """What the child has printed so far."""
        size = os.fstat(self._log.fileno()).st_size
        if hasattr(os, "pread"):  # the position is the child's, too: better not to move it
            printed = os.pread(self._log.fileno(), size, 0)
        else:
            self._log.seek(0)
            printed = self._log.read()
        return printed.decode(errors="replace").split("\n")

    def last_line(self) -> str:
        """The last line that the child printed, or a remark that there is none."""
        return next((line.strip() for line in reversed(self.lines()) if line.strip()), "it printed nothing")

    def wait_for(self, text: str, *, limit_s: float) -> None:
        """Wait until the child has printed a line that contains ``text``.

        Raises:
            BenchError: it ended before, or did not in time.
        """
        deadline = time.monotonic() + limit_s
        while not any(text in line for line in self.lines()):
            self.check_alive()
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} does not print {text!r} within {limit_s:g} s: {self.last_line()}")
            time.sleep(_LOOK_S)

    def addresses(self) -> list[tuple[str, int]]:
        """(host, port) of each node that said that it is ready."""
        found = [_READY.search(line) for line in self.lines()]
        return [(match[1], int(match[2])) for match in found if match]

    def end(self) -> None:
        """Interrupt the child as Ctrl-C does, and kill it if it does not end in time."""
        if self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(_INTERRUPT)
            try:
                self._child.wait(_END_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(_END_LIMIT_S)
        self._log.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.end()


def run_json(
    module: str,
    *arguments: object,
    limit_s: float,
    extra: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Any:
    """Run a program in the ready environment and return the JSON that it printed.

    Args:
        module: a module, e.g. ``bench.fleet_run``, or the path of a file, which ends with ``.py``.
        arguments: its arguments.
        limit_s: it is killed after this time.
        extra: options of the tool that need more in the environment.
        environ: further environment variables.

    Raises:
        BenchError: it failed or took too long.
    """
    program = [module] if module.endswith(".py") else ["-m", module]
    command = [ready_python(*extra), *program, *map(str, arguments)]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**children_environ(), **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{module} did not end within {limit_s:g} s") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise BenchError(f"{module} ended with code {done.returncode}: {lines[-1]}")
    return json.loads(done.stdout)
