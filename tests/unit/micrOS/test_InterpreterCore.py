"""Commands of Load Modules on a booted node, in virtual time."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from simulator.firmware import image

_HINTS = (
    "\nSHELL: type help for single word commands (built-in)"
    "\nSHELL: for LM exec: [1](LM)module [2]function [3...]optional params"
)
_T = b"""
import time, asyncio
from machine import Pin
from Common import socket_stream
from LogicalPins import bind, physical_pin
from ConfigHandler import cfgget, cfgput

count = 0

def add(a, b=1): return a + b
def block(seconds): time.sleep(seconds); return 'woke'
async def wait(seconds): await asyncio.sleep(seconds); return 'waited'
def status(): return {'S': 1}
def bump():
    global count
    count += 1
    return count
@socket_stream
def lines(cnt, msgobj=None):
    for i in range(cnt):
        msgobj('line %d' % i)
    return 'end'
@socket_stream
async def async_lines(cnt, msgobj=None):
    for i in range(cnt):
        msgobj('line %d' % i)
        await asyncio.sleep_ms(1)
    return 'end'
async def nested():
    import InterpreterCore
    call = await InterpreterCore.execute('t bump')
    return call.take()
def keyerror(): return {}['nokey']
def leave(): raise SystemExit(1)
class Mute(Exception):
    def __str__(self): raise ValueError
