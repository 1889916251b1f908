"""Background jobs, through the shell."""

from __future__ import annotations

from ast import literal_eval
from typing import Any

import pytest

_T = b"""
import time
import asyncio

count = 0


def bump():
    global count
    count += 1
    return count


def nap(sec):
    time.sleep(sec)
    return 'awake'


async def rest(sec):
    await asyncio.sleep(sec)
    return 'rested'


def fail():
    raise ValueError('no luck')


def speak(text):
    return text
"""
_HINTS = (
    "SHELL: type help for single word commands (built-in)\n"
    "SHELL: for LM exec: [1](LM)module [2]function [3...]optional params"
)


@pytest.fixture
def shell(world: Any) -> Any:
    files = {f"/LM_{name}.py": _T for name in ("t", "other", "mine", "fourth")}
    return world.shell(world.add_node("node01", config={"soctout": 86_400}, files=files))


def test_job_runs_once(world: Any, shell: Any) -> None:
    assert shell("t bump &") == "[BgJob][1] Start t.bump"
    world.run_for(1)
    assert shell("bgjob show") == " isbusy: False\n taskid: (1, 't.bump')\n out: 1 [True]"


def test_delayed_job_runs_after_its_seconds(world: Any, shell: Any) -> None:
    shell("t bump &5")
    world.run_for(4.5)
    assert shell("t bump") == "1"
    world.run_for(1)
    assert shell("t bump") == "3"


def test_loop_pauses_before_each_run(world: Any, shell: Any) -> None:
    shell("t bump &&2")
    world.run_for(7)
    assert shell("bgjob show").endswith("out: 1 [True]2 [True]3 [True]")


def test_loop_without_pause_leaves_the_node_to_others(world: Any, shell: Any) -> None:
    shell("t bump &&")
    world.run_for(1)
    sent = world.now_s
    assert shell("hello").startswith("hello:node01:")
    assert world.now_s - sent < 0.05
    assert 20 < int(shell("t bump")) <= 52


@pytest.mark.parametrize("suffix", ["&&0.5", "&&x", "&&-1"])
def test_pause_that_is_no_number_is_none(world: Any, shell: Any, suffix: str) -> None:
    shell(f"t bump {suffix}")
    world.run_for(1)
    assert int(shell("t bump")) > 20


def test_job_of_a_function_that_has_one_hears_that_it_is_busy(shell: Any) -> None:
    shell("t nap 5 &")
    assert shell("t nap 1 &") == "[BgJob][1] t.nap is Busy"


def test_several_jobs_run_side_by_side(world: Any, shell: Any) -> None:
    assert shell("t bump &&1") == "[BgJob][1] Start t.bump"
    assert shell("t rest 3 &") == "[BgJob][2] Start t.rest"
    world.run_for(5)
    blocks = shell("bgjob show *").split("\n isbusy")
    assert len(blocks) == 2
    assert blocks[0].startswith(" isbusy: True\n taskid: (1, 't.bump')\n out: 1 [True]")
    assert blocks[1] == ": False\n taskid: (2, 't.rest')\n out: rested [True]"


def test_number_of_jobs_is_bounded(world: Any, shell: Any) -> None:
    for function in ("bump", "fail", "speak 'a'", "rest 1"):
        assert " Start " in shell(f"t {function} &&50")
    assert shell("system clock &") == "[BgJob][4] t.rest is Busy"
    shell("bgjob stop t.fail")
    assert shell("system clock &") == "[BgJob][5] Start system.clock"
    world.run_for(1)
    assert shell("bgjob show t.fail") == "[BgJob] No job t.fail"
    assert shell("bgjob show *").count("taskid") == 4


