"""Cutting a byte stream into commands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

_LINES = st.lists(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"").replace(b"\xff", b"").strip(b"\r\0"))
)


def _feed(pure: Any, pieces: list[bytes]) -> list[bytes]:
    framer = pure.load("framing").Framer()
    return [line for piece in pieces for line in framer.feed(piece)]


@given(lines=_LINES, ends=st.sampled_from([b"\n", b"\r\n", b"\r\0\n"]), data=st.data())
def test_any_split_of_terminated_bytes_gives_the_same_commands(
    pure: Any, lines: list[bytes], ends: bytes, data: st.DataObject
) -> None:
    stream = b"".join(line + ends for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert _feed(pure, pieces) == lines


@given(st.lists(st.binary(max_size=2000), max_size=20))
def test_garbage_is_cut_or_refused_and_never_piles_up(pure: Any, pieces: list[bytes]) -> None:
    framing = pure.load("framing")
    framer = framing.Framer()
    try:
        for piece in pieces:
            framer.feed(piece)
    except framing.LineTooLong:
        return
    assert len(framer.flush()) <= framing.MAX_LINE


def test_unterminated_command_waits_for_flush(pure: Any) -> None:
    framer = pure.load("framing").Framer()
    assert framer.feed(b"hello\nver") == [b"hello"]
    assert framer.has_pending()
    assert framer.flush() == b"ver"
    assert not framer.has_pending()


@pytest.mark.parametrize("size", [4096, 4097])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_line_beyond_4096_bytes_is_refused(pure: Any, size: int, end: bytes) -> None:
    framing = pure.load("framing")
    framer = framing.Framer()
    if size == 4096:
        assert (framer.feed(b"x" * size + end) or [framer.flush()]) == [b"x" * size]
        return
    with pytest.raises(framing.LineTooLong):
        framer.feed(b"x" * size + end)


@pytest.mark.parametrize("cut", range(24))
def test_telnet_options_vanish_wherever_they_are_cut(pure: Any, cut: int) -> None:
    stream = b"\xff\xfb\x18he\xff\xfa\x18\x00xterm\xff\xf0l\xff\xf1lo\r\n"
    assert _feed(pure, [stream[:cut], stream[cut:]]) == [b"hello"]


def test_doubled_iac_is_a_byte(pure: Any) -> None:
    assert _feed(pure, [b"a\xff\xffb\n"]) == [b"a\xffb"]


def test_half_telnet_option_is_dropped_by_silence(pure: Any) -> None:
    framer = pure.load("framing").Framer()
    assert framer.feed(b"\xff") == []
    assert framer.has_pending()
    assert framer.flush() == b""
    assert framer.feed(b"hello\n") == [b"hello"]


def test_endless_telnet_option_is_refused(pure: Any) -> None:
    framing = pure.load("framing")
    with pytest.raises(framing.LineTooLong):
        framing.Framer().feed(b"\xff\xfa" + b"x" * 300)


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1",
        "POST /rest/system HTTP/1.0",
        "OPTIONS * HTTP/2.0",
        "patch / HTTP/1.1",
        "POST /a-long-address-whose-rest-comes-late",
        "GET http://node01.local/",
        "ODD x HTTP/1.1",
    ],
)
def test_http_request_line_is_recognised(pure: Any, line: str) -> None:
    assert pure.load("framing").is_http(line)


@pytest.mark.parametrize("line", ["hello", "", "system info", "oled text 'GET / HTTP/1.1'", "GET HTTP/1.1 please now"])
def test_other_lines_are_no_http(pure: Any, line: str) -> None:
    assert not pure.load("framing").is_http(line)
