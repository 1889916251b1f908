"""``--wiring`` and ``--sim-*``: parts of a running simulator, reached from a second process."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.system.simulated import Simulated

_BOARD = """
about = "a knob and a button"
[config]
irq1 = true
irq1_cbf = "system heartbeat"
[[part]]
name = "knob"
kind = "potentiometer"
pins = { out = "ph" }
[[part]]
name = "button1"
kind = "button"
pins = { out = "irq1" }
"""


@pytest.fixture
def board(tmp_path):
    path = tmp_path / "board.toml"
    path.write_text(_BOARD)
    return path


def _ask(node, command):
    with node.client() as client:
        return client.greeted().ask(command)


@pytest.fixture
def simulator(tool_env, tmp_path, monkeypatch):
    """``simulator("--wiring", "demo")`` starts one with throw-away state, and waits until it is ready."""
    monkeypatch.setenv("MICROS_USER_DIR", tool_env["MICROS_USER_DIR"])
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(Simulated("--fresh", *options, cache=tmp_path)).wait_ready()


def test_parts_are_set_read_and_pressed_from_a_second_process(simulator, tool, board):
    node = simulator("--wiring", str(board))
    assert "wiring: 2 parts; list them: devToolKit.py --sim-parts" in node.output
    listed = tool("--sim-parts").stdout
    assert "node01/knob  (potentiometer; out 39)" in listed
    assert tool("--sim-set", "knob.position_pct=100").stdout == "knob.position_pct=100\n"
    assert tool("--sim-get", "knob.volts", "knob").stdout == "knob.volts=3.3\nknob.position_pct=100\nknob.volts=3.3\n"
    assert "raw: 3920\n" in _ask(node, "genIO get_adc 'ph'")
    start = len(node.lines)
    assert tool("--sim-press", "button1:0.2").returncode == 0
    node.wait_for("<3 heartbeat <3", start=start)
    saved = tool("--sim-vcd", "node01=pins.vcd")
    assert (saved.returncode, saved.stdout) == (0, "pins.vcd\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--sim-set", "knob.position_pct=101"), "knob.position_pct must be 0..100 %, not 101"),
        (("--sim-set", "knob.volts=1"), "knob.volts can be read only"),
        (("--sim-set", "lamp.on=1"), "node01 has no part 'lamp'; there are: knob, button1"),
        (("--sim-shot", "knob.png"), "knob (potentiometer) shows no picture"),
        (("--sim-press", "knob"), "knob (potentiometer) cannot be pressed"),
        (("--sim-vcd", "node09.vcd"), "no node 'node09'"),
    ],
)
def test_refusals_are_one_line_and_the_simulator_lives(simulator, tool, board, arguments, text):
    node = simulator("--wiring", str(board))
    refused = tool(*arguments)
    assert refused.returncode == 1
    assert text in refused.stderr and refused.stderr.count("\n") == 1
    assert _ask(node, "hello").startswith("hello:")


def test_without_a_simulator_it_says_so(tool):
    refused = tool("--sim-get", "knob")
    assert (refused.returncode, refused.stderr) == (
        2,
        "devToolKit: no simulator runs: start one with --simulate, or name its state directory with --sim DIR\n",
    )


def test_two_simulators_must_be_named(simulator, tool, board, tmp_path):
    first = simulator("--wiring", str(board))
    second = simulator("--wiring", str(board))
    refused = tool("--sim-get", "knob.volts")
    assert refused.returncode == 2
    assert "several simulators run: name one with --sim\n" in refused.stderr
    assert tool("--sim-set", "knob.position_pct=1", "--sim", str(second.pid)).returncode == 0
    assert tool("--sim-get", "knob.position_pct", "--sim", str(first.pid)).stdout == "knob.position_pct=50\n"
    assert tool("--sim-get", "knob.position_pct", "--sim", str(second.pid)).stdout == "knob.position_pct=1\n"
    assert "no simulator of that number runs" in tool("--sim-get", "knob", "--sim", "1").stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [("none.toml", "wiring none.toml: No such file or directory"), ("demi", "no wiring 'demi'; there are: ")],
)
def test_wrong_wiring_is_said_before_anything_starts(tool, name, text):
    refused = tool("--simulate", "--fresh", "--port", "0", "--wiring", name)
    assert refused.returncode == 1
    assert text in refused.stderr
