"""``--lm`` and ``--watch``: a person's own Load Modules, good, slow, endless and broken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.simulated import Client, Simulated

SLOW = """\
import time


def nap():
    time.sleep(5)
    return "awake"
"""
WAITING = """\
from machine import Pin, Timer


class _State:
    flag = False


def flag():
    Timer(3).init(mode=Timer.ONE_SHOT, period=200, callback=_set)
    _State.flag = False
    while not _State.flag:
        pass
    return "flag is set"


def _set(timer):
    _State.flag = True


def pin():
    button = Pin(4, Pin.IN, Pin.PULL_DOWN)
    while not button.value():
        pass
    return "pressed"
"""
ENDLESS = """\
def spin():
    n = 0
    while True:
        n += 1
"""

Start = Callable[..., Simulated]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where instrumented code is cached, so that one start pays for all."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def start(cache: Path, tmp_path: Path) -> Iterator[Start]:
    """``start({"LM_x.py": source}, "--watch")`` runs fresh nodes with these modules."""
    started: list[Simulated] = []

    def run(modules: dict[str, str], *options: str) -> Simulated:
        for name, source in modules.items():
            (tmp_path / name).write_text(source, encoding="utf-8")
            options = (*options, "--lm", str(tmp_path / name))
        if "--state" not in options:
            options = (*options, "--fresh")
        started.append(Simulated(*options, cache=cache))
        return started[-1].wait_ready()

    yield run
    for simulated in started:
        simulated.__exit__(None, None, None)


def timed(client: Client, command: str) -> tuple[str, float]:
    started = time.monotonic()
    return client.ask(command), time.monotonic() - started


def test_function_of_an_own_module_is_a_command(start: Start) -> None:
    with start({"LM_lamp.py": "def on(level=1):\n    return 'on %d' % level\n"}).client() as client:
        assert client.greeted().ask("lamp on 7") == "on 7\n"


def test_blocking_sleep_leaves_other_sessions_answering(start: Start) -> None:
    simulated = start({"LM_slow.py": SLOW})
    with simulated.client() as sleeper, simulated.client() as other:
        sleeper.greeted().send(b"slow nap\n")
        started = time.monotonic()
        other.greeted()
        for _ in range(10):
            reply, took_s = timed(other, "system heartbeat")
            assert reply == "<3 heartbeat <3\n" and took_s < 0.5
        assert sleeper.read_until(b"$  ") == b"awake\nnode01 $  "
        assert 4.5 < time.monotonic() - started < 7


def test_loop_on_a_flag_ends_when_the_timer_sets_it(start: Start) -> None:
    with start({"LM_wait.py": WAITING}).client() as client:
        reply, took_s = timed(client.greeted(), "wait flag")
        assert reply == "flag is set\n" and 0.15 < took_s < 1.5


def test_loop_on_a_pin_ends_when_the_pin_is_driven(start: Start, tmp_path: Path) -> None:
    from simulator.control.client import ControlClient

    state = str(tmp_path / "state")
    simulated = start({"LM_wait.py": WAITING}, "--state", state)
    with simulated.client() as client, ControlClient.open(tmp_path / "state") as control:
        client.greeted().send(b"wait pin\n")
        client.socket.settimeout(0.4)
        with pytest.raises(TimeoutError):
            client.read_until(b"$  ")
        client.socket.settimeout(10)
        control.call("pins", node="node01", gpio=4, drive=1)
        assert client.read_until(b"$  ") == b"pressed\nnode01 $  "


def test_endless_loop_is_reported_with_its_line_and_the_node_reset(start: Start) -> None:
    simulated = start({"LM_spin.py": ENDLESS}, "--pace", "20")
    with simulated.client() as client:
        client.greeted().send(b"spin spin\n")
        report = simulated.wait_for("HUNG")
        assert "node01: HUNG: thread " in report and "without waiting once" in report
        assert simulated.wait_for("/LM_spin.py:") in ("    /LM_spin.py:3 in spin", "    /LM_spin.py:4 in spin")
        simulated.wait_for("node01: reset, as a watchdog would")
    simulated.wait_for("listens on port 9008", start=len(simulated.lines))
    with simulated.client() as client:
        assert client.greeted().ask("hello").startswith("hello:node01:")


def test_module_with_a_mistake_is_named_and_the_node_runs(start: Start) -> None:
    simulated = start({"LM_bad.py": "A = 1\n\ndef f(:\n    pass\n"})
    assert "LM_bad.py:3: invalid syntax" in simulated.output
    with simulated.client() as client:
        assert client.greeted().ask("system heartbeat") == "<3 heartbeat <3\n"


def test_saved_module_is_loaded_again(start: Start, tmp_path: Path) -> None:
    simulated = start({"LM_lamp.py": "def on():\n    return 'old'\n"}, "--watch", "--nodes", "2")
    with simulated.client() as client:
        assert client.greeted().ask("lamp on") == "old\n"
        (tmp_path / "LM_lamp.py").write_text("def on():\n    return 'new'\n")
        simulated.wait_for("reloaded LM_lamp.py (node02)", limit_s=5)
        assert "reloaded LM_lamp.py (node01)" in simulated.lines
        assert client.ask("lamp on") == "new\n"
        (tmp_path / "LM_lamp.py").write_text("def on():\n    return (\n")
        assert simulated.wait_for("LM_lamp.py:2: ", limit_s=5).endswith("(the nodes keep the old one)")
        assert client.ask("lamp on") == "new\n"


def test_reload_frees_what_the_old_module_had_booked(start: Start, tmp_path: Path) -> None:
    source = "from LogicalPins import physical_pin\n\ndef {}():\n    return physical_pin('builtin')\n"
    simulated = start({"LM_lamp.py": source.format("a")}, "--watch")
    with simulated.client() as client:
        first = client.greeted().ask("lamp a")
        (tmp_path / "LM_lamp.py").write_text(source.format("b"))
        simulated.wait_for("reloaded LM_lamp.py", limit_s=5)
        assert client.ask("lamp b") == first


def test_own_modules_are_not_kept_in_the_state(start: Start, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with start({"LM_lamp.py": "def on():\n    return 1\n"}, "--state", state) as first:
        with first.client() as client:
            assert client.greeted().ask("lamp on") == "1\n"
        first.interrupt()
    with start({}, "--state", state).client() as client:
        assert "no module named 'LM_lamp'" in client.greeted().ask("lamp on")
