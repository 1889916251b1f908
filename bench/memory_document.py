"""Tables in a document of the project that hold the figures of a bench, renewed and checked by it.

They stand between two lines, ``<!-- figures: begin -->`` and ``<!-- figures: end -->``. A row of figures begins with
a name in backticks; in a row of several values each has the ending of its column, see :data:`COLUMNS`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.figures import TARGETS, Figure

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
#: Ending of a figure's name -> heading of its column.
COLUMNS: Mapping[str, str] = {"_32": "32 bit", "_vm": "64 bit, halved"}
_SHARE = 0.02
#: Two blocks of the heap, so that small figures may move too.
_SLACK = 32


@dataclass(frozen=True)
class Document:
    """A document with tables of figures.

    Attributes:
        path: its file.
        is_complete: all its figures were measured; else only those that were are compared.
    """

    path: Path
    is_complete: bool = True

    def write(self, bench: str, figures: Mapping[str, Figure]) -> None:
        """Put the figures of a bench into the document.

        Raises:
            BenchError: not all were measured, or it has no place for them.
        """
        if not self.is_complete:
            raise BenchError(f"a quick run does not renew {self.path.name}")
        before, _, after = self._split()
        self.path.write_text(f"{before}{BEGIN}\n{render(bench, figures)}{END}{after}", encoding="utf-8")

    def problems(self, figures: Mapping[str, Figure]) -> list[str]:
        """Tell where the document differs from what was measured by more than 2 %.

        Raises:
            BenchError: it has no tables.
        """
        told = parse(self._split()[1])
        names = dict.fromkeys([*figures, *told]) if self.is_complete else [name for name in figures if name in told]
        return [text for name in names if (text := _difference(name, told.get(name), figures.get(name)))]

    def _split(self) -> tuple[str, str, str]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise BenchError(f"cannot read {self.path}: {error.strerror}") from error
        before, begin, rest = text.partition(BEGIN)
        table, end, after = rest.partition(END)
        if not begin or not end:
            raise BenchError(f"{self.path} has no place for figures: {BEGIN} ... {END}")
        return before, table, after


def render(bench: str, figures: Mapping[str, Figure]) -> str:
    """Return the tables: gates, figures with a column for each machine, heap of Load Modules, then the others."""
    lines = ["", "| gate | limit | measured | met |", "| --- | --- | --- | --- |", *_gates(bench, figures)]
    rows = _rows(figures)
    lines += ["", f"| figure, bytes | {' | '.join(COLUMNS.values())} |", "| --- |" + " ---: |" * len(COLUMNS)]
    lines += [f"| `{name}` | {' | '.join(cells)} |" for name, cells in rows.items()]
    for heading, is_shown in _SINGLE.items():
        lines += ["", f"| {heading} | bytes |", "| --- | ---: |"]
        lines += [f"| `{name}` | {_text(figure)} |" for name, figure in figures.items() if is_shown(name)]
    return "\n".join([*lines, "", ""])


def parse(table: str) -> dict[str, float]:
    """Return the figures of rendered tables: name -> value."""
    found: dict[str, float] = {}
    for line in table.splitlines():
        name, *cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if not name.startswith("`"):
            continue
        endings = COLUMNS if len(cells) > 1 else ("",)
        found |= {name.strip("`") + end: float(cell) for end, cell in zip(endings, cells, strict=True) if cell != "-"}
    return found


def _is_heap(name: str) -> bool:
    return name.startswith("heap_")


#: Heading of a table of single values -> which figures stand there.
_SINGLE = {
    "Load Module, heap on 32 bit": _is_heap,
    "bytecode": lambda name: not _ending(name) and not _is_heap(name),
}


def _gates(bench: str, figures: Mapping[str, Figure]) -> Iterator[str]:
    for name, figure in figures.items():
        if (target := TARGETS.get((bench, name))) is not None:
            verdict = "yes" if target.is_met(figure) else "**no**"
            yield f"| {name} | {target.text(figure.unit)} | {_text(figure)} {figure.unit} | {verdict} |"


def _rows(figures: Mapping[str, Figure]) -> dict[str, list[str]]:
    stems = dict.fromkeys(name.removesuffix(ending) for name in figures if (ending := _ending(name)))
    return {stem: [_text(figures.get(stem + ending)) for ending in COLUMNS] for stem in stems}


def _ending(name: str) -> str:
    return next((ending for ending in COLUMNS if name.endswith(ending)), "")


def _text(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    return f"{figure.value:.0f}" if figure.unit == "B" else f"{figure.value:.1f}"


def _difference(name: str, told: float | None, figure: Figure | None) -> str:
    if told is None:
        return f"{name} is missing"
    if figure is None:
        return f"{name} is no figure any more"
    if math.isclose(told, figure.value, rel_tol=_SHARE, abs_tol=_SLACK if figure.unit == "B" else 0.0):
        return ""
    return f"{name} is {told:g}, measured {figure.value:g} {figure.unit}"
