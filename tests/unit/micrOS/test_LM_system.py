"""The commands of ``system`` on a booted node."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest


def test_info_has_its_six_lines(shell: Any) -> None:
    patterns = [
        r"CPU clock: 240 \[MHz\]",
        r"Free RAM: \d+ kB \d+ byte",
        r"Free fs: \d+ %",
        r"upython: v1\.\d+.*",
        r"board: .*ESP32.*",
        r"mac: 24:0a:c4:00:00:01",
    ]
    lines = shell("system info").split("\n")
    assert [bool(re.fullmatch(p, line)) for p, line in zip(patterns, lines, strict=False)] == [True] * 6
    assert lines[6:] == [""]


def test_slow_mode_runs_at_80_mhz(world: Any) -> None:
    node = world.add_node("node01", config={"boostmd": False})
    assert world.shell(node)("system info").startswith("CPU clock: 80 [MHz]\n")


def test_clock_follows_setclock_without_padding(shell: Any) -> None:
    assert shell("system setclock 2022 5 3 16 11 5") == "(2022, 5, 3, 16, 11, 5, 1, 123)"
    assert shell("system clock") == "2022.5.3  16:11:5\nWD: 1 YD: 123"


@pytest.mark.parametrize("date", ["1999 1 1 0 0 0", "2022 13 1 0 0 0", "2022 1 1 24 0 0", "2022 1 1 0 0 60"])
def test_impossible_date_is_refused(shell: Any, date: str) -> None:
    assert "is not in" in shell("system setclock " + date)


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("system heartbeat", "<3 heartbeat <3"),
        ("system rssi", " Amazing: -50"),
        ("system pinmap", " builtin: 2\n pinmap: esp32"),
        ("system pinmap 'dhtpin'", " dhtpin: 32\n pinmap: esp32"),
        ("system ha_sta", "STA mode, OK"),
        ("system alarms", "[WARN] appwd is the factory password: set another one\n OK alarm: 0"),
        ("system cachedump", ""),
        ("system cachedump cdel='rgb'", "rgb.pds not exists"),
        ("system lmpacman lm_del='system.py'", "Load module system.py is in use, skip delete."),
        ("system lmpacman lm_del='nope.py'", "Load module nope.py not exists"),
        ("system lmpacman lm_del='../boot.py'", "Load module ../boot.py not exists"),
        ("system module unload='LM_nope'", "Module unload LM_nope failed."),
    ],
)
def test_command_has_its_reply(shell: Any, command: str, reply: str) -> None:
    assert shell(command) == reply


def test_state_files_are_shown_and_deleted(node: Any, shell: Any) -> None:
    node.flash.write("/rgb.pds", b"1,2,3,0")
    assert shell("system cachedump") == "rgb.pds: 1,2,3,0\n"
    assert shell("system cachedump 'rgb'") == "rgb.pds delete done."
    assert not node.flash.exists("/rgb.pds")


def test_load_modules_are_listed_and_deleted(node: Any, shell: Any) -> None:
    node.flash.write("/LM_mine.py", b"")
    assert shell("system lmpacman").split("\n")[0] == "   mine.py"
    assert shell("system lmpacman 'mine.py'") == "Delete module: mine.py"
    assert not node.flash.exists("/LM_mine.py")


def test_alarms_are_shown_and_cleaned(shell: Any) -> None:
    assert shell("system alarms test=True").endswith("TeSt ErRoR\n NOK alarm: 1")
    assert shell("system alarms clean=True").endswith("\n OK alarm: 0")


def test_factory_password_is_an_alarm_as_long_as_it_is_there(shell: Any) -> None:
    for _ in range(2):
        assert shell("system alarms").startswith("[WARN] appwd is the factory password")
    for command in ("conf", "appwd Another12", "noconf"):
        shell(command)
    assert shell("system alarms") == " OK alarm: 0"


def test_alarms_count_errors_and_show_everything(world: Any, node: Any, shell: Any) -> None:
    world.run_on(node, "from Debug import errlog_add\nfor level in ('WARN', 'INFO', 'ERR'): errlog_add('x', level)")
    lines = shell("system alarms").split("\n")
    assert [line.split(" ", 2)[2] for line in lines[1:-1]] == ["[WARN] x", "[INFO] x", "x"]
    assert lines[-1] == " NOK alarm: 1"


def test_loaded_modules_are_listed(shell: Any) -> None:
    assert {"LM_system", "ConfigHandler"} <= set(json.loads(shell("system module >json")))


def test_every_help_line_names_a_function(shell: Any) -> None:
    known = re.findall(r"^ {9}(\w+)$", shell("help").partition("   system\n")[2], re.MULTILINE)
    usage = json.loads(shell("system help >json"))
    assert {line.split()[0] for line in usage} <= set(known)
    assert "alarms clean=False test=False" in usage


def test_ntp_answers_with_success_and_local_time(shell: Any) -> None:
    reply = shell("system ntp", timeout_s=60)
    assert re.fullmatch(r"\((True|False), \(\d+(, \d+){7}\)\)", reply)