@pytest.mark.parametrize("tag", ["2", "t.rest"])
def test_tag_addresses_one_job(world: Any, shell: Any, tag: str) -> None:
    shell("t bump &&100")
    shell("t rest 1 &&100")
    shell("t fail &&100")
    assert shell(f"bgjob stop {tag}") == "[BgJob] Stop (2, 't.rest')"
    world.run_for(0.1)
    assert shell(f"bgjob show {tag}") == " isbusy: False\n taskid: (2, 't.rest')\n out: "
    assert literal_eval(shell(f"bgjob show {tag} >json"))["taskid"] == (2, "t.rest")
    assert shell("bgjob show").startswith(" isbusy: True\n taskid: (3, 't.fail')")
    assert shell("bgjob show t.nap") == "[BgJob] No job t.nap"
    assert shell("bgjob stop *").split("\n") == [
        "[BgJob] Stop (1, 't.bump')",
        "[BgJob] Already stopped (2, 't.rest')",
        "[BgJob] Stop (3, 't.fail')",
    ]


def test_stop_without_a_tag_takes_the_newest_that_goes_on(shell: Any) -> None:
    shell("t bump &&100")
    shell("t fail &&100")
    assert shell("bgjob stop") == "[BgJob] Stop (2, 't.fail')"
    assert shell("bgjob stop") == "[BgJob] Stop (1, 't.bump')"
    assert shell("bgjob stop") == "[BgJob] Already stopped (2, 't.fail')"


def test_id_of_a_job_that_lasts_is_given_to_no_other(world: Any, shell: Any) -> None:
    shell("t bump &&3600")
    seen = []
    for _ in range(22):
        seen.append(int(shell("t speak 'a' &").split("]")[1][1:]))
        world.run_for(0.2)
    assert seen == [*range(2, 21), 0, 2, 3]


@pytest.mark.parametrize("function", ["nap 10", "rest 10"])
def test_jobs_leave_the_shell_as_quick_as_it_was(world: Any, shell: Any, function: str) -> None:
    def took_s(command: str) -> float:
        began = world.now_s
        shell(command)
        return float(world.now_s - began)

    took_s("system heartbeat")
    idle_s = max(took_s("system heartbeat") for _ in range(5))
    shell("system heartbeat &&1")
    shell(f"t {function} &")
    shell("other nap 10 &")
    for _ in range(20):
        world.run_for(0.1)
        assert took_s("system heartbeat") <= 2 * idle_s + 0.001
        assert took_s("mine speak 'a'") < 1


def test_command_waits_for_one_call_of_a_loop_at_most(world: Any, shell: Any) -> None:
    shell("t nap 2 &&")
    for _ in range(5):
        world.run_for(0.7)
        began = world.now_s
        assert shell("t speak 'a'") == "a"
        assert world.now_s - began <= 2.1


def test_jobs_that_block_leave_a_worker_to_the_shell(world: Any, shell: Any) -> None:
    for name in ("t", "other", "mine"):
        shell(f"{name} nap 60 &")
    world.run_for(8)
    assert shell("fourth speak 'a'") == "a"
    assert "busy: all workers are running" in shell("bgjob show mine.nap")
    assert "[False]" in shell("bgjob show mine.nap")


@pytest.mark.slow
def test_jobs_that_never_end_are_no_reason_for_a_restart(world: Any, shell: Any) -> None:
    for name in ("t", "other"):
        shell(f"{name} nap 100000 &")
    for _ in range(8):
        world.run_for(60)
        shell("mine speak 'a' &")
    assert world.nodes["node01"].boots == 1


def test_stop_ends_a_job_that_waits_for_its_first_run(world: Any, shell: Any) -> None:
    shell("t bump &50")
    shell("bgjob stop")
    world.run_for(60)
    assert shell("t bump") == "1"


def test_longest_pause_is_one_that_ticks_can_tell(world: Any, shell: Any) -> None:
    shell("t bump &999999999")
    world.run_for(5)
    assert "isbusy: True" in shell("bgjob show")
    assert shell("system alarms").endswith("OK alarm: 0")


