"""Commands over TCP."""

from __future__ import annotations

import json

from hil.fixtures import Board


def test_heartbeat_is_answered(board: Board) -> None:
    assert board.shell("system heartbeat") == "<3 heartbeat <3"


def test_unknown_module_is_named_and_the_session_goes_on(board: Board) -> None:
    assert "no module named 'LM_nosuch'" in board.shell("nosuch fly")
    assert board.shell("system heartbeat") == "<3 heartbeat <3"


def test_json_result_parses(board: Board) -> None:
    assert list(json.loads(board.shell("system gclean >json"))) == ["GC MemFree[byte]"]
