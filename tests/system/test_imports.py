"""Each command loads what it needs and no more: start-up time, and no side doors between commands."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: What costs tens of milliseconds or belongs to another command.
HEAVY = {"asyncio", "prompt_toolkit", "platformdirs", "simulator", "toolkit.connect", "toolkit.simulate"}


@pytest.mark.parametrize(
    ("module", "may_load"),
    [
        ("toolkit.cli", set()),
        ("toolkit.connect", {"toolkit.connect"}),
        ("toolkit.simulate", {"toolkit.simulate", "simulator", "platformdirs"}),
    ],
)
def test_command_loads_nothing_of_the_others(module, may_load, tool_env, tmp_path):
    ask = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", ask], env=tool_env, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= may_load
