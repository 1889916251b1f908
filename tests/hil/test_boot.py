"""A board comes up."""

from __future__ import annotations

import re

from hil.fixtures import Board


def test_boot_reaches_the_shell(board: Board) -> None:
    assert re.fullmatch(r"hello:[^:]+:micr[0-9a-f]{12}OS", board.shell("hello"))


def test_boot_tells_its_version(board: Board) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+-\d+", board.shell("version"))
