"""``import reset`` at a prompt restarts the board."""

from __future__ import annotations

from typing import Any

import pytest

_AT_REPL = {"/.if_mode": b"off"}


@pytest.mark.parametrize("files", [{}, {"/hal.py": b"def (\n"}, {"/hal.py": b"def reset(): 1/0\n"}])
def test_import_reset_restarts_the_board(world: Any, files: dict[str, bytes]) -> None:
    node = world.add_node("node01", files={**_AT_REPL, **files})
    world.run_for(2)
    node.start("import reset")
    world.run_for(0.9)
    assert node.boots == 1 and "Device reboot now, boot micrOS mode..." in node.console.text()
    world.run_until(lambda: node.boots == 2, timeout_s=1)


def test_import_reset_is_no_crash(world: Any, node: Any) -> None:
    for boots in range(2, 6):
        node.start("import reset")
        world.run_until(lambda boots=boots: node.boots == boots, timeout_s=3)
        world.run_for(0.5)
    assert world.shell(node).prompt == "node01 $  " and not node.flash.exists("/.crash")
