"""The wrap of the ticks after 12.4 days, crossed by everything that counts time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.world import World

_WRAP_S = 2**30 / 1000
_T = b"""
counts = {}


def note(tag):
    counts[tag] = counts.get(tag, 0) + 1


def nap(sec):
    import time
    time.sleep(sec)
    return 'awake'


def show():
    return ' '.join(['%s:%d' % (tag, counts[tag]) for tag in sorted(counts)])
"""
_IRQ1_GPIO = 4


def _press(world: Any, held_s: float) -> None:
    net = world.nodes["node01"].machine.parts["pads"].net(_IRQ1_GPIO)
    for level in (1, 0):
        for number in range(20):
            net.drive(level if number % 2 == 0 else 1 - level)
            world.run_for(0.000_25)
        net.drive(level)
        world.run_for(held_s)


@pytest.fixture
def world() -> Iterator[World]:
    with World(seed=0) as world:
        config = {
            "soctout": 86_400,
            "timirq": True,
            "timirqcbf": "t note 'timirq'",
            "timirqseq": 3_600_000,
            "cron": True,
            "cronseq": 60_000,
            "crontasks": "*:*:0:0!t note 'cron'",
            "irq1": True,
            "irq1_cbf": "t note 'irq'",
            "irq1_trig": "up",
            "irq_prell_ms": 300,
        }
        node = world.add_node("node01", config=config, files={"/LM_t.py": _T})
        world.add_node("node02")
        world.run_until(lambda: node.listening(9008), timeout_s=60)
        world.run_for(_WRAP_S - 20 - world.now_s)
        yield world


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_events_jobs_and_commands_cross_the_wrap(world: World) -> None:
    node = world.nodes["node01"]
    shell = world.shell(node)
    shell("t note 'job' &&1")
    before = shell("t show").split()
    assert {"cron:298", "timirq:298"} <= set(before)
    world.run_for(_WRAP_S - 0.4 - world.now_s)
    _press(world, 0.2925)  # it bounces when its deaf time ends, before the wrap; that of the release ends after it
    shell("intercon sendcmd 'node02.local' 'system heartbeat'")
    world.run_for(1)
    began = world.now_s
    assert shell("t nap 6 &").endswith("Start t.nap")
    assert "busy" in shell("t nap 1")
    assert 4.9 < world.now_s - began < 5.5
    for _ in range(3):
        _press(world, 0.5)
    world.run_for(3600)
    after = dict(item.split(":") for item in shell("t show").split())
    assert after["irq"] == "4"
    assert (after["cron"], after["timirq"]) == ("299", "299")
    assert 3590 <= int(after["job"]) <= 3640
    assert shell("system events").split("\n")[1] == " timirq: 299, 0 merged"
    assert shell('intercon sendcmd "node02.local" "system heartbeat"').endswith("['<3 heartbeat <3']")
    assert node.boots == 1
