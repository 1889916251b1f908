"""Boot hook and CPU clock."""

from __future__ import annotations

from typing import Any

import pytest

_MARKS = b"def go(n=0):\n    with open('mark%d' % n, 'w') as file:\n        file.write('x')\n"


@pytest.mark.parametrize(("boostmd", "mhz"), [(True, 240), (False, 80)])
def test_cpu_clock_follows_boostmd(world: Any, boostmd: bool, mhz: int) -> None:
    node = world.add_node("node01", config={"boostmd": boostmd})
    assert f"CPU clock: {mhz} [MHz]\n" in world.shell(node)("system info")
    assert node.machine.freq_hz == mhz * 1_000_000


def test_boot_hook_runs_each_task_before_the_network(world: Any) -> None:
    config = {"boothook": "t go; t go 2", "staessid": "away"}
    node = world.add_node("node01", config=config, files={"/LM_t.py": _MARKS})
    world.run_until(lambda: node.flash.exists("/mark2"), timeout_s=5)
    assert node.flash.exists("/mark0") and not node.listening(9008)


@pytest.mark.parametrize("nothing", ["n/a", "N/A", " n/a "])
def test_no_boot_hook_is_no_error(world: Any, nothing: str) -> None:
    node = world.add_node("node01", config={"boothook": nothing})
    assert "boot_hook" not in world.shell(node)("system alarms")


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("nothing_there go", "no module named 'LM_nothing_there'"),
        ("system nothing", "LM_system->nothing: "),
        ("system", "no command: system"),
        ("system clock (", "LM_system->clock: "),
    ],
)
def test_task_that_fails_is_in_the_alarms_and_the_next_one_runs(world: Any, task: str, text: str) -> None:
    node = world.add_node("node01", config={"boothook": f"{task}; t go"}, files={"/LM_t.py": _MARKS})
    alarms = world.shell(node)("system alarms")
    assert "safe_boot_hook error: " in alarms and text in alarms
    assert node.flash.exists("/mark0")


def test_boot_hook_may_change_the_cpu_clock_only_until_boostmd(world: Any) -> None:
    module = b"import machine\ndef slow():\n    machine.freq(80000000)\n"
    node = world.add_node("node01", config={"boothook": "t slow"}, files={"/LM_t.py": module})
    assert "CPU clock: 240 [MHz]" in world.shell(node)("system info")
