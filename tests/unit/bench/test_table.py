"""The table for people."""

from __future__ import annotations

import pytest

from bench.figures import Figure, Report
from bench.table import number, render


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.538532, "0.539"), (5.0, "5.00"), (61.49, "61.5"), (806345.2, "806 345"), (100, "100")],
)
def test_number_shows_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_render_tells_target_and_verdict() -> None:
    report = Report({"launch_to_hello": Figure(310.0, "ms", 60.0)}, "median of 15 launches")
    head, _, row, _, note = render({"boot": report}).splitlines()
    assert head.split() == ["bench", "figure", "value", "unit", "floor", "ratio", "target", "met"]
    assert row.split() == ["boot", "launch_to_hello", "310", "ms", "60.0", "5.17", "<=", "5", "x", "floor", "NO"]
    assert note == "boot: median of 15 launches"


def test_render_without_target_gives_no_verdict() -> None:
    row = render({"fleet": Report({"idle_speed_1": Figure(9.5, "s/s")}, "once")}).splitlines()[2]
    assert row.split() == ["fleet", "idle_speed_1", "9.50", "s/s", "-", "-", "-", "-"]
