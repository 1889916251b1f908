"""The control channel of a simulator that runs: its file, its lines, and clients that behave badly."""

from __future__ import annotations

import base64
import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.control.address import Address, find
from simulator.control.client import ControlClient
from simulator.control.protocol import ControlError
from simulator.errors import StateError
from tests.system.simulated import Simulated


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared simulator keeps its state."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def running(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """A simulator with two nodes, for tests that leave it as it was."""
    cache = tmp_path_factory.mktemp("cache")
    with Simulated("--state", str(state), "--nodes", "2", cache=cache) as simulated:
        yield simulated.wait_ready()


@pytest.fixture
def control(running: Simulated, state: Path) -> Iterator[ControlClient]:
    """An authenticated connection."""
    with ControlClient.open(state) as control:
        yield control


class Raw:
    """A plain socket to the channel."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection((address.host, address.port), 10)
        self.file = self.socket.makefile("rb")

    def say(self, line: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(line)

    def hear(self) -> dict[str, object] | None:
        """The next answer; None if the connection was closed."""
        try:
            line = self.file.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line else None

    def log_in(self, token: str) -> Raw:
        """Authenticate."""
        self.say(json.dumps({"v": 1, "id": 0, "cmd": "auth", "args": {"token": token}}).encode() + b"\n")
        assert self.hear() == {"v": 1, "id": 0, "ok": True, "result": {}}
        return self

    def close(self) -> None:
        """Close the connection."""
        self.file.close()
        self.socket.close()


@pytest.fixture
def raw(running: Simulated, state: Path) -> Iterator[Raw]:
    """A plain connection, not authenticated."""
    raw = Raw(find(state))
    yield raw
    raw.close()


def test_hello_names_the_nodes_and_their_addresses(control: ControlClient, running: Simulated) -> None:
    told = control.call("hello")
    assert told["protocol"] == 1 and told["pid"] == running.pid
    assert {node["name"]: (node["host"], node["port"]) for node in told["nodes"]} == running.ready


@pytest.mark.skipif(os.name == "nt", reason="Windows: the directory's rights protect the file")
def test_only_the_owner_can_read_the_token(running: Simulated, state: Path) -> None:
    assert stat.S_IMODE((state / "control.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line",
    [
        b'{"v":1,"id":0,"cmd":"auth","args":{"token":"wrong"}}\n',
        b'{"v":1,"id":0,"cmd":"auth","args":{"token":"\\ud800"}}\n',
        b'{"v":1,"id":0,"cmd":"auth","args":{"token":null}}\n',
        b'{"v":1,"id":0,"cmd":"auth"}\n',
        b'{"v":1,"id":0,"cmd":"hello"}\n',
        b"GET / HTTP/1.1\r\n",
        b"\xff\xfe\n",
        b"x" * 5_000,
    ],
)
def test_stranger_gets_one_error_and_is_sent_away(raw: Raw, line: bytes) -> None:
    raw.say(line)
    answer = raw.hear()
    assert answer is not None and answer["ok"] is False
    assert raw.hear() is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"\n", "bad-request"),
        (b"[" * 100_000 + b"\n", "bad-request"),
        (b'{"v":2,"id":1,"cmd":"hello"}\n', "bad-version"),
        (b'{"v":1,"id":1,"cmd":"fly"}\n', "bad-command"),
        (b'{"v":1,"id":1,"cmd":"pins","args":{"gpio":4}}\n', "bad-args"),
        (b'{"v":1,"id":1,"cmd":"power","args":{"node":"x","action":"on"}}\n', "failed"),
    ],
)
def test_wrong_line_is_answered_and_the_connection_goes_on(raw: Raw, state: Path, line: bytes, code: str) -> None:
    raw.log_in(find(state).token).say(line)
    answer = raw.hear()
    assert answer is not None and answer["error"]["code"] == code  # type: ignore[index]
    raw.say(b'{"v":1,"id":"again","cmd":"trace"}\n')
    answer = raw.hear()
    assert answer is not None and answer["ok"] is True and answer["id"] == "again"


def test_line_beyond_the_limit_ends_the_connection(raw: Raw, state: Path) -> None:
    raw.log_in(find(state).token)
    try:
        for _ in range(80):
            raw.say(b"x" * 65_536)
    except ConnectionError:
        return
    answer = raw.hear()
    assert answer is None or answer["error"]["code"] == "too-long"  # type: ignore[index]


