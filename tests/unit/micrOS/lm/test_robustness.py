"""``robustness`` misbehaves, and the node survives it."""

from __future__ import annotations

import json
import re

_SIZE = r"\d+ kB \d+ byte"
_HELP = ["NOTE: This is a test module to validate system robustness", "raise_error", "memory_leak cnt=160"]


def test_error_comes_after_what_was_streamed(shell):
    lines = shell("robustness raise_error").split("\n")
    assert lines[:2] == ["Raise test exception", "exec_lm_core LM_robustness->raise_error: Test exception"]
    assert shell("system heartbeat") == "<3 heartbeat <3"


def test_memory_falls_while_it_is_taken_and_comes_back(shell):
    assert shell("robustness memory_leak 0").startswith("[0] RAM Alloc.: ")
    before = json.loads(shell("system gclean >json"))["GC MemFree[byte]"]
    lines = shell("robustness memory_leak").split("\n")
    assert [re.sub(_SIZE, "n", line) for line in lines[:-1]] == [
        f"[{k}] gen: micrOS memory: Free RAM: n" for k in range(160)
    ]
    assert re.fullmatch(rf"\[160\] RAM Alloc.: {_SIZE}", lines[-1])
    free = [int(kb) * 1024 + int(rest) for kb, rest in re.findall(r"(\d+) kB (\d+) byte", "\n".join(lines[:-1]))]
    assert max(free) - min(free) >= 5_000  # garbage is collected meanwhile
    assert abs(json.loads(shell("system gclean >json"))["GC MemFree[byte]"] - before) < 4096


def test_more_memory_than_there_is_ends_the_call_only(shell):
    """Who finds no memory may also be the session, which streams what the call tells."""
    lines = shell("robustness memory_leak 5000", timeout_s=120).split("\n")
    assert "memory allocation failed" in lines[-3]
    assert lines[-2] == "[HA] system recovery ..."
    assert lines[-1].startswith("[HA] gc-collect-memfree: ")
    shell("system gclean")  # the call may have outlived the session's wait for it
    assert shell("robustness recursion_limit 1") == "recalled 1\n0"


def test_recursion_goes_through_the_stream(shell):
    assert shell("robustness recursion_limit").split("\n") == [*(f"recalled {k}" for k in range(1, 15)), "0"]
    assert json.loads(shell("robustness recursion_limit cnt=2 >json")) == {
        "stream": ["recalled 1", "recalled 2"],
        "result": 0,
    }


def test_recursion_too_deep_is_an_error(shell):
    assert "maximum recursion depth exceeded" in shell("robustness recursion_limit 500")
    assert shell("system heartbeat") == "<3 heartbeat <3"


def test_help(shell):
    assert json.loads(shell("robustness help >json")) == [*_HELP, "recursion_limit cnt=14"]
