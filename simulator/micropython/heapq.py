"""``heapq`` of MicroPython.

Source: extmod/modheapq.c (v1.28).
"""

from __future__ import annotations

import heapq as _host
from typing import Any

from simulator.micropython.runtime import running

__all__ = ["heapify", "heappop", "heappush"]

_CALL_US = 5


def heappush(heap: list[Any], item: Any, /) -> None:
    """Put ``item`` into a heap.

    Raises:
        TypeError: heap must be a list.
    """
    _host.heappush(_list(heap), item)


def heappop(heap: list[Any], /) -> Any:
    """Take the smallest item out of a heap.

    Raises:
        IndexError: empty heap.
    """
    if not _list(heap):
        raise IndexError("empty heap")
    return _host.heappop(heap)


def heapify(x: list[Any], /) -> None:
    """Make a list a heap."""
    _host.heapify(_list(x))


def _list(heap: Any) -> list[Any]:
    running().cpu.charge(_CALL_US)
    if not isinstance(heap, list):
        raise TypeError("heap must be a list")
    return heap
