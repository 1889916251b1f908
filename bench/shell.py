"""Bench ``shell``: ``hello`` to a simulated node over loopback, against a bare asyncio echo, same client.

``rtt_p50``, ``rtt_p95``: one connection, one command at a time. ``commands_per_s``: several connections at once.
Floor and subject run all the time and are asked by turns. The node follows the wall clock (pace 1).

Client and servers are kept on CPUs of their own, where the system can. Otherwise the scheduler sometimes puts a pair
on one CPU, which halves its round trip (no wake-up of an idle CPU; measured: 38 instead of 82 µs for the floor), so
that chance would decide about the ratio.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.boot import subject_command
from bench.client import PROMPT, Connection, Peer, commands_per_s, connect_when_up
from bench.environment import ROOT, ready_python
from bench.figures import Figure, Report, median, percentile
from bench.process import Server, free_port

_LIMIT_S = 60.0
_CLIENTS = 8
FLOOR = ROOT / "bench" / "floors" / "asyncio_echo.py"


class _Side:
    """Floor or subject: its connections and its samples."""

    def __init__(self, stack: ExitStack, command: list[str], peer: Peer) -> None:
        server = stack.enter_context(Server(command))
        first = connect_when_up(peer, server.check_alive, limit_s=_LIMIT_S)
        self._connections = [stack.enter_context(first)]
        while len(self._connections) < _CLIENTS:
            self._connections.append(stack.enter_context(Connection(peer)))
        self.p50_us: list[float] = []
        self.p95_us: list[float] = []
        self.per_s: list[float] = []

    def ask(self, commands: int) -> None:
        """Take one round of samples."""
        connection = self._connections[0]
        samples_us = []
        for _ in range(commands):
            started_ns = time.perf_counter_ns()
            connection.exchange()
            samples_us.append((time.perf_counter_ns() - started_ns) / 1e3)
        self.p50_us.append(percentile(samples_us, 50))
        self.p95_us.append(percentile(samples_us, 95))
        self.per_s.append(commands_per_s(self._connections, max(1, commands // _CLIENTS)))

    def forget(self) -> None:
        """Drop the samples so far."""
        for samples in (self.p50_us, self.p95_us, self.per_s):
            samples.clear()


def measure(quick: bool) -> Report:
    """Ask floor and subject by turns.

    Raises:
        BenchError: one of them does not start or answer.
    """
    rounds, commands = (3, 100) if quick else (21, 400)
    with ExitStack() as stack:
        floor_port, subject_port = free_port(), free_port()
        echo = [ready_python(), str(FLOOR), str(floor_port)]
        with _on_cpu(-1):
            floor = _Side(stack, echo, Peer(floor_port, greeting=b"", ending=b"\n"))
            subject = _Side(stack, subject_command(subject_port), Peer(subject_port, greeting=PROMPT, ending=PROMPT))
        with _on_cpu(0):
            _ask_by_turns(floor, subject, rounds, commands)
    figures = {
        "rtt_p50": Figure(median(subject.p50_us), "us", median(floor.p50_us)),
        "rtt_p95": Figure(median(subject.p95_us), "us", median(floor.p95_us)),
        "commands_per_s": Figure(median(subject.per_s), "1/s", median(floor.per_s)),
    }
    return Report(
        figures,
        f"median of {rounds} rounds each, floor and subject by turns; a round is {commands} commands one by one, "
        f"then {commands} over {_CLIENTS} connections at once",
    )


def _ask_by_turns(floor: _Side, subject: _Side, rounds: int, commands: int) -> None:
    for side in (floor, subject):
        side.ask(commands)
        side.forget()
    for _ in range(rounds):
        floor.ask(commands)
        subject.ask(commands)


@contextmanager
def _on_cpu(index: int) -> Iterator[None]:
    """Keep this process, and the children that it starts meanwhile, on one of its CPUs, if it has several."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        yield
        return
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(ours)[index]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)
