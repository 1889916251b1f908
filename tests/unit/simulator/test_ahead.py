"""Nodes that compute at the same time: one may be ahead of the others until it touches what they can see."""

from __future__ import annotations

from textwrap import dedent

import pytest

from simulator.world import World

_NODES = 8
#: What a node prints once its program has ended.
_REPL = ("MicroPython", ">>>")

#: Computes for some hundred microseconds, twice as long at a time, and moves a pin after each stretch.
_PULSES = dedent("""
    import time
    from machine import Pin
    pin = Pin(4, Pin.OUT)
    while time.ticks_ms() < 350:
        time.sleep_ms(1)
    for stretch in range(40):
        for _ in range(3 + 5 * (stretch % 7)):
            time.ticks_us()
        pin.value(not pin.value())
    """).encode()

#: Two threads hand work to each other at each event of a timer that is the same on all nodes.
_WORK = dedent("""
    import _thread, asyncio, time
    from machine import Timer
    flag, back, lock = asyncio.ThreadSafeFlag(), asyncio.ThreadSafeFlag(), _thread.allocate_lock()
    lock.acquire()
    last = 0
    def worker():
        while True:
            lock.acquire()
            for _ in range(20):
                pass
            back.set()
    async def main():
        global last
        for turn in range(60):
            await flag.wait()
            lock.release()
            await back.wait()
            now = time.ticks_us()
            if time.ticks_diff(now, last) < 0:
                print("back by", time.ticks_diff(last, now))
            last = now
            if turn % 10 == NUMBER:
                print(turn, now)
            await asyncio.sleep_ms(turn % 3)
    _thread.start_new_thread(worker, ())
    Timer(0, period=5, callback=lambda timer: flag.set())
    asyncio.run(main())
    """)


def test_what_nodes_do_outside_is_done_in_the_order_of_time() -> None:
    with World(seed=1) as world:
        seen: list[tuple[int, str]] = []
        for number in range(_NODES):
            node = world.add_node(f"node{number}", firmware=False, files={"/main.py": _PULSES})
            net = node.machine.parts["pads"].net(4)
            net.on_change(lambda level, name=node.name: seen.append((world.kernel.now, name)))
            world.run_for(0.000_053)
        world.run_for(1.0)
    moments = [moment for moment, _ in seen]
    assert len(seen) >= 39 * _NODES
    assert moments == sorted(moments)
    turns = sum(before[1] != after[1] for before, after in zip(seen, seen[1:], strict=False))
    assert turns > 4 * _NODES, "they were not busy at the same time"


def run_work(step_s: float) -> tuple[str, list[str]]:
    """Digest of a run, and what the nodes printed."""
    with World(seed=1) as world:
        nodes = []
        for number in range(_NODES):
            main = _WORK.replace("NUMBER", str(number)).encode()
            nodes.append(world.add_node(f"node{number}", firmware=False, files={"/main.py": main}))
        while world.now_s < 0.9:
            world.run_for(step_s)
        return world.trace.digest(), [node.console.text() for node in nodes]


@pytest.mark.parametrize("step_s", [0.05, 0.001, 0.000_07])
def test_run_of_busy_nodes_does_not_depend_on_how_time_is_let_pass(step_s: float) -> None:
    whole = run_work(0.9)
    assert all(len(text.splitlines()) == 6 + len(_REPL) for text in whole[1]), whole[1]
    assert run_work(step_s) == whole


