"""The ledger is whole, and docs/fidelity.md is made of it."""

from __future__ import annotations

import re

from simulator.parity import docs
from simulator.parity.ledger import LEDGER, REASONS, RULES


def test_each_entry_says_what_differs_and_why() -> None:
    for entry in LEDGER:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)
        assert all(len(text) > 10 for text in (entry.cpython, entry.micropython, entry.reason)) and entry.board
    assert len(REASONS) == len(LEDGER) and set(RULES) <= set(REASONS)


def test_each_rule_allows_something_and_its_expressions_are_right() -> None:
    for rules in RULES.values():
        for rule in rules:
            assert rule.values or rule.lines or rule.any_order or rule.late_us
            for text in (rule.channel, rule.step, rule.values, rule.lines):
                re.compile(text)


def test_no_rule_forgives_every_value_everywhere() -> None:
    for name, rules in RULES.items():
        for rule in rules:
            if rule.lines == ".*" or rule.any_order or rule.late_us > 10_000:
                assert rule.step, f"{name}: {rule}"


def test_page_has_every_entry_and_is_current(monkeypatch, tmp_path) -> None:
    page = docs.build_page()
    assert all(f"\n## {entry.name}\n" in page and entry.reason in page for entry in LEDGER)
    monkeypatch.setattr(docs, "_PAGE", tmp_path / "fidelity.md")
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0 and docs.main(["--check"]) == 0
    docs._PAGE.write_text(page + "more")
    assert docs.main(["--check"]) == 1
