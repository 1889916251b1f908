"""The benches ``day`` and ``year``: what they make of their samples, and what their measured process refuses."""

from __future__ import annotations

import pytest

from bench import day
from bench.day_run import KINDS, check, counts, start
from bench.figures import TARGETS
from bench.floors.timers import fire
from simulator.node import Node
from simulator.world import World


def test_figures_of_both_engines_stand_beside_the_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(program: str, *arguments: object, **rest: object) -> dict[str, float]:
        if program.endswith("timers.py"):
            return {"speed": 900_000.0, "cpu_speed": 1_000_000.0}
        speed = 30_000.0 if arguments[1] == "cpython" else 1_000.0
        return {"speed": speed, "cpu_speed": 2 * speed}

    monkeypatch.setattr(day, "run_json", answer)
    figures = day.measure(True).figures
    assert (figures["speed"].value, figures["speed"].floor) == (pytest.approx(30_000), pytest.approx(900_000))
    assert figures["vm_cpu_speed"].ratio == pytest.approx(0.002)
    assert TARGETS["day", "speed"].is_met(figures["speed"])
    assert not TARGETS["day", "vm_speed"].is_met(figures["vm_speed"])
    assert day.measure_year(True).figures["speed"].value == 30_000


def test_floor_fires_every_timer() -> None:
    assert fire(1, [1, 3, 60]) == 3600 + 1200 + 60


@pytest.fixture
def acting(world: World) -> Node:
    return start(world, "cpython", KINDS["day"])


def test_node_of_a_day_does_what_is_counted(world: World, acting: Node) -> None:
    before = counts(world, acting)
    began_s = world.now_s
    world.run_for(600)
    after = counts(world, acting)
    done = {name: after[name] - before[name] for name in after}
    check(acting, KINDS["day"], done, world.now_s - began_s)
    assert done["timirq"] >= 600 and done["irq"] >= 10


@pytest.mark.parametrize(
    ("done", "wrong"),
    [
        ({"cron": 10, "timirq": 86_300, "irq": 1440}, "timirq"),
        ({"cron": 10, "timirq": 86_400, "irq": 1400}, "irq"),
        ({"cron": 5, "timirq": 86_400, "irq": 1440}, "cron"),
    ],
)
def test_check_finds_what_was_missed(world: World, acting: Node, done: dict[str, int], wrong: str) -> None:
    with pytest.raises(RuntimeError, match=f"^{wrong}: "):
        check(acting, KINDS["day"], done, 86_400)


def test_check_finds_a_restart(world: World, acting: Node) -> None:
    acting.reset()
    world.run_for(10)
    with pytest.raises(RuntimeError, match="has restarted"):
        check(acting, KINDS["day"], {"cron": 10, "timirq": 86_400, "irq": 1440}, 86_400)
