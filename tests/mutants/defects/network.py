"""LAN, TCP, WiFi, streams and the bridge to the host."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_TCP = "simulator/lan/tcp.py"
_TCP_TEST = "tests/unit/simulator/lan/test_tcp.py"
_BRIDGE = "simulator/lan/bridge.py"
_BRIDGE_TEST = "tests/system/test_bridge.py"
_STREAM_TEST = "tests/unit/simulator/micropython/test_aio_stream.py"

MUTANTS = (
    Mutant(
        name="tcp-window-never-shuts",
        file=_TCP,
        old="        return WINDOW - len(self.rx)\n",
        new="        return WINDOW\n",
        tests=(f"{_TCP_TEST}::test_peer_that_never_reads_stops_the_sender",),
    ),
    Mutant(
        name="tcp-does-not-repeat",
        file=_TCP,
        old="            self._snd_nxt = self._snd_una\n            self._fin_seq = None\n",
        new="            self._fin_seq = None\n",
        tests=(f"{_TCP_TEST}::test_bytes_sent_while_the_link_is_down_arrive_later",),
    ),
    Mutant(
        name="tcp-takes-bytes-twice",
        file=_TCP,
        old="        fresh = data[known:] if known else data\n",
        new="        fresh = data\n",
        tests=(
            "tests/unit/simulator/lan/test_tcp_properties.py::"
            "test_bytes_arrive_once_and_in_order_wherever_the_link_breaks",
        ),
    ),
    Mutant(
        name="close-with-unread-bytes-says-fin",
        file=_TCP,
        old="        elif self.rx:\n            self.abort()\n",
        new="",
        tests=(f"{_TCP_TEST}::test_close_with_unread_bytes_resets_the_peer",),
    ),
    Mutant(
        name="any-wifi-password-will-do",
        file="simulator/lan/wifi.py",
        old="        elif point.password != self.password:\n",
        new="        elif False:\n",
        tests=("tests/unit/simulator/lan/test_wifi.py::test_connect_with_wrong_password_ends_in_202_and_tries_on",),
    ),
    Mutant(
        name="drain-forgets-what-is-left",
        file="simulator/micropython/_aio_stream.py",
        old="                offset += sent\n",
        new="                offset = len(data)\n",
        tests=(f"{_STREAM_TEST}::test_bytes_arrive_in_order_when_the_buffer_overflows",),
    ),
    Mutant(
        name="write-overtakes-what-waits",
        file="simulator/micropython/_aio_stream.py",
        old="        if not self.out_buf:\n            sent = ",
        new="        if True:\n            sent = ",
        tests=(f"{_STREAM_TEST}::test_write_behind_what_waits_keeps_the_order",),
    ),
    Mutant(
        name="bridge-reads-without-end",
        file=_BRIDGE,
        old="        if not data or len(self.rx) + self._coming >= RX_LIMIT:\n",
        new="        if not data:\n",
        tests=(f"{_BRIDGE_TEST}::test_client_that_sends_while_time_stands_still_is_bounded",),
    ),
    Mutant(
        name="bridge-does-not-tell-that-the-client-has-gone",
        file=_BRIDGE,
        old="        else:\n            self.eof = True\n        self.changed()\n",
        new="        self.changed()\n",
        tests=(f"{_BRIDGE_TEST}::test_node_sees_that_the_client_closes",),
    ),
    Mutant(
        name="bridge-turns-early-clients-away",
        file=_BRIDGE,
        old="            self._held.append((kernel.now + HOLD_US, client))\n",
        new="            self._held.append((kernel.now, client))\n            kernel.at(kernel.now, self._expire)\n",
        tests=(f"{_BRIDGE_TEST}::test_client_during_boot_is_held_until_the_node_listens",),
    ),
)
