"""The configuration on the simulated flash: whatever fails and whenever, a key has its old or its new value."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from simulator.errors import WaitTimeout
from simulator.node import Node
from simulator.world import World

#: None of them is a default, so that a fall back to defaults shows.
_START = {"devfid": "lamp", "utc": 0, "auth": True, "boothook": "a b", "guimeta": "..."}
_TEXT = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
    .map(str.strip)
    .filter(lambda t: t not in ("...", ""))
)
_ITEMS = (
    st.tuples(st.just("devfid"), st.sampled_from(["lamp", "door", "ajtó", "x" * 32]))
    | st.tuples(st.just("utc"), st.integers(-720, 840))
    | st.tuples(st.just("auth"), st.booleans())
    | st.tuples(st.just("boothook"), _TEXT)
    | st.tuples(st.just("guimeta"), _TEXT | st.sampled_from(["m" * 1500]))
)
_STEPS = st.integers(1, 7)
_TORN = st.sampled_from([None, 0.0, 0.5, 1.0])


def board(world: World, files: dict[str, bytes]) -> Node:
    """A board with the firmware's modules and no program that uses them."""
    node = world.add_node("bare", power=False)
    for path in ("/boot.py", "/main.py", "/node_config.json"):
        node.flash.remove(path)
    node.install(files)
    node.power_on()
    world.run_for(1)
    return node


class Store(RuleBasedStateMachine):
    """``ConfigHandler`` against a dict, with power cuts at every durable step of the flash."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(seed=0)
        self.expected: dict[str, Any] = {**_START, "guimeta": "n/a"}
        self.expected.update(devfid="lamp")

    @initialize()
    def boot(self) -> None:
        import json

        self.node = board(self.world, {"/node_config.json": json.dumps(_START).encode()})

    def values(self) -> dict[str, Any]:
        """What the node says the keys have."""
        source = f"import ConfigHandler\nprint([ConfigHandler.cfgget(key) for key in {list(self.expected)!r}])"
        printed = self.world.run_on(self.node, source).splitlines()[-1]
        return dict(zip(self.expected, ast.literal_eval(printed), strict=True))

    def put(self, item: tuple[str, Any]) -> bool | None:
        """Set a key; True, False, or None if the power failed meanwhile."""
        run = self.node.start(f"import ConfigHandler\nprint(ConfigHandler.cfgput({item[0]!r}, {item[1]!r}))")
        self.world.run_until(lambda: run.done or not self.node.powered, timeout_s=30)
        return bool(ast.literal_eval(run.printed.splitlines()[-1])) if run.done else None

    @rule(item=_ITEMS)
    def put_well(self, item: tuple[str, Any]) -> None:
        assert self.put(item) is True
        self.expected[item[0]] = item[1]

    @rule(item=_ITEMS, operations=_STEPS, torn=_TORN)
    def put_while_the_power_fails(self, item: tuple[str, Any], operations: int, torn: float | None) -> None:
        self.node.flash.cut_after(operations, torn=torn)
        done = self.put(item)
        self.node.power_off()
        self.node.power_on()
        self.world.run_for(1)
        found = self.values()[item[0]]
        assert found == item[1] or (done is None and found == self.expected[item[0]])
        self.expected[item[0]] = found

    @rule(operations=_STEPS, torn=_TORN)
    def reset_and_load_while_the_power_fails(self, operations: int, torn: float | None) -> None:
        self.node.reset()
        self.world.run_for(1)
        self.node.flash.cut_after(operations, torn=torn)
        run = self.node.start("import ConfigHandler\nConfigHandler.load()")
        self.world.run_until(lambda: run.done or not self.node.powered, timeout_s=30)
        self.node.power_off()
        self.node.power_on()
        self.world.run_for(1)

    @rule(item=_ITEMS, error=st.sampled_from(["EIO", "ENOSPC"]), count=st.integers(1, 3))
    def put_while_the_flash_fails(self, item: tuple[str, Any], error: str, count: int) -> None:
        self.node.flash.fail_next(error, count)
        if self.put(item):
            self.expected[item[0]] = item[1]
        self.node.flash.power_cut()

    @rule(size=st.integers(0, 30))
    def damage_the_newest_file_if_there_is_a_copy_of_the_same(self, size: int) -> None:
        flash = self.node.flash
        if flash.exists("/node_config.json.bak"):
            flash.write("/node_config.json.bak", flash.read("/node_config.json"))
            flash.write("/node_config.json", flash.read("/node_config.json")[:size])
            self.node.reset()
            self.world.run_for(1)

    @invariant()
    def equals_the_dict(self) -> None:
        if hasattr(self, "node"):
            assert self.values() == self.expected

    def teardown(self) -> None:
        self.world.close()


def test_store_equals_a_dict_whatever_fails() -> None:
    run_state_machine_as_test(
        Store, settings=settings(max_examples=25, stateful_step_count=20, deadline=None, derandomize=True)
    )


@pytest.mark.parametrize("torn", [None, 0.5, 1.0])
def test_node_that_loses_power_at_any_write_boots_with_the_old_or_the_new_value(
    world: World, torn: float | None
) -> None:
    world.lan.faults.start("internet_down")  # nothing else is written than what the test sets
    node = world.add_node("node01", config={"utc": 30, "boothook": "system heartbeat"})
    old = "first"
    for operations in range(1, 50):
        shell = world.shell(node)
        shell("conf")
        shell(f"devfid {old}")
        node.flash.cut_after(operations, torn=torn)
        try:
            reply = shell(f"devfid new{operations}", timeout_s=5)
        except WaitTimeout:
            reply = "cut"
        assert node.powered == (reply == "Saved")
        node.power_off()
        node.power_on()
        shell = world.shell(node)
        shell("conf")
        assert shell("devfid") in ((old, f"new{operations}") if reply == "cut" else (f"new{operations}",))
        assert (shell("utc"), shell("boothook")) == ("30", "system heartbeat")
        if reply == "Saved":
            break
    assert operations > 3


@pytest.mark.parametrize("torn", [None, 1.0])
def test_node_that_loses_power_at_any_write_of_its_boot_boots_with_its_values(world: World, torn: float | None) -> None:
    node = world.add_node("node01", config={"utc": 30, "devfid": "lamp"}, power=False)
    for operations in range(1, 50):
        node.flash.cut_after(operations, torn=torn)
        node.power_on()
        try:
            world.run_until(lambda: not node.powered or node.listening(9008), timeout_s=30)
        except WaitTimeout:
            pytest.fail(f"neither booted nor cut at step {operations}")
        if node.powered:
            break
    shell = world.shell(node)
    shell("conf")
    assert (shell("devfid"), shell("utc")) == ("lamp", "30")
