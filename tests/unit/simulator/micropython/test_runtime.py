"""What every API module stands on: interrupts, threads, hangs, lives that have ended."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from simulator.errors import NodeHung, StateError
from simulator.micropython.runtime import running
from simulator.world import World

if TYPE_CHECKING:
    from conftest import BareBoard


# --- soft interrupts --------------------------------------------------------------------------------------------------


@pytest.mark.engine("cpython", reason="computing")
def test_busy_loop_on_a_flag_ends_when_a_timer_sets_it(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        flag = []
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=50, callback=lambda t: flag.append(1))
        begun = time.ticks_ms()
        while not flag:
            pass
        print(time.ticks_ms() - begun)
        """)
    )
    assert printed == "50\n"


@pytest.mark.engine("cpython", reason="computing")
def test_early_wake_up_takes_no_computing_back(bare: BareBoard) -> None:
    """Two interrupts at once wake a sleeping program twice; the second time it computes already."""
    nets = [bare.machine.parts["pads"].pad(gpio).net for gpio in (4, 18)]
    bare.world.at(bare.machine.kernel.now + 50_000, lambda: [net.drive(1) for net in nets])
    printed = bare.run(
        dedent("""
        import asyncio, machine, time
        flag = asyncio.ThreadSafeFlag()
        for gpio in 4, 18:
            machine.Pin(gpio, machine.Pin.IN).irq(lambda pin: flag.set(), machine.Pin.IRQ_RISING)
        async def main():
            await flag.wait()
            begun = time.ticks_us()
            for _ in range(1000):
                pass
            print(time.ticks_diff(time.ticks_us(), begun))
        asyncio.run(main())
        """)
    )
    assert 3_000 <= int(printed) < 3_100  # 3 us each, at 160 MHz


def test_busy_loop_on_a_pin_ends_when_its_net_is_driven(bare: BareBoard) -> None:
    net = bare.machine.parts["pads"].pad(4).net
    bare.world.at(bare.machine.kernel.now + 7_000, lambda: net.drive(1))
    printed = bare.run(
        dedent("""
        import machine, time
        pin, begun = machine.Pin(4, machine.Pin.IN), time.ticks_us()
        while not pin.value():
            pass
        print((time.ticks_us() - begun) // 1000)
        """)
    )
    assert printed == "6\n"


def test_interrupt_comes_at_an_api_call_without_a_loop(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        seen = []
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=1, callback=lambda t: seen.append(1))
        time.sleep_us(2000)
        print(seen)
        """)
    )
    assert printed == "[1]\n"


def test_interrupt_comes_while_the_program_sleeps(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        seen = []
        def note(timer):
            seen.append(time.ticks_diff(time.ticks_ms(), begun))
        begun = time.ticks_ms()
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=100, callback=note)
        time.sleep(1)
        print(seen, time.ticks_diff(time.ticks_ms(), begun))
        """)
    )
    assert printed == "[100] 1000\n"


def test_interrupt_waits_while_another_one_runs(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        seen = []
        def slow(timer):
            seen.append("slow begins")
            time.sleep_us(5000)
            seen.append("slow ends")
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=10, callback=slow)
        machine.Timer(1, mode=machine.Timer.ONE_SHOT, period=12, callback=lambda t: seen.append("quick"))
        time.sleep_ms(50)
        print(seen)
        """)
    )
    assert printed == "['slow begins', 'slow ends', 'quick']\n"


def test_ninth_interrupt_that_waits_is_dropped(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        seen = []
        held = machine.disable_irq()
        for n in range(9):
            machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=n + 1, callback=lambda t, n=n: seen.append(n))
        time.sleep_us(20_000)
        machine.enable_irq(held)
        time.sleep_ms(1)
        print(seen)
        """)
    )
    assert printed == "[0, 1, 2, 3, 4, 5, 6, 7]\n"
    assert bare.machine.cpu.dropped == 1


