"""Parity: what is compared, what a rule may explain, and how the rest is told."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_COMPARE = "simulator/parity/compare.py"
_RECORD = "simulator/parity/record.py"
_LEDGER = "simulator/parity/ledger.py"
_TEST = "tests/unit/simulator/parity/test_compare.py"
_RECORD_TEST = "tests/unit/simulator/parity/test_record.py"
_LEDGER_TEST = "tests/unit/simulator/parity/test_ledger.py"

MUTANTS = (
    Mutant(
        name="parity-takes-any-time",
        file=_COMPARE,
        old="TOLERANCE_US = 1_000\n",
        new="TOLERANCE_US = 1_000_000\n",
        tests=(f"{_TEST}::test_times_may_be_one_millisecond_apart",),
    ),
    Mutant(
        name="parity-overlooks-what-one-side-has-not",
        file=_COMPARE,
        old="        for index, (first, second) in enumerate(zip_longest(left, right)):\n",
        new="        for index, (first, second) in enumerate(zip(left, right, strict=False)):\n",
        tests=(f"{_TEST}::test_happening_that_is_missing_is_told",),
    ),
    Mutant(
        name="parity-overlooks-missing-steps",
        file=_COMPARE,
        old="enumerate(zip_longest(self._left.steps, self._right.steps))",
        new="enumerate(zip(self._left.steps, self._right.steps, strict=False))",
        tests=(f"{_TEST}::test_other_steps_are_a_difference",),
    ),
    Mutant(
        name="parity-ignores-order",
        file=_COMPARE,
        old="([item for item in step.happenings if item.channel == channel] for step in (one, other))",
        new="(sorted([x for x in step.happenings if x.channel == channel], key=str) for step in (one, other))",
        tests=(f"{_TEST}::test_order_on_a_channel_counts",),
    ),
    Mutant(
        name="parity-rule-forgives-the-whole-value",
        file=_COMPARE,
        old="        return re.sub(self.values, self.by, value) if self.values else value\n",
        new="        return self.by if self.values else value\n",
        tests=(f"{_TEST}::test_rule_explains_a_part_of_a_value_and_no_more",),
    ),
    Mutant(
        name="parity-rule-has-a-say-everywhere",
        file=_COMPARE,
        old="(self.channel, channel) is not None and re.search(self.step, step) is not None\n",
        new="(self.channel, channel) is not None\n",
        tests=(f"{_TEST}::test_rule_has_its_say_on_its_channel_and_in_its_steps",),
    ),
    Mutant(
        name="parity-counts-rules-that-were-not-needed",
        file=_COMPARE,
        old="            if one == other:\n                break\n",
        new="",
        tests=(f"{_TEST}::test_rule_that_is_not_needed_is_not_used",),
    ),
    Mutant(
        name="parity-dict-order-forgives-lists",
        file=_COMPARE,
        old='        return re.sub(r"\\{[^{}]*\\}"',
        new='        return re.sub(r"[\\[{][^{}]*[\\]}]"',
        tests=(f"{_TEST}::test_order_of_a_dict_alone_is_forgiven",),
    ),
    Mutant(
        name="parity-does-not-tell-the-second-side",
        file=_COMPARE,
        old="for engine, happening in (self.left, self.right)]\n        first",
        new="for engine, happening in (self.left,)]\n        first",
        tests=(f"{_TEST}::test_difference_names_scenario_step_channel_both_sides_and_what_came_before",),
    ),
    Mutant(
        name="parity-steps-drift-with-the-boot",
        file=_RECORD,
        old="        self._zero_us = self.world.kernel.now\n\n    def _print",
        new="\n    def _print",
        tests=(f"{_RECORD_TEST}::test_steps_begin_at_equal_distances_from_the_start_of_the_node",),
    ),
    Mutant(
        name="parity-notes-what-the-switched-off-world-does",
        file=_RECORD,
        old="[Step(step.name, list(step.happenings)) for step in self.steps]",
        new="self.steps",
        tests=(f"{_RECORD_TEST}::test_record_is_as_it_was_when_it_was_taken",),
    ),
    Mutant(
        name="parity-misses-the-bus",
        file=_RECORD,
        old='        self._recorder.note("i2c", f"{address:#04x} {list(segments)!r}")\n',
        new="",
        tests=(f"{_RECORD_TEST}::test_reply_pins_and_bus_are_noted_with_times_of_the_step",),
    ),
    Mutant(
        name="ledger-forgives-every-late-reply",
        file=_LEDGER,
        old='Rule(channel="reply|console", step=_WRITES, late_us=300_000)',
        new='Rule(channel="reply|console", late_us=300_000)',
        tests=(f"{_LEDGER_TEST}::test_no_rule_forgives_every_value_everywhere",),
    ),
    Mutant(
        name="ledger-forgives-the-order-of-every-dict",
        file=_LEDGER,
        old='step=rf"^system pinmap\\b|^(system|intercon) .*>json$|^({_DICTS})\\b", any_order=True',
        new="any_order=True",
        tests=(f"{_LEDGER_TEST}::test_no_rule_forgives_every_value_everywhere",),
    ),
)
