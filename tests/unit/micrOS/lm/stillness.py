"""Measures on the node how long its loop was held up; for Load Modules that are not to."""

from __future__ import annotations

_SOURCE = b"""
import asyncio
import time

_longest = [0]


async def watch():
    asyncio.create_task(_look())


async def _look():
    last = time.ticks_ms()
    while True:
        await asyncio.sleep_ms(1)
        now = time.ticks_ms()
        _longest[0] = max(_longest[0], time.ticks_diff(now, last))
        last = now


def longest():
    return _longest[0]
"""


def watch(node, shell) -> None:
    """Begin to look."""
    node.flash.write("/LM_stillness.py", _SOURCE)
    shell("stillness watch")


def longest_ms(shell) -> int:
    """The longest time that the loop stood still since, in ms."""
    return int(shell("stillness longest"))
