"""What random sequences of clients and faults have brought to light, shrunk; see ``test_sessions_under_faults.py``."""

from __future__ import annotations

from tests.unit.micrOS.session_player import play


def test_command_in_pieces_is_one_while_the_node_writes_to_its_flash() -> None:
    play(
        [
            ("join", 0),
            ("join", 1),
            ("send", 0, "rapid", ["conf", "set"]),
            ("send", 1, "pieces", ["version"]),
        ]
    )
