"""``--version``, ``-h`` and ``--connect`` without what Windows and macOS lack: they import none of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Runs the tool with POSIX-only modules and calls gone, as on Windows; an import of one of them fails.
WITHOUT_POSIX = """
import os, sys
for name in ("fcntl", "pty", "tty", "termios", "readline", "resource", "pwd", "grp", "curses", "syslog"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "openpty", "setsid", "killpg", "getuid", "geteuid", "mkfifo"):
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
