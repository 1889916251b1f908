"""The measured process of the bench ``memory``: prints what it saw as JSON.

Called as ``python -m bench.memory_run ENGINE DAYS WHAT``; ``WHAT`` is ``modules`` to measure each Load Module, too.

All figures are in bytes of a board, whose words have 4 bytes: those of the 64-bit machine are halved.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from simulator import firmware
from simulator.engine.vm.life import VmLife
from simulator.errors import StateError, WaitTimeout
from simulator.node import Node
from simulator.shell import Shell
from simulator.world import World

#: Profile -> configuration that differs from the defaults.
PROFILES: Mapping[str, Mapping[str, object]] = {
    "core": {},
    "core+timers": {"cron": True, "timirq": True},
    "core+timers+neopixel": {"cron": True, "timirq": True, "boothook": "neopixel load_n_init"},
}
#: The one that people use for days.
_USED_PROFILE = "core"
#: Enough for any stage, so that there is a figure even when a board's heap is too small.
_ROOMY_BYTES = 260_000
_SESSIONS = 4
_PORT = 9008
_UP_S = 60.0
#: After it the clock is set and the boot's last tasks have ended.
_SETTLE_S = 10.0
_STEP_BYTES = 512
#: People come so often.
_EVERY_H = 4
_STAGE = re.compile(r"\[PROFILING INFO\] - (.*)\n")
_LAST_STAGE = "SYSTEM IS UP"
_COMMANDS = (
    "hello", "version", "system info", "system clock", "nosuch thing", "system nosuch", "configure", "dbg", "socport",
    "devfid", "noconf", "system heartbeat",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Heap:
    """A node's heap after a collection, in bytes of a board.

    Attributes:
        used: what objects take.
        free: the rest.
        largest: the largest piece that can be had.
    """

    used: int
    free: int
    largest: int


def heap_of(node: Node) -> Heap:
    """Collect and look; no virtual time passes."""
    life = node.flash.machine  # type: ignore[attr-defined]  # of an image: the life that uses it
    assert isinstance(life, VmLife)
    return Heap(*life.memory())


def start(world: World, heap_bytes: int, config: Mapping[str, object]) -> Node:
    """Switch a node on, with a heap of so many bytes."""
    node = world.add_node("node01", config={"devfid": "node01", "dbg": False, **config}, power=False)
    node.machine.board = dataclasses.replace(node.machine.board, heap_bytes=heap_bytes)
    node.power_on()
    return node


def wait_until_up(world: World, node: Node) -> bool:
    """Wait until the node serves for the first time; False if it restarts before, or never does."""
    try:
        world.run_until(lambda: node.boots > 1 or node.listening(_PORT), timeout_s=_UP_S)
        if node.boots == 1:
            world.run_for(_SETTLE_S)
            with contextlib.closing(Shell(world, node)) as shell:
                return node.boots == 1 and shell("hello").startswith("hello:")
    except (WaitTimeout, StateError):  # it does not answer, or closes the session
        pass
    return False


def stages(engine: str, config: Mapping[str, object]) -> dict[str, int]:
    """Heap in use after each stage of the boot, in their order. The node collects at each, which a board does not."""
    seen: dict[str, int] = {}
    with World(seed=1, engine=engine) as world:
        node = start(world, _ROOMY_BYTES, {**config, "dbg": True})

        def look(text: str) -> None:
            if text.startswith("stack: "):  # the second half of what a stage prints; the node waits meanwhile
                seen[_STAGE.findall(node.console.text())[-1]] = heap_of(node).used

        node.console.listeners.append(look)
        world.run_until(lambda: _LAST_STAGE in seen, timeout_s=_UP_S)
    return seen


def boots(engine: str, heap_bytes: int, config: Mapping[str, object]) -> bool:
    """True if a node with so much heap comes up at its first boot and answers."""
    with World(seed=1, engine=engine) as world:
        return wait_until_up(world, start(world, heap_bytes, config))


def smallest(engine: str, config: Mapping[str, object]) -> int:
    """The smallest heap that boots, to 512 bytes."""
    low, high = 8_192, _ROOMY_BYTES
    while high - low > _STEP_BYTES:
        middle = (low + high) // 2
        if boots(engine, middle, config):
            high = middle
        else:
            low = middle
    return high


def up(engine: str, heap_bytes: int, config: Mapping[str, object]) -> dict[str, Any]:
    """Heap of a node that is up, then with four sessions that have each got an answer; what it has imported."""
    with World(seed=1, engine=engine) as world:
        node = start(world, heap_bytes, config)
        if not wait_until_up(world, node):
            raise RuntimeError(f"no boot with {heap_bytes} bytes of heap: {node.console.text()[-300:]}")
        world.run_for(_SETTLE_S)
        alone = heap_of(node)
        shells = [world.shell(node) for _ in range(_SESSIONS)]
        for shell in shells:
            shell("hello")
        return {"up": vars(alone), "sessions": vars(heap_of(node)), "loaded": loaded(node)}


def module_cost(engine: str, module: str) -> int:
    """Heap that a Load Module takes once `help` of it was called, on a node that has run commands before.

    Args:
        engine: of the simulator.
        module: its name without `LM_`.

    Raises:
        RuntimeError: it has no `help`, or cannot be imported.
    """
    with World(seed=1, engine=engine) as world:
        node = start(world, _ROOMY_BYTES, {})
        if not wait_until_up(world, node):
            raise RuntimeError(f"no boot: {node.console.text()[-300:]}")
        shell = Shell(world, node)
        shell("nosuch help")
        before = heap_of(node).used
        reply = shell(f"{module} help")
        if reply.startswith("exec_lm_core"):
            raise RuntimeError(reply)
        return heap_of(node).used - before


def module_names() -> list[str]:
    """Load Modules of the firmware, without `LM_`."""
    paths = [PurePosixPath(path) for path in firmware.image()]
    return [path.stem[3:] for path in paths if path.name.startswith("LM_") and path.suffix == ".py"]


def loaded(node: Node) -> list[str]:
    """Names of the modules that the node has imported."""
    return list(node.flash.machine.service("loaded"))  # type: ignore[attr-defined]


def busy_days(engine: str, heap_bytes: int, days: int, config: Mapping[str, object]) -> list[dict[str, int]]:
    """Heap at the end of each day of a node that four people use every few hours.

    Raises:
        RuntimeError: the node restarted, or refused a person.
    """
    heaps = []
    with World(seed=1, engine=engine) as world:
        node = start(world, heap_bytes, config)
        if not wait_until_up(world, node):
            raise RuntimeError(f"no boot with {heap_bytes} bytes of heap: {node.console.text()[-300:]}")
        begun_s = world.now_s
        for day in range(1, days + 1):
            for hour in range(_EVERY_H, 25, _EVERY_H):
                use(world, node)
                world.run_for(begun_s + (24 * day - 24 + hour) * 3600 - world.now_s)
            if node.boots != 1:
                raise RuntimeError(f"the node restarted on day {day}: {node.console.text()[-300:]}")
            heaps.append(vars(heap_of(node)))
    return heaps


def use(world: World, node: Node) -> None:
    """Four people at once, each with a dozen commands, mistakes among them."""
    shells = [world.shell(node) for _ in range(_SESSIONS)]
    for command in _COMMANDS:
        for shell in shells:
            shell(command)
    for shell in shells:
        shell.close()


def measure(engine: str, days: int, *, has_modules: bool) -> dict[str, Any]:
    """All that there is to measure on an engine: {"profiles": {name: what was seen}, "modules": {name: bytes}}.

    Args:
        engine: of the simulator.
        days: of use; 0: none.
        has_modules: measure each Load Module.
    """
    found: dict[str, Any] = {}
    for profile, config in PROFILES.items():
        seen: dict[str, Any] = {"stages": stages(engine, config), "smallest": smallest(engine, config)}
        board_bytes = World(seed=1, engine=engine).add_node(power=False).machine.board.heap_bytes
        heap_bytes = board_bytes if seen["smallest"] <= board_bytes else _ROOMY_BYTES
        seen |= up(engine, heap_bytes, config) | {"heap": heap_bytes, "board": board_bytes}
        if days and profile == _USED_PROFILE:
            seen["days"] = busy_days(engine, heap_bytes, days, config)
        found[profile] = seen
    names = module_names() if has_modules else ()
    return {"profiles": found, "modules": {name: module_cost(engine, name) for name in names}}


def main() -> None:
    """Measure and print."""
    engine, days, has_modules = sys.argv[1:]
    print(json.dumps(measure(engine, int(days), has_modules=has_modules == "modules")))


if __name__ == "__main__":
    main()
