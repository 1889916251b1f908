"""``websocket`` on streams in memory; the first cases are those of MicroPython's tests/extmod/websocket_basic.py."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import NodeError

pytestmark = pytest.mark.engine("cpython", reason="own-streams")

_SET_UP = """
import io, websocket
def read(data, size):
    return websocket.websocket(io.BytesIO(data)).read(size)
def write(data):
    stream = io.BytesIO()
    websocket.websocket(stream).write(data)
    return stream.getvalue()
"""


def told(bare: Any, source: str) -> str:
    """What the source prints on the node, without the line's end."""
    text: str = bare.run(_SET_UP + source)
    return text.removesuffix("\n")


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (r"read(b'\x81\x04ping', 4)", r"b'ping'"),
        (r"read(b'\x80\x04ping', 4)", r"b'ping'"),
        (r"read(b'\x81~\x00\x80' + b'ping' * 32, 128) == b'ping' * 32", "True"),
        (r"read(b'\x81\x84maskmask', 4)", r"b'\x00\x00\x00\x00'"),
        (r"read(b'\x89\x00\x81\x04ping', 4)", r"b'ping'"),
        (r"read(b'\x8a\x00\x81\x04pong', 4)", r"b'pong'"),
        (r"write(b'pong')", r"b'\x81\x04pong'"),
        (r"write(b'pong' * 32) == b'\x81~\x00\x80' + b'pong' * 32", "True"),
    ],
)
def test_frame_is_as_on_the_port(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"print({call})") == shown


def test_close_frame_ends_and_is_answered_in_a_data_frame(bare: Any) -> None:
    source = r"""
s = io.BytesIO(b"\x88\x00")
w = websocket.websocket(s)
print(w.read(1)); s.seek(2); print(s.read(4))
"""
    assert told(bare, source) == "b''\nb'\\x81\\x02\\x88\\x00'"


def test_ioctl_gives_and_sets_the_type_of_frames(bare: Any) -> None:
    source = """
w = websocket.websocket(io.BytesIO(b"\\x82\\x01x"))
print(w.ioctl(8), w.ioctl(9, 2), w.ioctl(9), w.read(1), w.ioctl(8))
try:
    w.ioctl(-1)
except OSError as e:
    print(e)
"""
    assert told(bare, source) == "0 1 2 b'x' 2\n[Errno 22] EINVAL"


def test_control_payload_beyond_a_read_comes_out_as_data(bare: Any) -> None:
    assert told(bare, r"print(websocket.websocket(io.BytesIO(b'\x88\x02\x03\xe8')).readinto(bytearray(1)))") == "1"


def test_empty_data_frame_is_no_end(bare: Any) -> None:
    assert told(bare, r"print(read(b'\x81\x00\x81\x01x', 1), read(b'\x81\x80mask\x81\x01x', 1))") == "b'x' b'x'"


def test_mask_goes_on_over_several_reads(bare: Any) -> None:
    source = r"w = websocket.websocket(io.BytesIO(b'\x81\x85abcd' + b'hello')); print(w.read(3) + w.read(2))"
    assert told(bare, source) == str(bytes(a ^ b for a, b in zip(b"hello", b"abcda", strict=True)))


def test_read_at_the_end_of_the_stream_is_short(bare: Any) -> None:
    assert told(bare, r"print(read(b'\x81\x04pi', 4), read(b'', 4), read(b'\x81', 4))") == "b'pi' b'' None"


def test_what_is_no_stream_is_refused(bare: Any) -> None:
    with pytest.raises(NodeError, match="OSError: stream operation not supported"):
        bare.run("import websocket; websocket.websocket(5)")


def test_close_closes_the_stream(bare: Any) -> None:
    assert (
        told(bare, "s = io.BytesIO(); websocket.websocket(s).close()\ntry:\n s.read()\nexcept ValueError: print(1)")
        == "1"
    )
