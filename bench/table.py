"""The table that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bench.figures import TARGETS, Figure, Report

_HEAD = ("bench", "figure", "value", "unit", "floor", "ratio", "target", "met")


def render(reports: Mapping[str, Report]) -> str:
    """Return the table: one line per figure, then one line per bench that says what was run."""
    rows = [_HEAD, *_rows(reports)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(_cell(text, widths[column], column) for column, text in enumerate(row)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{name}: {report.runs}" for name, report in reports.items()]
    return "\n".join([*(line.rstrip() for line in lines), "", *notes])


def number(value: float | None) -> str:
    """A number with three digits that count, or all digits before the point; ``-`` for None."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:#.3g}"


def _cell(text: str, width: int, column: int) -> str:
    return text.rjust(width) if _HEAD[column] in ("value", "floor", "ratio") else text.ljust(width)


def _rows(reports: Mapping[str, Report]) -> Iterator[tuple[str, ...]]:
    for bench, report in reports.items():
        for name, figure in report.figures.items():
            yield (
                bench,
                name,
                number(figure.value),
                figure.unit,
                number(figure.floor),
                number(figure.ratio),
                *_verdict(bench, name, figure),
            )


def _verdict(bench: str, name: str, figure: Figure) -> tuple[str, str]:
    target = TARGETS.get((bench, name))
    if target is None:
        return "-", "-"
    return target.text(figure.unit), "yes" if target.is_met(figure) else "NO"
