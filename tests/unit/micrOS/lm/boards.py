"""What the firmware has for each board, read from its files."""

from __future__ import annotations

import ast
from pathlib import Path

_MODULES = Path(__file__).resolve().parents[4] / "micrOS" / "source" / "modules"
#: Load Modules, without `LM_`.
NAMES = sorted(path.stem[3:] for path in _MODULES.glob("LM_*.py"))


def pin_map(board: str) -> dict[str, int]:
    """Logical name -> GPIO of a board's own pin map."""
    body = ast.parse((_MODULES / f"LP_{board}.py").read_text(encoding="utf-8")).body
    return {node.targets[0].id: node.value.value for node in body if isinstance(node, ast.Assign)}
