"""What a TCP segment is, and the figures of lwIP as ESP-IDF configures it.

Source: esp-idf components/lwip/Kconfig (v5.x), named at each figure, and port/include/lwipopts.h; lwIP 2.1
src/include/lwip/opt.h, priv/tcp_priv.h and core/tcp.c for what ESP-IDF leaves as it is.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.lan.endpoint import Address

SYN, ACK, FIN, RST = 1, 2, 4, 8

#: LWIP_TCP_MSS.
MSS = 1440
#: LWIP_TCP_WND_DEFAULT.
WINDOW = 4 * MSS
#: LWIP_TCP_SND_BUF_DEFAULT.
SEND_BUFFER = 4 * MSS
#: A socket counts as writable while more than this is free. Source: opt.h, TCP_SNDLOWAT.
SEND_LOW_WATER = SEND_BUFFER // 2
#: The window's right edge moves in steps of at least this. Source: tcp.c, tcp_update_rcv_ann_wnd; opt.h,
#: TCP_WND_UPDATE_THRESHOLD.
WINDOW_STEP = WINDOW // 4

#: Turn of the slow timer, in which lwIP counts all the times below. Source: tcp_priv.h, TCP_SLOW_INTERVAL = 2 *
#: TCP_TMR_INTERVAL; LWIP_TCP_TMR_INTERVAL 250 ms.
TICK_US = 500_000
#: A tick that never comes.
NEVER = 1 << 60
#: Time-out before the first round trip is known: LWIP_TCP_RTO_TIME 1500 ms.
RTO_TICKS = 3
#: The time-out of the n-th repetition is doubled this often. Source: tcp.c, tcp_backoff.
BACKOFF = (1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7, 7)
#: Pauses between probes of a shut window. Source: tcp.c, tcp_persist_backoff.
PROBE_TICKS = (3, 6, 12, 24, 48, 96, 120)
#: LWIP_TCP_SYNMAXRTX and LWIP_TCP_MAXRTX.
SYN_REPEATS = 12
REPEATS = 12
#: TCP_SYN_RCVD_TIMEOUT 20 s.
SYN_RECEIVED_TICKS = 40
#: LWIP_TCP_FIN_WAIT_TIMEOUT 20 s.
FIN_WAIT_TICKS = 40
#: Twice LWIP_TCP_MSL 60 s: TIME_WAIT and LAST_ACK.
LINGER_TICKS = 240
#: Segments that may wait for those before them: LWIP_TCP_OOSEQ_MAX_PBUFS (LWIP_TCP_QUEUE_OOSEQ is on).
REORDER_SEGMENTS = 4
#: They are given up after so many time-outs of silence: LWIP_TCP_OOSEQ_TIMEOUT.
REORDER_TIMEOUTS = 6


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