def test_requests_in_one_piece_are_answered_in_order(raw: Raw, state: Path) -> None:
    raw.log_in(find(state).token)
    raw.say(
        b'{"v":1,"id":1,"cmd":"step","args":{"seconds":1}}\n{"v":1,"id":2,"cmd":"trace"}\n{"v":1,"id":3,"cmd":"nodes"}\n'
    )
    assert [answer["id"] for answer in (raw.hear(), raw.hear(), raw.hear()) if answer] == [1, 2, 3]


def test_pin_driven_from_outside_is_read_by_the_firmware(control: ControlClient, running: Simulated) -> None:
    source = "import machine\ndef read():\n    return machine.Pin(4, machine.Pin.IN).value()\n"
    assert control.call("lm", node="node01", name="LM_probe.py", source=source) == {"nodes": ["node01"]}
    with running.client() as client:
        client.greeted()
        for level in (1, 0):
            assert control.call("pins", node="node01", gpio=4, drive=level)["level"] == level
            assert client.ask("probe read") == f"{level}\n"


def test_new_source_is_what_runs(control: ControlClient, running: Simulated) -> None:
    with running.client() as client:
        client.greeted()
        for number in (1, 2):
            control.call("lm", node="node01", name="LM_number.py", source=f"def get():\n    return {number}\n")
            assert client.ask("number get") == f"{number}\n"
        with pytest.raises(ControlError, match=r"LM_number.py:2: "):
            control.call("lm", name="LM_number.py", source="def get():\n    return (\n")
        assert client.ask("number get") == "2\n"


def test_paused_world_answers_nobody_until_it_runs(control: ControlClient, running: Simulated) -> None:
    with running.client() as client:
        client.greeted()
        assert control.call("pause")["paused"] is True
        client.send(b"hello\n")
        client.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.read_until(b"$  ")
        assert control.call("run")["paused"] is False
        client.socket.settimeout(10)
        assert client.read_until(b"$  ").startswith(b"hello:node01:")


def test_step_passes_an_hour_at_once_and_sessions_live_through_it(control: ControlClient, running: Simulated) -> None:
    with running.client() as client:
        client.greeted()
        before_us = control.call("trace")["t_us"]
        after_us = control.call("step", seconds=3600, timeout_s=60)["t_us"]
        assert after_us - before_us >= 3600 * 1_000_000
        assert client.ask("hello").startswith("hello:node01:")


def test_big_file_goes_there_and_back(control: ControlClient) -> None:
    data = os.urandom(500_000)
    control.call("flash", node="node02", action="write", path="/big", data=base64.b64encode(data).decode())
    assert base64.b64decode(control.call("flash", node="node02", action="read", path="/big")["data"]) == data
    control.call("flash", node="node02", action="remove", path="/big")


def test_client_that_never_reads_holds_up_nobody(raw: Raw, control: ControlClient, state: Path) -> None:
    control.call("flash", node="node02", action="write", path="/big", data=base64.b64encode(bytes(900_000)).decode())
    raw.log_in(find(state).token)
    request = b'{"v":1,"id":1,"cmd":"flash","args":{"node":"node02","action":"read","path":"/big"}}\n'
    raw.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        for _ in range(100_000):
            raw.say(request * 100)
    started = time.monotonic()
    control.call("hello")
    assert time.monotonic() - started < 1
    control.call("flash", node="node02", action="remove", path="/big")


def test_power_is_cut_and_given_back(control: ControlClient, running: Simulated) -> None:
    boots = control.call("power", node="node02", action="off")["boots"]
    assert control.call("power", node="node02", action="on")["powered"] is True
    control.call("step", seconds=30)
    assert control.call("nodes")["nodes"][1]["boots"] == boots + 1
    with running.client("node02") as client:
        client.greeted(b"node02 $  ")


def test_access_point_off_disconnects_the_stations(control: ControlClient) -> None:
    try:
        assert control.call("ap", on=False)["access_points"][0]["stations"] == 0
    finally:
        control.call("ap", on=True)


def test_stop_ends_the_process_and_removes_the_file(tmp_path: Path) -> None:
    with Simulated("--state", str(tmp_path / "state"), cache=tmp_path) as simulated:
        simulated.wait_ready()
        with ControlClient.open(tmp_path / "state") as control:
            assert control.call("stop") == {}
        assert simulated.wait() == 0
    with pytest.raises(StateError, match="no simulator runs on"):
        ControlClient.open(tmp_path / "state")


def test_stale_file_names_the_process_that_is_gone(tmp_path: Path) -> None:
    with Simulated("--state", str(tmp_path / "state"), cache=tmp_path) as simulated:
        simulated.wait_ready()
        simulated.kill()
    with pytest.raises(StateError, match=rf"process {simulated.pid}\) does not answer"):
        ControlClient.open(tmp_path / "state", timeout_s=2)
