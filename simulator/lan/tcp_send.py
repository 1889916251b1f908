"""The sending half of a TCP connection: what is under way, what is sent again, when it is given up.

Theory of operation. ``tx`` holds what was accepted for sending and not yet acknowledged; its first byte has the number
``una``. ``_next`` is what is sent next; ``top`` is the highest number ever sent. They differ after a time-out, when
``_next`` goes back to ``una``. A FIN, once wanted, takes the number after the last byte of ``tx``. Times are ticks of
lwIP's slow timer: ``resend_at`` and ``probe_at`` say when :meth:`SendHalf.time_out` and :meth:`SendHalf.probe` are due;
at most one of them is set. Nothing under way and nothing to send: no time is set.

Source: lwIP 2.1 core/tcp_out.c (tcp_output, tcp_rexmit_rto_prepare, tcp_rexmit_fast, tcp_zero_window_probe),
core/tcp_in.c (tcp_receive, first part), core/tcp.c (tcp_slowtmr).

Limits: no Nagle delay; what is sent again is cut into segments anew instead of as it was first sent; the round trip of
a SYN ends with the answer to it (lwIP's client measures on until the first segment after that, idle time included).
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.lan.tcp_pace import Congestion, RoundTrip
from simulator.lan.tcp_segment import ACK, FIN, MSS, NEVER, PROBE_TICKS, REPEATS, SYN, SYN_REPEATS, WINDOW, Segment

#: The third duplicate acknowledgement starts a fast retransmission.
_DUPLICATES = 3


class SendHalf:
    """What one side sends.

    Args:
        first: number of the SYN.
        emit: sends a segment: (flags, seq, data).

    Attributes:
        tx: accepted and not acknowledged.
        una: number of its first byte.
        top: highest number sent, plus one.
        fin_wanted: FIN follows ``tx``.
        fin_acked: the peer has it.
        resend_at: tick of the next repetition, NEVER while nothing is under way.
        probe_at: tick of the next probe of a shut window, NEVER while there is none to probe.
    """

    __slots__ = (
        "_congestion",
        "_duplicates",
        "_emit",
        "_next",
        "_probes",
        "_repeats",
        "_slot",
        "_syn",
        "_trip",
        "_window",
        "_window_ack",
        "_window_seq",
        "fin_acked",
        "fin_wanted",
        "probe_at",
        "resend_at",
        "top",
        "tx",
        "una",
    )

    def __init__(self, first: int, emit: Callable[[int, int, bytes], object]) -> None:
        self.tx = bytearray()
        self.una = self.top = self._next = first
        self.fin_wanted = self.fin_acked = False
        self.resend_at = self.probe_at = NEVER
        self._emit = emit
        self._syn = 0
        self._window = WINDOW
        self._window_seq = 0
        self._window_ack = first
        self._trip = RoundTrip()
        self._congestion = Congestion()
        self._repeats = 0
        self._duplicates = 0
        self._slot = 0
        self._probes = 0

    @property
    def rto(self) -> int:
        """Time-out in force, ticks."""
        return self._trip.rto

    # --- handshake ------------------------------------------------------------------------------

    def open(self, flags: int, tick: int) -> None:
        """Send SYN, or SYN and ACK."""
        self._syn = flags
        self._trip.begin(self.una, tick)
        self.top = self._next = self.una + 1
        self._emit(flags, self.una, b"")
        self.resend_at = tick + self._patience()

    def reopen(self, tick: int) -> None:
        """Send SYN again at once, as often as the time-out would at most."""
        if self._repeats < SYN_REPEATS:
            self.repeat_syn(tick)
            self.resend_at = tick + self._patience()

    def repeat_syn(self, tick: int) -> None:
        """Send SYN again; the time-out goes on."""
        self._repeats += 1
        self._trip.restart(self.una, tick)
        self._emit(self._syn, self.una, b"")

    def opened(self, segment: Segment, tick: int) -> None:
        """Our SYN is acknowledged."""
        self._syn = 0
        self._trip.end(segment.ack, tick)
        self.una = self._next = segment.ack
        self.resend_at = NEVER
        self._repeats = 0
        self._window = segment.window
        self._window_seq = segment.seq - 1

    # --- acknowledgements -----------------------------------------------------------------------

    def take_ack(self, segment: Segment, tick: int) -> int:
        """Look at what a segment acknowledges and how far its window reaches.

        Returns:
            How many numbers are newly acknowledged, -1 if it acknowledges what was never sent.
        """
        self._probes = 0
        ack = segment.ack
        edge = self._window_ack + self._window
        self._take_window(segment)
        acked = ack - self.una
        if acked <= 0:
            self._take_duplicate(segment, edge, tick)
            return 0
        if ack > self.top:
            return -1
        self._repeats = self._duplicates = 0
        self._trip.settle()
        self._congestion.acknowledged(acked, ack)
        self.una = ack
        if acked > len(self.tx):
            self.fin_acked = True
        del self.tx[:acked]
        if self._next <= ack:
            self._next = ack
            self.resend_at = NEVER
        else:
            self.resend_at = tick + self._patience()
        self._trip.end(ack, tick)
        return acked

    def _take_window(self, segment: Segment) -> None:
        seq, ack, window = segment.seq, segment.ack, segment.window
        if (
            self._window_seq < seq
            or (self._window_seq == seq and self._window_ack < ack)
            or (self._window_ack == ack and window > self._window)
        ):
            self._window, self._window_seq, self._window_ack = window, seq, ack

    def _take_duplicate(self, segment: Segment, edge: int, tick: int) -> None:
        """Count acknowledgements that only say that something came out of order."""
        is_duplicate = (
            segment.ack == self.una
            and self.resend_at != NEVER
            and not segment.data
            and not segment.flags & FIN
            and self._window_ack + self._window == edge
        )
        if not is_duplicate:
            self._duplicates = 0
            return
        self._duplicates += 1
        if self._duplicates > _DUPLICATES:
            self._congestion.inflate()
        if self._duplicates >= _DUPLICATES and not self._congestion.recovering:
            self._resend_first(tick)

    # --- sending --------------------------------------------------------------------------------

    def push(self, tick: int) -> None:
        """Send what the peer's window and the congestion window allow, in whole segments only."""
        tx, una = self.tx, self.una
        window = min(self._window, self._congestion.window)
        while True:
            begun = self._next - una
            size = len(tx) - begun
            if size > MSS:
                size, fin = MSS, False
            else:
                fin = self.fin_wanted and not self.fin_acked and size >= 0
                if size <= 0 and not fin:
                    if not tx:
                        self.probe_at = NEVER
                    return
            if begun + size > window:
                if begun == 0 and window == self._window:
                    self._begin_probing(tick)
                return
            self._send_next(size, fin, tick)

    def _send_next(self, size: int, fin: bool, tick: int) -> None:
        seq = self._next
        begun = seq - self.una
        self._next = seq + size + fin
        self.top = max(self.top, self._next)
        self._trip.begin(seq, tick)
        self._emit(ACK | FIN if fin else ACK, seq, bytes(self.tx[begun : begun + size]))
        self.probe_at = NEVER
        if self.resend_at == NEVER:
            self.resend_at = tick + self._patience()

    def _resend_first(self, tick: int) -> None:
        """Fast retransmission of the first segment under way."""
        size = min(len(self.tx), MSS, self._next - self.una)
        fin = self._next - self.una > len(self.tx) and size == len(self.tx)
        self._repeats += 1
        self._trip.restart(self.una, tick)
        self._emit(ACK | FIN if fin else ACK, self.una, bytes(self.tx[:size]))
        self._congestion.lose(self._window)
        self.resend_at = tick + self._patience()

    # --- times ----------------------------------------------------------------------------------

    def time_out(self, tick: int) -> bool:
        """:attr:`resend_at` has come: begin again with the first byte that is not acknowledged.

        Returns:
            False to give the connection up.
        """
        if self._repeats >= self._most_repeats():
            return False
        if self._syn != SYN:
            self._trip.back_off(self._repeats)
        self._congestion.time_out(self._window, self.top)
        self.resend_at = NEVER
        if self._syn:
            self.repeat_syn(tick)
            self.resend_at = tick + self._patience()
        else:
            self._repeats += 1
            self._trip.restart(self.una, tick)
            self._next = self.una
            self.push(tick)
        return True

    def _most_repeats(self) -> int:
        return SYN_REPEATS if self._syn == SYN else REPEATS

    def _patience(self) -> int:
        """Ticks until something must be done; after the last repetition lwIP gives up at its next tick."""
        return self._trip.rto if self._repeats < self._most_repeats() else 1

    def _begin_probing(self, tick: int) -> None:
        if self.probe_at == NEVER:
            self._slot = self._probes = 0
            self.probe_at = tick + PROBE_TICKS[0]
            self.resend_at = NEVER

    def probe(self, tick: int) -> bool:
        """:attr:`probe_at` has come: send a byte, or what goes into a window that is too small for a segment.

        Returns:
            False to give the connection up: twelve probes in a row had no answer.
        """
        if self._probes >= REPEATS:
            return False
        if self._window:
            self._send_next(min(self._window, len(self.tx)), False, tick)
            return True
        self._emit(ACK, self.una, bytes(self.tx[:1]))
        self.top = max(self.top, self.una + 1)
        self._probes += 1
        self._slot = min(self._slot + 1, len(PROBE_TICKS) - 1)
        self.probe_at = tick + (PROBE_TICKS[self._slot] if self._probes < REPEATS else 1)
        return True
