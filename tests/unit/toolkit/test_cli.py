"""The command line: what it takes, what it refuses, and with which exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from toolkit import cli
from toolkit.errors import LinkError
from toolkit.options import SimulateOptions


@pytest.fixture
def simulated(monkeypatch):
    """Put a stand-in for the simulate command; the options that it gets."""
    seen: list[SimulateOptions] = []
    module = ModuleType("toolkit.simulate")
    module.run = lambda options: seen.append(options) or 0
    monkeypatch.setitem(sys.modules, "toolkit.simulate", module)
    monkeypatch.setattr("toolkit.simulate", module, raising=False)
    return seen


@pytest.fixture
def lm(tmp_path):
    path = tmp_path / "LM_mine.py"
    path.write_text("def answer():\n    return 42\n")
    return path


def test_simulate_without_options_has_the_documented_defaults(simulated):
    assert cli.main(["-sim"]) == 0
    assert simulated == [SimulateOptions("esp32", 1, 9008, 1.0, None, False, (), False)]


def test_simulate_passes_every_option(simulated, lm, tmp_path):
    arguments = f"--simulate --board tinypico --nodes 3 --port 9100 --pace 2.5 --state {tmp_path} --lm {lm} --watch"
    assert cli.main(arguments.split()) == 0
    assert simulated == [SimulateOptions("tinypico", 3, 9100, 2.5, Path(tmp_path), False, (lm,), True)]


def test_simulate_passes_the_engine(simulated):
    assert cli.main(["--simulate", "--engine", "micropython"]) == 0
    assert simulated == [SimulateOptions(engine="micropython")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--simulate --engine pypy", "invalid choice"),
        ("--connect --engine cpython", "--engine belongs to --simulate"),
        ("--simulate --nodes 0", "'0' is no number from 1 to 1000"),
        ("--simulate --nodes 1e3", "no number"),
        ("--simulate --port 65536", "no number from 0 to 65535"),
        ("--simulate --pace 0", "no number from 0.001"),
        ("--simulate --pace nan", "no number from 0.001"),
        ("--simulate --board esp8266", "invalid choice"),
        ("--simulate --watch", "--watch needs --lm"),
        ("--simulate --fresh --state .", "--fresh"),
        ("--simulate --lm mine.py", "named LM_<name>.py"),
        ("--simulate --lm LM_absent.py", "is no file"),
        ("--simulate --connect", "one command at a time"),
        ("--connect --nodes 2", "--nodes belongs to --simulate"),
        ("-p hello", "--connect_parameters belongs to --connect: add that"),
        ("--watch", "--watch belongs to --simulate: add that"),
        ("--all", "--all belongs to --cross_compile_micros: add that"),
        ("--simulate --all", "--all belongs to --cross_compile_micros"),
        ("--simulate -p hello", "--connect_parameters belongs to --connect"),
        ("--simul", "unrecognized"),
        ("stray", "unrecognized"),
        ("", "usage"),
    ],
)
def test_misuse_ends_with_2_and_says_why(simulated, capsys, arguments, says):
    assert cli.main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert says in out + err
    assert "Traceback" not in err
    assert simulated == []


def test_same_lm_name_twice_is_misuse(simulated, lm, tmp_path, capsys):
    other = tmp_path / "other"
    other.mkdir()
    (other / lm.name).write_text("")
    assert cli.main(["--simulate", "--lm", str(lm), "--lm", str(other / lm.name)]) == 2
    assert "same name" in capsys.readouterr().err


def test_state_that_is_a_file_is_misuse(simulated, lm):
    assert cli.main(["--simulate", "--state", str(lm)]) == 2


@pytest.mark.parametrize(
    ("arguments", "every_module"),
    [("-cc", False), ("--cross_compile_micros --all", True)],
)
def test_cross_compile_takes_the_list_or_every_module(monkeypatch, arguments, every_module):
    seen = []
    monkeypatch.setattr("toolkit.cross_compile.run", lambda **given: seen.append(given) or 0)
    assert cli.main(arguments.split()) == 0
    assert seen == [{"every_module": every_module}]


@pytest.mark.parametrize("arguments", [["-c", "-p", "--dev lamp x=1 hello"], ["-c", "-p", "--scan"], ["-connect"]])
def test_connect_passes_its_parameters_whole(monkeypatch, arguments):
    seen = []
    monkeypatch.setattr("toolkit.connect.run", lambda parameters: seen.append(parameters) or 0)
    assert cli.main(arguments) == 0
    assert seen == [arguments[2] if len(arguments) > 1 else ""]


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (LinkError("node01 does not answer"), 1, "devToolKit: node01 does not answer\n"),
        (KeyboardInterrupt(), 130, ""),
        (ZeroDivisionError("oops"), 1, "devToolKit: internal error: ZeroDivisionError: oops (details: "),
    ],
)
def test_no_exception_leaves_main(monkeypatch, tmp_path, capsys, raised, code, says):
    def fail(parameters: str) -> int:
        raise raised

    monkeypatch.setenv("MICROS_USER_DIR", str(tmp_path))
    monkeypatch.setattr("toolkit.connect.run", fail)
    assert cli.main(["-c"]) == code
    assert capsys.readouterr().err.startswith(says)
    assert "Traceback" in (tmp_path / "internal-error.log").read_text() if "internal" in says else True


def test_help_shows_defaults(capsys):
    assert cli.main(["-h"]) == 0
    out = capsys.readouterr().out
    for text in ("default: esp32", "default: 9008", "default: 1.0", "-sim", "--connect_parameters"):
        assert text in out
