"""Firmware source to instrumented code objects, shared by all nodes and cached on disk.

A call of ``__tick__()`` is put at the head of each loop body. It is what makes ``while not flag: pass`` take virtual
time, so that the interrupt that sets the flag can come (see :mod:`simulator.micropython.runtime`).

Sources keep their line numbers and are registered in :mod:`linecache`, so tracebacks, coverage and debuggers
show real lines. A file that came from the host keeps its host path as file name.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import marshal
import os
import sys
from pathlib import Path
from types import CodeType

from simulator.micropython.runtime import FLASH_PREFIX

#: Change it when instrumented code changes, so that cached code is made anew.
_VERSION = 2
#: File names of node code that is on no flash: given to the REPL, to ``exec``.
_UNNAMED = ("<stdin>", "<string>")
_MAGIC = f"{_VERSION}.{sys.implementation.cache_tag}.{sys.hexversion:x}"


class _Instrument(ast.NodeTransformer):
    """Puts a tick at the head of each loop body."""

    def _loop(self, node: ast.While | ast.For | ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        call = ast.Call(ast.Name("__tick__", ast.Load()), [], [])
        node.body.insert(0, ast.fix_missing_locations(ast.copy_location(ast.Expr(call), node.body[0])))
        return node

    visit_While = visit_For = visit_AsyncFor = _loop


def instrument(source: str, filename: str) -> CodeType:
    """Compile a module's source with ticks.

    Raises:
        SyntaxError: as CPython's compiler raises it.
    """
    tree = _Instrument().visit(ast.parse(source, filename))
    code: CodeType = compile(tree, filename, "exec", dont_inherit=True)
    return code


class CodeStore:
    """Code objects by path and content.

    Args:
        cache_dir: where code is kept between processes; None keeps it in memory only.
    """

    def __init__(self, cache_dir: Path | None) -> None:
        self._cache_dir = cache_dir
        self._codes: dict[tuple[str, bytes], CodeType] = {}
        self._origins: dict[tuple[str, bytes], str] = {}
        self._contents: dict[str, bytes] = {}
        self._flash_paths: dict[str, str] = {}

    def register_origin(self, path: str, data: bytes, host_path: str) -> None:
        """Say which host file a flash file's content came from, for debuggers and coverage."""
        self._origins[path, data] = host_path

    def flash_path(self, filename: str) -> str | None:
        """The path on flash of a code object's file name; None if that is no node code."""
        if filename in _UNNAMED:
            return filename
        if filename.startswith(FLASH_PREFIX):
            return filename[len(FLASH_PREFIX) - 1 :].partition("?")[0]
        return self._flash_paths.get(filename)

    def code(self, path: str, data: bytes) -> CodeType:
        """Instrumented code of a source file.

        Args:
            path: absolute path on flash.
            data: its content, UTF-8.

        Raises:
            SyntaxError: the source is not valid.
        """
        code = self._codes.get((path, data))
        if code is None:
            code = self._codes[path, data] = self._make(path, data)
        return code

    def _make(self, path: str, data: bytes) -> CodeType:
        filename = self._origins.get((path, data))
        if filename is None:
            filename = FLASH_PREFIX[:-1] + path
            if self._contents.setdefault(path, data) != data:
                filename += "?" + hashlib.blake2b(data, digest_size=3).hexdigest()
        self._flash_paths[filename] = path
        source = data.decode()
        if filename not in linecache.cache:
            linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        return self._load(filename, data) or self._compile(filename, source, data)

    def _cache_file(self, filename: str, data: bytes) -> Path | None:
        if self._cache_dir is None:
            return None
        key = hashlib.blake2b(data, key=f"{_MAGIC}|{filename}".encode()[:64], digest_size=16)
        key.update(filename.encode())
        return self._cache_dir / f"{key.hexdigest()}.code"

    def _load(self, filename: str, data: bytes) -> CodeType | None:
        file = self._cache_file(filename, data)
        if file is None:
            return None
        try:
            code = marshal.loads(file.read_bytes())
        except (OSError, ValueError, EOFError, TypeError):
            return None  # not cached, or a damaged entry: compile anew
        return code if isinstance(code, CodeType) else None

    def _compile(self, filename: str, source: str, data: bytes) -> CodeType:
        code = instrument(source, filename)
        file = self._cache_file(filename, data)
        if file is not None:
            part = file.with_suffix(f".{os.getpid()}")
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(marshal.dumps(code))
                os.replace(part, file)
            except OSError:
                pass  # a cache that cannot be written only costs time
        return code


def default_cache_dir() -> Path | None:
    """Where code is cached: ``MICROS_CACHE_DIR`` (empty: nowhere), else the user's cache directory."""
    setting = os.environ.get("MICROS_CACHE_DIR")
    if setting is not None:
        return Path(setting) / "code" if setting else None
    import platformdirs

    return Path(platformdirs.user_cache_dir("micros", appauthor=False)) / "code"


_store: CodeStore | None = None


def store() -> CodeStore:
    """The process's code store."""
    global _store
    if _store is None:
        _store = CodeStore(default_cache_dir())
    return _store
