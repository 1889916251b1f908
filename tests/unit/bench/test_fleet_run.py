"""The measured process of the bench ``fleet``."""

from __future__ import annotations

import pytest

from bench.fleet_run import boot, check_steady
from simulator.world import World


def test_boot_ends_when_every_node_listens(world: World) -> None:
    boot(world, 3)
    assert [node.listening(9008) for node in world.nodes.values()] == [True] * 3
    check_steady(world)


def test_check_steady_after_a_restart_raises(world: World) -> None:
    boot(world, 2)
    world.nodes["node0002"].reset()
    world.run_for(30)
    with pytest.raises(RuntimeError, match="node0002 has restarted: "):
        check_steady(world)


def test_check_steady_while_nobody_listens_raises(world: World) -> None:
    boot(world, 1)
    world.nodes["node0001"].power_off()
    world.run_for(1)
    with pytest.raises(RuntimeError, match="node0001 does not listen: "):
        check_steady(world)
