"""Cron: grammar and firing moments, on a node in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

_LOG = b"""
import time

seen = []


def note(tag):
    seen.append('%s@%02d:%02d:%02d' % ((tag,) + time.localtime()[3:6]))


def show():
    return ' '.join(seen)
"""
#: 2026-01-05 is a Monday.
_MONDAY = "system setclock 2026 1 5 {}"


def _node(world: Any, tasks: str, seq_ms: int = 1000) -> Any:
    world.lan.faults.start("internet_down")  # no time from the network: the clock is the test's own
    config = {"cron": True, "crontasks": tasks, "cronseq": seq_ms, "soctout": 86_400}
    node = world.add_node("node01", config=config, files={"/LM_log.py": _LOG})
    return world.shell(node)


@pytest.mark.parametrize(
    ("tasks", "start", "seconds", "fired"),
    [
        ("*:8:0:0!log note 'a'", "7 59 50", 20, "a@08:00:00"),
        ("*:8:0-1:0!log note 'a'", "7 59 50", 130, "a@08:00:00 a@08:01:00"),
        ("*:23-1:0:0!log note 'a'", "23 59 58", 3600 + 10, "a@00:00:00 a@01:00:00"),
        ("0:*:59:58!log note 'a'", "23 59 50", 3700, "a@23:59:58"),
        ("5-1:*:0:0!log note 'a'", "22 59 50", 20, "a@23:00:00"),
        ("1-5:*:0:0!log note 'a'", "22 59 50", 20, ""),
        ("*:*:*:10!log note 'a'; *:*:*:10!log note 'b'", "7 0 5", 62, "a@07:00:10 b@07:00:10"),
        ("*:8:0:0!log note 'a;b!c'", "7 59 50", 20, "a;b!c@08:00:00"),
    ],
)
def test_entry_fires_at_its_moments(world: Any, tasks: str, start: str, seconds: int, fired: str) -> None:
    shell = _node(world, tasks)
    shell(_MONDAY.format(start))
    world.run_for(seconds)
    assert shell("log show") == fired


@pytest.mark.parametrize("seq_ms", [100, 3000, 20_000, 60_000])
def test_entry_fires_once_and_never_early_whatever_the_period(world: Any, seq_ms: int) -> None:
    shell = _node(world, "*:*:0:0!log note 'a'", seq_ms)
    shell(_MONDAY.format("7 57 1"))
    world.run_for(600)
    fired = shell("log show").split()
    assert len(fired) == 1
    minute, second = fired[0].split(":")[1:]
    assert 0 <= int(minute) * 60 + int(second) <= seq_ms // 1000 + 1


def test_nothing_fires_before_the_clock_is_right(world: Any) -> None:
    shell = _node(world, "*:*:*:*!log note 'a'")
    world.run_for(30)
    assert shell("log show") == ""


def test_clock_put_back_fires_nothing_twice(world: Any) -> None:
    shell = _node(world, "*:8:0:0!log note 'a'")
    shell(_MONDAY.format("7 59 58"))
    world.run_for(5)
    shell(_MONDAY.format("7 59 0"))
    world.run_for(90)
    assert shell("log show") == "a@08:00:00"


@pytest.mark.parametrize(("to", "fired"), [("8 30 0", 1), ("9 30 0", 0)])
def test_step_forward_makes_up_for_an_hour_at_most(world: Any, to: str, fired: int) -> None:
    shell = _node(world, "*:8:0:0!log note 'a'")
    shell(_MONDAY.format("7 45 0"))
    world.run_for(5)
    shell(_MONDAY.format(to))
    world.run_for(5)
    assert len(shell("log show").split()) == fired


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("8:0!log note 'x'", "weekday:hour:minute:second expected"),
        ("sunset!log note 'x'", "weekday:hour:minute:second expected"),
        ("7:8:0:0!log note 'x'", "weekday 0..6 expected, not 7"),
        ("*:24:0:0!log note 'x'", "hour 0..23 expected, not 24"),
        ("*:8:90:0!log note 'x'", "minute 0..59 expected, not 90"),
        ("*:8:0:!log note 'x'", "second 0..59 expected, not nothing"),
        ("*:8:0:0", "<time>!<module> <function> expected"),
        ("*:8:0:0!log", "<time>!<module> <function> expected"),
    ],
)
def test_wrong_entry_is_reported_once_and_the_others_run(world: Any, entry: str, problem: str) -> None:
    shell = _node(world, f"*:*:*:10!log note 'a'; {entry}; *:*:*:12!log note 'b'")
    shell(_MONDAY.format("7 0 5"))
    world.run_for(80)
    assert shell("log show").split() == ["a@07:00:10", "b@07:00:12", "a@07:01:10", "b@07:01:12"]
    alarms = shell("system alarms")
    assert alarms.count(f"cron syntax error: entry 2: {entry}: {problem}") == 1
    assert "log nothing" not in alarms


def test_failing_command_is_logged_and_the_next_runs(world: Any) -> None:
    shell = _node(world, "*:*:*:10!log nothing; *:*:*:10!log note 'b'")
    shell(_MONDAY.format("7 0 5"))
    world.run_for(10)
    assert shell("log show") == "b@07:00:10"
    assert "cron: exec_lm_core LM_log->nothing:" in shell("system alarms")
