"""``--test``: the unit and system tests of a checkout, through tox."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from toolkit.errors import ToolkitError
from toolkit.places import ROOT


def run() -> int:
    """Run tox on unit and system tests; 0 if all passed, 1 if not.

    One after the other: each uses both cores of a small machine by itself, and system tests watch the wall clock.

    Raises:
        ToolkitError: this is no checkout, or tox is not here.
    """
    if not (ROOT / "tox.ini").is_file():
        raise ToolkitError("--test needs a checkout (git clone); an installed package has no tests")
    if importlib.util.find_spec("tox") is None:
        raise ToolkitError("tox is not installed here: start it as 'python3 devToolKit.py --test', which installs it")
    child = subprocess.Popen([sys.executable, "-m", "tox", "run", "-e", "unit,system"], cwd=ROOT)
    try:
        return 0 if child.wait() == 0 else 1
    except KeyboardInterrupt:  # tox got the Ctrl-C too; let it end its children
        child.wait()
        raise
