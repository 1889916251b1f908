"""Periodic timer and event inputs: what they run, and when."""

from __future__ import annotations

from typing import Any

import pytest

_T = b"""
import time

seen = []


def note(tag='x'):
    seen.append(tag)


def slow():
    time.sleep(1)
    seen.append('s')


def show():
    return ''.join(seen)


def talk():
    while True:
        time.sleep(1)
        print('still here')
        msg('on and on')


def msg(text):
    from InterpreterCore import current_call
    current_call().write(text)
"""
_IRQ1_GPIO = 4
_IRQ2_GPIO = 18


def _start(world: Any, **config: Any) -> Any:
    node = world.add_node("node01", config=config, files={"/LM_t.py": _T})
    return world.shell(node)


def _press(world: Any, gpio: int, *, bounces: int = 0, held_s: float = 0.1) -> None:
    net = world.nodes["node01"].machine.parts["pads"].net(gpio)
    for _ in range(bounces):
        for level in (1, 0):
            net.drive(level)
            world.run_for(0.000_25)
    net.drive(1)
    world.run_for(held_s)
    net.drive(0)
    world.run_for(0.3)


def test_timirq_runs_its_tasks_every_period(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t note 'a'; t note 'b'", timirqseq=2000)
    before = shell("t show")
    world.run_for(10)
    assert shell("t show")[len(before) :] == "ab" * 5


def test_timirq_list_of_any_length_runs_whole(world: Any) -> None:
    tasks = "; ".join(f"t note '{n % 10}'" for n in range(25))
    shell = _start(world, timirq=True, timirqcbf=tasks, timirqseq=60_000)
    world.run_for(60)
    assert shell("t show") == "".join(str(n % 10) for n in range(25))


def test_slow_task_is_not_queued_up(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t slow", timirqseq=100)
    before = len(shell("t show"))
    world.run_for(10)
    assert 8 <= len(shell("t show")) - before <= 11


def test_failing_task_is_logged_and_goes_on(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t nothing; t note 'a'", timirqseq=1000)
    world.run_for(5)
    assert set(shell("t show")) == {"a"}
    assert "timirq: exec_lm_core LM_t->nothing:" in shell("system alarms")


@pytest.mark.parametrize(
    ("trigger", "fired"), [("up", "x"), ("down", "x"), ("both", "xx"), ("n/a", "x"), (" UP ", "x")]
)
def test_event_input_fires_on_its_edge(world: Any, trigger: str, fired: str) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig=trigger)
    _press(world, _IRQ1_GPIO, held_s=0.5)
    assert shell("t show") == fired


def test_bouncing_button_counts_once_per_press(world: Any) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig="up")
    for _ in range(3):
        _press(world, _IRQ1_GPIO, bounces=10)
    assert shell("t show") == "xxx"


def test_inputs_do_not_make_each_other_deaf(world: Any) -> None:
    shell = _start(
        world, irq1=True, irq1_cbf="t note 'a'", irq2=True, irq2_cbf="t note 'b'", irq1_trig="up", irq2_trig="up"
    )
    pads = world.nodes["node01"].machine.parts["pads"]
    pads.net(_IRQ1_GPIO).drive(1)
    world.run_for(0.01)
    pads.net(_IRQ2_GPIO).drive(1)
    world.run_for(0.1)
    assert shell("t show") == "ab"


def test_disabled_input_does_nothing(world: Any) -> None:
    shell = _start(world, irq1=False, irq1_cbf="t note", irq1_trig="up")
    _press(world, _IRQ1_GPIO)
    assert shell("t show") == ""


def test_unset_tasks_do_nothing(world: Any) -> None:
    shell = _start(world, irq1=True, timirq=True)
    _press(world, _IRQ1_GPIO)
    world.run_for(3)
    assert shell("system alarms").endswith("OK alarm: 0")


def test_shell_answers_while_a_callback_runs(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t slow", timirqseq=1000)
    world.run_for(1.2)
    sent = world.now_s
    assert shell("hello").startswith("hello:node01:")
    assert world.now_s - sent < 0.1


@pytest.mark.parametrize(
    ("key", "free", "refused"),
    [("timirq", 5999, True), ("timirq", 6000, False), ("cron", 11_999, True), ("cron", 12_000, False)]
    + [(f"irq{n}", free, free < 4200) for n in (1, 2, 3, 4) for free in (4199, 4200)],
)
def test_feature_is_refused_without_the_memory_for_it(world: Any, key: str, free: int, refused: bool) -> None:
    shell = _start(world)
    world.nodes["node01"].machine.parts["heap_free_bytes"] = free
    shell("conf")
    answer = f"Skip ... feature requires more memory then {free} byte" if refused else "Saved"
    assert shell(f"{key} true") == answer


def test_task_that_talks_for_ever_does_not_hold_up_the_list(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="other talk; t note 'b'", timirqseq=1000, lm_max_s=3)
    world.nodes["node01"].install({"/LM_other.py": _T})
    world.run_for(20)
    assert "b" in shell("t show")
