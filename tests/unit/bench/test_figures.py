"""Figures, targets and percentiles."""

from __future__ import annotations

import pytest

from bench.figures import Figure, Target, percentile


def test_as_json_with_floor_gives_ratio() -> None:
    assert Figure(300.0, "ms", 60.0).as_json() == {"value": 300.0, "unit": "ms", "floor": 60.0, "ratio": 5.0}


def test_as_json_without_floor_gives_null() -> None:
    assert Figure(1.2, "MB").as_json() == {"value": 1.2, "unit": "MB", "floor": None, "ratio": None}


@pytest.mark.parametrize(
    ("target", "met", "missed"),
    [
        (Target(5.0), Figure(300, "ms", 60), Figure(301, "ms", 60)),
        (Target(0.5, at_least=True), Figure(50, "1/s", 100), Figure(49, "1/s", 100)),
        (Target(15.0, of_ratio=False), Figure(15, "s"), Figure(15.1, "s")),
    ],
)
def test_target_at_its_limit_is_met(target: Target, met: Figure, missed: Figure) -> None:
    assert (target.is_met(met), target.is_met(missed)) == (True, False)


def test_target_of_ratio_without_floor_raises() -> None:
    with pytest.raises(ValueError, match="needs a figure with a floor"):
        Target(5.0).is_met(Figure(1, "ms"))


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (95, 10), (90, 9), (100, 10), (1, 1)])
def test_percentile_of_ten_samples_is_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected
