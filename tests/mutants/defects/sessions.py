"""Sessions of the shell while clients and the network misbehave."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SERVER = "micrOS/source/SocketServer.py"
_TEST = "tests/unit/micrOS/test_sessions_under_faults.py"
_REGRESSIONS = "tests/unit/micrOS/test_session_regressions.py"
_CALM = f"{_TEST}::test_without_faults_every_byte_is_as_the_model_says"
_STORM = f"{_TEST}::test_under_faults_nothing_else_than_a_beginning_arrives"

MUTANTS = (
    Mutant(
        name="what-comes-during-a-call-is-lost",
        file=_SERVER,
        old="                    self.heard = now\n                    self._lines.extend(self._framer.feed(data))\n",
        new="                    self.heard = now\n",
        tests=(_CALM,),
    ),
    Mutant(
        name="unfinished-command-is-lost-at-the-end-of-the-stream",
        file=_SERVER,
        old="        if not is_open:\n            self._take_pending()\n",
        new="",
        tests=(_CALM,),
    ),
    Mutant(
        name="silence-is-measured-once-for-all",
        file=_SERVER,
        old="            self._is_swept = False      # whatever ended it, the next client starts it again\n",
        new="            pass\n",
        tests=(_CALM,),
    ),
    Mutant(
        name="session-of-a-client-that-was-reset-is-kept",
        file=_SERVER,
        old="        finally:\n            self._sessions.remove(session)\n",
        new="        finally:\n            if session._state == '':\n                self._sessions.remove(session)\n",
        tests=(_STORM,),
    ),
    Mutant(
        name="crowd-of-one-peer-is-everybodys",
        file="micrOS/source/session_end.py",
        old="other.peer == session.peer and other.needs_password()",
        new="other.needs_password()",
        tests=(_CALM,),
    ),
    Mutant(
        name="crowd-counts-who-has-logged-in",
        file="micrOS/source/session_end.py",
        old="other.peer == session.peer and other.needs_password()",
        new="other.peer == session.peer and session.server.asks_password",
        tests=(_CALM,),
    ),
    Mutant(
        name="client-that-reads-nothing-gets-its-reply-cut",
        file=_SERVER,
        old="        if self._writer.out_buf or self._lines:   # else",
        new="        if self._lines:   # else",
        tests=(_STORM,),
    ),
    Mutant(
        name="silence-of-the-node-ends-a-command",
        file=_SERVER,
        old="                    is_open = self._end_command()\n",
        new="                    self._take_pending()\n",
        tests=(f"{_REGRESSIONS}::test_command_in_pieces_is_one_while_the_node_writes_to_its_flash",),
    ),
    Mutant(
        name="short-lines-that-wait-are-free",
        file="micrOS/source/outbox.py",
        old="_LINE_BYTES + len(",
        new="len(",
        tests=("tests/unit/micrOS/test_outbox.py::test_box_takes_a_few_kilobytes_whatever_the_lines",),
    ),
)
