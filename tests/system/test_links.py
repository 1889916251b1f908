"""TCP links on real sockets: every wait ends at its limit."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from toolkit.errors import CannotConnect, NoAnswer
from toolkit.links import open_link


@pytest.fixture
def peer():
    """A link, and the other end of it as a plain socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = open_link(f"tcp://127.0.0.1:{server.getsockname()[1]}", limit_s=1)
        connection, _ = server.accept()
    with connection:
        yield link, connection
        link.close()


def test_receive_gives_what_came_then_none_then_the_close(peer):
    link, other = peer
    assert link.receive(0) is None
    other.sendall(b"hello")
    assert link.receive(5) == b"hello"
    started = time.monotonic()
    assert link.receive(0.6) is None
    assert 0.55 < time.monotonic() - started < 2
    other.close()
    assert link.receive(5) == b""


def test_reset_counts_as_close(peer):
    link, other = peer
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    other.close()
    assert link.receive(5) == b""


def test_send_to_one_that_never_reads_ends_at_the_limit(peer):
    link, _ = peer
    started = time.monotonic()
    with pytest.raises(NoAnswer, match="does not take data"):
        link.send(b"x" * 50_000_000)
    assert time.monotonic() - started < 5


def test_unknown_host_cannot_be_connected_to():
    with pytest.raises((CannotConnect, NoAnswer), match=r"no-such-host\.invalid"):
        open_link("tcp://no-such-host.invalid:9008")