def test_clock_of_a_node_that_is_ahead_does_not_go_back_when_another_wakes_it(world: World) -> None:
    """One computes on its own past the moment at which the other sets a level that interrupts it."""
    waits = """
        import machine, time
        said = []
        pin = machine.Pin(4, machine.Pin.IN)
        pin.irq(lambda pin: said.append(time.ticks_us()), machine.Pin.IRQ_RISING)
        while time.ticks_ms() < 350:
            time.sleep_ms(1)
        while time.ticks_ms() < 380:
            for _ in range(25):
                time.ticks_us()
            said.append(time.ticks_us())
            time.sleep_ms(1)
            said.append(time.ticks_us())
        print(len(said) > 60, said == sorted(said))
        """
    drives = """
        import machine, time
        pin = machine.Pin(4, machine.Pin.OUT)
        while time.ticks_ms() < 350:
            time.sleep_ms(1)
        while time.ticks_ms() < 379:
            pin.value(1)
            time.sleep_us(7)
            pin.value(0)
            time.sleep_us(37)
        """
    ears = world.add_node("ears", firmware=False, files={"/main.py": dedent(waits).encode()})
    hand = world.add_node("hand", firmware=False, files={"/main.py": dedent(drives).encode()})
    ears.machine.parts["pads"].net(4).join(hand.machine.parts["pads"].net(4))
    world.run_for(1.0)
    assert "True True" in ears.console.text(), ears.console.text()


#: Looks at the clock when a timer of its own and a level from the world interrupt it while it computes.
_LOOKS = dedent("""
    import time
    from machine import Pin, Timer
    began, timer, level = None, [], []
    def tell():
        print(len(timer), max(timer), len(level), max(level) - min(level))
    def note_timer(_):
        timer.append((time.ticks_us() - began) % 1_000)
    def note_level(_):
        level.append((time.ticks_us() - began) % 1_000)
    while time.ticks_ms() < 350:
        time.sleep_ms(1)
    pin = Pin(4, Pin.IN)
    time.sleep_ms(5)
    began = time.ticks_us()
    Timer(0, period=1, callback=note_timer)
    pin.irq(note_level, Pin.IRQ_RISING | Pin.IRQ_FALLING)
    while time.ticks_ms() < 450:
        pass
    tell()
    """).encode()
_COMPUTES = b"""
import time
while time.ticks_ms() < 600:
    for _ in range(100):
        pass
    time.sleep_ms(0)
"""


@pytest.mark.engine("cpython", reason="computing")
@pytest.mark.parametrize("others", [0, 3])
def test_node_is_not_ahead_of_what_concerns_itself(others: int) -> None:
    with World(seed=1) as world:
        looks = world.add_node("looks", firmware=False, files={"/main.py": _LOOKS})
        net = looks.machine.parts["pads"].net(4)
        for number in range(others):
            world.add_node(f"node{number}", firmware=False, files={"/main.py": _COMPUTES})
        for count in range(90):
            world.at(360_000 + count * 1_000, lambda count=count: net.drive(count % 2))
        world.run_for(1.0)
    timers, latest_us, levels, spread_us = map(int, looks.console.text().split()[:4])
    assert timers >= 85
    assert levels >= 85
    assert latest_us <= 50
    assert spread_us <= 50


#: Computes, and notes when a level interrupts it.
_FEELS = dedent("""
    import time
    from machine import Pin
    felt = []
    pin = Pin(4, Pin.IN)
    pin.irq(lambda pin: felt.append(time.ticks_us()), Pin.IRQ_RISING | Pin.IRQ_FALLING)
    while time.ticks_ms() < 500:
        pass
    print(*felt)
    """).encode()


@pytest.mark.engine("cpython", reason="computing")
def test_node_is_not_ahead_of_the_end_of_the_run() -> None:
    """Else what is done to it between two runs would come too late."""
    with World(seed=1) as world:
        feels = world.add_node("feels", firmware=False, files={"/main.py": _FEELS})
        for number in range(3):
            world.add_node(f"node{number}", firmware=False, files={"/main.py": _COMPUTES})
        world.run_for(0.4)
        net = feels.machine.parts["pads"].net(4)
        done = []
        for count in range(100):
            world.run_for(0.000_3)
            done.append(world.kernel.now)
            net.drive(1 - count % 2)
        world.run_for(0.2)
    felt = [int(word) for word in feels.console.text().splitlines()[0].split()]
    delays_us = [felt_us - done_us for felt_us, done_us in zip(felt, done, strict=True)]
    assert max(delays_us) - min(delays_us) <= 50
