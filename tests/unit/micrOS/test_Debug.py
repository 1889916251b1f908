"""The error log: two short files, never an exception, no flood."""

from __future__ import annotations

import re
from typing import Any

import pytest

_ADD = "from Debug import errlog_add\n"


@pytest.fixture
def run(world: Any, node: Any) -> Any:
    """Executes source on a booted node."""
    return lambda source, **how: world.run_on(node, source, **how)


def _lines(node: Any, name: str) -> list[str]:
    return node.flash.read(name).decode().splitlines() if node.flash.exists(name) else []


def test_line_has_local_time_without_padding(node: Any, run: Any) -> None:
    run(_ADD + "errlog_add('two\\nlines')")
    (line,) = _lines(node, "/err.log")
    assert re.fullmatch(r"2000\.1\.1 0:0:\d+ two lines", line)


def test_log_rotates_at_five_lines(node: Any, run: Any) -> None:
    run(_ADD + "for i in range(7): errlog_add('text %d' % i)")
    assert [line[-1] for line in _lines(node, "/err.pre.log")] == list("01234")
    assert [line[-1] for line in _lines(node, "/err.log")] == list("56")


def test_repeated_text_is_counted_not_written(world: Any, node: Any, run: Any) -> None:
    run(_ADD + "for i in range(50): errlog_add('again')")
    assert len(_lines(node, "/err.log")) == 1
    world.run_for(61)
    run(_ADD + "errlog_add('again')")
    assert _lines(node, "/err.log")[1].endswith("again (49 more)")


def test_many_different_texts_do_not_flood(world: Any, node: Any, run: Any) -> None:
    run(_ADD + "for i in range(100): errlog_add('text %d' % i)")
    assert len(_lines(node, "/err.pre.log") + _lines(node, "/err.log")) == 8
    world.run_for(61)
    run(_ADD + "errlog_add('later')")
    assert "later" in _lines(node, "/err.log")[-1]


@pytest.mark.parametrize("ntp", ["", "no NTP"])
@pytest.mark.parametrize("config", [{}, {"cron": True}, {"auth": True}, {"staessid": "nowhere"}])
def test_quiet_node_writes_nothing_to_the_flash_in_a_day(world: Any, config: dict[str, object], ntp: str) -> None:
    if ntp and "staessid" not in config:
        world.lan.faults.start("internet_down")
    node = world.add_node("node01", config=config)
    world.run_until(lambda: node.listening(9008), timeout_s=300)
    world.run_for(300)
    before = dict(node.flash.writes)
    client = None if "staessid" in config else world.lan.client("client")
    for _ in range(24):
        if client is not None:
            tcp = client.connect(world.lan.address(node.machine), 9008)
            tcp.send(b"hello\n")
            world.run_for(1)
            assert b"hello:node01:" in tcp.received
            tcp.close()
        world.run_for(3599)
    assert node.flash.writes == before
    assert node.boots == 1


def test_full_flash_does_not_raise(firmware: Any, memory_flash: Any) -> None:
    flash = memory_flash()
    debug = flash.boot().load("Debug")
    debug.setup(False)
    flash.is_full = True
    assert debug.errlog_add("text") is False
    flash.is_full = False
    assert debug.errlog_add("other") is True


def test_held_back_lines_are_told_whatever_comes_next(world: Any, node: Any, run: Any) -> None:
    run(_ADD + "for i in range(4): errlog_add('again')\nfor i in range(10): errlog_add('text %d' % i)")
    shown = run("from Debug import errlog_get\nprint(errlog_get())").splitlines()
    assert shown[-2:] == ["[INFO] 6 lines held back", "8"]
    world.run_for(200)
    run(_ADD + "errlog_add('later')")
    assert _lines(node, "/err.log")[-1].endswith("later (6 others held back)")
    assert "held back" not in run("from Debug import errlog_get\nerrlog_get()").replace("others held back", "")


def test_text_that_keeps_coming_is_written_less_and_less_often(world: Any, node: Any, run: Any) -> None:
    before = sum(node.flash.writes.values())
    run(_ADD + "import time\nfor i in range(2880):\n    errlog_add('again')\n    time.sleep(30)", timeout_s=90000)
    assert sum(node.flash.writes.values()) - before < 60
    assert "again (119 more)" in _lines(node, "/err.log")[-1]


def test_flood_writes_a_line_a_minute(world: Any, node: Any, run: Any) -> None:
    before = node.flash.writes.get("/err.log", 0)
    run(_ADD + "import time\nfor i in range(3600):\n    errlog_add('text %d' % i)\n    time.sleep(1)", timeout_s=4000)
    assert node.flash.writes["/err.log"] - before < 2 * (8 + 61)


