"""WebREPL of a simulated node through the host's loopback, as an update tool reaches it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.webrepl_client import ACCEPTED, REQUEST, frame, record
from tests.system.simulated import Simulated

_LIMIT_S = 30.0
_PROMPT = b">>> "
_DONE = b"\x82\x04WB\0\0"
#: Serves WebREPL in the place of the firmware's recovery mode, and the shell's port, so that the node counts as ready.
_MAIN = b"""
import time, network, socket, webrepl
wlan = network.WLAN(network.WLAN.IF_STA)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
webrepl.start(password='secret123')
shell = socket.socket()
shell.bind(('', 9008))
shell.listen(1)
while True:
    time.sleep(1)
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory whose node runs the program above."""
    folder = tmp_path_factory.mktemp("state")
    with Simulated("--state", str(folder), cache=tmp_path_factory.mktemp("cache")) as simulated:
        simulated.wait_ready()
    for name in ("boot.py", "main.py"):
        (folder / "node01" / name).write_bytes(_MAIN if name == "main.py" else b"")
    return folder


@pytest.fixture
def running(state: Path, tmp_path: Path) -> Iterator[tuple[Simulated, tuple[str, int]]]:
    """The simulator, and where it says that the node's WebREPL is."""
    with Simulated("--state", str(state), cache=tmp_path) as simulated:
        simulated.wait_ready()
        found = re.search(r"its WebREPL is at ([\d.]+):(\d+)", simulated.output)
        assert found, simulated.output
        yield simulated, (found[1], int(found[2]))


def _read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        piece = connection.recv(4_096)
        assert piece, data
        data += piece
    return data


def _log_in(address: tuple[str, int]) -> socket.socket:
    connection = socket.create_connection(address, _LIMIT_S)
    connection.sendall(REQUEST)
    assert _read_until(connection, b"Password: ").startswith(ACCEPTED)
    connection.sendall(frame(b"secret123\r"))
    assert b"WebREPL connected" in _read_until(connection, _PROMPT)
    return connection


def test_file_is_put_through_the_bridge_and_read_back(running: tuple[Simulated, tuple[str, int]]) -> None:
    address = running[1]
    data = bytes(range(256)) * 20
    with _log_in(address) as connection:
        request = record(1, "up.bin", len(data))
        connection.sendall(frame(request[:10]) + frame(request[10:]))
        assert _read_until(connection, _DONE)
        for start in range(0, len(data), 1024):
            connection.sendall(frame(data[start : start + 1024]))
        assert _read_until(connection, _DONE)
    with _log_in(address) as connection:
        connection.sendall(frame(record(2, "up.bin")))
        assert _read_until(connection, _DONE)
        connection.sendall(frame(b"\0"))
        assert _read_until(connection, data[:256]) == b"\x82\x7e\x01\x02\x00\x01" + data[:256]


def test_ctrl_c_gives_the_prompt_and_reset_silences_the_node(running: tuple[Simulated, tuple[str, int]]) -> None:
    simulated, address = running
    with _log_in(address) as connection:
        connection.sendall(frame(b"\x03", 1))
        time.sleep(0.5)
        connection.sendall(frame(b"import machine; machine.reset()\r", 1))
        simulated.wait_for("WebREPL server started", start=len(simulated.lines))
    _log_in(address).close()


def test_port_in_use_is_told_and_the_node_runs_on(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 8266))
        taken.listen()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with Simulated("--fresh", "--port", str(port), cache=tmp_path) as simulated:
            simulated.wait_ready()
            assert simulated.lines[0].startswith("node01: no WebREPL from here: port 8266 on 127.0.0.1 is in use")
            with simulated.client() as client:
                assert client.greeted().ask("hello").startswith("hello:node01:")
