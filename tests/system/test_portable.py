"""The commands without what Windows and macOS lack (fcntl, pty, fork, readline…): they import none of it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading

import pytest

#: Runs the tool with POSIX-only modules and calls gone, as on Windows; an import of one of them fails.
WITHOUT_POSIX = """
import os, sys
for name in ("fcntl", "pty", "tty", "termios", "readline", "resource", "pwd", "grp", "curses", "syslog"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "openpty", "setsid", "killpg", "mkfifo"):
    delattr(os, name)
sys.argv = ["devToolKit", *sys.argv[1:]]
from toolkit.cli import main
sys.exit(main())
"""


@pytest.fixture
def portable(tool_env, tmp_path):
    """``portable("--version")``: the tool on a system without POSIX extras."""

    def run(*arguments, text=""):
        command = [sys.executable, "-P", "-c", WITHOUT_POSIX, *arguments]
        return subprocess.run(
            command, env=tool_env, cwd=tmp_path, input=text, capture_output=True, encoding="utf-8", timeout=30
        )

    return run


@pytest.mark.parametrize("arguments", [["--version"], ["-h"]])
def test_plain_commands_run_without_posix_modules(portable, arguments):
    done = portable(*arguments)
    assert done.returncode == 0, done.stderr


def test_connect_runs_without_posix_modules(portable, serve):
    done = portable("-c", "-p", f"--dev {serve('talk_as_node')} hello")
    assert done.stdout == "hello:node01:micr0123456789abOS\n", done.stderr
    assert portable("-c", "-p", "--dev node01", text="version\n").stdout == "node01 $  1.4.2-6\nnode01 $  \n"


def test_simulate_runs_without_posix_modules(portable, tool_env, tmp_path):
    command = [sys.executable, "-P", "-c", WITHOUT_POSIX, "--simulate", "--fresh", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=tool_env, cwd=tmp_path, stdout=pipe, stderr=pipe, encoding="utf-8") as child:
        guard = threading.Timer(40, child.kill)
        guard.start()
        try:
            ready = next((line for line in child.stdout if "ready at" in line), "")
            assert ready, child.stderr.read()
            address = re.search(r"127\.[\d.]+:\d+", ready)[0]
            assert portable("-c", "-p", f"--dev {address} hello").stdout.startswith("hello:node01:micr")
            child.send_signal(signal.SIGINT)
            assert child.wait(20) == 0
        finally:
            guard.cancel()
            child.kill()
