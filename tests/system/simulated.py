"""A simulator as a process of its own, and a plain socket client, for system tests. Every wait has a limit."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"(\w+) \((\w+)\) ready at ([\d.]+):(\d+)$")
PROMPT = b"node01 $  "
#: Windows sends no Ctrl-C to one child, only Ctrl-Break to a group.
_NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
_INTERRUPT = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)


class Simulated:
    """``devToolKit --simulate`` with the given options, on free ports.

    Args:
        options: as typed.
        cache: where instrumented code is cached; also the working directory.
        limit_s: how long :meth:`wait_for` waits.
        program: what Python runs.

    Attributes:
        lines: what it printed so far, without line ends.
        ready: node name -> (host, port), once it said so.
    """

    def __init__(
        self, *options: str, cache: Path, limit_s: float = 30.0, program: Sequence[str] = ("-m", "toolkit")
    ) -> None:
        self.lines: list[str] = []
        self.ready: dict[str, tuple[str, int]] = {}
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._limit_s = limit_s
        if "--port" not in options:
            options = ("--port", "0", *options)
        self._child = subprocess.Popen(
            [sys.executable, "-P", *program, "--simulate", *options],
            env={**os.environ, "PYTHONPATH": str(ROOT), "MICROS_CACHE_DIR": str(cache)},
            cwd=cache,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            creationflags=_NEW_GROUP,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._child.pid

    @property
    def output(self) -> str:
        """What it printed so far."""
        return "\n".join(self.lines)

    def wait_for(self, text: str, *, limit_s: float | None = None, start: int = 0) -> str:
        """Wait until a line that contains ``text`` was printed (from line ``start`` on) and return it."""
        for line in self.lines[start:]:
            if text in line:
                return line
        deadline = time.monotonic() + (limit_s or self._limit_s)
        while True:
            try:
                next_line = self._queue.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"no {text!r} in time; got:\n{self.output}") from None
            if next_line is None:
                raise AssertionError(f"it ended before {text!r} with {self._child.wait(5)}; got:\n{self.output}")
            self._note(next_line)
            if text in next_line:
                return next_line

    def _note(self, line: str) -> None:
        self.lines.append(line)
        found = READY.match(line)
        if found:
            self.ready[found[1]] = (found[3], int(found[4]))

    def wait_ready(self) -> Simulated:
        """Wait for the line that tells how to reach the nodes; every node has said that it is ready by then."""
        self.wait_for("stop it")
        return self

    def client(self, node: str = "node01") -> Client:
        """Connect to a node that is ready."""
        return Client(self.ready[node])

    def interrupt(self, *, limit_s: float = 10.0) -> int:
        """Send Ctrl-C and return the exit code."""
        self._child.send_signal(_INTERRUPT)
        return self.wait(limit_s=limit_s)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._child.terminate()

    def hang_up(self) -> None:
        """Send SIGHUP, as a terminal that is closed does."""
        self._child.send_signal(signal.SIGHUP)

    def wait(self, *, limit_s: float = 10.0) -> int:
        """Wait for the end and return the exit code; ``lines`` is complete then."""
        code = self._child.wait(limit_s)
        self._reader.join(limit_s)
        with contextlib.suppress(queue.Empty):
            while (line := self._queue.get_nowait()) is not None:
                self._note(line)
        return code

    def kill(self) -> None:
        """``kill -9``."""
        self._child.kill()
        self._child.wait(10)

    def __enter__(self) -> Simulated:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._child.poll() is None:
            try:
                self.interrupt(limit_s=5)  # politely, so that it takes its throw-away state with it
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join(10)
        assert self._child.stdout is not None
        self._child.stdout.close()


class Client:
    """A plain socket to a node's shell, as netcat is."""

    def __init__(self, address: tuple[str, int], *, timeout_s: float = 10.0) -> None:
        self.socket = socket.create_connection(address, timeout_s)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def read_until(self, end: bytes) -> bytes:
        """Read until what came ends so, and return it; also when the node closes."""
        data = b""
        while not data.endswith(end):
            piece = self.socket.recv(65_536)
            if not piece:
                break
            data += piece
        return data

    def read_all(self) -> bytes:
        """Read until the node closes."""
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := self.socket.recv(65_536):
                data += piece
        return data

    def ask(self, command: str, prompt: bytes = PROMPT) -> str:
        """Send a line and return the reply without the prompt."""
        self.send(command.encode() + b"\n")
        reply = self.read_until(prompt)
        assert reply.endswith(prompt), reply
        return reply.removesuffix(prompt).decode()

    def greeted(self, prompt: bytes = PROMPT) -> Client:
        """Read the first prompt."""
        assert self.read_until(prompt) == prompt
        return self

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
