"""Several virtual machines in one world: network, determinism, and what they leave on the host."""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.vm.channel import Channel, Message

ROOT = Path(__file__).resolve().parents[3]
_JOIN = """
import network, time, socket
w = network.WLAN(network.STA_IF)
w.active(True)
w.connect('test', 'password1')
while not w.isconnected():
    time.sleep_ms(50)
"""
_PROGRAM = b"""
import time, random, machine, os, asyncio, _thread, gc
g = []
t = machine.Timer(0)
t.init(period=37, callback=lambda t: g.append(time.ticks_us()))
def th():
    for i in range(5):
        time.sleep_ms(11)
        g.append(random.getrandbits(16))
_thread.start_new_thread(th, ())
async def a(n):
    for i in range(20):
        await asyncio.sleep_ms(n)
        g.append((n, time.ticks_ms()))
async def main():
    await asyncio.gather(a(7), a(13), a(7))
asyncio.run(main())
with open('/out', 'w') as f:
    f.write(repr(g))
d = {k: v for k, v in zip('qwertzuiop', range(10))}
s = {'x', 'y', 'zz', 'abc'}
print(g, list(d), s, os.urandom(8), gc.mem_free())
"""


_BEAT = b"""
count = 0


def note():
    global count
    count += 1
    return count
"""


def digest(engine: str = "micropython") -> str:
    """Identity of a run of a program that uses all sorts of time and chance."""
    from simulator.world import World

    with World(seed=3, engine=engine) as world:
        node = world.add_node("a", firmware=False, files={"/main.py": _PROGRAM})
        world.run_for(3)
        text = node.console.text()
        assert "Traceback" not in text
        assert ">>> " in text
        return hashlib.sha256((text + world.trace.digest() + node.flash.read("/out").decode()).encode()).hexdigest()


def test_same_seed_is_the_same_run_twenty_times() -> None:
    assert len({digest() for _ in range(20)}) == 1


def test_runs_of_other_processes_are_the_same_too() -> None:
    folder = str(Path(__file__).parent)
    source = f"import sys; sys.path.insert(0, {folder!r}); import test_nodes; print(test_nodes.digest())"
    found = set()
    for seed in ("0", "1", "12345", "random"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", source]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
        found.add(done.stdout.strip())
    assert found == {digest()}


def test_two_nodes_talk_over_tcp(vm_world: Any, add_vm: Callable[..., Any]) -> None:
    vm_world.lan.add_access_point("test", "password1")
    one, two = add_vm("one"), add_vm("two")
    for vm in (one, two):
        vm.run(_JOIN)
    address = one.lines("print(w.ifconfig()[0])")[0]
    one.later("""
        s = socket.socket()
        s.bind(('0.0.0.0', 7000))
        s.listen(1)
        a, p = s.accept()
        while True:
            d = a.recv(1000)
            if not d: break
            a.sendall(d.upper())
        a.close()
    """)
    vm_world.run_for(1)
    assert two.lines(f"""
        s = socket.socket()
        s.connect(('{address}', 7000))
        n = 0
        for i in range(100):
            s.sendall(b'abc%04d ' % i * 100)
            m = 0
            while m < 800:
                d = s.recv(800)
                assert d == d.upper()
                m += len(d)
            n += m
        print(n)
        s.close()
    """) == ["80000"]


def open_descriptors() -> int:
    gc.collect()  # flash images of nodes that nobody holds
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_event_of_a_node_takes_few_exchanges(vm_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer that calls a plain function each second: the loop hands it to a worker, and gets the answer back."""
    config = {"timirq": True, "timirqseq": 1000, "timirqcbf": "beat note"}
    node = vm_world.add_node("node01", config=config, files={"/LM_beat.py": _BEAT})
    shell = vm_world.shell(node)
    vm_world.run_for(10)
    before = int(shell("beat note"))
    shell.close()
    vm_world.run_for(5)
    receive, messages = Channel.receive, []

    def counted(channel: Channel) -> Message:
        message = receive(channel)
        messages.append(message)
        return message

    monkeypatch.setattr(Channel, "receive", counted)
    vm_world.run_for(60)
    assert len(messages) < 80
    assert sum(message.value[0] == ".poll" for message in messages) < 5  # the rest is a header each
    assert int(vm_world.shell(node)("beat note")) - before > 64


def test_fifty_lives_leave_no_process_and_no_descriptor(vm: Any) -> None:
    """The node's own process and descriptors are all there is, whatever ended its lives."""
    from simulator.engine.vm import process

    before = open_descriptors()
    for number in range(50):
        if number % 3:
            vm.later("import machine\nmachine.reset()")
        else:
            vm.node.reset()
        vm.to_prompt(boots=number + 2)
    assert open_descriptors() == before
    parent = process._parents[0]._process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    assert str(vm.node._life._process.pid) in children
    vm.node.power_off()
    assert open_descriptors() < before


def test_worlds_that_are_closed_leave_nothing() -> None:
    from simulator.world import World

    def live() -> None:
        with World(engine="micropython") as world:
            node = world.add_node("a", firmware=False)
            world.run_until(lambda: node.console.text().endswith(">>> "), timeout_s=5)

    live()
    before = open_descriptors() if sys.platform == "linux" else 0
    for _ in range(5):
        live()
    assert not before or open_descriptors() == before
