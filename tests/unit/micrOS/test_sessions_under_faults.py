"""Whatever clients and the network do: a session answers as the model says, or says less; never anything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.micrOS.session_player import FAULTS, FORMS, SLOW, WORDS, Step, play
from tests.unit.micrOS.session_referee import HOSTS

_HOST = st.integers(0, HOSTS - 1)
_LINE = st.integers(0, 5)
_WORD = st.sampled_from([*WORDS, *SLOW, "conf", "set", "note"])
_CONNECT = st.tuples(st.just("connect"), _HOST)
_JOIN = st.tuples(st.just("join"), _HOST)
_GUESS = st.tuples(st.just("guess"), _HOST, st.sampled_from([1, 3, 10]))
_RUSH = st.tuples(st.just("rush"), st.lists(_HOST, min_size=2, max_size=4))
_SCRIPT = st.sampled_from(
    [
        ["conf", "set", "get", "noconf"],
        ["conf", "set", "set"],
        ["noconf", "slow 1200", "note"],
        ["slow 1200", "conf", "set"],
    ]
)
_FLOOD = st.tuples(st.just("flood"), _LINE, st.sampled_from([0.3, 3.0, 12.0]))
_WORDS = st.one_of(st.lists(_WORD, min_size=1, max_size=4), _SCRIPT)
_SEND = st.tuples(st.just("send"), _LINE, st.sampled_from(FORMS), _WORDS)
_LEAVE = st.tuples(st.sampled_from(["close", "abort", "vanish", "pause", "resume"]), _LINE)
_FAULT = st.tuples(st.just("fault"), st.sampled_from(FAULTS), _LINE, st.integers(0, 2))
_MEND = st.tuples(st.just("mend"), st.integers(0, 2))
_WAIT = st.tuples(st.just("wait"), st.sampled_from([0.001, 0.01, 0.1, 0.5, 1.0, 3.0, 5.0, 10.0]))
#: How often each kind of step is drawn; `one_of` counts a repeated strategy once.
_CALM = [_CONNECT, _JOIN, _JOIN, _RUSH, _GUESS, _FLOOD, *[_SEND] * 12, *[_LEAVE] * 3, *[_WAIT] * 3]
_STORM = [*_CALM, *[_FAULT] * 4, _MEND, _WAIT]
CALM = st.lists(st.sampled_from(_CALM).flatmap(lambda step: step), min_size=10, max_size=40)
STORM = st.lists(st.sampled_from(_STORM).flatmap(lambda step: step), min_size=10, max_size=40)
SESSIONS = st.sampled_from([3, 3, 6])


@pytest.mark.slow
@settings(deadline=None, max_examples=80, derandomize=True)
@given(steps=CALM, auth=st.booleans(), sessions=SESSIONS)
def test_without_faults_every_byte_is_as_the_model_says(steps: list[Step], auth: bool, sessions: int) -> None:
    play([("join", 0), ("join", 1), *steps], auth=auth, sessions=sessions)


@pytest.mark.slow
@settings(deadline=None, max_examples=140, derandomize=True)
@given(steps=STORM, auth=st.booleans(), sessions=SESSIONS)
def test_under_faults_nothing_else_than_a_beginning_arrives(steps: list[Step], auth: bool, sessions: int) -> None:
    play([("join", 0), ("join", 1), *steps], auth=auth, sessions=sessions)
