"""Whatever a client sends to a WebREPL: the node goes on, and the next client is served."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.webrepl_client import REQUEST, WebReplClient, frame, record
from simulator.world import World

_SERVE = """
import network, time, webrepl
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
webrepl.start(password='secret123')
"""
_LOG_IN = frame(b"secret123\r")
_NAMES = st.sampled_from(["a", "b.py", "no/such", "/", "..", "", "x" * 70, "\u00e9"])

_payloads = st.binary(max_size=300)
_frames = st.builds(
    lambda flags, data, mask: bytes((flags,)) + frame(data, mask=mask)[1:],
    st.integers(0, 255),
    _payloads,
    st.none() | st.binary(min_size=4, max_size=4),
)
_records = st.builds(
    lambda operation, name, size: frame(record(operation, name[:60], size)),
    st.integers(0, 255) | st.sampled_from([1, 2, 3]),
    _NAMES,
    st.integers(0, 700),
)
_pieces = st.one_of(_frames, _records, _payloads, st.just(frame(b"\0")), st.just(b"\x82\x7f"))
_sessions = st.tuples(
    st.sampled_from([b"", REQUEST, REQUEST + _LOG_IN]), st.lists(st.tuples(_pieces, st.integers(0, 2)), max_size=12)
)


def _play(world: World, node: Any, session: tuple[bytes, list[tuple[bytes, int]]]) -> None:
    opening, pieces = session
    connection = world.lan.client("fuzzer").connect(world.lan.address(node.machine), 8266)
    connection.send(opening)
    for data, pause in pieces:
        if connection.closed:
            break
        connection.send(data)
        world.run_for(pause / 10)
    world.run_for(0.5)
    if not connection.closed:
        connection.close()
    world.run_for(1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_sessions, min_size=1, max_size=4))
def test_node_survives_what_clients_send(sessions: list[tuple[bytes, list[tuple[bytes, int]]]]) -> None:
    with World(seed=0) as world:
        node = world.add_node("node", firmware=False)
        world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
        world.run_on(node, _SERVE)
        boots = node.boots
        for session in sessions:
            _play(world, node, session)
        if node.boots != boots:  # a Ctrl-D was typed at the prompt: a soft reset, as it should be
            return
        client = WebReplClient(world, node)
        client.log_in("secret123")
        assert client.version() == (1, 28, 0)
        client.put("after", b"fine")
        assert node.flash.read("/after") == b"fine"


def _arrives(data: bytes, sizes: list[int]) -> bytes:
    """What the port makes of frames that come one by one: of each 512 bytes, a first one that is alone is lost."""
    left, file = data, b""
    for size in sizes:
        piece, left = left[:size], left[size:]
        file += piece[:-1] if left and len(piece) % 512 == 1 else piece
    return file + left


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(min_size=1, max_size=2_000), st.lists(st.integers(0, 600) | st.sampled_from([1, 513]), max_size=8))
def test_file_arrives_as_on_the_port_however_it_is_cut(data: bytes, sizes: list[int]) -> None:
    with World(seed=0) as world:
        node = world.add_node("node", firmware=False)
        world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
        world.run_on(node, _SERVE)
        client = WebReplClient(world, node)
        client.log_in("secret123")
        client.send(record(1, "a", len(data)))
        left = data
        for size in [*sizes, len(data)]:
            client.send(left[:size])
            left = left[size:]
            world.run_for(0.1)
        assert list(client.binary) == [b"WB\0\0"] * 2
        assert node.flash.read("/a") == _arrives(data, sizes)
