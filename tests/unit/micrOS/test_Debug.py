"""The error log: two short files, never an exception, no flood."""

from __future__ import annotations

import re
from typing import Any

import pytest

_ADD = "from Debug import errlog_add\n"


@pytest.fixture
def run(world: Any, node: Any) -> Any:
    """Executes source on a booted node."""
    return lambda source: world.run_on(node, source)


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


def test_full_flash_does_not_raise(firmware: Any, memory_flash: Any) -> None:
    flash = memory_flash()
    debug = flash.boot().load("Debug")
    debug.setup(False)
    flash.is_full = True
    assert debug.errlog_add("text") is False
    flash.is_full = False
    assert debug.errlog_add("other") is True


def test_clean_log_is_empty(node: Any, run: Any) -> None:
    run(_ADD + "errlog_add('x')")
    printed = run("from Debug import errlog_clean, errlog_get\nerrlog_clean()\nprint(errlog_get())")
    assert printed.splitlines()[-1] == "0"
    assert not node.flash.exists("/err.log")


def test_console_is_silent_without_debug_mode(world: Any) -> None:
    node = world.add_node("node02", config={"dbg": False})
    assert world.shell(node)("system heartbeat") == "<3 heartbeat <3"
    assert "heartbeat" not in node.console.text()
