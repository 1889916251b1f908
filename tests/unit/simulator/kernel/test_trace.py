"""The identity of a run."""

from __future__ import annotations

from simulator.kernel import Trace


def test_same_records_give_the_same_digest() -> None:
    first, second = Trace(), Trace()
    for trace in (first, second):
        trace.waiting.extend([1, 2])
        trace.add(3, "node01.pin", "4=1")
    assert first.digest() == second.digest()


def test_order_of_records_matters() -> None:
    first, second = Trace(), Trace()
    first.add(1, "a", "x")
    first.add(1, "b", "x")
    second.add(1, "b", "x")
    second.add(1, "a", "x")
    assert first.digest() != second.digest()


def test_order_of_times_and_records_matters() -> None:
    first, second = Trace(), Trace()
    first.waiting.append(1)
    first.add(1, "a", "x")
    second.add(1, "a", "x")
    second.waiting.append(1)
    assert first.digest() != second.digest()


def test_records_are_kept_only_when_asked() -> None:
    trace = Trace()
    trace.add(1, "a", "x")
    trace.keep = True
    trace.add(2, "b", "y")
    assert trace.records() == [(2, "b", "y")]


def test_moment_of_hashing_makes_no_difference() -> None:
    first, second = Trace(), Trace()
    for trace in (first, second):
        trace.waiting.append(1)
        if trace is first:
            trace.flush()
        trace.add(2, "a", "x")
    assert first.digest() == second.digest()
