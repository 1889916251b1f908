"""The environment that is measured: the checkout's ``.venv``, as ``devToolKit.py`` makes it."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from bench.errors import BenchError

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "devToolKit.py"
_VENV = ROOT / ".venv"
#: The first use of a checkout installs packages.
_SET_UP_LIMIT_S = 900
_SPEED_VARIABLES = frozenset(
    ("PYTHONDEVMODE", "PYTHONDONTWRITEBYTECODE", "PYTHONMALLOC", "PYTHONPROFILEIMPORTTIME", "PYTHONTRACEMALLOC")
)


@cache
def base_python() -> str:
    """The Python that a person starts the tool with: the one ``.venv`` was made with, else the one below ours.

    It is the program itself, not a version manager's wrapper, whose own start would be measured too.
    """
    try:
        settings = (_VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        settings = ""
    for line in settings.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "executable" and os.path.exists(value.strip()):
            return value.strip()
    return str(getattr(sys, "_base_executable", sys.executable))


def children_environ() -> dict[str, str]:
    """Our environment variables, without those that change how fast Python is.

    A person has bytecode caches; on some build machines a variable switches them off.
    """
    return {name: value for name, value in os.environ.items() if name not in _SPEED_VARIABLES}


@cache
def ready_python(*extra: str) -> str:
    """Make the environment ready, unless it is, and return its interpreter.

    Args:
        extra: options of the tool that need more in the environment; nothing is run with them.

    Raises:
        BenchError: it cannot be made ready.
    """
    try:
        subprocess.run(
            [base_python(), str(TOOL), *(extra or ("--version",)), *(["--help"] if extra else [])],
            cwd=ROOT,
            env=children_environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=_SET_UP_LIMIT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchError(f"the environment is not ready: {error}") from error
    return str(_VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
