"""A board on the MicroPython virtual machine, with an empty flash, at its prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from simulator.node import Node, Run
    from simulator.world import World


class Vm:
    """A node of the engine ``micropython``.

    Attributes:
        world: its world.
        node: the node.
    """

    def __init__(self, world: World, name: str, files: dict[str, bytes] | None = None) -> None:
        self.world = world
        self.node: Node = world.add_node(name, firmware=False, files=files, engine="micropython")
        self.to_prompt()

    def to_prompt(self, boots: int = 1) -> None:
        """Wait until the life of that number is at its prompt."""

        def is_there() -> bool:
            shown = self.text()
            return self.node.boots >= boots and shown.count("MicroPython v") >= boots and shown.endswith(">>> ")

        self.world.run_until(is_there, timeout_s=30)

    def text(self) -> str:
        """What the console has shown."""
        return self.node.console.text()

    def run(self, *source: str, timeout_s: float = 60.0) -> str:
        """Execute source in ``__main__`` and return what was printed."""
        return self.world.run_on(self.node, _joined(source), timeout_s=timeout_s)

    def lines(self, *source: str, timeout_s: float = 60.0) -> list[str]:
        """Execute source and return the lines that it printed."""
        return self.run(*source, timeout_s=timeout_s).split("\n")[:-1]

    def later(self, *source: str) -> Run:
        """Begin to execute source, which is not waited for: it may reset the node."""
        return self.node.start(_joined(source))


def _joined(parts: tuple[str, ...]) -> str:
    """Pieces of source without the indentation that they have in a test."""
    return "".join(dedent(part) for part in parts).lstrip("\n")


@pytest.fixture
def vm_world() -> Iterator[World]:
    """An empty world with seed 0 whose nodes run on the virtual machine."""
    from simulator.world import World

    with World(seed=0, engine="micropython") as world:
        yield world


@pytest.fixture
def add_vm(vm_world: World) -> Callable[..., Vm]:
    """``add_vm("name", files)`` puts a bare board into the world and waits for its prompt."""
    return lambda name="vm", files=None: Vm(vm_world, name, files)


@pytest.fixture
def vm(add_vm: Callable[..., Vm]) -> Vm:
    """A bare board at its prompt."""
    return add_vm()


@pytest.fixture
def patience() -> Iterator[Callable[[float], None]]:
    """``patience(0.5)`` sets the processor seconds that a program may compute without a call."""
    from simulator.engine.vm import life

    before = life.patience_s

    def change(seconds: float) -> None:
        life.patience_s = seconds

    yield change
    life.patience_s = before
