"""The rig file: an inventory of boards in TOML.

Example::

    [boards.sim1]
    rung = "simulated"
    board = "esp32"
    capabilities = ["wifi", "power"]
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from hil.errors import RigFileError
from hil.resources.board import BoardResource

_KEYS = {"rung", "board", "capabilities"}


def load_rig(path: Path) -> list[BoardResource]:
    """Read a rig file; boards in the order of the file.

    Raises:
        RigFileError: it cannot be read, has no boards, or a board lacks a key or has an unknown one.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RigFileError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RigFileError(f"{path}: not valid TOML: {error}") from error
    boards = content.get("boards")
    if not isinstance(boards, dict) or not boards:
        raise RigFileError(f"{path}: has no [boards.NAME] table")
    return [_board(path, name, facts) for name, facts in boards.items()]


def _board(path: Path, name: str, facts: object) -> BoardResource:
    if not isinstance(facts, dict):
        raise RigFileError(f"{path}: boards.{name} is not a table")
    unknown = sorted(set(facts) - _KEYS)
    if unknown:
        raise RigFileError(f"{path}: boards.{name} has unknown keys: {', '.join(unknown)}")
    missing = sorted({"rung", "board"} - set(facts))
    if missing:
        raise RigFileError(f"{path}: boards.{name} lacks: {', '.join(missing)}")
    return BoardResource(
        name=name,
        rung=str(facts["rung"]),
        board=str(facts["board"]),
        capabilities=frozenset(str(item) for item in facts.get("capabilities", ())),
    )
