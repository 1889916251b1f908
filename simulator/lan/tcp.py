"""TCP: handshake, windows, order, repetition, close and reset as lwIP does them on the ESP32.

Theory of operation. A connection is one side. What it sends is the business of its
:class:`~simulator.lan.tcp_send.SendHalf`. ``rx`` holds what came in order (next expected: ``_expected``) and was not
read; the space left in it is the window we offer, whose right edge moves in steps. What comes out of order waits in a
:class:`~simulator.lan.tcp_reorder.ReorderQueue`. ``state`` is ``open`` from the handshake on; which of RFC 793's states
that is, say three facts: our FIN is wanted, it is acknowledged (``_send_half``), the peer's FIN has come (``eof``).

Times are counted in ticks of 500 ms as in lwIP, on a grid that begins with the host's first connection. A connection
has at most one event in the kernel, at the tick at which it next has something to do, and none while nothing is under
way. An event is not taken back when its reason goes away: it finds nothing to do.

What the firmware sees of it, on the ESP32 as here: a connect to a host that does not answer fails after 18.5 s with
ECONNABORTED, one that no network leads to at once with EHOSTUNREACH; what is written to a peer that has vanished is
accepted while the send buffer has room, and the connection ends 1151 s after it with ECONNABORTED (455 s if the peer's
window was shut); a read alone never notices. When the address of its interface changes a connection ends at once with
ECONNABORTED. A port whose connection this side closed first cannot be bound without SO_REUSEADDR for two minutes.

Source: lwIP 2.1 core/tcp.c, tcp_in.c, tcp_out.c, api/err.c; the figures of :mod:`simulator.lan.tcp_segment`.

Limits: no delayed acknowledgement, no urgent data; no simultaneous open, as in lwIP; no keep-alive, which MicroPython's
``socket`` does not offer (ports/esp32/modsocket.c knows no SO_KEEPALIVE). Sequence numbers count on beyond 32 bits,
which nobody can see: no host but these reads them. Hosts of the test are lwIP too, so they are slower to repeat than a
PC. See also the limits of :mod:`simulator.lan.tcp_send`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel import Event, Kernel
from simulator.lan.endpoint import Address, Listener, StreamEndpoint
from simulator.lan.tcp_reorder import ReorderQueue
from simulator.lan.tcp_segment import (
    ACK,
    FIN,
    FIN_WAIT_TICKS,
    LINGER_TICKS,
    MSS,
    NEVER,
    REORDER_TIMEOUTS,
    RST,
    SEND_BUFFER,
    SEND_LOW_WATER,
    SYN,
    SYN_RECEIVED_TICKS,
    TICK_US,
    WINDOW,
    WINDOW_STEP,
    Segment,
)
from simulator.lan.tcp_send import SendHalf

if TYPE_CHECKING:
    from simulator.lan.stack import IpStack

__all__ = ["ACK", "FIN", "MSS", "RST", "SEND_BUFFER", "SYN", "WINDOW", "Segment", "TcpConnection"]

#: Numbers per microsecond that first sequence numbers move on: more than a connection sends, so that a late segment of
#: an earlier connection is never taken for one of a new one.
_NUMBERS_PER_US = 16


class TcpConnection(StreamEndpoint):
    """One side of a TCP connection; made by :class:`~simulator.lan.stack.IpStack`.

    Attributes:
        state: ``syn_sent``, ``syn_received``, ``open``, ``time_wait`` or ``gone``.
        reusable: its socket had SO_REUSEADDR.
    """

    __slots__ = (
        "_ack_due",
        "_closed",
        "_closed_second",
        "_event",
        "_event_tick",
        "_expected",
        "_heard_us",
        "_kernel",
        "_listener",
        "_offered",
        "_origin_us",
        "_reorder",
        "_send_half",
        "_stack",
        "reusable",
        "state",
    )

    def __init__(self, stack: IpStack, kernel: Kernel, local: Address, peer: Address) -> None:
        super().__init__(local, peer)
        self._stack = stack
        self._kernel = kernel
        self._origin_us = stack.tick_origin_us
        self.state = "syn_sent"
        self.connecting = True
        self.reusable = False
        self._send_half = SendHalf(kernel.now * _NUMBERS_PER_US, self._emit)
        self._expected = 0
        self._offered = 0
        self._reorder = ReorderQueue()
        self._ack_due = False
        self._closed = False
        self._closed_second = False
        self._heard_us = kernel.now
        self._event: Event | None = None
        self._event_tick = NEVER
        self._listener: Listener | None = None

    # --- what the socket asks -------------------------------------------------------------------

    @property
    def writable(self) -> bool:
        """Room for more than the low-water mark, or an error that a write would report."""
        if self.error is not None:
            return True
        return self.state == "open" and SEND_BUFFER - len(self._send_half.tx) > SEND_LOW_WATER

    @property
    def closing(self) -> int | None:
        """How far its end has come, 0 furthest; None while it is in use.

        The order is TIME_WAIT, LAST_ACK, CLOSING, FIN_WAIT_2, FIN_WAIT_1. Source: esp-lwip tcp.c, tcp_alloc.
        """
        if self.state == "time_wait":
            return 0
        if self.state != "open" or not self._send_half.fin_wanted:
            return None
        if self.eof:
            return 1 if self._closed_second else 2
        return 3 if self._send_half.fin_acked else 4

    def put(self, data: bytes | bytearray | memoryview) -> int:
        """See :meth:`StreamEndpoint.put`."""
        half = self._send_half
        if self.state != "open" or half.fin_wanted:
            return 0
        count = min(len(data), SEND_BUFFER - len(half.tx))
        if count:
            half.tx += data[:count]
            self._push()
        return count

    def close(self) -> None:
        """Close for good: unread data makes it a reset, and so does data that comes later.

        Source: lwIP tcp.c, tcp_close_shutdown: "Not all data received by application, send RST"; tcp_in.c, tcp_input:
        "received data although already closed".
        """
        if self.state == "gone":
            return
        if self.connecting:
            self.drop()
        elif self.rx and self.state == "open":
            self.abort()
        else:
            self._closed = True
            self.finish_sending()
            self._follow_close()

    def finish_sending(self) -> None:
        """Send what was accepted, then FIN; receiving goes on."""
        half = self._send_half
        if self.state == "open" and not half.fin_wanted:
            half.fin_wanted = True
            self._closed_second = self.eof
            self._push()
            self._plan(self._expiry())

    def abort(self) -> None:
        """Reset: the peer learns at once that the connection is gone. In TIME_WAIT it just ends."""
        if self.state == "gone":
            return
        if self.state != "time_wait":
            self._emit(RST | ACK, self._send_half.top, b"")
        self._remove("ECONNABORTED")

    def drop(self) -> None:
        """Forget the connection without a word."""
        if self.state != "gone":
            self._remove("ECONNABORTED")

    def _taken(self) -> None:
        if self.state == "open" and not self.eof and self._expected + self._space() - self._offered >= WINDOW_STEP:
            self._acknowledge()

    # --- opening --------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin the handshake."""
        self._send_half.open(SYN, self._tick())
        self._plan_half()

    def answer(self, syn: Segment, listener: Listener) -> None:
        """Answer a peer's SYN on behalf of ``listener``."""
        self.state = "syn_received"
        self._listener = listener
        listener.opening += 1
        self._expected = self._offered = syn.seq + 1
        self._send_half.open(SYN | ACK, self._tick())
        self._plan_half()
        self._plan(self._expiry())

    def _receive_answer(self, segment: Segment) -> None:
        half = self._send_half
        if segment.flags & (SYN | ACK) == SYN | ACK and segment.ack == half.top:
            self._expected = self._offered = segment.seq + 1
            self.state = "open"
            self.connecting = False
            half.opened(segment, self._tick())
            self._acknowledge()
            self.changed()
        elif segment.flags & ACK:
            # The peer knows another connection of this name: end it, then try again at once.
            self._stack.refuse(segment)
            half.reopen(self._tick())
            self._plan_half()

    def _finish_handshake(self, segment: Segment) -> bool:
        """In ``syn_received``: True if the peer has acknowledged our SYN and somebody takes the connection."""
        half = self._send_half
        if not segment.flags & ACK:
            if segment.flags & SYN and segment.seq == self._expected - 1:
                half.repeat_syn(self._tick())
            return False
        if segment.ack != half.top:
            self._stack.refuse(segment)
            return False
        self.state = "open"
        self.connecting = False
        half.opened(segment, self._tick())
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.opening -= 1
            self._stack.established(self, listener)
        return self.state == "open"

    # --- segments -------------------------------------------------------------------------------

    def receive(self, segment: Segment) -> None:
        """Take a segment of the peer. Called by the hub."""
        state = self.state
        if state == "time_wait":
            self._receive_late(segment)
        elif segment.flags & RST:
            self._receive_reset(segment)
        elif state == "open" and segment.flags & SYN:
            self._acknowledge()  # the peer has forgotten us: it will answer with a reset
        else:
            if self._reorder and self._is_stale():
                self._reorder.clear()
            if not self._closed:
                self._heard_us = self._kernel.now
            if state == "syn_sent":
                self._receive_answer(segment)
            elif state == "open" or self._finish_handshake(segment):
                self._receive_open(segment)

    def _is_stale(self) -> bool:
        silent = self._tick() - self._tick_of(self._heard_us)
        return silent >= REORDER_TIMEOUTS * self._send_half.rto

    def _receive_reset(self, segment: Segment) -> None:
        """Source: tcp_in.c, tcp_process: a reset within the window but not at its edge is asked back (RFC 5961)."""
        if self.state == "syn_sent":
            if segment.ack == self._send_half.top:
                self._remove("ECONNRESET")
        elif segment.seq == self._expected:
            self._remove("ECONNRESET")
        elif self._expected < segment.seq <= self._expected + self._space():
            self._acknowledge()

    def _receive_late(self, segment: Segment) -> None:
        """In TIME_WAIT. Source: tcp_in.c, tcp_timewait_input."""
        flags = segment.flags
        if flags & RST:
            return
        if flags & SYN and self._expected <= segment.seq <= self._expected + WINDOW:
            self._stack.refuse(segment)
            return
        if flags & FIN:
            self._heard_us = self._kernel.now
        if segment.data or flags & (SYN | FIN):
            self._acknowledge()

    def _receive_open(self, segment: Segment) -> None:
        acked = self._send_half.take_ack(segment, self._tick())
        if acked < 0:
            self._acknowledge()
        is_news = self._receive_data(segment)
        if self.state != "open":
            return
        self._push()
        if self._ack_due:
            self._acknowledge()
        if acked > 0 or is_news:
            self._follow_close()
            self.changed()

    def _receive_data(self, segment: Segment) -> bool:
        """Take in what a segment carries; True if that is news for the reader."""
        data, fin, seq, expected = segment.data, bool(segment.flags & FIN), segment.seq, self._expected
        length = len(data) + fin
        if not length or self.eof:
            # An empty segment from outside the window is a question: where are you?
            if not expected <= seq < expected + max(self._space(), 1):
                self._ack_due = True
            return False
        if seq < expected < seq + length:
            data = data[expected - seq :]
        elif expected < seq < expected + self._space():
            self._reorder.put(seq, data, fin)
            self._acknowledge()  # at once, and alone: the peer counts these
            return False
        elif seq != expected:
            self._acknowledge()
            return False
        if data and self._closed:
            self.abort()
            return False
        self._ack_due = True
        return self._take_in(data, fin)

    def _take_in(self, data: bytes, fin: bool) -> bool:
        before = self._expected
        piece: tuple[bytes, bool] | None = (data, fin)
        while piece is not None:
            data, fin = piece
            space = self._space()
            if len(data) + fin > space:  # what goes beyond the window is cut off, the FIN first
                data, fin = data[:space], False
            self.rx += data
            self._expected += len(data) + fin
            if fin:
                self.eof = True
                self._reorder.clear()
            piece = self._reorder.take(self._expected) if self._reorder else None
        return self._expected != before

    def _space(self) -> int:
        return WINDOW - len(self.rx)

    # --- sending --------------------------------------------------------------------------------

    def _push(self) -> None:
        self._send_half.push(self._tick())
        self._plan_half()

    def _acknowledge(self) -> None:
        self._emit(ACK, self._send_half.top, b"")

    def _emit(self, flags: int, seq: int, data: bytes) -> None:
        edge = self._expected + WINDOW - len(self.rx)
        if edge >= self._offered + WINDOW_STEP:
            self._offered = edge
        self._ack_due = False
        window = max(self._offered - self._expected, 0)
        self._stack.transmit(Segment(self.local, self.peer, flags, seq, self._expected, window, data))

    # --- times and end --------------------------------------------------------------------------

    def _tick_of(self, t_us: int) -> int:
        return (t_us - self._origin_us) // TICK_US

    def _tick(self) -> int:
        return (self._kernel.now - self._origin_us) // TICK_US

    def _plan_half(self) -> None:
        half = self._send_half
        tick = half.resend_at
        if half.probe_at < tick:
            tick = half.probe_at
        if tick < self._event_tick:
            self._plan(tick)

    def _plan(self, tick: int) -> None:
        """Look after the connection at ``tick``, or at the next one if that is past."""
        if tick >= self._event_tick or self.state == "gone":
            return
        if self._event is not None:
            Kernel.cancel(self._event)
        tick = max(tick, self._tick() + 1)
        self._event_tick = tick
        self._event = self._kernel.at(self._origin_us + tick * TICK_US, self._turn)

    def _turn(self) -> None:
        """A turn of the slow timer at which something may be due."""
        self._event = None
        self._event_tick = NEVER
        half, tick = self._send_half, self._tick()
        alive = True
        if half.resend_at <= tick:
            alive = half.time_out(tick)
        elif half.probe_at <= tick:
            alive = half.probe(tick)
        expiry = self._expiry()
        if not alive or expiry <= tick:
            self._remove("ECONNABORTED")
            return
        self._plan_half()
        self._plan(expiry)

    def _expiry(self) -> int:
        """Tick at which the state of the connection has lasted too long; lwIP waits until more than the time is over.

        Counted from the last segment that came before this side closed. Source: tcp.c, tcp_slowtmr.
        """
        heard, half = self._tick_of(self._heard_us) + 1, self._send_half
        if self.state == "syn_received":
            return heard + SYN_RECEIVED_TICKS
        if self.state == "time_wait" or (self._closed_second and half.fin_wanted):
            return heard + LINGER_TICKS
        if self._closed and half.fin_acked and not self.eof:
            return heard + FIN_WAIT_TICKS
        return NEVER

    def _follow_close(self) -> None:
        """Go on to the next state of closing once our FIN is acknowledged."""
        if self.state != "open" or not self._send_half.fin_acked:
            return
        if not self.eof:
            self._plan(self._expiry())
        elif self._closed_second:
            self._remove("ENOTCONN")
        else:
            self._linger()

    def _linger(self) -> None:
        """Both sides have closed, this one first: TIME_WAIT."""
        self.state = "time_wait"
        self.error = self.error or "ENOTCONN"
        self._plan(self._expiry())

    def _remove(self, error: str) -> None:
        """Take the connection out of the stack; ``error`` is what a user of it sees from now on."""
        if self._event is not None:
            Kernel.cancel(self._event)
            self._event = None
        self.state = "gone"
        self.connecting = False
        if self._listener is not None:
            self._listener.opening -= 1
            self._listener = None
        if self.error is None:
            self.error = error
        self._stack.forget(self)
        self.changed()
