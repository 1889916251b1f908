"""What a command is asked to do, as frozen records: the border between the command line and the commands.

The defaults stand here and nowhere else; the command line's help shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: Boards that ``--simulate`` knows.
BOARDS = ("esp32", "tinypico")
#: What runs the firmware of nodes: Python in virtual time, or the real MicroPython VM (extra ``[vm]``).
ENGINES = ("cpython", "micropython")
#: The shell's port on every node.
DEFAULT_PORT = 9008
#: Nodes in one process, at most: what the fleet benchmark covers.
MAX_NODES = 1000


@dataclass(frozen=True)
class SimulateOptions:
    """What ``--simulate`` runs.

    Attributes:
        board: one of BOARDS.
        nodes: how many nodes, 1..MAX_NODES.
        port: host port of the first node's shell on loopback; 0 lets the OS choose.
        pace: virtual seconds per second, > 0.
        state: directory that keeps the nodes' flash; None: the user's directory.
        fresh: use throw-away state; deletes nothing.
        lm: the user's own Load Modules, put on each node.
        watch: load those again when they are saved.
        engine: one of ENGINES.
        wiring: what hangs on the pins of each node: a built-in wiring's name or a TOML file; empty for nothing.
    """

    board: str = BOARDS[0]
    nodes: int = 1
    port: int = DEFAULT_PORT
    pace: float = 1.0
    state: Path | None = None
    fresh: bool = False
    lm: tuple[Path, ...] = ()
    watch: bool = False
    engine: str = ENGINES[0]
    wiring: str = ""
