"""Configuration is durable."""

from __future__ import annotations

import pytest

from hil.fixtures import Board


@pytest.mark.needs("power")
def test_config_survives_a_power_cycle(board: Board) -> None:
    assert board.shell("conf") == ""
    assert board.shell("devfid lamp") == "Saved"
    board.power_cycle()
    assert board.shell("hello").split(":")[1] == "lamp"


def test_config_survives_the_reboot_command(board: Board) -> None:
    board.shell("conf")
    assert board.shell("soctout 90") == "Saved"
    board.shell("noconf")
    assert board.shell("reboot").splitlines() == ["Reboot micrOS system.", "Bye!"]
    board.settle(5)
    board.wait_ready()
    board.shell("conf")
    assert board.shell("soctout") == "90"
