"""Helpers of Load Modules that need no hardware."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def common(pure: Any) -> Any:
    """The module, without a running interpreter: nobody called."""
    stand_ins = {"hal": None, "LogicalPins": SimpleNamespace(physical_pin=lambda name: None)}
    return type(pure)(InterpreterCore=SimpleNamespace(current_call=lambda: None), **stand_ins).load("Common")


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ((0, 100, 1000, 4), [0, 25, 50, 75, 100]),
        ((100, 0, 500, 1), [100, 50, 0]),
        ((0, 100, 1000, 0), [100]),
        ((0, 100, 1000, 0.4), [100]),
        ((0, 100, 1000, -1), [100]),
        ((0, 99.6, 0, 1), [100]),
    ],
)
def test_transition_goes_linearly_to_its_end(common: Any, arguments: tuple[float, ...], values: list[int]) -> None:
    assert list(common.transition(*arguments)) == values


@given(st.integers(-1023, 1023), st.integers(-1023, 1023), st.integers(1, 1000), st.floats(0, 5))
def test_transition_is_monotonous_and_arrives(
    common: Any, start: int, end: int, step_ms: int, interval_sec: float
) -> None:
    values = list(common.transition(start, end, step_ms, interval_sec))
    assert values[-1] == end
    assert len(values) == max(round(interval_sec * 1000 / step_ms), 0) + 1
    assert all((a <= b) if start <= end else (a >= b) for a, b in pairwise(values))


def test_streamed_lines_are_dropped_when_nobody_called(common: Any) -> None:
    assert common.socket_stream(lambda msgobj: msgobj("line"))() is None


def test_unknown_analog_pin_is_named(common: Any) -> None:
    with pytest.raises(ValueError, match=r"^unknown pin: genadc$"):
        common.SmartADC("genadc")
