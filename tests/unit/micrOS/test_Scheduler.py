"""Cron on a node in virtual time: commands run at their moments, what is wrong is told, changes take effect at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.world import World

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


def _node(world: Any, tasks: str, seq_ms: int = 1000, **config: Any) -> Any:
    world.lan.faults.start("internet_down")  # no time from the network: the clock is the test's own
    config = {"cron": True, "crontasks": tasks, "cronseq": seq_ms, "soctout": 86_400, **config}
    node = world.add_node("node01", config=config, files={"/LM_log.py": _LOG})
    return world.shell(node)


def _configure(shell: Any, *lines: str) -> None:
    for line in ("conf", *lines, "noconf"):
        assert shell(line) == ("Saved" if line in lines else "")


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
        ("8:0!log note 'x'", "weekday:hour:minute:second, sunrise or sunset expected"),
        ("sunset15!log note 'x'", "+ or - expected, not 15"),
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


def test_broken_entry_among_ten_costs_itself_alone(world: Any) -> None:
    entries = [f"*:*:*:{20 + i}!log note '{i}'" for i in range(10)]
    entries[4] = "*:*:*:99!log note 4"
    shell = _node(world, ";".join(entries))
    shell(_MONDAY.format("7 0 10"))
    world.run_for(3600)
    ran = [shown.partition("@")[0] for shown in shell("log show").split()]
    assert ran[:9] == list("012356789") and set(ran) == set("012356789")
    alarms = shell("system alarms").splitlines()
    about = [line for line in alarms if "cron" in line]
    assert len(about) == 1
    assert about[0].endswith("cron syntax error: entry 5: *:*:*:99!log note 4: second 0..59 expected, not 99")


def test_range_wildcard_and_sunset_fire_in_order_once_each(world: Any) -> None:
    tasks = "*:21-22:*:30!log note 'a'; *:*:30:0!log note 'b'; sunset-15!log note 'c'"
    shell = _node(world, tasks, lat="47.4979", lon="19.0402", utc=120, utcauto=False)
    shell("system setclock 2026 6 21 20 20 0")  # sunset is at 20:44:32 (tests/unit/micrOS/sun_vectors.csv: 20:44)
    world.run_for(45 * 60)
    ran = shell("log show").split()
    assert ran[0].startswith("c@20:29:") and ran[1:3] == ["b@20:30:00", "a@21:00:30"]
    assert ran[3:] == [f"a@21:0{minute}:30" for minute in range(1, 5)]


def test_several_commands_of_an_entry_run_in_order(world: Any) -> None:
    shell = _node(world, "*:8:0:0!log note 'a'; log note 'b';; *:8:0:1!log note 'c'")
    shell(_MONDAY.format("7 59 50"))
    world.run_for(20)
    assert shell("log show") == "a@08:00:00 b@08:00:00 c@08:00:01"


def test_failing_command_is_logged_with_its_entry_and_the_next_runs(world: Any) -> None:
    shell = _node(world, "sunset!log note 'x'; *:*:*:10!log nothing; *:*:*:10!log note 'b'")
    shell(_MONDAY.format("7 0 5"))
    world.run_for(10)
    assert shell("log show") in ("b@07:00:10", "b@07:00:11")
    assert "cron: entry 2: log nothing: exec_lm_core LM_log->nothing:" in shell("system alarms")


def test_entry_that_always_fails_does_not_wear_the_flash_out(world: Any) -> None:
    shell = _node(world, "*:*:*:*!log nothing", seq_ms=10_000)
    shell(_MONDAY.format("7 0 5"))
    node = world.nodes["node01"]
    world.run_for(60)
    before = node.flash.operations
    world.run_for(4 * 3600)
    assert node.flash.operations - before < 30
    assert "more)" in shell("system alarms")


def test_changed_tasks_take_effect_without_a_reboot(world: Any) -> None:
    shell = _node(world, "*:8:0:0!log note 'a'; *:8:0:20!log note 'b'")
    shell(_MONDAY.format("7 59 50"))
    world.run_for(15)
    _configure(shell, "crontasks *:8:0:30!log note 'c';*:8:0:3!log note 'd';bad")
    world.run_for(40)
    assert shell("log show") == "a@08:00:00 c@08:00:30"  # d's moment had passed
    assert shell("system alarms").count("cron syntax error: entry 3: bad") == 1


def test_tasks_that_come_later_run_and_can_be_taken_away(world: Any) -> None:
    shell = _node(world, "n/a")
    shell(_MONDAY.format("7 59 50"))
    _configure(shell, "crontasks *:*:*:0!log note 'a'")
    world.run_for(15)
    _configure(shell, "crontasks n/a")
    world.run_for(120)
    assert shell("log show") == "a@08:00:00"


def test_task_that_is_due_while_the_tasks_are_changed_is_not_lost(world: Any) -> None:
    shell = _node(world, "*:8:0:0!log note 'a'", seq_ms=20_000)
    shell(_MONDAY.format("7 59 30"))
    world.run_for(20)
    while "8:0:" not in shell("system clock"):
        world.run_for(0.5)
    assert shell("log show") == ""  # the tick is still to come
    _configure(shell, "crontasks *:9:0:0!log note 'b'")
    world.run_for(25)
    assert shell("log show").startswith("a@08:00:")


def test_changed_place_moves_the_sunset_that_is_to_come(world: Any) -> None:
    shell = _node(world, "sunset!log note 'a'", lat="47.4979", lon="19.0402", utc=120, utcauto=False)
    shell("system setclock 2026 6 21 19 0 0")
    world.run_for(10)
    _configure(shell, "lon 34.0402")  # an hour earlier
    world.run_for(3600)
    assert shell("log show").startswith("a@19:44:")
    _configure(shell, "lon 19.0402")
    world.run_for(3600)
    assert len(shell("log show").split()) == 1


def test_changed_offset_moves_clock_and_sunset_together(world: Any) -> None:
    tasks = "sunset!log note 'a'; *:20:0:0!log note 'b'"
    shell = _node(world, tasks, lat="47.4979", lon="19.0402", utc=60, utcauto=False)
    shell("system setclock 2026 6 21 19 10 0")
    world.run_for(10)
    _configure(shell, "utc 120")
    assert shell("system clock").startswith("2026.6.21  20:10:")
    world.run_for(3600)
    ran = shell("log show").split()
    assert len(ran) == 2 and ran[0].startswith("b@20:10:1") and ran[1].startswith("a@20:44:")


def test_place_that_is_found_after_the_boot_counts_at_once() -> None:
    with World(seed=0, utc=datetime(2026, 6, 21, 18, 40, tzinfo=UTC)) as world:  # the sun sets 4 minutes later
        config = {"cron": True, "crontasks": "sunset!log note 'a'", "utc": 120, "utcauto": False, "soctout": 900}
        with world.lan.faults.start("http_error", host="ip-api.com"):
            node = world.add_node("node01", config=config, files={"/LM_log.py": _LOG})
            shell = world.shell(node)
            world.run_for(20)
        shell("system sun refresh=True")
        world.run_for(300)
        assert shell("log show").startswith("a@20:44:")


def test_sun_that_cannot_be_computed_costs_its_own_entries_alone(world: Any) -> None:
    node = world.add_node(
        "node01",
        config={"cron": True, "crontasks": "sunset!log note 'x'; *:*:*:10!log note 'b'", "lat": "47.5", "lon": "19"},
        files={"/LM_log.py": _LOG, "/sun.py": b"\x00\xff def ("},
    )
    shell = world.shell(node)
    world.run_for(90)
    ran = shell("log show").split()
    assert 1 <= len(ran) <= 3 and all(shown.startswith("b@") for shown in ran)
    assert "cron: no sun: " in shell("system alarms")


_LAMP = "*:17:0:0!log note 'on'; *:23:0:0!log note 'off'; *:12:0:0!log note 'noon'; 0:*:*:*!log note 'monday'"
_HOOK = {"boothook": "cron replay"}


@pytest.mark.parametrize(
    ("clock", "last"),
    [("20 0 0", "off noon on"), ("23 30 0", "noon on off"), ("5 0 0", "noon on off"), ("16 0 0", "on off noon")],
)
def test_replay_runs_what_was_due_last_in_order(world: Any, clock: str, last: str) -> None:
    shell = _node(world, _LAMP, **_HOOK)
    world.run_for(600)
    assert shell("log show") == ""  # without a clock, nothing is known
    shell(f"system setclock 2026 1 7 {clock}")  # a Wednesday
    world.run_for(5)
    ran = [shown.partition("@")[0] for shown in shell("log show").split()]
    assert ran[0] == "monday" and ran[1:] == last.split()
    world.run_for(600)
    assert len(shell("log show").split()) == 4


def test_replay_does_not_hold_up_the_boot(world: Any) -> None:
    shell = _node(world, _LAMP, **_HOOK)
    assert world.now_s < 15 and shell("hello").startswith("hello:node01")
    assert shell("system alarms").count("safe_boot_hook") == 0


def test_replay_and_tick_do_not_run_the_same_moment(world: Any) -> None:
    shell = _node(world, "*:8:0:0!log note 'a'", seq_ms=10_000)
    shell(_MONDAY.format("7 59 50"))
    while "8:0:" not in shell("system clock"):
        world.run_for(0.5)
    before = len(shell("log show").split())
    assert shell("cron replay") == "replay follows when the clock is right"
    world.run_for(20)
    assert before == 0 and len(shell("log show").split()) == 2  # that of yesterday, and the one that is due


@pytest.mark.slow
def test_replay_is_given_up_after_a_day_without_a_clock(world: Any) -> None:
    shell = _node(world, _LAMP, seq_ms=60_000, **_HOOK)
    world.run_for(25 * 3600)
    shell = world.shell(world.nodes["node01"])
    shell("system setclock 2026 1 7 20 0 0")
    world.run_for(200)
    assert shell("log show") == ""


def test_replay_without_cron_is_refused(world: Any) -> None:
    shell = world.shell(world.add_node("node01"))
    assert "cron is off" in shell("cron replay")
