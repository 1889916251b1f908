"""A world in which everything happens that could make two runs differ; used by the tests of determinism.

``python -m tests.unit.simulator.busy_world COUNT`` prints the identity of a run with so many nodes.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable

from simulator.node import Node
from simulator.world import World

_BUTTON = 4
_STEP_S = 0.125

#: On every node.
_CHAOS = b"""
import _thread, machine, os, random, time

led = machine.Pin(2, machine.Pin.OUT)
lock = _thread.allocate_lock()
pressed = []

def blink():
    try:
        while True:
            yield led.value(not led.value())
    except BaseException:
        led.value(1)
        print("generator ends", time.ticks_us())
        raise

class Ring:
    pass

def litter(turns=1):
    for _ in range(turns):
        ring = Ring()
        ring.blink, ring.self = blink(), ring
        next(ring.blink)

def spin(name):
    for n in range(200):
        with lock:
            litter()
        if n % 50 == 0:
            print(name, n, time.ticks_us(), random.random())

def press(pin):
    pressed.append(pin)
    print("irq", len(pressed), time.ticks_us())

def begin():
    button = machine.Pin(4, machine.Pin.IN, machine.Pin.PULL_DOWN)
    button.irq(press, machine.Pin.IRQ_RISING)
    machine.Timer(0, period=7, callback=lambda timer: litter())
    machine.Timer(1, period=23, callback=lambda timer: print("timer", time.ticks_us(), os.urandom(2)))
    for name in "ab":
        _thread.start_new_thread(spin, (name,))
    litter(20)
"""
#: What a board without the firmware does: boots by power, soft reset and hard reset, then runs on.
_MAIN = b"""
import asyncio, chaos, machine, os, random, time

boots = int(open("/boots").read()) if "boots" in os.listdir("/") else 0
with open("/boots", "w") as file:
    file.write(str(boots + 1))

async def task(name):
    try:
        while True:
            await asyncio.sleep_ms(random.randrange(15, 40))
            print(name, time.ticks_us(), sum(n for n in range(50)))
    finally:
        print(name, "ends")

async def main():
    tasks = [asyncio.create_task(task("task" + str(n))) for n in range(3)]
    await asyncio.sleep_ms(100)
    tasks[0].cancel()
    await asyncio.sleep_ms(50)
    if boots == 0:
        machine.soft_reset()
    if boots == 1:
        machine.reset()
    await asyncio.sleep(60)

chaos.begin()
asyncio.run(main())
"""
#: The way to it on a node with the firmware.
_LM = b"""
import time
import chaos
def begin():
    chaos.begin()
    return "begun"
def count(turns=200):
    return sum(n for n in range(turns))
def block():
    time.sleep_ms(30)
    return len(chaos.pressed)
"""
_COMMANDS = ("busy begin", "system heartbeat", "busy count", "busy block", "conf", "utc 90", "noconf", "system info")


def digest(nodes: int = 2, *, seed: int | str = 1, host: Callable[[], object] | None = None) -> str:
    """The identity of a run: all that happened and all that was printed.

    Args:
        nodes: how many; the first has the firmware, the second not, and so on.
        seed: of the world.
        host: what the host does meanwhile; called each eighth of a second.
    """
    with World(seed=seed) as world:
        made = [_add(world, n) for n in range(nodes)]
        random = world.kernel.stream("hand")
        for node in made:
            _press(world, node, random.randrange(10_000, 60_000))
        shells = [world.shell(node) for node in (made[0], made[(nodes - 1) // 2 * 2])]
        said = [shell(command) for command in _COMMANDS for shell in shells]
        end_s = world.now_s + 1.0
        for node in (made[0], made[-1]):
            world.at(world.kernel.now + 200_000, node.power_off)
            world.at(world.kernel.now + 300_000, node.power_on)
        world.at(world.kernel.now + 700_000, made[0].reset)
        while world.now_s < end_s:
            world.run_for(_STEP_S)
            if host is not None:
                host()
        text = "\0".join(said + [node.console.text() for node in made])
        return world.trace.digest() + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _add(world: World, number: int) -> Node:
    name = f"node{number:02}"
    if number % 2:
        return world.add_node(name, firmware=False, files={"/chaos.py": _CHAOS, "/main.py": _MAIN})
    return world.add_node(name, files={"/chaos.py": _CHAOS, "/LM_busy.py": _LM})


def _press(world: World, node: Node, period_us: int) -> None:
    """Press and release the button on a board again and again."""

    def turn() -> None:
        net = node.machine.parts["pads"].net(_BUTTON)
        net.drive(1 - net.level())
        world.at(world.kernel.now + period_us, turn)

    world.at(period_us, turn)


if __name__ == "__main__":
    print(digest(int(sys.argv[1])))
