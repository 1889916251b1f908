"""Compares what a scenario did on two engines; the first difference that no rule explains is told with both sides.

Values and their order must be equal per step and channel, times within 1 ms of each other. A :class:`Rule` explains
a difference; it belongs to an entry of the ledger (:mod:`simulator.parity.ledger`). Rules are applied only where the
records differ, and those that explained something are returned: one that never does is out of date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from simulator.parity.record import Happening, Record, Step

TOLERANCE_US = 1_000
_CONTEXT = 4
_MOST_TEXT = 1_000


@dataclass(frozen=True)
class Rule:
    """Explains differences on some channels.

    Attributes:
        channel: regular expression; the whole name of the channel.
        step: regular expression, found in the name of the step.
        values: regular expression of a part of a value that may differ; what is around it may not.
        by: what stands for such a part, as for ``re.sub``.
        lines: regular expression; happenings whose value it matches in whole count for nothing.
        any_order: items of a dict, as Python prints it, as JSON or as lines of `` key: value``, may come in any order.
        late_us: times may differ by so much.
    """

    channel: str = ".*"
    step: str = ""
    values: str = ""
    by: str = "<any>"
    lines: str = ""
    any_order: bool = False
    late_us: int = 0

    def covers(self, step: str, channel: str) -> bool:
        """True if it has a say there."""
        return re.fullmatch(self.channel, channel) is not None and re.search(self.step, step) is not None

    def drops(self, value: str) -> bool:
        """True if the happening counts for nothing."""
        return bool(self.lines) and re.fullmatch(self.lines, value, re.DOTALL) is not None

    def canonical(self, value: str) -> str:
        """The value without what may differ."""
        if self.any_order:
            value = "\n".join(_ordered(value.split("\n")))
        return re.sub(self.values, self.by, value) if self.values else value


@dataclass(frozen=True)
class Difference:
    """What differs and is not explained.

    Attributes:
        title: of the scenario.
        step: its number, from 0.
        name: of the step.
        channel: where.
        left: (engine, happening or None).
        right: the same of the other.
        before: the last happenings of that channel on which both agree.
        remains: what the rules leave of the two values.
    """

    title: str
    step: int
    name: str
    channel: str
    left: tuple[str, Happening | None]
    right: tuple[str, Happening | None]
    before: tuple[Happening, ...] = ()
    remains: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        lines = [f"scenario {self.title!r}, step {self.step} {self.name!r}, channel {self.channel}:"]
        lines += [f"  both         {_shown(happening)}" for happening in self.before]
        lines += [f"  {engine:12} {_shown(happening)}" for engine, happening in (self.left, self.right)]
        first, second = self.left[1], self.right[1]
        if first and second and self.remains[0] == self.remains[1]:
            lines.append(f"  equal values, {abs(first.t_us - second.t_us) / 1000:.3f} ms apart")
        elif first and second:
            lines.append(f"  {_first_change(*self.remains)}")
        lines.append("  no rule of the ledger explains it (simulator/parity/ledger.py)")
        return "\n".join(lines)


def _shown(happening: Happening | None) -> str:
    if happening is None:
        return "(nothing)"
    text = repr(happening.value)
    return f"{happening.t_us / 1e6:10.6f} s  {text[:_MOST_TEXT]}{'...' if len(text) > _MOST_TEXT else ''}"


def _first_change(one: str, other: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - 20)
    return f"first at {one[start : at + 40]!r} against {other[start : at + 40]!r}"


def _ordered(lines: list[str]) -> Iterator[str]:
    """Lines with the items of each dict in the order of their texts."""
    waiting: list[str] = []
    for line in lines:
        if re.match(r" [^ :]+( \[[^]:]+\])?: ", line):
            waiting.append(_ordered_line(line))
            continue
        yield from sorted(waiting)
        waiting.clear()
        yield _ordered_line(line)
    yield from sorted(waiting)


def _ordered_line(line: str) -> str:
    try:
        return json.dumps(json.loads(line), sort_keys=True)
    except ValueError:
        return re.sub(r"\{[^{}]*\}", lambda match: "{" + ", ".join(sorted(match[0][1:-1].split(", "))) + "}", line)


class Comparison:
    """Two records side by side.

    Args:
        left: one record.
        right: the other, of the same scenario.
        rules: name of a ledger entry -> its rules.

    Attributes:
        used: names of entries that explained something.
        differences: the unexplained ones, the earliest first; of each step and channel the first.
    """

    def __init__(self, left: Record, right: Record, rules: dict[str, Sequence[Rule]]) -> None:
        self.used: set[tuple[str, Rule]] = set()
        self._left = left
        self._right = right
        self._rules = [(name, rule) for name, several in rules.items() for rule in several]
        self.differences = list(self._differences())

    def _differences(self) -> Iterator[Difference]:
        for number, (one, other) in enumerate(zip_longest(self._left.steps, self._right.steps)):
            if one is None or other is None or one.name != other.name:
                yield self._step_differs(number, one, other)
                return
            found = [self._channel(number, one, other, channel) for channel in _channels(one, other)]
            yield from sorted((item for item in found if item), key=_time)

    def _step_differs(self, number: int, one: Step | None, other: Step | None) -> Difference:
        left, right = (Happening(0, "step", step.name) if step else None for step in (one, other))
        return Difference(
            self._left.title,
            number,
            (one or other or Step("")).name,
            "step",
            (self._left.engine, left),
            (self._right.engine, right),
            remains=(left.value if left else "", right.value if right else ""),
        )

    def _channel(self, number: int, one: Step, other: Step, channel: str) -> Difference | None:
        rules = [(name, rule) for name, rule in self._rules if rule.covers(one.name, channel)]
        left, right = ([item for item in step.happenings if item.channel == channel] for step in (one, other))
        if [item.value for item in left] != [item.value for item in right]:
            left, right = self._drop(left, right, rules)
        for index, (first, second) in enumerate(zip_longest(left, right)):
            if not self._is_same(first, second, rules):
                sides = (self._left.engine, first), (self._right.engine, second)
                before = tuple(left[max(0, index - _CONTEXT) : index])
                remains = _remains(first, rules), _remains(second, rules)
                return Difference(self._left.title, number, one.name, channel, *sides, before, remains)
        return None

    def _drop(
        self, left: list[Happening], right: list[Happening], rules: list[tuple[str, Rule]]
    ) -> tuple[list[Happening], list[Happening]]:
        for name, rule in rules:
            sides = [[item for item in side if rule.drops(item.value)] for side in (left, right)]
            if [item.value for item in sides[0]] != [item.value for item in sides[1]]:
                self.used.add((name, rule))
                left, right = ([item for item in side if not rule.drops(item.value)] for side in (left, right))
        return left, right

    def _is_same(self, one: Happening | None, other: Happening | None, rules: list[tuple[str, Rule]]) -> bool:
        if one is None or other is None:
            return False
        return self._is_same_value(one.value, other.value, rules) and self._is_same_time(one.t_us, other.t_us, rules)

    def _is_same_value(self, one: str, other: str, rules: list[tuple[str, Rule]]) -> bool:
        needed = []
        for entry in rules:
            if one == other:
                break
            first, second = entry[1].canonical(one), entry[1].canonical(other)
            if (first, second) != (one, other):
                needed.append(entry)
                one, other = first, second
        if one == other:
            self.used.update(needed)
        return one == other

    def _is_same_time(self, one_us: int, other_us: int, rules: list[tuple[str, Rule]]) -> bool:
        apart_us = abs(one_us - other_us)
        if apart_us <= TOLERANCE_US:
            return True
        fitting = [entry for entry in rules if apart_us <= entry[1].late_us]
        self.used.update(fitting[:1])
        return bool(fitting)


def _remains(happening: Happening | None, rules: list[tuple[str, Rule]]) -> str:
    value = happening.value if happening else ""
    for _, rule in rules:
        value = rule.canonical(value)
    return value


def _channels(one: Step, other: Step) -> list[str]:
    return list(dict.fromkeys(item.channel for item in one.happenings + other.happenings))


def _time(difference: Difference) -> int:
    return min(item.t_us for _, item in (difference.left, difference.right) if item is not None)