def test_stop_ends_a_loop_at_once_and_only_once(world: Any, shell: Any) -> None:
    shell("t bump &&100")
    assert literal_eval(shell("bgjob show >json")) == {"isbusy": True, "taskid": (1, "t.bump"), "out": ""}
    assert shell("bgjob stop") == "[BgJob] Stop (1, 't.bump')"
    assert shell("bgjob stop") == "[BgJob] Already stopped (1, 't.bump')"
    world.run_for(1)
    assert literal_eval(shell("bgjob show >json")) == {"isbusy": False, "taskid": (1, "t.bump"), "out": ""}
    assert shell("t bump &") == "[BgJob][2] Start t.bump"


def test_stop_during_a_run_lets_it_end_and_starts_no_other(world: Any, shell: Any) -> None:
    shell("t nap 5 &&1")
    world.run_for(3)
    shell("bgjob stop")
    world.run_for(20)
    assert shell("bgjob show") == " isbusy: False\n taskid: (1, 't.nap')\n out: awake [True]"


@pytest.mark.parametrize("function", ["nap 10", "rest 10"])
def test_shell_answers_while_a_job_runs(world: Any, shell: Any, function: str) -> None:
    shell(f"t {function} &")
    world.run_for(1)
    sent = world.now_s
    assert shell("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - sent < 0.1


def test_failing_job_says_so_in_its_output_and_in_the_log(world: Any, shell: Any) -> None:
    shell("t fail &")
    world.run_for(1)
    assert shell("bgjob show").endswith("out: exec_lm_core LM_t->fail: no luck [False]")
    assert "bgjob: exec_lm_core LM_t->fail: no luck" in shell("system alarms")


def test_output_keeps_the_newest_80_characters(world: Any, shell: Any) -> None:
    shell(f"t speak '{'a' * 100}z' &")
    world.run_for(1)
    assert shell("bgjob show").partition("out: ")[2] == "a" * 72 + "z [True]"


def test_ids_count_to_20_and_begin_again_at_0(world: Any, shell: Any) -> None:
    seen = []
    for _ in range(22):
        seen.append(shell("t bump &").split("]")[1][1:])
        world.run_for(0.5)
    assert seen == [str(n) for n in [*range(1, 21), 0, 1]]


def test_suffix_without_a_function_gives_the_hints(shell: Any) -> None:
    assert shell("t &") == _HINTS


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("bgjob stop", "[BgJob] Already stopped (0, 'none')"),
        ("bgjob stop >json", "[BgJob] Already stopped (0, 'none')"),
        ("bgjob show", " isbusy: False\n taskid: (0, 'none')\n out: "),
    ],
)
def test_node_that_ran_no_job_says_so(shell: Any, command: str, reply: str) -> None:
    assert shell(command) == reply


def test_state_of_the_job_may_be_read_as_a_literal(shell: Any) -> None:
    assert literal_eval(shell("bgjob  show  >json")) == {"isbusy": False, "taskid": (0, "none"), "out": ""}


@pytest.mark.parametrize("command", ["bgjob start", "bgjob show all 1", "bgjob stop 1 2"])
def test_other_word_after_bgjob_is_a_load_module_command(shell: Any, command: str) -> None:
    assert "no module named 'LM_bgjob'" in shell(command)


def test_suffix_is_refused_where_it_is_not_last(shell: Any) -> None:
    refused = "exec_lm_core LM_t->bump: a background suffix stands at the end of a shell command\n" + _HINTS
    assert shell("t bump & >json") == refused
    assert shell("t bump") == "1"


def test_json_mark_before_the_suffix_is_ignored(world: Any, shell: Any) -> None:
    assert shell("t bump >json &") == "[BgJob][1] Start t.bump"
    world.run_for(1)
    assert shell("bgjob show").endswith("out: 1 [True]")


def test_talkative_job_is_not_slowed_down(world: Any, shell: Any) -> None:
    shell("robustness memory_leak cnt=400 &")
    world.run_for(20)
    assert "'isbusy': False" in shell("bgjob show >json")
