"""How long TCP waits for an acknowledgement, and how much it dares to have under way.

Source: lwIP 2.1 core/tcp_in.c (tcp_receive), core/tcp.c (tcp_slowtmr, tcp_alloc), core/tcp_out.c (tcp_rexmit_fast);
esp-idf components/lwip/Kconfig. lwIP measures round trips in ticks of 500 ms, so on a LAN in good order the time-out
stays at its first value.
"""

from __future__ import annotations

from simulator.lan.tcp_segment import BACKOFF, MSS, RTO_TICKS, SEND_BUFFER

#: Source: tcp_priv.h, LWIP_TCP_CALC_INITIAL_CWND.
_FIRST_WINDOW = min(4 * MSS, max(2 * MSS, 4380))
_MOST = 0xFFFF


class RoundTrip:
    """Van Jacobson's estimate of the round trip, and the time-out that follows from it.

    Attributes:
        rto: time-out, ticks.
    """

    __slots__ = ("_deviation", "_from_tick", "_mean", "_seq", "rto")

    def __init__(self) -> None:
        self.rto = RTO_TICKS
        self._mean = 0  # in eighths, lwIP's sa
        self._deviation = RTO_TICKS  # in quarters, lwIP's sv
        self._seq: int | None = None
        self._from_tick = 0

    def begin(self, seq: int, tick: int) -> None:
        """A segment is sent; it is measured if no other is."""
        if self._seq is None:
            self._seq = seq
            self._from_tick = tick

    def restart(self, seq: int, tick: int) -> None:
        """A segment is sent again: its first sending no longer counts (Karn). As in lwIP the repetition does."""
        self._seq = seq
        self._from_tick = tick

    def end(self, ack: int, tick: int) -> None:
        """Something is acknowledged; if it is what is measured, the estimate follows."""
        if self._seq is None or ack <= self._seq:
            return
        self._seq = None
        error = tick - self._from_tick - (self._mean >> 3)
        self._mean += error
        self._deviation += abs(error) - (self._deviation >> 2)
        self.settle()

    def settle(self) -> None:
        """The peer answers: back to the time-out that the estimate gives."""
        self.rto = (self._mean >> 3) + self._deviation

    def back_off(self, repeats: int) -> None:
        """The time-out has passed, after ``repeats`` earlier repetitions."""
        self.settle()
        self.rto = min(self.rto << BACKOFF[min(repeats, len(BACKOFF) - 1)], 0x7FFF)


class Congestion:
    """Slow start, congestion avoidance and fast recovery, as lwIP does them.

    Attributes:
        window: bytes that may be under way as far as the network is concerned.
        recovering: after a fast retransmission that is not acknowledged yet.
    """

    __slots__ = ("_counted", "_repeated_to", "_threshold", "recovering", "window")

    def __init__(self) -> None:
        self.window = _FIRST_WINDOW
        self.recovering = False
        self._threshold = SEND_BUFFER
        self._counted = 0
        self._repeated_to = 0

    def acknowledged(self, count: int, una: int) -> None:
        """``count`` new bytes are acknowledged, up to ``una``."""
        if self.recovering:
            self.recovering = False
            self.window = self._threshold
            self._counted = 0
        if self.window < self._threshold:
            grown = min(count, MSS if una - count < self._repeated_to else 2 * MSS)
            self.window = min(self.window + grown, _MOST)
            return
        self._counted += count
        if self._counted >= self.window:
            self._counted -= self.window
            self.window = min(self.window + MSS, _MOST)

    def inflate(self) -> None:
        """A further duplicate acknowledgement: one more segment has left the network."""
        self.window = min(self.window + MSS, _MOST)

    def lose(self, peer_window: int) -> None:
        """A segment was lost, later ones arrive: fast recovery."""
        self._halve(peer_window)
        self.window = self._threshold + 3 * MSS
        self.recovering = True

    def time_out(self, peer_window: int, top: int) -> None:
        """Nothing comes back; what was sent up to ``top`` will be sent again."""
        self._halve(peer_window)
        self.window = MSS
        self._counted = 0
        self._repeated_to = top

    def _halve(self, peer_window: int) -> None:
        self._threshold = max(min(self.window, peer_window) // 2, 2 * MSS)
