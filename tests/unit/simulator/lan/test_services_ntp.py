"""The time server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel import Kernel
from simulator.lan import Lan
from simulator.lan.services.ntp import make_kiss, time_stamp

#: RFC 4330: version 4, client; transmit time stamp 0x0102030405060708.
REQUEST = b"\x23" + bytes(39) + b"\x01\x02\x03\x04\x05\x06\x07\x08"


def ask(lan: Lan, packet: bytes) -> bytes | None:
    pc = lan.client("pc")
    port = pc.stack.udp.get(5000) or pc.bind_udp(5000)
    pc.send_udp(packet, (lan.internet.host("pool.ntp.org").ip, 123), port=5000)
    lan.kernel.run(lan.kernel.now + 100_000)
    return port.received.popleft()[0] if port.received else None


@pytest.fixture
def lan() -> Lan:
    return Lan(Kernel(seed=1))


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        # RFC 868: 2 208 988 800 s from 1900 to 1970; RFC 5905, figure 4: the era that begins in 2036
        (datetime(1970, 1, 1, tzinfo=UTC), 2_208_988_800 << 32),
        (datetime(1972, 1, 1, tzinfo=UTC), 2_272_060_800 << 32),
        (datetime(2036, 2, 7, 6, 28, 16, tzinfo=UTC), 0),
        (datetime(2036, 2, 7, 6, 28, 17, 500_000, tzinfo=UTC), (1 << 32) + (1 << 31)),
    ],
)
def test_time_stamp_counts_from_1900_in_eras(moment: datetime, stamp: int) -> None:
    assert time_stamp(moment) == stamp.to_bytes(8, "big")


def test_answer_is_of_a_server_of_stratum_2(lan: Lan) -> None:
    answer = ask(lan, REQUEST)
    assert answer is not None
    assert (len(answer), answer[0], answer[1]) == (48, 0x24, 2)
    assert answer[24:32] == REQUEST[40:48]


def test_answer_has_the_worlds_time(lan: Lan) -> None:
    lan.internet.set_utc(datetime(2024, 6, 1, 12, tzinfo=UTC))
    answer = ask(lan, REQUEST)
    assert answer is not None
    # 1 717 243 200 s since 1970; 12 ms on the way
    assert int.from_bytes(answer[40:44], "big") == 1_717_243_200 + 2_208_988_800
    assert int.from_bytes(answer[44:48], "big") * 1000 >> 32 == 11  # 12 ms, cut to 2**-32 s
    assert answer[32:40] == answer[40:48]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_answer_has_the_version_of_the_question(lan: Lan, version: int) -> None:
    answer = ask(lan, bytes([version << 3 | 3]) + REQUEST[1:])
    assert answer is not None
    assert answer[0] == version << 3 | 4


@pytest.mark.parametrize(
    "packet",
    [b"", REQUEST[:47], b"\x24" + REQUEST[1:], b"\x03" + REQUEST[1:], b"\x2b" + REQUEST[1:], b"\x26" + REQUEST[1:]],
    ids=["empty", "short", "a server's", "version 0", "version 5", "control"],
)
def test_what_is_no_request_gets_no_answer(lan: Lan, packet: bytes) -> None:
    assert ask(lan, packet) is None


def test_kiss_has_no_time_but_the_clients() -> None:
    kiss = make_kiss(REQUEST)
    assert (len(kiss), kiss[0], kiss[1], kiss[12:16]) == (48, 0xE4, 0, b"RATE")
    assert kiss[40:48] == REQUEST[40:48]


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(st.binary(max_size=100), st.builds(lambda head: head + REQUEST[4:], st.binary(min_size=4, max_size=4)))
)
def test_whatever_comes_is_answered_by_the_protocol_or_not_at_all(packet: bytes) -> None:
    lan = Lan(Kernel(seed=1))
    answer = ask(lan, packet)
    if answer is not None:
        assert len(answer) == 48
        assert answer[0] & 7 == 4
        assert answer[24:32] == packet[40:48]
    assert ask(lan, REQUEST) is not None
