"""Short names for what is private in a firmware: the build renames before it compiles, see :mod:`simulator.mpy`.

MicroPython keeps each name that a module was loaded with, in tables on the heap, until the node restarts; a name that
two modules share is kept once. So names with one leading underscore become `_0`, `_1`, ... anew in each module, and all
modules share these few. In core modules these are functions, classes and variables of the module, methods and
attributes; in other files that ship compiled (Load Modules, drivers, pin maps) only those of the module. So do
parameters of private functions, of methods of private classes, of lambdas and functions in functions, if no other code
has a name like that.

A name stays as it is if something could look for it that a compiler does not see, or that is in another file:

- it stands in a text, or begins with a text that begins with an underscore (`getattr(self, '_do_' + verb)`);
- it is the name of a keyword argument, is imported from a module, or, with an underscore, is one of a parameter;
- a file takes it of something else than `self`, and another file has it too, or that file does not define it;
- its file has a class whose base is not one of Python's own or of the same file: then all names of the file stay.

So a module can be replaced on a node by one of another build. Constants (`_X = const(1)`) have no name when compiled.

Example::

    names = plan(sources, compiled=["/Time.py", "/hal.py"])
    names["/Time.py"]                          # {"_LAST_YEAR": "_0", "_checked": "_1"}
    short = rename(sources["/Time.py"], names["/Time.py"])
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import tokenize
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

_PRIVATE = re.compile(r"_[A-Za-z0-9]\w*")
_WORD = re.compile(r"[A-Za-z_]\w*")
_BUILTIN = frozenset(dir(builtins))
_SELF = "self"
_BY_NAME = ("getattr", "hasattr", "setattr", "delattr")


@dataclass
class _File:
    """What a file says about names.

    Attributes:
        names: all that it has, of any kind.
        defined: those to which it gives something, itself or by `self`.
        global_: those to which it gives something at its top level.
        attributes: those that it takes of something, or that a class of it has.
        foreign: those that it takes of something else than `self`.
        kept: private parameters, keyword arguments, names of imports, what stands in texts.
        keywords: keyword arguments.
        told: what is on a node's heap in any case: functions, public parameters, attributes, names of imports.
        parameters: of private functions.
        beginnings: of names, as they stand in texts.
        constants: what the compiler replaces by a value.
        is_closed: no class of it may have attributes of another file.
    """

    names: set[str] = field(default_factory=set)
    defined: set[str] = field(default_factory=set)
    global_: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)
    is_closed: bool = True


def plan(sources: Mapping[str, bytes], compiled: Collection[str]) -> dict[str, dict[str, str]]:
    """Choose the names.

    Args:
        sources: path on the board -> content, of all files of a firmware; what is no `.py` is passed over. One that
            Python does not take keeps its names, and others keep those that it has.
        compiled: paths of those that ship compiled, and so may have other names.

    Returns:
        Path -> {name: short name}, for each of ``compiled`` that has any, both sorted.
    """
    files = {path: _look(content) for path, content in sorted(sources.items()) if path.endswith(".py")}
    kept = _kept(files.values())
    told = set().union(*(file.told for path, file in files.items() if _is_core(path)))
    told |= set().union(*(file.keywords for file in files.values()))
    taken = set().union(*(file.names for file in files.values()))
    short = [name for name in (f"_{number}" for number in range(2 * len(taken))) if name not in taken]
    chosen = {}
    for path, file in files.items():
        names = {name for name in file.names if _PRIVATE.fullmatch(name)} - kept - file.constants
        if not _is_core(path):
            names -= file.attributes
        names |= file.parameters - told - _BUILTIN - file.global_ - file.attributes - file.kept
        if names and file.is_closed and path in compiled:
            chosen[path] = dict(zip(sorted(names), short, strict=False))
    return chosen


def rename(source: bytes, names: Mapping[str, str]) -> bytes:
    """Return a source with other names, on the same lines.

    Args:
        source: Python text, UTF-8.
        names: as of :func:`plan` for this file.
    """
    lines = source.decode("utf-8").split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO("\n".join(lines), newline="\n").readline))):
        if token.type == tokenize.NAME and token.string in names:
            (row, start), (_, end) = token.start, token.end
            lines[row - 1] = lines[row - 1][:start] + names[token.string] + lines[row - 1][end:]
    return "\n".join(lines).encode()


def listing(names: Mapping[str, Mapping[str, str]]) -> str:
    """Return a table to read a traceback with: file, short name, name in the source; one line for each."""
    lines = ["# Names in compiled files, as a traceback tells them: file, short name, name in the source."]
    lines += [f"{path[1:]} {short} {name}" for path, chosen in names.items() for name, short in chosen.items()]
    return "\n".join(lines) + "\n"


def _is_core(path: str) -> bool:
    return path.count("/") == 1 and not path.startswith("/LM_")


def _kept(files: Collection[_File]) -> set[str]:
    """Names that no file may change."""
    owners = Counter(name for file in files for name in file.names)
    kept = set().union(*(file.kept for file in files))
    beginnings = tuple(set().union(*(file.beginnings for file in files)))
    kept |= {name for name in owners if name.startswith(beginnings)}
    for file in files:
        foreign = file.foreign if file.is_closed else file.names
        kept |= {name for name in foreign if owners[name] > 1 or name not in file.defined}
    return kept


def _look(content: bytes) -> _File:
    """Gather what a file says."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        words = set(_WORD.findall(content.decode("utf-8", "replace")))
        return _File(names=words, kept=words, keywords=words)
    look = _Look(tree)
    look.visit(tree)
    return look.file