def test_levels_are_tagged_but_errors_are_not(node: Any, run: Any) -> None:
    run(_ADD + "errlog_add('a')\nerrlog_add('b', 'WARN')\nerrlog_add('c', level='INFO')\nerrlog_add('[WARN] d')")
    assert [line.split(" ", 2)[2] for line in _lines(node, "/err.log")] == [
        "a",
        "[WARN] b",
        "[INFO] c",
        "[ERR] [WARN] d",
    ]
    assert all(line in node.console.text() for line in ("[ERR] a", "[WARN] b", "[INFO] c"))
    assert run("from Debug import errlog_get\nprint(errlog_get())").splitlines()[-1] == "2"


def test_long_text_is_cut_and_control_characters_are_replaced(node: Any, run: Any) -> None:
    run(_ADD + "errlog_add('\\x1b]0;x\\x07 a\\r\\n\\tb' + 'y' * 10000)")
    (line,) = _lines(node, "/err.log")
    assert "?]0;x? a byyy" in line
    assert len(line) < 300


_DAMAGED = [
    b"\xff\xfe\x00broken",
    b"\n" * 20,
    b"x" * 100_000,
    b"2000.1.1 0:0:0 no end",
    b"\xc3\x28\n2000.1.1 0:0:0 second\n",
]


@pytest.mark.parametrize("content", _DAMAGED)
def test_damaged_log_is_shown_and_gives_way(node: Any, run: Any, content: bytes) -> None:
    node.flash.write("/err.log", content)
    run("from Debug import errlog_get\nerrlog_get()")
    run(_ADD + "for i in range(4): assert errlog_add('text %d' % i)")
    shown = run("from Debug import errlog_get\nerrlog_get()")
    assert shown.count(" text ") == 4
    assert sum(len(node.flash.read(name)) for name in ("/err.log", "/err.pre.log") if node.flash.exists(name)) < 101_000
    run("from Debug import errlog_clean, errlog_get\nerrlog_clean()\nassert errlog_get() == 0")


def test_damaged_line_shows_what_is_readable(node: Any, run: Any) -> None:
    node.flash.write("/err.log", b"2000.1.1 0:0:0 one \xff\x1b two\n")
    assert "one ?? two" in run("from Debug import errlog_get\nerrlog_get()")


@pytest.mark.parametrize("name", ["/err.log", "/err.pre.log"])
def test_folder_in_the_way_raises_nothing(node: Any, run: Any, name: str) -> None:
    node.flash.mkdir(name)
    node.flash.write(name + "/file", b"")
    run(_ADD + "for i in range(8): errlog_add('text %d' % i)")
    run("from Debug import errlog_get\nerrlog_get()")
    if name == "/err.pre.log":
        assert [line[-1] for line in _lines(node, "/err.log")] == list("567")
    run("from Debug import errlog_clean\nerrlog_clean()")


@pytest.mark.parametrize("value", ["None", "b'\\xff'", "ValueError('x')", "Odd()"])
def test_anything_may_be_logged(run: Any, value: str) -> None:
    run(_ADD + f"class Odd:\n    def __str__(self): raise ValueError('no text')\nerrlog_add({value})")


def test_threads_may_log_at_once(world: Any, node: Any, run: Any) -> None:
    run(
        _ADD + "import _thread\n"
        "def work(name):\n    for i in range(20): errlog_add('%s %d' % (name, i % 2))\n"
        "for name in 'abc': _thread.start_new_thread(work, (name,))\n"
    )
    world.run_for(10)
    lines = _lines(node, "/err.pre.log") + _lines(node, "/err.log")
    assert sorted(line.split(" ", 2)[2] for line in lines) == ["a 0", "a 1", "b 0", "b 1", "c 0", "c 1"]
    assert "[INFO] 54 lines held back" in run("from Debug import errlog_get\nerrlog_get()")


def test_lost_lines_are_counted_when_the_flash_works_again(firmware: Any, memory_flash: Any) -> None:
    flash = memory_flash()
    debug = flash.boot().load("Debug")
    debug.setup(False)
    flash.is_full = True
    for i in range(3):
        assert debug.errlog_add(f"text {i}") is False
    flash.is_full = False
    assert debug.errlog_add("again") is True
    assert "again (3 others held back)" in flash.files["err.log"]


def test_clean_log_is_empty(node: Any, run: Any) -> None:
    run(_ADD + "errlog_add('x')")
    printed = run("from Debug import errlog_clean, errlog_get\nerrlog_clean()\nprint(errlog_get())")
    assert printed.splitlines()[-1] == "0"
    assert not node.flash.exists("/err.log")


def test_console_is_silent_without_debug_mode(world: Any) -> None:
    node = world.add_node("node02", config={"dbg": False})
    assert world.shell(node)("system heartbeat") == "<3 heartbeat <3"
    assert "heartbeat" not in node.console.text()
