"""What firmware does wrong stays on its node and is told; what tests do wrong is refused."""

from __future__ import annotations

import gc
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from simulator.errors import NodeError, OutsideNode, StateError
from simulator.kernel import Kernel

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.world import World

_BROKEN = """
class Broken(Exception):
    def __str__(self):
        raise ValueError('no text')
"""


def test_callback_that_schedules_itself_leaves_the_program_its_turns(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import micropython, time
        count = [0]
        def again(_):
            count[0] += 1
            if count[0] < 100_000:
                micropython.schedule(again, None)
        micropython.schedule(again, None)
        time.sleep_ms(50)
        print(10 < count[0] < 10_000)
        """)
    )
    assert printed == "True\n"


@pytest.mark.engine("cpython", reason="computing")
def test_timer_faster_than_its_callback_loses_calls_and_nothing_else(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        timer = machine.Timer(0, freq=10_000, callback=lambda _: time.sleep_us(500))
        begun = time.ticks_ms()
        time.sleep_ms(50)
        timer.deinit()
        print(50 <= time.ticks_diff(time.ticks_ms(), begun) <= 51)
        """)
    )
    assert printed == "True\n"
    assert bare.machine.cpu.dropped > 100


@pytest.mark.parametrize(
    ("method", "shown"),
    [
        ("def __str__(self): raise ValueError", "Odd: 7"),
        ("def __repr__(self): return 'own'", "own"),
        ("def __repr__(self): raise ValueError", "Odd: <exception str() failed>"),
    ],
)
def test_exception_is_shown_by_its_repr_if_it_has_one(bare: BareBoard, method: str, shown: str) -> None:
    with pytest.raises(NodeError) as caught:
        bare.run(f"class Odd(Exception):\n    {method}\nraise Odd(7)")
    assert str(caught.value).endswith(f"\n{shown}\n")


def test_thread_whose_exception_has_no_text_ends_alone(bare: BareBoard) -> None:
    source = "import _thread, time\nclass Odd(Exception):\n    def __repr__(self): raise ValueError\n"
    source += "def body():\n    raise Odd\n_thread.start_new_thread(body, ())\ntime.sleep_ms(9)\nprint('on')"
    assert bare.run(source).endswith("Odd: <exception str() failed>\non\n")


def test_call_that_an_ending_thread_scheduled_runs_at_once(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import _thread, micropython, time
        seen = []
        def note(_):
            seen.append(time.ticks_ms())
        def body():
            time.sleep_ms(10)
            micropython.schedule(note, None)
        begun = time.ticks_ms()
        _thread.start_new_thread(body, ())
        time.sleep_ms(500)
        print(9 <= time.ticks_diff(seen[0], begun) <= 12)
        """)
    )
    assert printed == "True\n"


@pytest.mark.parametrize("raised", ["Broken()", "KeyboardInterrupt", "GeneratorExit"])
def test_exception_of_a_thread_ends_the_thread_only(bare: BareBoard, raised: str) -> None:
    source = f"import _thread, time\ndef body():\n    raise {raised}\n_thread.start_new_thread(body, ())\n"
    printed = bare.run(_BROKEN + source + "time.sleep_ms(10)\nprint('on')")
    assert printed.endswith("on\n")
    assert raised.rstrip("()") in printed


@pytest.mark.parametrize("raised", ["Broken()", "KeyboardInterrupt", "GeneratorExit", "SystemExit"])
def test_exception_of_a_callback_ends_the_callback_only(bare: BareBoard, raised: str) -> None:
    source = (
        "import micropython, time\ndef call(_):\n"
        f"    raise {raised}\nmicropython.schedule(call, 0)\ntime.sleep_ms(5)\nprint('on')"
    )
    printed = bare.run(_BROKEN + source)
    assert printed.endswith("on\n")
    assert raised.rstrip("()") in printed


def test_generator_that_the_host_collects_acts_on_no_node(world: World) -> None:
    first, second = (world.add_node(name, firmware=False) for name in ("first", "second"))
    world.run_for(1)
    world.run_on(
        first,
        dedent("""
        import machine
        def suspended():
            try:
                yield
            finally:
                machine.Pin(2, machine.Pin.OUT).value(1)
        held = [suspended()]
        next(held[0])
        held.append(held)
        del held
        """),
    )
    run = second.start("for _ in range(100_000):\n    pass\nprint('done')")
    world.run_until(lambda: run.done)
    gc.collect()
    assert run.printed == "done\n"
    assert second.machine.parts["pads"].net(2).level() == 0
    assert first.machine.parts["pads"].net(2).level() == 0


def test_run_keeps_the_hosts_collector_off_and_gives_it_back() -> None:
    kernel, seen = Kernel(), []
    kernel.at(1, lambda: seen.append(gc.isenabled()))
    kernel.run(2)
    assert seen == [False]
    assert gc.isenabled()


def test_long_run_collects_the_hosts_garbage() -> None:
    kernel, waiting = Kernel(), []

    def litter() -> None:
        knot: list[object] = []
        knot.append(knot)
        kernel.after(1, litter)

    litter()
    kernel.at(20_000, lambda: waiting.append(gc.get_count()[0]))
    kernel.run(20_000)
    assert waiting[0] < 10_000


@pytest.mark.parametrize(
    "meanwhile",
    [pytest.param("", marks=pytest.mark.engine("cpython", reason="computing")), "import time\ntime.sleep_ms(1)\n"],
    ids=["at-once", "in-a-call"],
)
@pytest.mark.parametrize("ask", ["reset", "power_off"])
def test_listener_on_the_nodes_thread_may_end_the_life(bare: BareBoard, ask: str, meanwhile: str) -> None:
    node = bare.node

    def on_text(text: str) -> None:
        if "trip" in text:
            getattr(node, ask)()

    node.console.listeners.append(on_text)
    boots = node.boots
    node.start(f"print('trip')\n{meanwhile}print('after')")
    bare.world.run_for(1)
    assert "after" not in node.console.text()
    node.power_on()
    bare.world.run_for(1)
    assert node.boots == boots + 1
    assert bare.run("print('well')") == "well\n"


def test_event_cannot_run_the_world_further(world: World) -> None:
    refused: list[str] = []

    def again() -> None:
        with pytest.raises(StateError, match="the world is running") as caught:
            world.run_for(1)
        refused.append(str(caught.value))

    world.at(10, again)
    world.run_for(0.1)
    assert len(refused) == 1
    assert world.now_s == 0.1


def test_api_outside_of_a_node_is_refused() -> None:
    from simulator.micropython import machine

    with pytest.raises(OutsideNode, match="no node is running here"):
        machine.Pin(2)


def test_run_that_resets_the_node_reports_nothing(bare: BareBoard) -> None:
    run = bare.node.start("import machine\ndef f():\n    f()\ntry:\n    machine.reset()\nexcept:\n    f()")
    bare.world.run_for(1)
    assert not run.done
    run.check()


def test_program_that_waits_for_its_flash_is_not_hung(bare: BareBoard) -> None:
    begun_s = bare.world.now_s
    bare.run("for n in range(300):\n    f = open('/a', 'a' if n % 50 else 'w')\n    f.write(' ' * 8192)\n    f.close()")
    assert bare.world.now_s - begun_s > 30
