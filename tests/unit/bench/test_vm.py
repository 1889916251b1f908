"""The bench ``vm``: what it makes of its samples, and what its measured process refuses."""

from __future__ import annotations

import pytest

from bench import vm
from bench.figures import TARGETS
from bench.vm_run import check
from simulator.node import Node
from simulator.world import World


def measured(monkeypatch: pytest.MonkeyPatch, digests: list[str]) -> tuple[object, list[dict[str, str]]]:
    """A quick run on programs that answer at once."""
    environs: list[dict[str, str]] = []

    def answer(program: str, *arguments: object, environ: dict[str, str] | None = None, **rest: object) -> object:
        if environ is None:
            return {"speed": 4000.0, "cpu_speed": 5000.0} if program.endswith("vm_timers.py") else FAST
        environs.append(environ)
        return {"digest": digests[len(environs) - 1]}

    monkeypatch.setattr(vm, "run_json", answer)
    monkeypatch.setattr(vm, "ready_python", lambda *extra: "true")
    return vm.measure(True), environs


FAST = {"speed": 2500.0, "cpu_speed": 2000.0}


def test_figures_stand_beside_their_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    report, environs = measured(monkeypatch, ["a"] * 4)
    figures = report.figures  # type: ignore[attr-defined]
    assert (figures["speed"].value, figures["speed"].floor) == (2500.0, 4000.0)
    assert figures["cpu_speed"].ratio == 0.4
    assert TARGETS["vm", "speed"].is_met(figures["speed"])
    assert (figures["equal_digests"].value, figures["equal_digests"].floor) == (4, 4)
    assert TARGETS["vm", "equal_digests"].is_met(figures["equal_digests"])
    assert len({environ["PYTHONHASHSEED"] for environ in environs}) == 4


def test_one_run_that_differs_misses_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    report, _ = measured(monkeypatch, ["a", "a", "b", "a"])
    figure = report.figures["equal_digests"]  # type: ignore[attr-defined]
    assert figure.value == 3 and not TARGETS["vm", "equal_digests"].is_met(figure)


def test_speed_of_rounds_is_that_of_all_their_time() -> None:
    assert vm._mean_speed([{"speed": 1000.0}, {"speed": 3000.0}], "speed") == pytest.approx(1500.0)


@pytest.fixture
def booted(world: World) -> Node:
    node = world.add_node("node01", firmware=False)
    world.run_for(1)
    return node


def test_check_takes_every_beat(booted: Node) -> None:
    check(booted, [3600, 1200], 3600)


@pytest.mark.parametrize("beats", [[3580, 1200], [3600, 1190], [0, 0]])
def test_check_after_a_missed_beat_raises(booted: Node, beats: list[int]) -> None:
    with pytest.raises(RuntimeError, match="the timer of . s fired"):
        check(booted, beats, 3600)


def test_check_after_a_restart_raises(world: World, booted: Node) -> None:
    booted.reset()
    world.run_for(1)
    with pytest.raises(RuntimeError, match="node01 has restarted"):
        check(booted, [3600, 1200], 3600)
