"""The bench as a command: it works and gives the agreed shape. How fast is not asked here."""

from __future__ import annotations

import json
import math
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.client import Connection, Peer, connect_when_up
from bench.errors import BenchError
from bench.process import Server, free_port, run_json

ROOT = Path(__file__).resolve().parents[2]
#: The first run of a checkout makes .venv, which the bench does itself.
LIMIT_S = 300
FIGURES = {
    "boot": {"launch_to_hello"},
    "shell": {"rtt_p50", "rtt_p95", "commands_per_s"},
    "kernel": {"events_per_s", "events_per_s_1000"},
    "soak": {"lines_per_s", "growth_mb"},
}


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S)
def test_quick_run_gives_every_figure_beside_its_floor() -> None:
    """The others take minutes even so: `tox -e bench -- --quick` runs them all, tests/unit/bench has their parts."""
    done = run_bench(*FIGURES, "--quick", "--json")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert {bench: set(figures) for bench, figures in measured.items()} == FIGURES
    for bench, figures in measured.items():
        for name, figure in figures.items():
            check_figure(figure, has_floor=bench != "soak", may_shrink=name == "growth_mb")


def check_figure(figure: dict[str, object], *, has_floor: bool, may_shrink: bool) -> None:
    """A figure has its four entries; its numbers are above 0 and its ratio is that of the two others."""
    assert list(figure) == ["value", "unit", "floor", "ratio"]
    value, floor, ratio = figure["value"], figure["floor"], figure["ratio"]
    assert isinstance(value, (int, float)) and math.isfinite(value)
    assert value > 0 or may_shrink
    if not has_floor:
        assert floor is None and ratio is None
        return
    assert isinstance(floor, (int, float)) and isinstance(ratio, (int, float)) and floor > 0
    assert ratio == pytest.approx(value / floor) and ratio > 0


def test_unknown_bench_is_a_mistake_of_the_caller() -> None:
    done = run_bench("toast", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    there_are = "boot, shell, kernel, fleet, day, year, devices, soak, memory, vm, vm-fleet"
    assert done.stderr.splitlines()[-1].endswith(f"no bench 'toast'; there are: {there_are}")


def test_server_that_ends_early_is_told_with_its_last_line() -> None:
    with (
        Server([sys.executable, "-c", "print('port in use')"]) as server,
        pytest.raises(BenchError, match="ended with code 0: port in use"),
    ):
        connect_when_up(Peer(free_port()), server.check_alive, limit_s=20)


def test_server_that_never_listens_is_given_up() -> None:
    with pytest.raises(BenchError, match=r"does not listen after 0\.1 s"):
        connect_when_up(Peer(free_port()), lambda: None, limit_s=0.1)


def test_peer_that_hangs_up_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        peer = Peer(listening.getsockname()[1], greeting=b"", ending=b"\n")
        with (
            Connection(peer) as connection,
            pytest.raises(BenchError, match="(closed the connection|reset by peer|aborted)"),
        ):
            listening.accept()[0].close()
            connection.exchange()


def test_measured_process_that_fails_is_told_in_one_line() -> None:
    with pytest.raises(BenchError, match="^bench.kernel_run ended with code 1: ValueError: [^\n]*$"):
        run_json("bench.kernel_run", "many", 1, limit_s=60)
