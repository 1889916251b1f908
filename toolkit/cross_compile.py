"""``--cross_compile_micros``: the files that go on a board, compiled, in the folder from which they are deployed.

Beside that folder lies a list of the short names in those files, see `simulator.short_names`, to read tracebacks with.

Everything is made in memory first, then written beside the folder, which is swapped last; so whatever fails leaves the
folder as it was. It is this command's alone: what else lies in it goes with the old one.

Other code calls :func:`build`, which writes nothing.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from simulator import firmware, mpy
from simulator.errors import CompileError, SimulatorError
from toolkit.errors import ToolkitError
from toolkit.places import FIRMWARE, ROOT, firmware_version, precompiled_dir
from toolkit.sizes import report

#: Names the Load Modules that are compiled; the others ship as sources.
LIST_FILE = ROOT / "toolkit" / "LM_to_compile.dat"
#: Beside the folder of the build; it is nothing for a board.
NAMES_FILE = "precompiled_names.txt"
_LM_NAME = re.compile(r"LM_\w+\.py")


def build(source: Path, modules: Collection[str] | None) -> dict[str, bytes]:
    """Return what ships, compiled; nothing is written.

    Args:
        source: folder of the firmware, such as `micrOS/source`.
        modules: file names of the Load Modules to compile, such as `LM_system.py`; None: all.

    Returns:
        Absolute path on the board -> content, sorted by path; see `simulator.mpy.board_files`.

    Raises:
        ToolkitError: no firmware there, a module that is not, a file that does not compile (the text names it and
            the line), or no compiler (the text says what installs it).
    """
    try:
        files = firmware.image(source)
        absent = sorted(set(modules or ()) - {path.rpartition("/")[2] for path in files})
        if absent:
            raise ToolkitError(f"{LIST_FILE.name} names {', '.join(absent)}: not in {source / 'modules'}")
        return mpy.board_files(files, compile_modules=modules)
    except CompileError as error:
        raise ToolkitError(f"{host_path(source, error.path)}:{error.line or '?'}: {error.text}") from error
    except SimulatorError as error:
        raise ToolkitError(str(error)) from error


def read_list(path: Path = LIST_FILE) -> list[str]:
    """Return the names in a list of Load Modules to compile.

    Args:
        path: text file of names, separated by white space; `#` begins a comment.

    Raises:
        ToolkitError: it cannot be read, or a word is no name of a Load Module.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ToolkitError(f"{path} cannot be read: {error}") from error
    names = [word for line in lines for word in line.partition("#")[0].split()]
    for name in names:
        if not _LM_NAME.fullmatch(name):
            raise ToolkitError(f"{path}: {name!r} is no name of a Load Module, LM_<name>.py")
    return names


def host_path(source: Path, path: str) -> Path:
    """Return the file of the sources that goes to an absolute path on the board."""
    return source / path.removeprefix("/lib/").lstrip("/")


def write_folder(files: Mapping[str, bytes], target: Path) -> None:
    """Replace a folder by one with these files; if that fails, the folder is what it was.

    Args:
        files: absolute path on the board -> content.
        target: the folder. `<name>.new` and `<name>.old` beside it are ours.

    Raises:
        ToolkitError: it cannot be written.
    """
    new, old = (target.with_name(target.name + suffix) for suffix in (".new", ".old"))
    restore(target)
    try:
        _remove(new)
        for path, content in files.items():
            file = new / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        if target.exists():
            target.rename(old)
        new.rename(target)
    except OSError as error:
        restore(target)
        raise ToolkitError(f"cannot write {target}: {error.strerror or error}") from error
    shutil.rmtree(old, ignore_errors=True)  # what is left goes next time


def write_names(names: Mapping[str, Mapping[str, str]], target: Path) -> None:
    """Replace the list of short names.

    Args:
        names: path of a source on the board -> {name: short name}.
        target: the file. `<name>.new` beside it is ours.

    Raises:
        ToolkitError: it cannot be written.
    """
    new = target.with_name(target.name + ".new")
    try:
        new.write_text(mpy.listing(names), encoding="utf-8")
        new.replace(target)
    except OSError as error:
        raise ToolkitError(f"cannot write {target}: {error.strerror or error}") from error


def restore(target: Path) -> None:
    """Put a folder back that a swap had moved away when it was cut off; remove it if the swap was done.

    Raises:
        ToolkitError: it cannot be moved or removed.
    """
    old = target.with_name(target.name + ".old")
    try:
        if old.exists() and not target.exists():
            old.rename(target)
        _remove(old)
    except OSError as error:
        raise ToolkitError(f"cannot restore {target} from {old}: {error.strerror or error}") from error


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def run(*, every_module: bool = False) -> int:
    """Build the firmware beside us into the folder that deployments take, and tell the sizes.

    Args:
        every_module: compile all Load Modules, not only those of the list.

    Raises:
        ToolkitError: see :func:`build`, :func:`read_list`, :func:`write_folder`.
    """
    target = precompiled_dir()
    restore(target)
    try:
        modules = None if every_module else read_list()
        files = build(FIRMWARE, modules)
        write_folder(files, target)
        names_file = target.with_name(NAMES_FILE)
        write_names(mpy.names(firmware.image(FIRMWARE), compile_modules=modules), names_file)
    except ToolkitError:
        print("Precompile NOK", flush=True)
        raise
    sys.stdout.write(report(firmware.image(FIRMWARE), files))
    print(f"micrOS {firmware_version()}: {len(files)} files in {target}")
    print(f"Short names in them, to read tracebacks with: {names_file}")
    print("Precompile OK")
    return 0