def mute(): raise Mute
def interrupt(): raise KeyboardInterrupt
def close(): raise GeneratorExit
def cancel(): raise asyncio.CancelledError
def end(): raise StopIteration
async def async_leave(): raise SystemExit
async def async_interrupt(): raise KeyboardInterrupt
async def async_cancel(): raise asyncio.CancelledError
def memory(): raise MemoryError('memory allocation failed, allocating 8 bytes')
def claim(): return bind('redgb', 't')
def lmdep(): return 'u'
def deinit(): print('deinit of t')
"""
_U = b"""
from LogicalPins import bind
def claim(): return bind('redgb', 'u')
def ping(): return 'pong'
"""


@pytest.fixture
def node(world: Any) -> Any:
    """A booted node with the Load Modules t and u."""
    node = world.add_node("node01", files={"/LM_t.py": _T, "/LM_u.py": _U})
    world.run_until(lambda: node.listening(9008))
    return node


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("t add 1", "2"),
        ("t add 'a' b='b'", "ab"),
        ("t add [1] [2] >json", "[1, 2]"),
        ("t status", " S: 1"),
        ("t status >json", '{"S": 1}'),
        ("t wait 0", "waited"),
        ("t lines 2", "line 0\nline 1\nend"),
        ("t async_lines 2", "line 0\nline 1\nend"),
    ],
)
def test_command_is_answered(shell: Any, command: str, reply: str) -> None:
    assert shell(command) == reply


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("nope f", "exec_lm_core LM_nope->f: no module named 'LM_nope'"),
        ("t nope", "exec_lm_core LM_t->nope: 'module' object has no attribute 'nope'"),
        ("t bind 2", "exec_lm_core LM_t->bind: 'module' object has no attribute 'bind'"),
        ("t __import__ 'os'", "exec_lm_core LM_t->__import__: 'module' object has no attribute '__import__'"),
        ("t add", "exec_lm_core LM_t->add: missing argument: a"),
        ("t add 1 2 3", "exec_lm_core LM_t->add: too many arguments: 3 given, 2 allowed"),
        ("t add 1 c=2", "exec_lm_core LM_t->add: unexpected argument: c"),
        ("t add abc", "exec_lm_core LM_t->add: name 'abc' isn't defined"),
        ("t add exit()", "exec_lm_core LM_t->add: name 'exit' isn't defined"),
        ("t lines 1 msgobj=1", "exec_lm_core LM_t->lines: unexpected argument: msgobj"),
        ("t keyerror", "exec_lm_core LM_t->keyerror: nokey"),
        ("t leave", "exec_lm_core LM_t->leave: SystemExit: 1"),
        ("robustness raise_error", "Raise test exception\nexec_lm_core LM_robustness->raise_error: Test exception"),
    ],
)
def test_failure_is_one_line_and_the_hints(shell: Any, command: str, text: str) -> None:
    assert shell(command) == text + _HINTS


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("interrupt", "KeyboardInterrupt"),
        ("close", "GeneratorExit"),
        ("cancel", "CancelledError"),
        ("end", "StopIteration"),
        ("mute", "Mute"),
        ("async_leave", "SystemExit"),
        ("async_interrupt", "KeyboardInterrupt"),
        ("async_cancel", "CancelledError"),
    ],
)
def test_whatever_is_raised_is_the_reply_and_leaves_no_trace(node: Any, shell: Any, function: str, text: str) -> None:
    for _ in range(5):
        assert shell(f"t {function}") == f"exec_lm_core LM_t->{function}: {text}" + _HINTS
    assert shell("t bump") == "1"
    assert node.boots == 1


def test_cancelled_call_ends_and_frees_its_module(world: Any, node: Any, shell: Any) -> None:
    other = world.shell(node)
    node.flash.write(
        "/LM_c.py",
        b"import asyncio\ntask = None\n"
        b"async def wait():\n    global task\n    task = asyncio.current_task()\n    await asyncio.sleep(99)\n"
        b"def stop(): return task.cancel()\ndef is_done(): return task.done()\n",
    )
    shell._connection.send(b"c wait\n")
    world.run_for(1)
    start = world.now_s
    assert other("c stop") == "True"
    assert other("c is_done") == "True"
    assert world.now_s - start < 1


def test_single_unknown_word_gets_the_hints(shell: Any) -> None:
    assert shell("apple") == _HINTS.lstrip("\n")


def test_memory_failure_unloads_the_module_and_recovers(shell: Any) -> None:
    shell("t bump")
    lines = shell("t memory").splitlines()
    assert lines[0] == "exec_lm_core LM_t->memory: memory allocation failed, allocating 8 bytes"
    assert lines[1] == "[HA] system recovery ..."
    assert lines[2].startswith("[HA] gc-collect-memfree: ")
    assert shell("t bump") == "1"


@pytest.mark.parametrize("command", ["t block 5", "t wait 5"])
def test_slow_call_leaves_other_sessions_answering(world: Any, node: Any, shell: Any, command: str) -> None:
    other = world.shell(node)
    start = world.now_s
    shell._connection.send(command.encode() + b"\n")
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert other("t status") == " S: 1"
    assert world.now_s - start < 1


@pytest.mark.parametrize("blocked", ["t bump", "u ping"])
def test_call_of_a_used_module_waits_its_turn(world: Any, node: Any, shell: Any, blocked: str) -> None:
    other = world.shell(node)
    shell("t bump")
    start = world.now_s
    shell._connection.send(b"t block 2\n")
    world.run_for(0.02)
    assert other(blocked) in ("2", "pong")
    assert 1.9 < world.now_s - start < 2.5


def test_call_that_waits_too_long_is_told_busy(world: Any, node: Any, shell: Any) -> None:
    other = world.shell(node)
    shell("t bump")
    shell._connection.send(b"t block 9\n")
    world.run_for(0.02)
    assert other("t bump") == "exec_lm_core LM_t->bump: busy: t.block is running" + _HINTS


def test_call_may_use_its_own_module_again(shell: Any) -> None:
    assert shell("t nested") == "['1']"


def test_long_call_is_reported_once(world: Any, shell: Any, node: Any) -> None:
    shell("conf")
    shell("lm_max_s 1")
    shell("noconf")
    assert shell("t block 5") == "woke"
    assert node.flash.read("/err.log").decode().count("t.block runs longer than 1 s") == 1


def test_client_that_leaves_does_not_stop_the_call(world: Any, node: Any, shell: Any) -> None:
    shell("t bump")
    leaver = world.lan.client("leaver").connect(world.lan.address(node.machine), 9008)
    world.run_for(1)
    leaver.pause_reading()
    leaver.send(b"t lines 20000\n")
    world.run_for(1)
    assert "busy" in shell("t bump")
    leaver.abort()
    assert shell("t bump") == "2"


def test_more_blocking_calls_than_workers_are_told_busy(world: Any) -> None:
    blocking = b"import time\ndef block(seconds): time.sleep(seconds)\n"
    node = world.add_node("node02", files={f"/LM_b{i}.py": blocking for i in range(5)})
    shells = [world.shell(node) for _ in range(5)]
    for i in range(4):
        shells[i]._connection.send(f"b{i} block 20\n".encode())
    assert shells[4]("b4 block 0") == "exec_lm_core LM_b4->block: busy: all workers are running" + _HINTS
    assert shells[4]("system heartbeat") == "<3 heartbeat <3"
    assert shells[4]("b0 help").startswith("exec_lm_core LM_b0->help: 'module' object has no attribute")
    world.run_for(20)
    assert shells[4]("b4 block 0") == "None"


_FOREVER = b"import time\ndef block(): time.sleep(100000)\ndef status(): time.sleep(100000)\n"


@pytest.mark.parametrize("count", [3, 5])
def test_calls_that_never_end_do_not_keep_the_node_busy_for_ever(world: Any, count: int) -> None:
    node = world.add_node("node02", config={"lm_max_s": 6}, files={f"/LM_b{i}.py": _FOREVER for i in range(6)})
    shells = [world.shell(node) for _ in range(6)]
    for i in range(count):
        shells[i]._connection.send(f"b{i} block\n".encode())
    world.run_for(50)
    assert "busy: all workers are running\n" in shells[5]("b5 block")
    assert shells[5]("system heartbeat") == "<3 heartbeat <3"
    world.run_for(10)
    assert node.boots == 1
    told = re.compile(r"restart: no end of (b[012]\.block, ){2}b[012]\.block\n")
    assert told.search(shells[5]("b5 block").partition("busy: all workers are running; ")[2])
    world.run_until(lambda: node.boots == 2, timeout_s=2)
    assert told.search(world.shell(node)("system alarms"))


def test_exempt_functions_that_never_end_do_not_keep_the_system_commands_for_ever(world: Any) -> None:
    node = world.add_node("node02", config={"lm_max_s": 1}, files={f"/LM_b{i}.py": _FOREVER for i in range(4)})
    shells = [world.shell(node) for _ in range(5)]
    for i in range(4):
        shells[i]._connection.send(f"b{i} status\n".encode())
    world.run_for(12)
    assert "no end of" in shells[4]("system heartbeat")
    world.run_until(lambda: node.boots == 2, timeout_s=2)


def test_import_that_never_ends_does_not_keep_others_from_loading_for_ever(world: Any) -> None:
    files = {"/LM_i.py": b"import time\ntime.sleep(100000)\ndef f(): pass\n"}
    node = world.add_node("node02", config={"lm_max_s": 1}, files=files)
    first, second = world.shell(node), world.shell(node)
    first._connection.send(b"i f\n")
    assert "busy: i.f is running\n" in second("system heartbeat")
    world.run_for(6)
    assert "busy: i.f is running; restart: no end of import LM_i\n" in second("system heartbeat")
    world.run_until(lambda: node.boots == 2, timeout_s=2)
    assert world.shell(node)("system heartbeat") == "<3 heartbeat <3"


def test_many_streamed_lines_arrive_whole(shell: Any) -> None:
    assert shell("t lines 3000").splitlines() == [f"line {i}" for i in range(3000)] + ["end"]


def test_unloaded_module_starts_afresh_and_frees_its_pins(node: Any, shell: Any) -> None:
    assert shell("t claim") == "14"
    assert "pin 14 (redgb) is in use by t" in shell("u claim")
    node.flash.write("/LM_t.py", _T + b"def fresh(): return 'new'\n")
    assert shell('system module unload="LM_t"') == "Module unload LM_t done."
    assert "deinit of t" in node.console.text()
    assert shell("u claim") == "14"
    assert shell("t fresh") == "new"


def test_unloaded_module_loses_its_timers_and_interrupts(world: Any, node: Any, shell: Any) -> None:
    source = b"""