@pytest.mark.parametrize("error", ["ValueError('no')", "SystemExit('no')"])
@pytest.mark.engine("cpython", reason="computing")
def test_exception_in_an_interrupt_is_printed_and_the_program_goes_on(bare: BareBoard, error: str) -> None:
    printed = bare.run(
        dedent(f"""
        import machine, time
        def fail(timer):
            raise {error}
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=1, callback=fail)
        time.sleep_ms(5)
        print("goes on")
        """)
    )
    assert printed.splitlines()[-2:] == [error.replace("('", ": ").replace("')", ""), "goes on"]


def test_interrupt_in_a_busy_wait_runs_at_its_time(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine, time
        seen = []
        def note(timer):
            seen.append(time.ticks_diff(time.ticks_us(), begun) // 1000)
        begun = time.ticks_us()
        machine.Timer(0, period=10, callback=note)
        for _ in range(5):
            time.sleep_us(7_000)
        print(seen)
        """)
    )
    assert printed == "[10, 20, 30]\n"


# --- threads ----------------------------------------------------------------------------------------------------------


@pytest.mark.engine("cpython", reason="computing")
def test_computing_thread_does_not_stop_another(bare: BareBoard) -> None:
    bare.machine.cpu.hang_us = 500_000
    printed = bare.run(
        dedent("""
        import _thread, time
        done = []
        def compute():
            while not done:
                pass
        _thread.start_new_thread(compute, ())
        begun = time.ticks_ms()
        time.sleep_ms(20)
        print(time.ticks_diff(time.ticks_ms(), begun))
        done.append(1)
        """)
    )
    assert printed in ("20\n", "21\n")


@pytest.mark.engine("cpython", reason="computing")
def test_sleeping_thread_leaves_the_processor_free(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import _thread, machine, time
        machine.freq(240_000_000)
        _thread.start_new_thread(time.sleep, (5,))
        time.sleep_ms(1)
        begun = time.ticks_us()
        for _ in range(1000):
            pass
        print(time.ticks_diff(time.ticks_us(), begun) // 100)
        """)
    )
    assert printed == "20\n"


@pytest.mark.engine("cpython", reason="computing")
def test_two_computing_threads_share_the_processor(bare: BareBoard) -> None:
    bare.machine.cpu.hang_us = 500_000
    printed = bare.run(
        dedent("""
        import _thread, time
        counts, done = [0, 0], []
        def compute(n):
            while not done:
                counts[n] += 1
        _thread.start_new_thread(compute, (0,))
        _thread.start_new_thread(compute, (1,))
        time.sleep_ms(100)
        done.append(1)
        print(0.8 < counts[0] / counts[1] < 1.25, sum(counts) > 20_000)
        """)
    )
    assert printed == "True True\n"


def test_bit_banging_holds_other_threads_of_the_node_but_no_other_node(bare: BareBoard) -> None:
    other = bare.world.add_node("other", firmware=False)
    bare.world.run_until(lambda: ">>> " in other.console.text())
    steps = other.start("import time\nfor n in range(5):\n    time.sleep_ms(1)\n    print(n)")
    printed = bare.run(
        dedent("""
        import _thread, time
        seen, begun = [], time.ticks_us()
        _thread.start_new_thread(lambda: seen.append(time.ticks_diff(time.ticks_us(), begun)), ())
        time.sleep_us(8_000)
        time.sleep_ms(1)
        print(seen[0] // 1000)
        """)
    )
    assert printed == "8\n"
    assert steps.printed == "0\n1\n2\n3\n4\n"


# --- hangs ------------------------------------------------------------------------------------------------------------

_ENDLESS = b"""import time

def serve():
    time.sleep_ms(100)
    while True:
        pass

serve()
"""


@pytest.mark.engine("cpython", reason="computing")
def test_endless_loop_is_reported_with_node_thread_file_line_and_function() -> None:
    with World(hang_s=0.05) as world:
        world.add_node("lamp", firmware=False, files={"/main.py": _ENDLESS})
        with pytest.raises(NodeHung) as raised:
            world.run_for(10)
    error = raised.value
    assert (error.node, error.thread) == ("lamp", "main")
    assert error.stack[-1] in ("/main.py:5 in serve", "/main.py:6 in serve")
    assert str(error).startswith("lamp: thread 'main' ran 0.1 s of virtual time without waiting, at /main.py:")


