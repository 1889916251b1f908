"""The same seed and the same inputs give the same run, whatever the host does meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from simulator.world import World
from tests.unit.simulator import busy_world


def digest(seed: int | str = 1, nodes: int = 1, *, seconds: float = 3.0, command: str = "system info") -> str:
    """Boot nodes with the firmware, talk to the first and the last, and return the identity of the run."""
    with World(seed=seed) as world:
        made = [world.add_node(f"node{n:02}") for n in range(nodes)]
        for node in (made[0], made[-1]):
            shell = world.shell(node)
            shell(command)
            shell("system heartbeat")
            shell("conf")
            shell("utc 90")
        world.run_for(seconds)
        return world.trace.digest()


def test_ten_runs_are_the_same() -> None:
    assert len({digest() for _ in range(10)}) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)  # 200 nodes start; on the virtual machine that takes a third of a second each
def test_ten_runs_of_twenty_nodes_are_the_same() -> None:
    assert len({digest(nodes=20) for _ in range(10)}) == 1


def test_runs_differ_by_seed() -> None:
    assert len({digest(seed) for seed in (1, 2, "1a")}) == 3


@pytest.mark.parametrize("other", [{"command": "system rssi"}, {"seconds": 4.0}, {"nodes": 2}])
def test_runs_differ_by_what_is_done(other: dict[str, object]) -> None:
    assert digest() != digest(**other)  # type: ignore[arg-type]


#: Generators that a node dropped are closed by the host, sometimes after their life; what they raise then does not
#: matter here.
unfinished = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def collector() -> Iterator[None]:
    """Leaves the host's garbage collector as it was, and no garbage of the nodes to the next test."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.enable()
    gc.collect()


@unfinished
@pytest.mark.usefixtures("collector")
@pytest.mark.slow
def test_busy_run_does_not_depend_on_the_hosts_garbage_collection() -> None:
    digests = [busy_world.digest(host=gc.collect)]
    for threshold in (1, 50, 700, 0):
        gc.set_threshold(threshold)
        digests.append(busy_world.digest())
    gc.disable()
    digests.append(busy_world.digest())
    assert len(set(digests)) == 1


@unfinished
@pytest.mark.usefixtures("collector")
@pytest.mark.slow
def test_busy_runs_differ_by_seed_and_nodes() -> None:
    assert len({busy_world.digest(), busy_world.digest(seed=2), busy_world.digest(3)}) == 3


@unfinished
@pytest.mark.usefixtures("collector")
@pytest.mark.slow
def test_busy_run_does_not_depend_on_worlds_beside_it() -> None:
    alone = busy_world.digest()
    with World(seed=5) as other:
        other.add_node("node00")
        assert busy_world.digest(host=lambda: other.run_for(0.2)) == alone


def test_run_does_not_depend_on_how_time_is_let_pass() -> None:
    def run(step_s: float) -> str:
        with World(seed=1) as world:
            world.add_node()
            for _ in range(round(6 / step_s)):
                world.run_for(step_s)
            return world.trace.digest()

    assert run(6.0) == run(0.5) == run(0.125)


def test_run_does_not_depend_on_worlds_beside_it() -> None:
    alone = digest()
    with World(seed=5) as other:
        other.add_node("node00")
        other.run_for(1)
        assert digest() == alone


def test_run_does_not_depend_on_the_code_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.engine import code

    warm = digest()
    monkeypatch.setattr(code, "_store", code.CodeStore(None))
    assert digest() == warm


_COMPUTING = b"""
import _thread, machine, os, random, time
def spin(name):
    for n in range(500):
        if n % 100 == 0:
            print(name, n, time.ticks_us())
machine.Timer(0, period=3, callback=lambda t: print("timer", time.ticks_us()))
for name in "ab":
    _thread.start_new_thread(spin, (name,))
print(os.urandom(4), random.random())
spin("main")
"""


def test_computing_program_makes_the_same_run() -> None:
    def run() -> str:
        with World(seed=1) as world:
            node = world.add_node(firmware=False, files={"/main.py": _COMPUTING})
            world.run_for(2)
            return world.trace.digest() + node.console.text()

    assert run() == run()


@pytest.mark.parametrize("step_s", [0.25, 0.01])
def test_computing_program_does_the_same_however_time_is_let_pass(step_s: float) -> None:
    def run(step_s: float) -> str:
        with World(seed=1) as world:
            node = world.add_node(firmware=False, files={"/main.py": _COMPUTING})
            while world.now_s < 2:
                world.run_for(step_s)
            return node.console.text()

    assert run(step_s) == run(2.0)
