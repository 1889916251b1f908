"""Commands of the configuration that come again and again: made ready once, and right each time."""

from __future__ import annotations

from ast import literal_eval
from typing import Any

_T = b"""
import time

seen = []
moments = []


def note(tag):
    seen.append(str(tag))


def keep(items):
    items.append(len(items))
    seen.append(str(items))


def slow(seconds):
    time.sleep(seconds)
    seen.append('s')


def fail():
    raise ValueError('no')


async def soon():
    seen.append('a')


def other(tag):
    seen.append('o')


def swap():
    global note
    note = other


def clock():
    moments.append(time.ticks_us())


def show():
    return ''.join(seen)


def told():
    return moments
"""


def _start(world: Any, tasks: str, **config: Any) -> Any:
    node = world.add_node(
        "node01",
        config={"soctout": 86_400, "timirq": True, "timirqcbf": tasks, "timirqseq": 10_000, **config},
        files={"/LM_t.py": _T, "/LM_u.py": _T},
    )
    return world.shell(node)


def test_command_that_came_before_is_not_read_again_and_runs_at_the_same_time_each_time(world: Any) -> None:
    shell = _start(world, "t clock")
    node = world.nodes["node01"]
    world.run_for(25)
    world.run_on(node, "import literals\nreader, literals.split_command = literals.split_command, None")
    world.run_for(30)
    world.run_on(node, "literals.split_command = reader")
    moments = [moment % 10_000_000 for moment in literal_eval(shell("t told"))]
    assert len(moments) == 5
    assert len(set(moments[2:])) == 1


def test_list_in_a_command_is_a_new_one_each_time(world: Any) -> None:
    shell = _start(world, "t keep []")
    world.run_for(35)
    assert shell("t show") == "[0][0][0]"


def test_module_that_was_unloaded_is_loaded_anew(world: Any) -> None:
    shell = _start(world, "t note 1")
    world.run_for(25)
    world.nodes["node01"].flash.write("/LM_t.py", _T.replace(b"seen.append(str(tag))", b"seen.append('new')"))
    assert "done" in shell('system module unload="LM_t"')
    world.run_for(20)
    assert shell("t show") == "newnew"


def test_function_that_its_module_replaced_is_the_new_one(world: Any) -> None:
    shell = _start(world, "t note 1")
    world.run_for(25)
    shell("t swap")
    world.run_for(20)
    assert shell("t show") == "11oo"


def test_coroutine_function_runs_each_time(world: Any) -> None:
    shell = _start(world, "t soon")
    world.run_for(35)
    assert shell("t show") == "aaa"


def test_failure_is_told_and_the_list_goes_on_each_time(world: Any) -> None:
    shell = _start(world, "t fail; t note 1", timirqseq=100_000)
    world.run_for(310)
    assert shell("t show") == "111"
    assert shell("system alarms").count("timirq: t fail: exec_lm_core LM_t->fail: no") > 1


def test_call_waits_for_its_module_each_time(world: Any) -> None:
    shell = _start(world, "t note 1")
    world.run_for(25)
    assert shell("t show") == "11"
    world.run_for(4)
    assert shell("t slow 3") == "None"
    assert shell("t show") == "11s1"


def test_command_of_two_events_at_once_runs_for_each(world: Any) -> None:
    shell = _start(world, "t slow 2", irq1=True, irq1_cbf="t slow 2", irq1_trig="up")
    net = world.nodes["node01"].machine.parts["pads"].net(4)
    for _ in range(3):
        world.run_for(9)
        net.drive(1)
        world.run_for(1)
        net.drive(0)
    world.run_for(5)
    assert shell("t show") == "ssssss"


def test_overdue_command_runs_on_while_the_list_goes_on_each_time(world: Any) -> None:
    shell = _start(world, "t slow 4; u note 1", lm_max_s=1)
    for count in range(1, 4):
        world.run_until(lambda count=count: shell("u show") == "1" * count, timeout_s=20)  # type: ignore[misc]
        assert shell("u show") == "1" * count
        assert shell("t show") == "s" * count
    assert world.nodes["node01"].boots == 1


def test_spare_threads_end_soon_and_one_stays(world: Any) -> None:
    shell = _start(world, "n/a")
    others = [world.shell(world.nodes["node01"]) for _ in range(2)]
    for other, module in zip(others, "tu", strict=True):
        other("system heartbeat")
        other._connection.send(f"{module} slow 1\n".encode())
    world.run_for(0.5)
    shell("system heartbeat")
    cpu = world.nodes["node01"].machine.cpu
    assert len(cpu.threads) > 2
    world.run_for(30)
    assert len(cpu.threads) == 2
    assert shell("t show") == "s"