import hal
def begin():
    hal.start_timer(0, 100, lambda timer: print('tick'), 'clock')
    hal.start_irq(4, 'both', lambda pin: None, 'clock')
"""
    node.flash.write("/LM_clock.py", source)
    shell("clock begin")
    world.run_for(1)
    assert "tick" in node.console.text()
    shell("system module unload='LM_clock'")
    ticks = node.console.text().count("tick")
    world.run_for(1)
    assert node.console.text().count("tick") == ticks


def test_session_does_not_time_out_while_its_call_runs(world: Any) -> None:
    node = world.add_node("node02", config={"soctout": 3}, files={"/LM_t.py": _T})
    assert world.shell(node)("t block 10") == "woke"


@pytest.mark.parametrize("name", ["LM_nope", "hal", "system"])
def test_other_modules_cannot_be_unloaded(shell: Any, name: str) -> None:
    assert shell(f'system module unload="{name}"') == f"Module unload {name} failed."


def test_boot_hook_runs_its_tasks_and_logs_what_fails(world: Any) -> None:
    node = world.add_node("node02", config={"boothook": "system heartbeat; nope f; single"})
    shell = world.shell(node)
    assert "<3 heartbeat <3" in node.console.text()
    alarms = shell("system alarms")
    assert "safe_boot_hook error: nope f: exec_lm_core LM_nope->f: no module named 'LM_nope'" in alarms
    assert "safe_boot_hook error: no command: single" in alarms
    assert alarms.endswith(" NOK alarm: 2")


def test_boot_hook_that_never_ends_does_not_stop_the_boot(world: Any) -> None:
    files = {"/LM_t.py": _T}
    node = world.add_node("node02", config={"boothook": "t block 1000", "lm_max_s": 2}, files=files)
    assert world.shell(node)("hello").startswith("hello:node02:")
    assert world.now_s < 10


@pytest.mark.parametrize(
    ("arguments", "reply"), [("'a' 'b &'", "ab &"), ("'a' \"b &c\"", "ab &c"), ("'a' '&&'", "a&&"), ("'&' 'b'", "&b")]
)
def test_ampersand_in_quotes_is_text(shell: Any, arguments: str, reply: str) -> None:
    assert shell(f"t add {arguments}") == reply


def test_help_lists_modules_and_their_functions(shell: Any) -> None:
    text = shell("help")
    assert text.startswith("[MICROS]   - commands (SocketServer built-in)\n   hello   - default hello msg")
    assert "\n   t\n    add\n    block\n" in text
    assert "\n   robustness\n             raise_error\n" in text


_STREAMING = b"""
from Common import socket_stream
@socket_stream
def count(to, fails=False, msgobj=None):
    for number in range(to):
        msgobj('at ' + str(number))
    if fails:
        raise ValueError('end')
    return {'counted': to}
