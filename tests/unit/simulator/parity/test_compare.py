"""Two records side by side: what is equal, what a rule explains, and how the rest is told."""

from __future__ import annotations

import pytest

from simulator.parity.compare import Comparison, Rule
from simulator.parity.record import Happening, Record, Step


def record(engine: str, *steps: tuple[str, list[tuple[int, str, str]]]) -> Record:
    """A record of steps, each (name, [(microseconds, channel, value), …])."""
    return Record("case", engine, [Step(name, [Happening(*item) for item in items]) for name, items in steps])


def compared(
    left: list[tuple[int, str, str]], right: list[tuple[int, str, str]], *rules: Rule, step: str = "go"
) -> Comparison:
    """One step on both sides."""
    return Comparison(record("cpython", (step, left)), record("micropython", (step, right)), {"entry": rules})


def test_equal_records_have_no_difference() -> None:
    items = [(10, "reply", "a"), (20, "gpio4", "1")]
    assert compared(items, items).differences == []


@pytest.mark.parametrize(("apart_us", "count"), [(0, 0), (1_000, 0), (1_001, 1), (-1_001, 1)])
def test_times_may_be_one_millisecond_apart(apart_us: int, count: int) -> None:
    found = compared([(5_000, "gpio4", "1")], [(5_000 + apart_us, "gpio4", "1")]).differences
    assert len(found) == count
    assert all("equal values, 1.001 ms apart" in str(item) for item in found)


def test_order_on_a_channel_counts() -> None:
    found = compared([(0, "reply", "a"), (0, "reply", "b")], [(0, "reply", "b"), (0, "reply", "a")]).differences
    assert [(item.left[1].value, item.right[1].value) for item in found] == [("a", "b")]  # type: ignore[union-attr]


@pytest.mark.parametrize("swap", [False, True])
def test_happening_that_is_missing_is_told(swap: bool) -> None:
    sides = [(0, "udp", "a"), (1, "udp", "b")], [(0, "udp", "a")]
    (found,) = compared(*(sides[::-1] if swap else sides)).differences
    assert "(nothing)" in str(found) and "'b'" in str(found)


def test_difference_names_scenario_step_channel_both_sides_and_what_came_before() -> None:
    same = [(index, "reply", f"same {index}") for index in range(6)]
    (found,) = compared(
        [*same, (9, "reply", "{'b': 1}")], [*same, (9, "reply", "{'a': 1}")], step="odd order"
    ).differences
    text = str(found)
    assert "scenario 'case', step 0 'odd order', channel reply" in text
    assert text.index("same 2") < text.index("same 5") < text.index("cpython  ") < text.index("micropython  ")
    assert "same 1" not in text
    assert "{'b': 1}" in text and "{'a': 1}" in text and "ledger" in text


def test_first_difference_in_time_comes_first() -> None:
    found = compared([(9, "a", "x"), (3, "b", "x")], [(9, "a", "y"), (3, "b", "y")]).differences
    assert [item.channel for item in found] == ["b", "a"]


def test_other_steps_are_a_difference() -> None:
    one = record("cpython", ("go", []), ("stop", []))
    for other in (record("micropython", ("go", [])), record("micropython", ("go", []), ("halt", []))):
        assert [item.channel for item in Comparison(one, other, {}).differences] == ["step"]


# --- rules ---


def test_rule_explains_a_part_of_a_value_and_no_more() -> None:
    rule = Rule(values=r"\d+ kB", by="memory")
    explained = compared([(0, "reply", "free 5 kB")], [(0, "reply", "free 17 kB")], rule)
    assert explained.differences == [] and explained.used == {("entry", rule)}
    (found,) = compared([(0, "reply", "free 5 kB!")], [(0, "reply", "free 17 kB?")], rule).differences
    assert "first at 'free memory!' against 'free memory?'" in str(found)


@pytest.mark.parametrize(
    ("rule", "is_explained"),
    [
        (Rule(values="."), True),
        (Rule(channel="rep", values="."), False),
        (Rule(channel="rep.*", values="."), True),
        (Rule(step="^go$", values="."), True),
        (Rule(step="^stop", values="."), False),
    ],
)
def test_rule_has_its_say_on_its_channel_and_in_its_steps(rule: Rule, is_explained: bool) -> None:
    assert (compared([(0, "reply", "a")], [(0, "reply", "b")], rule).differences == []) is is_explained


def test_rule_that_is_not_needed_is_not_used() -> None:
    rules = Rule(values=r"\d"), Rule(lines="x.*"), Rule(late_us=9_000), Rule(any_order=True)
    items = [(0, "reply", "7"), (1, "reply", "x")]
    assert compared(items, items, *rules).used == set()


def test_lines_that_count_for_nothing_are_left_out_on_both_sides() -> None:
    rule = Rule(lines="mem: .*")
    left = [(0, "console", "mem: 1"), (1, "console", "up"), (2, "console", "mem: 2")]
    assert compared(left, [(1, "console", "up"), (2, "console", "mem: 3")], rule).differences == []
    assert len(compared(left, [(1, "console", "down")], rule).differences) == 1


def test_rule_widens_times_up_to_its_limit() -> None:
    rule = Rule(late_us=6_000)
    assert compared([(0, "reply", "a")], [(6_000, "reply", "a")], rule).used == {("entry", rule)}
    assert len(compared([(0, "reply", "a")], [(6_001, "reply", "a")], rule).differences) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (" a: 1\n b: 2\nnode $  ", " b: 2\n a: 1\nnode $  ", True),
        (" a: 1\n b: 2", " b: 1\n a: 2", False),
        ('{"a": 1, "b": {"c": 2, "d": [3]}}\n$', '{"b": {"d": [3], "c": 2}, "a": 1}\n$', True),
        ('{"a": [1, 2]}', '{"a": [2, 1]}', False),
        ("x {'a': 1, 'b': 2} y", "x {'b': 2, 'a': 1} y", True),
        ("[1, 2]", "[2, 1]", False),
        ("x [1, 2]", "x [2, 1]", False),
    ],
)
def test_order_of_a_dict_alone_is_forgiven(one: str, other: str, is_same: bool) -> None:
    assert (compared([(0, "reply", one)], [(0, "reply", other)], Rule(any_order=True)).differences == []) is is_same
