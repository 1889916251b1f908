"""TCP as far as a LAN without loss needs it: handshake, windows, close, reset, repetition towards a silent peer.

Theory of operation. A connection is one side. ``tx`` holds what was accepted for sending and not yet acknowledged; its
first byte has the number ``snd_una``; bytes up to ``snd_nxt`` are under way; ``edge`` is how far the peer's window
reaches. ``rx`` holds what came in order (next expected: ``rcv_nxt``) and was not read; the space left in it is the
window we offer. A peer that never reads so makes us stop. When no acknowledgement comes, everything from ``snd_una`` is
sent again, later each time, until the connection is given up.

Figures and errors are lwIP's as ESP-IDF configures it. Source: lwIP 2.1 core/tcp.c, tcp_in.c, tcp_out.c, api/err.c;
esp-idf components/lwip/Kconfig (v5.x): LWIP_TCP_MSS 1440, LWIP_TCP_WND_DEFAULT and LWIP_TCP_SND_BUF_DEFAULT 5760,
LWIP_TCP_SYNMAXRTX and LWIP_TCP_MAXRTX 12, LWIP_TCP_RTO_TIME 1500 ms; priv/tcp_priv.h TCP_FIN_WAIT_TIMEOUT 20 s.

Limits: no Nagle delay, no delayed acknowledgement, no TIME_WAIT, no urgent data, no keep-alive; sequence numbers do not
wrap; the time-out does not follow the measured round trip; segments out of order are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.kernel import Event, Kernel
from simulator.lan.endpoint import Address, Listener, StreamEndpoint

if TYPE_CHECKING:
    from simulator.lan.stack import IpStack

SYN, ACK, FIN, RST = 1, 2, 4, 8

MSS = 1440
WINDOW = 4 * MSS
SEND_BUFFER = 4 * MSS
#: A socket counts as writable while more than this is free. Source: lwIP opt.h, TCP_SNDLOWAT.
SEND_LOW_WATER = SEND_BUFFER // 2
#: The window is announced anew when it has grown by this. Source: lwIP opt.h, TCP_WND_UPDATE_THRESHOLD.
WINDOW_STEP = WINDOW // 4
RTO_US = 1_500_000
#: How often a peer with a shut window is asked again; lwIP begins at 0.5 s and goes up to 60 s.
PROBE_US = 6_000_000
SYN_REPEATS = 12
REPEATS = 12
#: The last SYN is given up at the next turn of lwIP's slow timer.
_LAST_TICK_US = 500_000
#: The time-out doubles this often at most. Source: lwIP tcp.c, tcp_backoff.
_BACKOFF = (1, 2, 3, 4, 5, 6, 7)
FIN_WAIT_US = 20_000_000


class Segment(NamedTuple):
    """One TCP segment under way.

    Attributes:
        source: sender's address.
        target: receiver's address.
        flags: SYN, ACK, FIN, RST.
        seq: number of the first byte of ``data``.
        ack: next byte that the sender expects.
        window: how many bytes from ``ack`` on the sender takes.
        data: payload.
    """

    source: Address
    target: Address
    flags: int
    seq: int
    ack: int
    window: int
    data: bytes


class TcpConnection(StreamEndpoint):
    """One side of a TCP connection; made by :class:`~simulator.lan.stack.IpStack`.

    Attributes:
        state: ``syn_sent``, ``syn_received``, ``open`` or ``gone``.
        reusable: its socket had SO_REUSEADDR.
    """

    __slots__ = (
        "_discard",
        "_edge",
        "_fin_seq",
        "_fin_wanted",
        "_kernel",
        "_listener",
        "_offered",
        "_rcv_nxt",
        "_repeats",
        "_snd_nxt",
        "_snd_una",
        "_stack",
        "_timer",
        "_tx",
        "reusable",
        "state",
    )

    def __init__(self, stack: IpStack, kernel: Kernel, local: Address, peer: Address) -> None:
        super().__init__(local, peer)
        self._stack = stack
        self._kernel = kernel
        self.state = "syn_sent"
        self.connecting = True
        self.reusable = False
        self._tx = bytearray()
        self._snd_una = self._snd_nxt = kernel.now
        self._edge = 0
        self._rcv_nxt = 0
        self._offered = 0
        self._fin_wanted = False
        self._fin_seq: int | None = None
        self._discard = False
        self._repeats = 0
        self._timer: Event | None = None
        self._listener: Listener | None = None

    # --- what the socket asks -------------------------------------------------------------------

    @property
    def writable(self) -> bool:
        """Room for more than the low-water mark, or an error that a write would report."""
        if self.error is not None:
            return True
        return self.state == "open" and SEND_BUFFER - len(self._tx) > SEND_LOW_WATER

    def put(self, data: bytes | bytearray | memoryview) -> int:
        """See :meth:`StreamEndpoint.put`."""
        if self.state != "open" or self._fin_wanted:
            return 0
        count = min(len(data), SEND_BUFFER - len(self._tx))
        if count:
            self._tx += data[:count]
            self._push()
        return count

    def close(self) -> None:
        """Close for good: unread data makes it a reset.

        Source: lwIP tcp.c, tcp_close_shutdown: "Not all data received by application, send RST".
        """
        if self.state == "gone":
            return
        if self.connecting:
            self.drop()
        elif self.rx:
            self.abort()
        else:
            self._discard = True
            self.finish_sending()
            self._end_if_done()

    def finish_sending(self) -> None:
        """Send what was accepted, then FIN; receiving goes on."""
        if self.state == "open" and not self._fin_wanted:
            self._fin_wanted = True
            self._push()

    def abort(self) -> None:
        """Reset: the peer learns at once that the connection is gone."""
        if self.state == "gone":
            return
        self._send(RST | ACK)
        self._remove("ECONNABORTED")

    def drop(self) -> None:
        """Forget the connection without a word."""
        if self.state != "gone":
            self._remove("ECONNABORTED")

    def _taken(self) -> None:
        if self.state == "open" and not self.eof and self._rcv_nxt + self._space() - self._offered >= WINDOW_STEP:
            self._send(ACK)

    # --- opening --------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin the handshake."""
        self._send(SYN)
        self._snd_nxt = self._snd_una + 1
        self._arm()

    def answer(self, syn: Segment, listener: Listener) -> None:
        """Answer a peer's SYN on behalf of ``listener``."""
        self.state = "syn_received"
        self._listener = listener
        listener.opening += 1
        self._rcv_nxt = syn.seq + 1
        self._edge = syn.ack + syn.window
        self._send(SYN | ACK)
        self._snd_nxt = self._snd_una + 1
        self._arm()

    # --- segments -------------------------------------------------------------------------------

    def receive(self, segment: Segment) -> None:
        """Take a segment of the peer. Called by the hub."""
        if segment.flags & RST:
            self._remove("ECONNRESET")
        elif self.state == "syn_sent":
            self._receive_syn_ack(segment)
        elif segment.flags & SYN:
            if self.state == "syn_received":
                self._send(SYN | ACK, seq=self._snd_una)
        else:
            self._receive_ack(segment)
            if self.state == "open":
                self._receive_data(segment)

    def _receive_syn_ack(self, segment: Segment) -> None:
        if segment.flags & (SYN | ACK) != SYN | ACK or segment.ack != self._snd_nxt:
            return
        self._rcv_nxt = segment.seq + 1
        self._established(segment)
        self._send(ACK)
        self.changed()

    def _established(self, segment: Segment) -> None:
        self.state = "open"
        self.connecting = False
        self._snd_una = segment.ack
        self._edge = segment.ack + segment.window
        self._repeats = 0
        self._disarm()

    def _receive_ack(self, segment: Segment) -> None:
        acked = segment.ack - self._snd_una
        if self.state == "syn_received":
            if acked != 1:
                return
            self._established(segment)
            self._hand_to_listener()
            return
        if acked < 0:
            return
        if acked > 0:
            del self._tx[:acked]
            self._snd_una = segment.ack
            self._snd_nxt = max(self._snd_nxt, segment.ack)
            self._repeats = 0
            self._disarm()
        grown = segment.ack + segment.window > self._edge
        self._edge = max(self._edge, segment.ack + segment.window)
        if acked or grown:
            self._push()
            self.changed()
        elif self._probing():
            self._repeats = 0
        self._end_if_done()

    def _hand_to_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.opening -= 1
            self._stack.established(self, listener)

    def _receive_data(self, segment: Segment) -> None:
        data, fin = segment.data, segment.flags & FIN
        if not data and not fin:
            if segment.seq == self._rcv_nxt - 1:  # a probe: the peer asks for our window
                self._send(ACK)
            return
        known = self._rcv_nxt - segment.seq
        if known < 0 or known > len(data) or self.eof:
            self._send(ACK)
            return
        fresh = data[known:] if known else data
        if self._discard:
            taken = fresh
        else:
            taken = fresh[: self._space()]
            self.rx += taken
        self._rcv_nxt += len(taken)
        if fin and len(taken) == len(fresh):
            self._rcv_nxt += 1
            self.eof = True
        self._send(ACK)
        self.changed()
        self._end_if_done()

    def _space(self) -> int:
        return WINDOW - len(self.rx)

    def _push(self) -> None:
        tx = self._tx
        while True:
            begun = self._snd_nxt - self._snd_una
            count = min(len(tx) - begun, self._edge - self._snd_nxt, MSS)
            if count <= 0:
                break
            self._send(ACK, data=bytes(tx[begun : begun + count]))
            self._snd_nxt += count
        if self._fin_wanted and self._fin_seq is None and begun == len(tx):
            self._fin_seq = self._snd_nxt
            self._send(ACK | FIN)
            self._snd_nxt += 1
        if self._timer is None and (tx or self._snd_nxt != self._snd_una):
            self._arm()

    def _send(self, flags: int, *, seq: int | None = None, data: bytes = b"") -> None:
        window = self._space()
        self._offered = self._rcv_nxt + window
        self._stack.transmit(
            Segment(self.local, self.peer, flags, self._snd_nxt if seq is None else seq, self._rcv_nxt, window, data)
        )

    # --- repetition and end ---------------------------------------------------------------------

    def _arm(self) -> None:
        delay_us = RTO_US
        if self.state != "open":
            if self._repeats == SYN_REPEATS:
                delay_us = _LAST_TICK_US
        elif self._probing():
            delay_us = PROBE_US
        elif self._repeats:
            delay_us <<= _BACKOFF[min(self._repeats, len(_BACKOFF)) - 1]
        self._timer = self._kernel.after(delay_us, self._repeat)

    def _disarm(self) -> None:
        if self._timer is not None:
            Kernel.cancel(self._timer)
            self._timer = None

    def _repeat(self) -> None:
        self._timer = None
        self._repeats += 1
        if self._repeats > (REPEATS if self.state == "open" else SYN_REPEATS):
            self._remove("ECONNABORTED")
        elif self.state == "syn_sent":
            self._send(SYN, seq=self._snd_una)
            self._arm()
        elif self.state == "syn_received":
            self._send(SYN | ACK, seq=self._snd_una)
            self._arm()
        elif self._probing():
            self._send(ACK, seq=self._snd_una - 1)
            self._arm()
        else:
            self._snd_nxt = self._snd_una
            self._fin_seq = None
            self._push()

    def _probing(self) -> bool:
        """There is data to send, and the peer's window is shut."""
        return self._edge <= self._snd_una and bool(self._tx)

    def _end_if_done(self) -> None:
        if self._fin_seq is None or self._snd_una <= self._fin_seq:
            return
        if self.eof:
            self._remove("ENOTCONN")
        elif self._discard and self._timer is None:
            self._timer = self._kernel.after(FIN_WAIT_US, lambda: self._remove("ENOTCONN"))

    def _remove(self, error: str) -> None:
        """Take the connection out of the stack; ``error`` is what a user of it sees from now on."""
        self._disarm()
        opening = self.state == "syn_received"
        self.state = "gone"
        self.connecting = False
        if self._listener is not None and opening:
            self._listener.opening -= 1
            self._listener = None
        if self.error is None:
            self.error = error
        self._stack.forget(self)
        self.changed()
