"""TCP over a link that breaks at any microsecond, also between a segment and its acknowledgement."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.kernel import Kernel
from simulator.lan import Lan

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
