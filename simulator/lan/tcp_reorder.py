"""What came before its turn, kept until the gap is filled.

Source: lwIP 2.1 core/tcp_in.c, tcp_receive under TCP_QUEUE_OOSEQ; esp-idf Kconfig LWIP_TCP_QUEUE_OOSEQ (on).
"""

from __future__ import annotations

from simulator.lan.tcp_segment import REORDER_SEGMENTS


class ReorderQueue:
    """Segments out of order, lowest number first; too many of them, and the highest are dropped."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[tuple[int, bytes, bool]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget everything; the peer will send it again."""
        self._waiting.clear()

    def put(self, seq: int, data: bytes, fin: bool) -> None:
        """Keep a segment; of two with the same number the longer stays."""
        waiting = self._waiting
        for index, (other, kept, kept_fin) in enumerate(waiting):
            if other == seq:
                if len(data) + fin > len(kept) + kept_fin:
                    waiting[index] = (seq, data, fin)
                return
        waiting.append((seq, data, fin))
        waiting.sort()
        del waiting[REORDER_SEGMENTS:]

    def take(self, expected: int) -> tuple[bytes, bool] | None:
        """The next segment whose turn it is, without what is known already; None if there is none."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= expected:
            seq, data, fin = waiting.pop(0)
            known = expected - seq
            if known < len(data) + fin:
                return data[known:], fin
        return None
