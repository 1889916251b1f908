"""Which lines of the firmware's sources have run, on any engine, for coverage.py's reports.

Theory of operation. CPython's tracing does not follow greenlets, and the virtual machine has none. So a call of
``__line__(n, 1)`` is put before each statement: on L0 and in tests that load a module by path it writes into
:attr:`LineRecorder.hits`, on the virtual machine into an array of the machine's, which the engine asks for when a life
ends. Only sources of the firmware are touched, and only while a recorder is active.

A statement counts by its first line; ``except`` when its handler is entered. That is what coverage.py looks for.

Example::

    recorder = activate(default_source())
    ...
    recorder.save(Path(".coverage"))

Limits: what runs on the virtual machine in the moment when its process is killed is not counted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

#: Name of the function that marks a line; the virtual machine's is made by engine/vm/board/_boot.py.
MARK = "__line__"
_BLOCKS = ("body", "orelse", "finalbody")


class LineRecorder:
    """Lines that ran.

    Args:
        folder: files in and below it are counted.

    Attributes:
        hits: one byte for each statement, 1 if it ran.
    """

    def __init__(self, folder: Path) -> None:
        self._prefix = f"{folder.resolve()}/"
        self._lines: list[tuple[str, int]] = []
        self._numbers: dict[tuple[str, int], int] = {}
        self.hits = bytearray()
        #: What source calls by the name :data:`MARK`.
        self.mark = self.hits.__setitem__

    def counts(self, filename: str) -> bool:
        """Whether a source file, by its path on the host, is one of those that are counted."""
        return filename.startswith(self._prefix)

    def put(self, tree: ast.AST, filename: str) -> None:
        """Put a mark before each statement of a module."""
        for node in ast.walk(tree):
            for name in _BLOCKS:
                block = getattr(node, name, None)
                if isinstance(block, list):
                    block[:] = self._marked(block, filename)
            if isinstance(node, ast.ExceptHandler):
                node.body.insert(0, self._mark(filename, node.lineno, node.body[0]))

    def _marked(self, block: list[ast.stmt], filename: str) -> Iterator[ast.stmt]:
        for statement in block:
            if not _is_silent(statement):
                for line in _lines_of(statement):
                    yield self._mark(filename, line, statement)
            yield statement

    def _mark(self, filename: str, line: int, where: ast.stmt) -> ast.stmt:
        number = self._numbers.setdefault((filename, line), len(self._lines))
        if number == len(self._lines):
            self._lines.append((filename, line))
            self.hits.append(0)
        call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(number), ast.Constant(1)], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), where))

    def compile(self, source: str, filename: str) -> CodeType:
        """Code of a module, with marks if its file is counted; the name :data:`MARK` must be among its builtins."""
        tree = ast.parse(source, filename)
        if self.counts(filename):
            self.put(tree, filename)
        code: CodeType = compile(tree, filename, "exec", dont_inherit=True)
        return code

    def text(self, source: str, filename: str) -> str:
        """A module's source with marks, for another compiler; its line numbers are others."""
        tree = ast.parse(source, filename)
        self.put(tree, filename)
        return ast.unparse(tree) + "\n"

    def add(self, hits: bytes) -> None:
        """Count what another one has marked: one byte for each of the first statements."""
        for number, hit in enumerate(hits):
            if hit:
                self.hits[number] = 1

    def lines(self) -> dict[str, set[int]]:
        """Path of a file on the host -> numbers of the lines that ran."""
        ran: dict[str, set[int]] = {}
        for (filename, line), hit in zip(self._lines, self.hits, strict=True):
            if hit:
                ran.setdefault(filename, set()).add(line)
        return ran

    def save(self, file: Path) -> None:
        """Write coverage.py's data, beside ``file`` with a suffix of this process's own: see ``coverage combine``."""
        from coverage import CoverageData  # an extra: only who records needs it

        data = CoverageData(basename=str(file), suffix=True)
        data.add_lines(self.lines())
        data.write()


def _is_silent(statement: ast.stmt) -> bool:
    """Whether coverage.py sees no line that could run: docstrings, declarations."""
    if isinstance(statement, (ast.Global, ast.Nonlocal)):
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _lines_of(statement: ast.stmt) -> list[int]:
    marks = getattr(statement, "decorator_list", [])
    return [*[mark.lineno for mark in marks], statement.lineno]


#: The recorder of this process, if lines are recorded.
active: LineRecorder | None = None


def activate(folder: Path) -> LineRecorder:
    """Record from now on which lines of the sources in a folder run."""
    global active
    active = LineRecorder(folder)
    return active


def deactivate() -> None:
    """Record no more; code that has marks already keeps them."""
    global active
    active = None
