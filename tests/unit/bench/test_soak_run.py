"""The measured process of the bench ``soak``: it must see what it looks for."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bench import soak, soak_traffic
from bench.errors import BenchError
from bench.soak_run import SESSIONS, connect, exchange, start
from bench.soak_traffic import Tally
from simulator.world import World


def _run(world: World, *, batches: int = 3, mend: Any = None) -> Tally:
    tally = Tally()
    sessions = connect(world, start(world), random.Random(3), tally)
    world.run_for(1)
    if mend is not None:
        mend(sessions)
    for _ in range(batches):
        exchange(world, sessions, 8)
    return tally


def test_sixteen_sessions_hear_what_is_theirs(world: World) -> None:
    tally = _run(world, batches=10)
    assert tally.faults == []
    assert tally.lines == 10 * 10 * SESSIONS


def test_byte_of_another_session_is_a_fault(world: World) -> None:
    def cross(sessions: list[Any]) -> None:
        sessions[3]._connection.received = sessions[4]._connection.received

    faults = _run(world, batches=1, mend=cross).faults
    assert any("S03Q: heard [b'S04Q']" in fault for fault in faults)


def test_closed_session_is_a_fault(world: World) -> None:
    def close(sessions: list[Any]) -> None:
        sessions[3]._connection.send(b"exit\n")
        world.run_for(1)

    assert _run(world, batches=1, mend=close).faults[0] == "S03Q: the node closed the session"


def test_internal_error_in_a_reply_is_a_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak_traffic, "_TEMPLATES", (b"echo say 'internal error'",))
    assert "internal error" in _run(world, batches=1).faults[0]


def test_same_seed_sends_the_same_lines(world: World) -> None:
    digests = set()
    for _ in range(2):
        with World(seed=1) as other:
            _run(other, batches=2)
            digests.add(other.trace.digest())
    assert len(digests) == 1


def test_fault_makes_the_bench_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "run_json", lambda *args, **limits: {"faults": ["S01Q: heard [b'S02Q']"]})
    with pytest.raises(BenchError, match="S01Q: heard"):
        soak.measure(quick=True)
