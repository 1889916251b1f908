"""Nodes put into a world, and its time."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import UsageError, WaitTimeout
from simulator.world import World


def test_run_for_lets_exactly_that_time_pass(world: World) -> None:
    world.run_for(1.5)
    world.run_for(0.25)
    assert world.now_s == 1.75


def test_run_until_stops_at_the_moment_of_truth(world: World) -> None:
    seen: list[int] = []
    world.at(3_000_000, lambda: seen.append(1))
    world.at(9_000_000, lambda: seen.append(2))
    world.run_until(lambda: seen, timeout_s=60)
    assert (world.now_s, seen) == (3.0, [1])


def test_run_until_returns_at_once_when_true_already(world: World) -> None:
    world.run_until(lambda: True, timeout_s=0)
    assert world.now_s == 0


def test_run_until_gives_up_at_its_limit(world: World) -> None:
    def the_lamp_is_on() -> bool:
        return False

    with pytest.raises(WaitTimeout, match="the_lamp_is_on stayed false for 2.5 s of virtual time"):
        world.run_until(the_lamp_is_on, timeout_s=2.5)
    assert world.now_s == 2.5


def test_run_until_sees_what_becomes_true_at_the_limit(world: World) -> None:
    world.run_until(lambda: world.now_s >= 2.5, timeout_s=2.5)
    assert world.now_s == 2.5


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"name": "lamp"}, "there is a node 'lamp' already"),
        ({"board": "esp8266"}, "no board 'esp8266'; there are: esp32, tinypico"),
        ({"unique_id": b"123"}, "unique_id has 3 bytes, not 6"),
        ({"firmware": Path("/nowhere")}, "no firmware in /nowhere: main.py is missing"),
    ],
)
def test_node_that_cannot_be_is_refused(world: World, arguments: dict[str, object], text: str) -> None:
    world.add_node("lamp", firmware=False)
    with pytest.raises(UsageError) as error:
        world.add_node(**{"name": "other", **arguments})  # type: ignore[arg-type]
    assert str(error.value) == text


def test_refused_firmware_leaves_no_node_behind(world: World) -> None:
    with pytest.raises(UsageError):
        world.add_node("lamp", firmware=Path("/nowhere"))
    world.add_node("lamp", firmware=False)


def test_nodes_have_ids_of_their_own(world: World) -> None:
    nodes = [world.add_node(f"n{n}", firmware=False) for n in range(3)]
    assert [node.machine.unique_id.hex() for node in nodes] == ["240ac4000001", "240ac4000002", "240ac4000003"]


def test_config_and_files_are_on_the_flash(world: World) -> None:
    node = world.add_node("lamp", config={"utc": 0}, files={"/modules/LM_mine.py": b"x = 1"}, power=False)
    assert node.flash.read("/node_config.json") == b'{"devfid": "lamp", "utc": 0}'
    assert node.flash.read("/modules/LM_mine.py") == b"x = 1"
    assert node.flash.exists("/main.py")


def test_node_without_power_stays_off(world: World) -> None:
    node = world.add_node("lamp", firmware=False, power=False)
    world.run_for(5)
    assert node.boots == 0


def test_firmware_of_a_folder_is_used(world: World, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print('mine')")
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "LM_x.py").write_text("")
    node = world.add_node("lamp", firmware=tmp_path)
    world.run_for(1)
    assert node.console.text().startswith("mine\n")
    assert node.flash.exists("/modules/LM_x.mpy" if node.ships_bytecode else "/modules/LM_x.py")


def test_close_switches_every_node_off() -> None:
    with World() as world:
        nodes = [world.add_node(f"n{n}", firmware=False) for n in range(3)]
        world.run_for(1)
    assert [node.powered for node in nodes] == [False, False, False]


def test_run_on_gives_up_at_its_limit(world: World) -> None:
    node = world.add_node("lamp", firmware=False)
    world.run_for(1)
    with pytest.raises(WaitTimeout):
        world.run_on(node, "import time\ntime.sleep(10)", timeout_s=2)


def test_worlds_do_not_know_one_another() -> None:
    with World(seed=1) as one, World(seed=2) as two:
        first, second = one.add_node("lamp", firmware=False), two.add_node("lamp", firmware=False)
        one.run_for(1)
        two.run_for(1)
        one.run_on(first, "import sys\nsys.path.append('/mine')\nx = 1")
        assert two.run_on(second, "import sys\nprint('/mine' in sys.path, 'x' in globals())") == "False False\n"
        assert one.now_s < two.now_s + 1