"""


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("s count 2", "at 0\nat 1\n counted: 2"),
        ("s count 2 >json", {"stream": ["at 0", "at 1"], "result": {"counted": 2}}),
        ("s count 0 >json", {"counted": 0}),
    ],
)
def test_json_reply_of_a_streaming_function_is_one_text(node, shell, command, reply):
    node.install({"/LM_s.py": _STREAMING})
    answer = shell(command)
    assert (answer if isinstance(reply, str) else json.loads(answer)) == reply


def test_json_reply_keeps_the_newest_lines_and_counts_the_others(node, shell):
    node.install({"/LM_s.py": _STREAMING})
    stream = json.loads(shell("s count 100 >json"))["stream"]
    assert stream[0] == "[...] 36 lines dropped"
    assert stream[1:] == [f"at {number}" for number in range(36, 100)]


def test_failed_json_call_shows_what_it_streamed(node, shell):
    node.install({"/LM_s.py": _STREAMING})
    assert shell("s count 2 fails=True >json").splitlines()[:3] == ["at 0", "at 1", "exec_lm_core LM_s->count: end"]


@pytest.mark.parametrize("source", [b"def go(:\n    pass\n", b"def go(a b):\n    pass\n", b"def go(\n"])
def test_syntax_error_in_the_line_that_defines_the_function_is_told(world: Any, source: bytes) -> None:
    node = world.add_node("node01", files={"/LM_bad.py": source})
    reply = world.shell(node)("bad go")
    assert reply.startswith("exec_lm_core LM_bad->go: invalid syntax (LM_bad.py:"), reply


def test_call_that_cannot_be_watched_is_answered(world: Any) -> None:
    source = image()["/InterpreterCore.py"]
    cut = source[: source.index(b"    if not state.is_watched:\n")] + b"    if call.words[0] != '?': no_such_name\n"
    node = world.add_node("node01", files={"/InterpreterCore.py": cut})
    assert "no_such_name" in world.shell(node)("system heartbeat")