def test_hang_in_a_thread_names_the_thread() -> None:
    with World(hang_s=0.05) as world:
        source = b"import _thread\ndef spin():\n    while True:\n        pass\n_thread.start_new_thread(spin, ())\n"
        world.add_node("lamp", firmware=False, files={"/main.py": source})
        with pytest.raises(NodeHung, match="thread 'spin'"):
            world.run_for(10)


@pytest.mark.parametrize(("turns", "hangs"), [(10_000, False), (20_000, True)])
@pytest.mark.engine("cpython", reason="computing")
def test_hang_is_reported_after_the_limit_only(turns: int, hangs: bool) -> None:
    with World(hang_s=0.05) as world:
        node = world.add_node("lamp", firmware=False)
        world.run_for(1)
        node.start(f"for _ in range({turns}):\n    pass")
        try:
            world.run_for(1)
            seen = False
        except NodeHung:
            seen = True
    assert seen is hangs


def test_program_that_waits_now_and_again_does_not_hang() -> None:
    with World(hang_s=0.05) as world:
        source = b"import time\nwhile True:\n    for _ in range(10_000):\n        pass\n    time.sleep_ms(1)\n"
        node = world.add_node("lamp", firmware=False, files={"/main.py": source})
        world.run_for(1)
        assert node.boots == 1


def test_rest_of_the_world_goes_on_after_a_hang() -> None:
    with World(hang_s=0.05) as world:
        world.add_node("lamp", firmware=False, files={"/main.py": _ENDLESS})
        other = world.add_node("other", firmware=False)
        with pytest.raises(NodeHung):
            world.run_for(10)
        assert world.run_on(other, "print('well')") == "well\n"


@pytest.mark.engine("cpython", reason="computing")
def test_other_threads_of_the_node_go_on_after_a_hang() -> None:
    source = (
        b"import _thread, machine, time\n"
        b"def worker():\n    while True:\n        time.sleep(1)\n        print('works')\n"
        b"_thread.start_new_thread(worker, ())\n"
        b"machine.Timer(0, period=300, callback=lambda t: print('timer'))\n"
        b"while True:\n    pass\n"
    )
    with World(hang_s=0.05) as world:
        node = world.add_node("lamp", firmware=False, files={"/main.py": source})
        with pytest.raises(NodeHung):
            world.run_for(10)
        before = node.console.text().count("works")
        world.run_for(5)
        assert node.console.text().count("works") >= before + 4


# --- lives that have ended --------------------------------------------------------------------------------------------

_CLINGING = b"""
import _thread, asyncio, machine, time
pin = machine.Pin(4, machine.Pin.OUT)
name = "alive"

def note(text):
    print("dead life writes", text)
    pin.on()
    open("/trace-" + text, "w").close()

def worker():
    try:
        time.sleep(3600)
    finally:
        note("worker")

def generator():
    try:
        yield 1
    finally:
        note("generator")

async def task():
    try:
        await asyncio.sleep(3600)
    except:
        note("task")
    finally:
        note("finally")

async def stubborn():
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.Event().wait()
        note("stubborn")

async def main():
    asyncio.create_task(task())
    asyncio.create_task(stubborn())
    await asyncio.sleep(3600)

held = generator()
next(held)
_thread.start_new_thread(worker, ())
try:
    asyncio.run(main())
except:
    note("main")
finally:
    note("last")
"""


@pytest.mark.parametrize("end", ["reset", "power_off"])
def test_nothing_of_an_ended_life_writes(end: str) -> None:
    with World() as world:
        node = world.add_node("lamp", firmware=False, files={"/main.py": _CLINGING})
        pad = node.machine.parts["pads"].pad(4)
        world.run_for(2)
        node.flash.write("/main.py", b"")
        getattr(node, end)()
        world.run_for(2)
        assert "dead life" not in node.console.text()
        assert sorted(node.flash.files()) == ["/main.py"]
        assert pad.net.level() == 0


