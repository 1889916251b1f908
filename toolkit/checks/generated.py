"""Generated files are what their generators make now. A new generator is one more entry in GENERATORS."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

#: Modules that write generated files; ``python -m <module> --check`` ends with 0 if those are current.
GENERATORS = ("simulator.parity.docs", "toolkit.docs_config", "toolkit.lm_index", "toolkit.lm_manual")
LIMIT_S = 60


def check(root: Path) -> Iterator[str]:
    """Yield a line for every generator that is missing or whose files are stale."""
    for module in GENERATORS:
        if importlib.util.find_spec(module) is None:
            yield f"{module}: generator is missing"
            continue
        command = [sys.executable, "-m", module, "--check"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if done.returncode != 0:
            said = " | ".join((done.stdout + done.stderr).strip().splitlines()[-3:])
            yield f"stale; run python -m {module}: {said}"
