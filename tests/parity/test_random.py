"""Random commands, right and wrong, do the same on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.parity.compare import Comparison
from simulator.parity.scenario import Scenario
from tests.parity.corpus_life import WRONG
from tests.parity.corpus_shell import asks

_NUMBERS = st.one_of(
    st.integers(-300, 70_000).map(str), st.sampled_from(["0x1F", "2.5", "-0.125", "1e3", "010", "1_0"])
)
_TEXTS = st.one_of(
    st.text("abz 019-_.,;:/\\\u00e9{}[]()'&>", max_size=12).map(repr),
    st.sampled_from(
        ["''", '"a b"', "'open", "b'\\x00z'", "True", "None", "word", "[1, (2,)]", "{'k': [1]}", "{}", "[", "&", ">"]
    ),
)
_VALUES = st.one_of(_NUMBERS, _TEXTS)
_ARGUMENTS = st.lists(
    st.one_of(_VALUES, st.builds("{}={}".format, st.sampled_from(["value", "key", "ms", "x", "1"]), _VALUES)),
    max_size=3,
)
_CALLS = st.builds(
    lambda words, arguments, tail: " ".join([*words.split(), *arguments]) + tail,
    st.sampled_from(
        [
            "values back",
            "values all",
            "values text",
            "values nosuch",
            "raises value",
            "raises index",
            "raises own",
            "late wait 5",
            "system heartbeat",
            "system pinmap",
            "system rssi",
            "system ifconfig",
            "system cachedump",
            "intercon dump",
            "nosuch call",
            "values",
            "system",
        ]
    ),
    _ARGUMENTS,
    st.sampled_from(["", "", "", " >json", ">json", "  "]),
)
_SETTINGS = st.builds(
    "{} {}".format,
    st.sampled_from(["devfid", "soctout", "dbg", "utc", "guimeta", "crontasks", "irq1_trig", "timirqseq", "nosuch"]),
    st.one_of(_VALUES, st.sampled_from(["true", "False", "n/a", "12x", "up", "both", "*:*:*:*!system heartbeat"])),
)
_WORDS = st.sampled_from(
    ["hello", "version", "conf", "noconf", "dump", "devfid", "bgjob show", "help x", "", " ", "exit", "webrepl -x"]
)
_COMMANDS = st.one_of(
    st.lists(st.one_of(_CALLS, _CALLS, _WORDS), min_size=4, max_size=12),
    st.lists(st.one_of(_SETTINGS, _SETTINGS, _WORDS), min_size=4, max_size=12).map(lambda rest: ["conf", *rest]),
)


@pytest.mark.corpus
@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(commands=_COMMANDS)
def test_random_commands_do_the_same(compared: Callable[[Scenario], Comparison], commands: list[str]) -> None:
    scenario = Scenario("random", asks(*commands), files=WRONG)
    differences = compared(scenario).differences
    assert not differences, "\n" + "\n".join(str(difference) for difference in differences)
