"""LAN, TCP, WiFi, streams and the bridge to the host."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_TCP = "simulator/lan/tcp.py"
_TCP_TEST = "tests/unit/simulator/lan/test_tcp.py"
_SEND = "simulator/lan/tcp_send.py"
_PACE = "simulator/lan/tcp_pace.py"
_REPEAT_TEST = "tests/unit/simulator/lan/test_tcp_repeat.py"
_CLOSE_TEST = "tests/unit/simulator/lan/test_tcp_close.py"
_BRIDGE = "simulator/lan/bridge.py"
_BRIDGED = "simulator/lan/bridged.py"
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
        file=_SEND,
        old="            self._next = self.una\n            self.push(tick)\n",
        new="            self.push(tick)\n",
        tests=(f"{_TCP_TEST}::test_bytes_sent_while_the_link_is_down_arrive_later",),
    ),
    Mutant(
        name="tcp-takes-bytes-twice",
        file=_TCP,
        old="            data = data[expected - seq :]\n",
        new="            pass\n",
        tests=(f"{_REPEAT_TEST}::test_repetition_that_is_known_in_part_is_taken_in_once",),
    ),
    Mutant(
        name="close-with-unread-bytes-says-fin",
        file=_TCP,
        old='        elif self.rx and self.state == "open":\n            self.abort()\n',
        new="",
        tests=(f"{_TCP_TEST}::test_close_with_unread_bytes_resets_the_peer",),
    ),
    Mutant(
        name="tcp-never-gives-a-silent-peer-up",
        file=_SEND,
        old="        if self._repeats >= self._most_repeats():\n            return False\n",
        new="",
        tests=(f"{_REPEAT_TEST}::test_write_to_vanished_peer_fails_after_1151_s",),
    ),
    Mutant(
        name="tcp-keeps-the-long-time-out",
        file=_PACE,
        old="        self.rto = (self._mean >> 3) + self._deviation\n",
        new="        self.rto = max(self.rto, (self._mean >> 3) + self._deviation)\n",
        tests=(f"{_REPEAT_TEST}::test_time_out_is_short_again_after_an_answer",),
    ),
    Mutant(
        name="tcp-measures-from-the-first-sending",
        file=_PACE,
        old="        self._seq = seq\n        self._from_tick = tick\n\n    def end(",
        new="        self._seq = seq\n\n    def end(",
        tests=(
            "tests/unit/simulator/lan/test_tcp_pace.py::test_what_was_sent_again_is_not_measured_from_its_first_time",
        ),
    ),
    Mutant(
        name="tcp-has-no-fast-retransmission",
        file=_SEND,
        old="            self._resend_first(tick)\n",
        new="            pass\n",
        tests=(f"{_REPEAT_TEST}::test_third_duplicate_acknowledgement_brings_the_lost_one_before_the_time_out",),
    ),
    Mutant(
        name="tcp-drops-what-comes-out-of-order",
        file=_TCP,
        old="            self._reorder.put(seq, data, fin)\n",
        new="",
        tests=(f"{_REPEAT_TEST}::test_what_came_out_of_order_is_not_sent_again",),
    ),
    Mutant(
        name="tcp-does-not-probe-a-shut-window",
        file=_SEND,
        old="                    self._begin_probing(tick)\n",
        new="                    pass\n",
        tests=(f"{_REPEAT_TEST}::test_window_that_opens_unheard_is_found_by_the_next_probe",),
    ),
    Mutant(
        name="tcp-has-no-time-wait",
        file=_TCP,
        old="        else:\n            self._linger()\n",
        new='        else:\n            self._remove("ENOTCONN")\n',
        tests=(
            f"{_CLOSE_TEST}::test_lost_acknowledgement_of_the_last_fin_is_made_up_for",
            f"{_CLOSE_TEST}::test_time_wait_lasts_two_minutes",
        ),
    ),
    Mutant(
        name="tcp-believes-any-reset",
        file=_TCP,
        old='        elif segment.seq == self._expected:\n            self._remove("ECONNRESET")\n',
        new='        elif True:\n            self._remove("ECONNRESET")\n',
        tests=(f"{_CLOSE_TEST}::test_reset_with_a_wrong_number_ends_nothing",),
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
        file=_BRIDGED,
        old="        if not data or len(self.rx) + self._coming >= RX_LIMIT:\n",
        new="        if not data:\n",
        tests=(f"{_BRIDGE_TEST}::test_client_that_sends_while_time_stands_still_is_bounded",),
    ),
    Mutant(
        name="bridge-does-not-tell-that-the-client-has-gone",
        file=_BRIDGED,
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
