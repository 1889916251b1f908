"""``devToolKit.py`` on a bare Python: the first start, the second, two at once, and what can go wrong."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("devToolKit.py", "pyproject.toml", "README.md", "LICENSE", "toolkit", "simulator", "hil", "micrOS")
#: The interpreter below ours, without our environment's packages.
PYTHON = Path(sys.base_prefix, "python.exe") if os.name == "nt" else Path(sys.base_prefix, "bin", "python3")
#: A package index that is not there.
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_RETRIES": "0",
    "PIP_NO_CACHE_DIR": "1",
}


def copy_checkout(to):
    """Copy what a clone has and a start needs."""
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def start(folder, *arguments, python=PYTHON, **more):
    """Begin ``devToolKit.py``; ``more`` goes into its environment."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [python, folder / "devToolKit.py", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env={**environment, **more}, stdout=pipe, stderr=pipe, encoding="utf-8")


def finish(process, limit_s=240):
    """Wait and return (exit code, stdout, stderr)."""
    out, err = process.communicate(timeout=limit_s)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def first_starts(tmp_path_factory):
    """A fresh checkout, and what its first start said, with a second one begun half a second later."""
    folder = copy_checkout(tmp_path_factory.mktemp("fresh clone"))
    processes = [start(folder, "--version")]
    time.sleep(0.5)
    processes.append(start(folder, "--version"))
    return folder, [finish(process) for process in processes]


@pytest.mark.timeout(300)
def test_first_start_makes_the_environment_and_runs(first_starts):
    _, ((code, out, err), _) = first_starts
    assert code == 0, err
    assert out.count(".") == 2 and out.endswith("\n")
    lines = err.splitlines()
    assert "making .venv" in lines[0] and "ready after" in lines[-1]
    assert any("installing the tool" in line for line in lines)  # a slow host says meanwhile that it is still at it


@pytest.mark.timeout(300)
def test_second_start_at_the_same_time_waits_and_runs(first_starts):
    _, (first, (code, out, err)) = first_starts
    assert (code, out) == (0, first[1])
    assert err == "devToolKit: another start is setting up .venv; waiting for it\n"


@pytest.mark.timeout(300)
def test_ready_start_is_quiet_and_quick(first_starts):
    folder, _ = first_starts
    started = time.monotonic()
    code, _, err = finish(start(folder, "--version"))
    assert (code, err) == (0, "")
    assert time.monotonic() - started < 1


@pytest.mark.timeout(300)
def test_ready_start_passes_the_exit_code_of_misuse(first_starts):
    code, _, err = finish(start(first_starts[0], "--nonsense"))
    assert code == 2
    assert "unrecognized arguments: --nonsense" in err


@pytest.mark.timeout(300)
def test_addition_that_fails_leaves_what_worked(first_starts):
    folder, _ = first_starts
    code, _, err = finish(start(folder, "--test", **NO_NETWORK), limit_s=100)
    assert code == 1
    assert "the package index cannot be reached" in err
    assert finish(start(folder, "--version"))[0::2] == (0, "")


@pytest.mark.timeout(300)
def test_killed_set_up_is_done_again(first_starts, tmp_path):
    folder = copy_checkout(tmp_path)
    process = start(folder, "--version")
    deadline = time.monotonic() + 60
    while not (folder / ".venv" / "micros-made").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    process.kill()
    finish(process)
    assert not (folder / ".venv" / "micros-stamp").exists()
    code, _, err = finish(start(folder, "--version"))
    assert code == 0, err
    assert "making .venv anew" in err


@pytest.mark.timeout(120)
def test_start_without_network_says_so_in_one_line(tmp_path):
    folder = copy_checkout(tmp_path)
    code, out, err = finish(start(folder, "--version", **NO_NETWORK), limit_s=100)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("devToolKit: set-up failed: the package index cannot be reached")
    assert "Traceback" not in err


def test_start_without_venv_module_says_what_to_install(tmp_path):
    folder = copy_checkout(tmp_path)
    blocked = (
        "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = sys.argv[1:];"
        "sys.path.insert(0, sys.argv[0].rpartition('devToolKit.py')[0]);"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [PYTHON, "-c", blocked, str(folder / "devToolKit.py"), "--version"],
        capture_output=True,
        encoding="utf-8",
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("devToolKit: this Python has no module 'ensurepip'") and done.stderr.count("\n") == 1
    assert not (folder / ".venv").exists()


def test_foreign_folder_named_venv_is_not_touched(tmp_path):
    folder = copy_checkout(tmp_path)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "mine.txt").write_text("keep")
    code, _, err = finish(start(folder, "--version"), limit_s=30)
    assert code == 1
    assert "is no Python environment and not ours" in err
    assert (folder / ".venv" / "mine.txt").read_text() == "keep"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root and Windows write everywhere")
def test_folder_that_cannot_be_written_is_said(tmp_path):
    folder = copy_checkout(tmp_path)
    folder.chmod(0o500)
    try:
        code, _, err = finish(start(folder, "--version"), limit_s=30)
    finally:
        folder.chmod(0o700)
    assert code == 1
    assert err.startswith("devToolKit: cannot set up") and err.count("\n") == 1


def test_entry_script_parses_on_python_3_6():
    ast.parse((ROOT / "devToolKit.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("name", ["python3.6", "python3.8", "python3.10"])
def test_older_python_gets_one_clear_line(name):
    python = shutil.which(name)
    if python is None or subprocess.run([python, "-V"], capture_output=True, timeout=20).returncode != 0:
        pytest.skip(f"no {name} here")
    code, _, err = finish(start(ROOT, "--version", python=python), limit_s=20)
    assert code == 1
    assert err.startswith("devToolKit: needs Python 3.11 or newer, this is Python 3.") and err.count("\n") == 1