@pytest.mark.parametrize(
    "source",
    [
        b"import time\ntry:\n    time.sleep(3600)\nexcept:\n    pass\nprint('on')",
        b"import time\ntry:\n    time.sleep(3600)\nexcept:\n    raise ValueError('late')",
        b"import time\ntry:\n    time.sleep(3600)\nfinally:\n    while True:\n        pass",
        b"while True:\n    try:\n        while True:\n            pass\n    except:\n        pass",
    ],
    ids=["swallow", "turn into another error", "loop in finally", "swallow in a loop"],
)
def test_ended_life_stays_silent_whatever_its_handlers_do(source: bytes) -> None:
    with World() as world:
        node = world.add_node("lamp", firmware=False, files={"/main.py": source})
        world.run_for(1)
        node.power_off()
        world.run_for(1)
        assert node.console.text() == ""


def test_error_in_a_thread_of_an_ended_life_is_not_printed() -> None:
    source = (
        b"import _thread, time\n"
        b"def worker():\n    try:\n        time.sleep(9)\n    except:\n        raise ValueError\n"
        b"_thread.start_new_thread(worker, ())\n"
    )
    with World() as world:
        node = world.add_node("lamp", firmware=False, files={"/main.py": source})
        world.run_for(1)
        node.power_off()
        world.run_for(1)
        assert "ValueError" not in node.console.text()


@pytest.mark.engine("cpython", reason="engine-internals")
def test_generator_that_outlives_its_life_does_nothing(bare: BareBoard) -> None:
    bare.run(
        dedent("""
        def steps():
            try:
                yield 1
            finally:
                print("late")
                open("/late", "w").close()
        held = steps()
        next(held)
        """)
    )
    held = bare.machine.import_module("__main__").held
    bare.node.reset()
    bare.world.run_for(1)
    bare.machine.import_module("__main__").held = held
    bare.run("held.close()")
    assert "late" not in bare.node.console.text()
    assert bare.node.flash.files() == {}


@pytest.mark.parametrize("clean_up", ["while True: pass", "time.sleep(1)", "print(1)", "open('a', 'w')"])
def test_end_of_a_life_takes_no_time(clean_up: str) -> None:
    with World() as world:
        source = f"import time\ntry:\n    time.sleep(9)\nfinally:\n    {clean_up}"
        node = world.add_node("lamp", firmware=False, files={"/main.py": source.encode()})
        world.run_for(1)
        now_us = world.kernel.now
        node.power_off()
        assert world.kernel.now == now_us


def test_timer_of_an_ended_life_does_not_fire() -> None:
    source = b"import machine\nmachine.Timer(0, period=100, callback=lambda t: print('tick'))\n"
    with World() as world:
        node = world.add_node("lamp", firmware=False, files={"/main.py": source})
        world.run_for(1)
        node.flash.write("/main.py", b"")
        node.reset()
        before = node.console.text().count("tick")
        world.run_for(5)
        assert before > 0
        assert node.console.text().count("tick") == before


# --- the hub's side ---------------------------------------------------------------------------------------------------


def test_api_call_from_outside_a_node_is_refused() -> None:
    with pytest.raises(StateError, match="no node is running here"):
        running()


def test_event_of_the_machine_dies_with_its_life(bare: BareBoard) -> None:
    seen: list[str] = []
    bare.machine.event(1_000_000, lambda: seen.append("old life"))
    bare.node.reset()
    bare.world.run_for(0.5)
    bare.machine.event(1_000_000, lambda: seen.append("new life"))
    bare.world.run_for(3)
    assert seen == ["new life"]


def test_clean_up_runs_in_reverse_order_at_the_end_of_a_life(bare: BareBoard) -> None:
    seen: list[str] = []
    for name in "abc":
        bare.machine.at_end(lambda name=name: seen.append(name))
    bare.node.reset()
    assert seen == ["c", "b", "a"]
