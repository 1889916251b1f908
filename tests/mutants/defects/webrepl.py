"""WebREPL: WebSocket frames, log-in, file transfer, the second terminal and the prompt."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SESSION = "simulator/micropython/_webrepl.py"
_FRAMES = "simulator/micropython/websocket.py"
_TEST = "tests/unit/simulator/micropython/test_webrepl.py"
_FRAMES_TEST = "tests/unit/simulator/micropython/test_websocket.py"

MUTANTS = (
    Mutant(
        name="webrepl-lets-a-longer-password-in",
        file=_SESSION,
        old="(self._typed + byte)[:_TYPED_MAX]",
        new="(self._typed + byte)[: _TYPED_MAX - 1]",
        tests=(f"{_TEST}::test_wrong_password_is_denied",),
    ),
    Mutant(
        name="webrepl-shows-before-log-in",
        file=_SESSION,
        old="        return self._sock._write(piece) if self._logged_in else len(piece)\n",
        new="        return self._sock._write(piece)\n",
        tests=(f"{_TEST}::test_nothing_is_shown_and_no_file_given_before_log_in",),
    ),
    Mutant(
        name="webrepl-takes-records-in-one-piece-only",
        file=_SESSION,
        old="        if len(self._record) == _RECORD.size:\n            self._begin_operation()\n",
        new="        if missing == 81 and len(self._record) == _RECORD.size:\n            self._begin_operation()\n",
        tests=(f"{_TEST}::test_file_comes_back_as_it_was_put",),
    ),
    Mutant(
        name="webrepl-keeps-a-broken-transfer-open",
        file=_SESSION,
        old="        if self._file is not None:\n            self._file.close()\n        self._sock.close()\n",
        new="        self._sock.close()\n",
        tests=(f"{_TEST}::test_transfer_that_breaks_off_leaves_a_short_file",),
    ),
    Mutant(
        name="websocket-starts-the-mask-anew-in-each-read",
        file=_FRAMES,
        old="        self._mask_at = at + len(piece)\n",
        new="",
        tests=(f"{_FRAMES_TEST}::test_mask_goes_on_over_several_reads",),
    ),
    Mutant(
        name="websocket-takes-an-empty-frame-for-the-end",
        file=_FRAMES,
        old="        return data if data and kind < _CLOSE else ABSENT\n",
        new="        return data if kind < _CLOSE else ABSENT\n",
        tests=(f"{_FRAMES_TEST}::test_empty_data_frame_is_no_end",),
    ),
    Mutant(
        name="webrepl-takes-a-second-session",
        file="simulator/micropython/webrepl.py",
        old="    if previous:\n",
        new="    if False:\n",
        tests=(f"{_TEST}::test_second_session_is_rejected",),
    ),
    Mutant(
        name="rejected-request-keeps-its-socket",
        file="simulator/micropython/webrepl.py",
        old="        cl.close()\n        raise\n",
        new="        raise\n",
        tests=(f"{_TEST}::test_request_without_colon_ends_the_client_and_no_other",),
    ),
    Mutant(
        name="data-callback-comes-once-only",
        file="simulator/micropython/_netsocket.py",
        old="            if self._callback is not None and self._fd >= 0:\n                self._watch()\n",
        new="",
        tests=(
            "tests/unit/simulator/micropython/test_socket.py::"
            "test_setsockopt_callback_comes_again_while_something_is_left",
        ),
    ),
    Mutant(
        name="data-callback-stops-the-timers",
        file="simulator/micropython/_netsocket.py",
        old="        cpu.in_callback = False\n",
        new="",
        tests=(f"{_TEST}::test_silent_client_stops_the_main_program_but_no_timer",),
    ),
    Mutant(
        name="ctrl-c-waits-for-the-program",
        file="simulator/micropython/_cpu.py",
        old="        if cpu.interrupted:\n            cpu.raise_interrupt()\n",
        new="",
        tests=(f"{_TEST}::test_service_runs_beside_the_main_program_until_ctrl_c",),
    ),
)
