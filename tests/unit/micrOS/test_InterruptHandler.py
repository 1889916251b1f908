"""Periodic timer and event inputs: what they run, and when."""

from __future__ import annotations

from ast import literal_eval
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.world import World

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
    node = world.add_node("node01", config={"soctout": 86_400, **config}, files={"/LM_t.py": _T})
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
    assert "timirq: t nothing: exec_lm_core LM_t->nothing:" in shell("system alarms")


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


@pytest.mark.engine("cpython", reason="engine-internals")
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


def _bounce(world: Any, gpio: int, level: int, *, edges: int = 20, span_s: float = 0.005) -> None:
    """Change a level as a contact does, with so many edges; it rests at ``level``."""
    net = world.nodes["node01"].machine.parts["pads"].net(gpio)
    for number in range(edges):
        net.drive(level if number % 2 == 0 else 1 - level)
        world.run_for(span_s / edges)
    net.drive(level)


@pytest.mark.parametrize(("trigger", "fired"), [("up", "x"), ("down", "x"), ("both", "xx")])
@pytest.mark.parametrize("held_s", [0.05, 0.191, 0.1925, 0.1945, 0.2, 0.5, 60])
def test_press_and_release_that_bounce_count_once(world: Any, trigger: str, fired: str, held_s: float) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig=trigger)
    for _ in range(3):
        _bounce(world, _IRQ1_GPIO, 1)
        world.run_for(held_s)
        _bounce(world, _IRQ1_GPIO, 0)
        world.run_for(1)
    assert shell("t show") == fired * 3


@pytest.mark.slow
@settings(deadline=None, max_examples=8, derandomize=True)
@given(
    presses=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0.25, 1), st.integers(1, 30), st.floats(0.0005, 0.015)),
        min_size=20,
        max_size=20,
    )
)
def test_every_press_counts_once_however_it_bounces(presses: list[tuple[float, float, int, float]]) -> None:
    with World(seed=0) as world:
        shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig="up", irq_prell_ms=50)
        for held_s, gap_s, edges, span_s in presses:
            _bounce(world, _IRQ1_GPIO, 1, edges=edges, span_s=span_s)
            world.run_for(held_s)
            _bounce(world, _IRQ1_GPIO, 0, edges=edges, span_s=span_s)
            world.run_for(gap_s)
        assert shell("t show") == "x" * len(presses)


def test_event_comes_with_the_first_edge(world: Any) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig="up")
    shell("t show")
    world.nodes["node01"].machine.parts["pads"].net(_IRQ1_GPIO).drive(1)
    world.run_for(0.01)
    assert shell("t show") == "x"


@pytest.mark.parametrize(("debounce_ms", "fired"), [(0, 5), (30, 5), (90, 1)])
def test_deaf_time_is_configurable(world: Any, debounce_ms: int, fired: int) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig="up", irq_prell_ms=debounce_ms)
    net = world.nodes["node01"].machine.parts["pads"].net(_IRQ1_GPIO)
    for _ in range(5):
        net.drive(1)
        world.run_for(0.008)
        net.drive(0)
        world.run_for(0.008 if fired == 1 else 0.072)
    world.run_for(1)
    assert len(shell("t show")) == fired


def test_button_to_ground_works_with_a_pull_up(world: Any) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig="down", irq1_pull="up")
    hand = world.nodes["node01"].machine.parts["pads"].net(_IRQ1_GPIO)
    for _ in range(2):
        hand.drive(0)
        world.run_for(0.5)
        hand.release()
        world.run_for(0.5)
    assert shell("t show") == "xx"


def test_input_without_pull_takes_what_drives_it(world: Any) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_trig="up", irq1_pull="none")
    _press(world, _IRQ1_GPIO)
    assert shell("t show") == "x"


def test_events_during_the_commands_run_them_once_more_and_are_counted(world: Any) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t slow", irq1_trig="up", irq_prell_ms=10)
    for _ in range(5):
        _press(world, _IRQ1_GPIO, held_s=0.05)
    world.run_for(4)
    seen = shell("t show")
    assert 2 <= len(seen) <= 3
    assert shell("system events") == f" irq1: 5, {5 - len(seen)} merged"
    assert "[WARN] irq1: comes faster than its commands end" in shell("system alarms")
    assert shell("system alarms").endswith(" OK alarm: 0")


def test_node_without_events_counts_none(world: Any) -> None:
    assert _start(world)("system events >json") == "{}"


def test_pin_of_an_input_is_booked(world: Any) -> None:
    user = b"from LogicalPins import bind\n\n\ndef take(pin):\n    return bind(pin, 'user')\n"
    node = world.add_node("node01", config={"irq1": True, "irq1_cbf": "t note"}, files={"/LM_user.py": user})
    shell = world.shell(node)
    assert f"pin {_IRQ1_GPIO} ({_IRQ1_GPIO}) is in use by irq1" in shell(f"user take {_IRQ1_GPIO}")
    assert shell(f"user take {_IRQ2_GPIO}") == str(_IRQ2_GPIO)


def test_input_with_a_wrong_pull_is_logged_and_the_others_work(world: Any) -> None:
    shell = _start(world, irq1=True, irq1_cbf="t note", irq1_pull="sideways", irq2=True, irq2_cbf="t note 'b'")
    assert "external_interrupt_handler error: irq1" in shell("system alarms")
    _press(world, _IRQ2_GPIO)
    assert shell("t show") == "b"


def test_failure_is_told_with_its_command_and_seldom(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t nothing 'at all'", timirqseq=100)
    world.run_for(600)
    lines = [line for line in shell("system alarms").split("\n") if "timirq: t nothing 'at all': exec_lm" in line]
    assert 1 <= len(lines) <= 6


def test_command_may_be_a_background_job(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t slow &; t note 'b'", timirqseq=5000)
    world.run_for(5.5)
    assert shell("bgjob show").startswith(" isbusy: True\n taskid: (1, 't.slow')")
    world.run_for(1)
    assert shell("t show") == "bs" or shell("t show") == "sb"


def test_background_job_that_still_runs_is_not_started_again(world: Any) -> None:
    shell = _start(world, timirq=True, timirqcbf="t note &&3600", timirqseq=1000)
    world.run_for(5)
    assert "timirq: t note &&3600: [BgJob][1] t.note is Busy" in shell("system alarms")
    assert shell("bgjob show *").count("taskid") == 1


_CLOCK = b"""
import array
import time

first = count = 0
late_us = array.array('i', bytes(2000))


def note():
    global count, first
    now = time.ticks_us()
    first = first if count else now
    late_us[count % 500] = time.ticks_diff(now, first) - 10_000 * count
    count += 1


def drift():
    return count, min(late_us), max(late_us)
"""


def test_timer_of_10_ms_does_not_drift(world: Any) -> None:
    config = {"timirq": True, "timirqcbf": "c note", "timirqseq": 10, "soctout": 86_400}
    shell = world.shell(world.add_node("node01", config=config, files={"/LM_c.py": _CLOCK}))
    shell("system heartbeat")
    before = int(shell("system events").split(": ")[1].split(",")[0])
    began = world.now_s
    world.run_for(60)
    after, merged = shell("system events").removeprefix(" timirq: ").removesuffix(" merged").split(", ")
    assert abs(int(after) - before - (world.now_s - began) * 100) <= 1
    assert int(merged) <= 10
    count, least_us, most_us = literal_eval(shell("c drift"))
    assert count > 6000
    assert most_us - least_us < 10_000
