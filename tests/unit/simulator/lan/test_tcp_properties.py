"""TCP over a link that breaks at any microsecond, also between a segment and its acknowledgement, and over bad ones.

A bad network stays bad for less than 455 s: then not even lwIP's probes of a shut window give a connection up.
"""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.kernel import Kernel
from simulator.lan import Lan
from simulator.lan.client import LanConnection

_OUTAGES = st.lists(st.tuples(st.integers(0, 12_000), st.integers(1, 4_000_000)), max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9_000), _OUTAGES)
@example(5, [(3_000, 10_000)])
def test_bytes_arrive_once_and_in_order_wherever_the_link_breaks(size: int, outages: list[tuple[int, int]]) -> None:
    kernel = Kernel(seed=1)
    lan = Lan(kernel)
    listening = lan.client("server").listen(80)
    client = lan.client("client").connect(lan.client("server").ip, 80)
    kernel.run(20_000)
    door = lan.client("client").interface
    data = bytes(n % 251 for n in range(size))
    client.send(data)
    for up_us, down_us in outages:
        kernel.run(kernel.now + up_us)
        door.unlink()
        kernel.run(kernel.now + down_us)
        door.link(lan.home, None)
    kernel.run(kernel.now + 600_000_000)
    assert listening.connections[0].received == data


_BAD_NETWORKS = st.fixed_dictionaries(
    {
        "loss": st.floats(0, 0.4),
        "latency_ms": st.integers(0, 800),
        "jitter_ms": st.integers(0, 400),
        "reorder": st.floats(0, 0.5),
        "duplicate": st.floats(0, 0.5),
    }
)
_ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["send", "answer", "pause", "resume", "pause client", "resume client", "wait"]),
        st.integers(1, 8_000),
    ),
    max_size=12,
)


def _spoil(lan: Lan, bad: dict[str, float]) -> list:
    faults = [lan.faults.start("latency", ms=bad["latency_ms"], jitter_ms=bad["jitter_ms"], reorder=True)]
    if bad["loss"]:
        faults.append(lan.faults.start("loss", ratio=bad["loss"]))
    if bad["reorder"]:
        faults.append(lan.faults.start("reorder", ratio=bad["reorder"], by_ms=150))
    if bad["duplicate"]:
        faults.append(lan.faults.start("duplicate", ratio=bad["duplicate"]))
    return faults


def _pattern(count: int, begin: int) -> bytes:
    return bytes((begin + n) * 7 % 251 for n in range(count))


def _act(action: str, value: int, ends: tuple[LanConnection, LanConnection], sent: tuple[bytearray, bytearray]) -> None:
    client, server = ends
    if action in ("send", "answer"):
        index = action == "answer"
        data = _pattern(value, len(sent[index]))
        sent[index].extend(data)
        ends[index].send(data)
    elif action != "wait":
        end = client if action.endswith("client") else server
        (end.pause_reading if action.startswith("pause") else end.resume_reading)()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 999), _BAD_NETWORKS, _ACTIONS)
def test_bytes_arrive_once_and_in_order_and_the_close_is_seen_whatever_the_network_does(
    seed: int, bad: dict[str, float], actions: list[tuple[str, int]]
) -> None:
    kernel = Kernel(seed=seed)
    lan = Lan(kernel)
    listening = lan.client("server").listen(80)
    client = lan.client("client").connect(lan.client("server").ip, 80)
    kernel.run(20_000)
    server = listening.connections[0]
    sent = (bytearray(), bytearray())
    faults = _spoil(lan, bad)
    for action, value in actions:
        _act(action, value, (client, server), sent)
        kernel.run(kernel.now + value * 1_000)
    for fault in faults:
        fault.end()
    server.resume_reading()
    client.resume_reading()
    kernel.run(kernel.now + 600_000_000)
    assert server.received == sent[0]
    assert client.received == sent[1]
    faults = _spoil(lan, bad)
    client.close()
    kernel.run(kernel.now + 60_000_000)
    for fault in faults:
        fault.end()
    kernel.run(kernel.now + 300_000_000)
    assert (client.closed, client.reset, server.closed, server.reset) == (True, False, True, False)
    assert kernel.next_us() is None
