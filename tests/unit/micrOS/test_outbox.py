"""Lines that wait for a client: how many may, and what is told of the others."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(("line", "least", "most"), [("", 50, 150), ("x" * 1000, 4, 5), ("x" * 9000, 1, 1)])
def test_box_takes_a_few_kilobytes_whatever_the_lines(pure: Any, line: str, least: int, most: int) -> None:
    box = pure.load("outbox").Outbox()
    for _ in range(1000):
        box.add(line)
    *kept, note = box.take()
    assert least <= len(kept) <= most
    assert note == f"[...] {1000 - len(kept)} lines dropped"
    assert box.take() == []


def test_reply_is_never_dropped_and_comes_after_what_was(pure: Any) -> None:
    box = pure.load("outbox").Outbox()
    for _ in range(3):
        box.add("x" * 3000)
    box.end(["reply"])
    assert box.take() == ["x" * 3000, "x" * 3000, "[...] 1 lines dropped", "reply"]


def test_closed_box_keeps_nothing(pure: Any) -> None:
    box = pure.load("outbox").Outbox()
    box.add("line")
    box.close()
    box.add("line")
    box.end(["reply"])
    assert box.take() == []
