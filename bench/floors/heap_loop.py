"""Floor of the bench ``kernel``: greenlets that park on a heap of times, and nothing else.

No cancelling, no trace, no limit for whoever runs: what any kernel on greenlet and heapq has to pay at least.
"""

from __future__ import annotations

from heapq import heappop, heappush

from greenlet import getcurrent, greenlet

_PERIOD_US = 1_000


def run_floor(fibers: int, events: int) -> None:
    """Let ``fibers`` greenlets sleep by turns, for ``events`` events in all."""
    heap: list[tuple[int, int, greenlet]] = []
    hub = getcurrent()
    now = seq = 0

    def sleep() -> None:
        nonlocal seq
        me = getcurrent()
        switch = hub.switch
        while True:
            seq += 1
            heappush(heap, (now + _PERIOD_US, seq, me))
            switch()

    for _ in range(fibers):
        greenlet(sleep).switch()
    for _ in range(events):
        now, _, sleeper = heappop(heap)
        sleeper.switch()
