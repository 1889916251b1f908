"""Firmware source to instrumented code objects, shared by all nodes and cached on disk.

A call of ``__tick__()`` is put at the head of each loop body, and as the first condition of each ``for`` in a
comprehension or generator expression. It is what makes ``while not flag: pass`` take virtual
time, so that the interrupt that sets the flag can come (see :mod:`simulator.micropython.runtime`).

Sources keep their line numbers and are registered in :mod:`linecache`, so tracebacks, coverage and debuggers
show real lines. A file that came from the host keeps its host path as file name.

Limits: what CPython iterates in C takes no virtual time and cannot be stopped: ``sum(iter(int, 1))``,
``list(iter(int, 1))``, ``list(range(10 ** 9))``, ``b"" * n``, a ``map`` of a built-in. Nor does a call of a function by
itself: a recursion without a loop ends at CPython's limit of depth, but takes no virtual time. When a program has
had more than :data:`_KEPT` contents at one path, running code of the older ones shows no source lines in debuggers.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import marshal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

from simulator.disk_cache import DiskCache, cache_dir
from simulator.engine import line_recorder, texts
from simulator.micropython.runtime import FLASH_PREFIX

#: Change it when instrumented code changes, so that cached code is made anew.
_VERSION = 7
#: File names of node code that is on no flash: given to the REPL, to ``exec``.
_UNNAMED = ("<stdin>", "<string>")
#: Code objects made by firmware's ``compile`` have the file name it gave, after this.
_GIVEN_PREFIX = "compiled:"
_MAGIC = f"{_VERSION}.{sys.implementation.cache_tag}.{sys.hexversion:x}"
#: Types whose objects are as large as a number or range says.
_MAKERS = frozenset({"bytearray", "bytes", "list", "set", "tuple"})
#: A literal number below it is not checked.
_SMALL = 64
_MODES = ("exec", "eval", "single")
#: How many contents of one path are remembered, the latest used.
_KEPT = 4

_T = TypeVar("_T")


def _call(name: str, arguments: list[ast.expr], where: ast.expr | ast.stmt) -> ast.Call:
    call = ast.Call(ast.Name(name, ast.Load()), arguments, [])
    return ast.fix_missing_locations(ast.copy_location(call, where))


def _is_small(node: ast.expr) -> bool:
    """Whether a number or range is no piece of memory to speak of: a literal."""
    return isinstance(node, ast.Constant) and not (isinstance(node.value, int) and node.value >= _SMALL)


def _unit_bytes(node: ast.expr) -> int:
    """What one repetition of a literal takes; 0 if it is none."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return 4 * len(node.elts)
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return len(node.value)
    return 0


def _put_heap_checks(node: ast.AST) -> None:
    """Put the heap's checks around what says how large a new object becomes (:mod:`simulator.engine.heap`)."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS and node.args:
        size = node.args[0]
        if not _is_small(size) and not isinstance(size, ast.Starred):
            node.args[0] = _call("__fits__", [size], size)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        if (unit := _unit_bytes(node.left)) and not _is_small(node.right):
            node.right = _call("__fits__", [node.right, ast.Constant(unit)], node.right)
        elif (unit := _unit_bytes(node.right)) and not _is_small(node.left):
            node.left = _call("__fits__", [node.left, ast.Constant(unit)], node.left)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        node.right = _doubled(node.left, node.right)
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        node.value = _doubled(node.target, node.value)
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult) and isinstance(node.target, ast.Name):
        node.value = _call("__grows__", [ast.Name(node.target.id, ast.Load()), node.value], node.value)


def _doubled(left: ast.expr, right: ast.expr) -> ast.expr:
    """The right side of a sum, with a check if it is the same name as the left one."""
    if not (isinstance(left, ast.Name) and isinstance(right, ast.Name) and left.id == right.id):
        return right
    check = _call("__grows__", [ast.Name(right.id, ast.Load()), ast.Constant(2)], right)
    return ast.copy_location(ast.BoolOp(ast.And(), [check, right]), right)


def _drop_annotation(node: ast.AST) -> None:
    """MicroPython parses annotations and never evaluates them. Source: py/compile.c, compile_annassign_stmt."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.returns = None
    elif isinstance(node, ast.arg):
        node.annotation = None
    elif isinstance(node, ast.AnnAssign):
        node.annotation = ast.copy_location(ast.Constant(None), node.annotation)


