"""Set-up: what it tells about a failure. The set-up itself is tested in tests/system."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import devToolKit
from toolkit import bootstrap
from toolkit.cli import make_parser

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path):
    return bootstrap.Checkout(str(tmp_path), str(tmp_path / ".venv"), "python", "python 3.11\nroot x\n")


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
        ("WARNING: Retrying ... NewConnectionError\nERROR: No matching distribution found for greenlet", "no network"),
        ("/usr/bin/python3: No module named ensurepip", "no venv or pip"),
        ("PermissionError: [Errno 13] Permission denied: '.venv/lib'", "cannot be written"),
        ("something new", "set-up failed in 'pip'"),
    ],
)
def test_failed_step_is_explained_in_one_line(checkout, output, says, capsys):
    with open(checkout.log, "w", encoding="utf-8") as log:
        log.write(f"$ python -m venv\nNo space left on device, but earlier\n$ python -m pip\n{output}\n")
    line = bootstrap._explain(checkout, ["python", "-m", "pip"])
    assert says in line and "\n" not in line and checkout.log in line
    assert output.splitlines()[-1] in capsys.readouterr().err


@pytest.mark.parametrize(("stamp", "again"), [("python 3.11\nroot x", False), ("python 3.12\nroot x", True)])
def test_environment_of_another_python_is_made_again(checkout, tmp_path, stamp, again):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "micros-made").write_text("")
    (tmp_path / ".venv" / "micros-stamp").write_text(f"extras\n{stamp}\n[project]\n")
    ours = checkout._replace(python=str(tmp_path / ".venv" / "micros-made"))
    assert bootstrap._must_be_made(ours) is again


def test_environment_that_is_not_ours_is_used_as_it_is(checkout, tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "python").write_text("")
    assert bootstrap._must_be_made(checkout._replace(python=str(tmp_path / ".venv" / "python"))) is False


def test_options_that_need_more_name_an_extra_of_the_project():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {devToolKit.EXTRAS[option] for option in ("--test", "-cc", "--cross_compile_micros")} == {"tox", "mpy"}
    assert set(devToolKit.EXTRAS.values()) <= set(extras)
    known = make_parser().format_help()
    assert all(option.partition("=")[0] in known for option in devToolKit.EXTRAS)
