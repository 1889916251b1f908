"""``--connect`` at a real terminal: history, completion, hidden passwords, Ctrl-D and Ctrl-C."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("needs a pseudo terminal", allow_module_level=True)

import pty

LIMIT_S = 20


class Terminal:
    """The tool on a pseudo terminal; ``seen`` is all it has printed."""

    def __init__(self, arguments, environment):
        master, slave = pty.openpty()
        command = [sys.executable, "-P", "-m", "toolkit", *arguments]
        environment = {**environment, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self._master = master
        self.seen = ""

    def expect(self, text):
        """Wait until ``text`` was printed since the last call."""
        start, deadline = len(self.seen), time.monotonic() + LIMIT_S
        while text not in self.seen[start:]:
            assert time.monotonic() < deadline, f"{text!r} did not come: {self.seen[start:]!r}"
            if select.select([self._master], [], [], 0.2)[0]:
                self.seen += os.read(self._master, 4096).decode("utf-8", "replace")

    def type(self, text):
        """Press keys."""
        os.write(self._master, text.encode())

    def end(self):
        """Wait for the end of the tool and return its exit code."""
        deadline = time.monotonic() + LIMIT_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"does not end: {self.seen!r}"
            if select.select([self._master], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self._master, 4096).decode("utf-8", "replace")
                except OSError:  # Linux: the other end is closed
                    break
        return self.process.wait(5)

    def close(self):
        """Give up whatever still runs."""
        self.process.kill()
        self.process.wait(5)
        os.close(self._master)


@pytest.fixture
def terminal(tool_env):
    """``terminal("-c")`` starts the tool at a terminal."""
    started = []

    def start(*arguments):
        started.append(Terminal(arguments, tool_env))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_words_of_the_node_are_completed_and_lines_kept_but_passwords_not(serve, terminal, tmp_path):
    session = terminal("-c", "-p", f"--dev {serve('talk_as_node')}")
    session.expect("node01 $")
    session.type("vers\t\r")
    session.expect("1.4.2-6")
    session.expect("node01 $")
    session.type("conf\r")
    session.expect("[configure] node01 $")
    session.type("appwd hunter2\r")
    session.expect("Saved")
    session.expect("[configure] node01 $")
    session.type("devf\t\r")
    session.expect("[configure] node01 $")
    session.type("exit\r")
    assert session.end() == 0
    kept = (tmp_path / "user" / "connect_history").read_text()
    assert "+version\n" in kept and "+devfid\n" in kept
    assert "hunter2" not in kept


def test_password_at_the_password_prompt_is_not_shown(serve, terminal, tmp_path):
    session = terminal("-c", "-p", f"--dev {serve('refuse_password')}")
    session.expect("[password] node01 $")
    session.type("hunter2\r")
    session.expect("AuthFailed")
    assert session.end() == 0
    assert "hunter2" not in session.seen
    assert "hunter2" not in (tmp_path / "user" / "connect_history").read_text()


@pytest.mark.parametrize(("key", "code"), [("\x04", 0), ("\x03", 130)])
def test_ctrl_d_and_ctrl_c_leave_quietly(serve, terminal, key, code):
    session = terminal("-c", "-p", f"--dev {serve('talk_as_node')}")
    session.expect("node01 $")
    session.type(key)
    assert session.end() == code
    assert "Traceback" not in session.seen