def _put_ticks(tree: ast.AST) -> None:
    """Put a tick at the head of each loop body and each ``for`` of a comprehension, the heap's checks, and texts."""
    for node in ast.walk(tree):
        _drop_annotation(node)
        _put_heap_checks(node)
        texts.put_texts(node)
        if isinstance(node, (ast.While, ast.For, ast.AsyncFor)):
            first = node.body[0]
            node.body.insert(0, ast.copy_location(ast.Expr(_call("__tick__", [], first)), first))
        elif isinstance(node, ast.comprehension):
            at = node.target
            test = ast.Compare(_call("__tick__", [], at), [ast.Is()], [ast.Constant(None)])
            node.ifs.insert(0, ast.fix_missing_locations(ast.copy_location(test, at)))


def _printing(tree: ast.Interactive) -> ast.Module:
    """What the REPL makes of a statement: values of expressions outside of functions and classes are printed.

    Source: py/compile.c, compile_expr_stmt.
    """
    nodes: list[ast.AST] = list(tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Expr):
            node.value = _call("__repl_print__", [node.value], node)
        elif not isinstance(node, (ast.expr, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            nodes += ast.iter_child_nodes(node)
    return ast.Module(tree.body, [])


def instrument(source: str, filename: str, mode: str = "exec") -> CodeType:
    """Compile source with ticks.

    Args:
        source: a module, an expression or a statement, as ``mode`` says.
        filename: of the code object.
        mode: ``exec``, ``eval`` or ``single``, of which the last prints the values of expressions.

    Raises:
        SyntaxError: as CPython's compiler raises it.
    """
    tree: Any = ast.parse(source, filename, mode)
    if mode == "single":
        tree, mode = _printing(tree), "exec"
    if line_recorder.active is not None and line_recorder.active.counts(filename):
        line_recorder.active.put(tree, filename)
    _put_ticks(tree)
    code: CodeType = compile(tree, filename, mode, dont_inherit=True)
    return code


def compile_node(source: object, filename: str, mode: str) -> CodeType:
    """Code of what firmware gives to ``compile``, ``exec`` or ``eval``.

    Args:
        source: str, a buffer of UTF-8, or a code object, which is given back.
        filename: as tracebacks on the node show it.
        mode: ``exec``, ``eval`` or ``single``.

    Raises:
        SyntaxError: as CPython's compiler raises it.
        TypeError: the source is of another type.
        ValueError: the mode is not one of the three.

    Source: py/builtinevex.c.
    """
    if isinstance(source, CodeType):
        return source
    if mode not in _MODES:
        raise ValueError("bad compile mode")
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = bytes(source).decode()
    if not isinstance(source, str):
        raise TypeError("object with buffer protocol required")
    source = source.lstrip(" \t") if mode == "eval" else source + "\n"
    try:
        return instrument(source, filename if filename in _UNNAMED else _GIVEN_PREFIX + filename, mode)
    except SyntaxError as error:
        error.filename = filename
        raise


def _as_port_says(error: SyntaxError | ValueError, path: str) -> SyntaxError:
    """A compiler's error as MicroPython words it. Source: py/parse.c, py/lexer.c."""
    if isinstance(error, IndentationError) and "unindent" in error.msg:
        ported: SyntaxError = IndentationError("unindent doesn't match any outer indent level")
    elif isinstance(error, IndentationError) and error.msg.startswith("unexpected indent"):
        ported = IndentationError("unexpected indent")
    else:
        ported = SyntaxError("invalid syntax")
    ported.port_place = (path, getattr(error, "lineno", None) or 1)  # type: ignore[attr-defined]
    return ported


def _keep(kept: dict[bytes, _T], data: bytes, value: _T) -> Iterator[_T]:
    """Put ``value`` in as the latest used; yields what has to go for it."""
    kept.pop(data, None)
    kept[data] = value
    while len(kept) > _KEPT:
        yield kept.pop(next(iter(kept)))


class CodeStore:
    """Code objects by path and content; of each path the latest used contents are remembered.

    Args:
        folder: where code is kept between processes; None keeps it in memory only.
    """

    def __init__(self, folder: Path | None) -> None:
        self._cache = DiskCache(folder, ".code")
        self._codes: dict[str, dict[bytes, CodeType]] = {}
        self._origins: dict[str, dict[bytes, str]] = {}
        #: Digest of the first content at a path, whose file name is the plain one.
        self._first: dict[str, str] = {}
        self._flash_paths: dict[str, str] = {}

    def register_origin(self, path: str, data: bytes, host_path: str) -> None:
        """Say which host file a flash file's content came from, for debuggers and coverage."""
        for _ in _keep(self._origins.setdefault(path, {}), data, host_path):
            pass

    def origin(self, path: str, data: bytes) -> str | None:
        """The host file that a flash file's content came from, None if that is not known."""
        return self._origins.get(path, {}).get(data)

    def flash_path(self, filename: str) -> str | None:
        """The path on flash of a code object's file name; None if that is no node code."""
        if filename in _UNNAMED:
            return filename
        if filename.startswith(FLASH_PREFIX):
            return filename[len(FLASH_PREFIX) - 1 :].partition("?")[0]
        if filename.startswith(_GIVEN_PREFIX):
            return filename[len(_GIVEN_PREFIX) :]
        return self._flash_paths.get(filename)

    def code(self, path: str, data: bytes) -> CodeType:
        """Instrumented code of a source file.

        Args:
            path: absolute path on flash.
            data: its content, UTF-8.

        Raises:
            SyntaxError: the source is not valid; with the port's text, and its place as ``port_place``, (path, line).
        """
        kept = self._codes.get(path)
        if kept is None:
            kept = self._codes[path] = {}
        code = kept.get(data)
        if code is not None and len(kept) == 1:
            return code
        if code is None:
            try:
                code = self._make(path, data)
            except (SyntaxError, ValueError) as error:  # ValueError: no UTF-8, or a null byte
                raise _as_port_says(error, path) from None
        for old in _keep(kept, data, code):
            if old.co_filename not in self._flash_paths:
                linecache.cache.pop(old.co_filename, None)
        return code

    def _make(self, path: str, data: bytes) -> CodeType:
        source = data.decode()
        filename = self.origin(path, data)
        if filename is None:
            digest = hashlib.blake2b(data, digest_size=6).hexdigest()
            filename = FLASH_PREFIX[:-1] + path
            if self._first.setdefault(path, digest) != digest:
                filename += "?" + digest
        else:
            self._flash_paths[filename] = path
        if line_recorder.active is None:
            name = _cache_name(filename, data)
            code = self._load(name) or self._compile(filename, source, name)
        else:  # the numbers of its marks are this process's own
            code = instrument(source, filename)
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        return code

    def _load(self, name: str) -> CodeType | None:
        data = self._cache.load(name)
        code = None if data is None else marshal.loads(data)
        return code if isinstance(code, CodeType) else None

    def _compile(self, filename: str, source: str, name: str) -> CodeType:
        code = instrument(source, filename)
        self._cache.save(name, marshal.dumps(code))
        return code


def _cache_name(filename: str, data: bytes) -> str:
    key = hashlib.blake2b(data, key=f"{_MAGIC}|{filename}".encode()[:64], digest_size=16)
    key.update(filename.encode())
    return key.hexdigest()


def default_cache_dir() -> Path | None:
    """Where code is cached; see :func:`simulator.disk_cache.cache_dir`."""
    return cache_dir("code")


_store: CodeStore | None = None


def store() -> CodeStore:
    """The process's code store."""
    global _store
    if _store is None:
        _store = CodeStore(default_cache_dir())
    return _store
