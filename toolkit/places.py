"""Where things are: the firmware beside us, and the user's own directory."""

from __future__ import annotations

import os
import re
from pathlib import Path

from toolkit.errors import ToolkitError

#: Folder that holds toolkit, simulator and micrOS: a checkout, or site-packages.
ROOT = Path(__file__).resolve().parent.parent
#: Sources of the firmware, as they go on a board.
FIRMWARE = ROOT / "micrOS" / "source"
#: The file that holds the version; pyproject.toml reads the same line.
VERSION_FILE = FIRMWARE / "micrOS.py"

_VERSION = re.compile(r"""^VERSION\s*=\s*(?:const\()?["'](\d+\.\d+\.\d+-\d+)["']""", re.MULTILINE)


def firmware_version() -> str:
    """Return the firmware's version, ``A.B.C-D``.

    Raises:
        ToolkitError: the firmware is not beside this package, or has no version line.
    """
    try:
        found = _VERSION.search(VERSION_FILE.read_text(encoding="utf-8"))
    except OSError as error:
        raise ToolkitError(f"no firmware at {VERSION_FILE}: {error.strerror}") from error
    if found is None:
        raise ToolkitError(f"no line VERSION = \"A.B.C-D\" in {VERSION_FILE}")
    return found.group(1)


def precompiled_dir() -> Path:
    """Return the folder of the files that go on a board, compiled; it may not be there yet.

    In a checkout it is inside, else in the user's directory.

    Raises:
        ToolkitError: the user's directory cannot be made.
    """
    is_checkout = (ROOT / "devToolKit.py").is_file()
    return (ROOT / "toolkit" / "workspace" if is_checkout else user_dir()) / "precompiled"


def user_dir() -> Path:
    """Return the directory of the user's own files, made if it is not there.

    It is MICROS_USER_DIR if that is set, else the platform's place for user data.

    Raises:
        ToolkitError: it cannot be made.
    """
    named = os.environ.get("MICROS_USER_DIR")
    if named:
        path = Path(named).expanduser()
    else:
        import platformdirs

        path = Path(platformdirs.user_data_dir("micrOS", appauthor=False))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolkitError(f"cannot make {path}: {error.strerror} (MICROS_USER_DIR names another place)") from error
    return path
