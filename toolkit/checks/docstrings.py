"""Public modules, classes and functions have a docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

#: Folders whose public names need a docstring.
FOLDERS = ("simulator", "toolkit", "hil", "micrOS/source")
#: Stand-ins for modules of MicroPython, whose documentation is MicroPython's.
_SHADOWS = ("simulator/engine/vm/board/", "simulator/engine/vm/board_wasm/")


def check(root: Path) -> Iterator[str]:
    """Yield a line for every public name without a docstring."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(_SHADOWS):
                yield from missing(ast.parse(path.read_text(encoding="utf-8"), filename=name), name)


def missing(tree: ast.Module, path: str) -> Iterator[str]:
    """Yield a line for each public thing of one module that lacks a docstring.

    Public: the module, and classes, functions and methods with no leading underscore on the way to them. Not
    asked of: dunder methods, overloads, functions inside functions, setters.
    """
    if tree.body and ast.get_docstring(tree) is None:
        yield f"{path}:1: module has no docstring"
    yield from _missing_in(tree, path, "")


def _missing_in(owner: ast.Module | ast.ClassDef, path: str, prefix: str) -> Iterator[str]:
    for node in owner.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or _is_exempt(node):
            continue
        if ast.get_docstring(node) is None:
            yield f"{path}:{node.lineno}: {prefix}{node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _missing_in(node, path, f"{prefix}{node.name}.")


def _is_exempt(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(mark).endswith(("overload", ".setter", ".deleter")) for mark in node.decorator_list)