class _Look(ast.NodeVisitor):
    """Walks through a file.

    Args:
        tree: of the file.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.file = _File()
        self._own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        self._inside: list[str] = []  # names of the classes and functions around
        self._is_private = False
        self.file.global_ = {name for statement in tree.body for name in _bound(statement)}
        constants = [statement for statement in tree.body if _is_constant(statement)]
        self.file.constants = {name for statement in constants for name in _bound(statement)}

    def visit_Name(self, node: ast.Name) -> None:
        self.file.names.add(node.id)
        if isinstance(node.ctx, ast.Store):
            self.file.defined.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        file = self.file
        file.names.add(node.attr)
        file.attributes.add(node.attr)
        file.told.add(node.attr)
        if not (isinstance(node.value, ast.Name) and node.value.id == _SELF):
            file.foreign.add(node.attr)
        elif isinstance(node.ctx, ast.Store):
            file.defined.add(node.attr)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._define(node.name)
        self.file.attributes |= {name for statement in node.body for name in _bound(statement)}
        bases = {ast.unparse(base) for base in node.bases}
        self.file.is_closed = self.file.is_closed and bases <= self._own | _BUILTIN
        self._visit_inside(node, is_private=bool(_PRIVATE.fullmatch(node.name)))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._define(node.name)
        is_in_function = bool(self._inside) and self._inside[-1] != "class"
        self._visit_inside(node, is_private=is_in_function or bool(_PRIVATE.fullmatch(node.name)))

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_inside(node, is_private=True)

    def visit_arg(self, node: ast.arg) -> None:
        self.file.names.add(node.arg)
        self.file.kept |= {node.arg} if _PRIVATE.fullmatch(node.arg) else set()
        is_ours = self._is_private and node.arg != _SELF
        (self.file.parameters if is_ours else self.file.told).add(node.arg)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg:
            self.file.names.add(node.arg)
            self.file.kept.add(node.arg)
            self.file.keywords.add(node.arg)
        self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        words = node.name.split(".")
        self.file.kept.update(words)
        self.file.told.update(words)
        self.file.names.update(words, [node.asname] if node.asname else [])
        self.file.global_.update(words, [node.asname] if node.asname else [])

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.file.global_.update(node.names)

    visit_Nonlocal = visit_Global

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Its names may be no tokens."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name | ast.Attribute):
                self.file.kept.add(inner.id if isinstance(inner, ast.Name) else inner.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _BY_NAME:
            texts = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
            self.file.beginnings |= {text for text in texts if text == "_"}
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring tells nobody
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        if isinstance(text, str):
            self.file.kept.update(_WORD.findall(text))
            if _PRIVATE.fullmatch(text):
                self.file.beginnings.add(text)

    def _define(self, name: str) -> None:
        self.file.names.add(name)
        self.file.defined.add(name)
        self.file.told.add(name)

    def _visit_inside(self, node: ast.AST, *, is_private: bool) -> None:
        before = self._is_private
        self._is_private = before or is_private
        self._inside.append("class" if isinstance(node, ast.ClassDef) else "function")
        self.generic_visit(node)
        self._inside.pop()
        self._is_private = before


def _bound(statement: ast.stmt) -> list[str]:
    """Return the names that a statement of a module or a class binds, and those in functions of it."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = [node for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return [target.id for target in targets]


def _is_constant(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    return ast.unparse(statement.value.func) == "const"
