"""``--simulate`` from outside: a process, plain sockets, Ctrl-C, ``kill -9``."""

from __future__ import annotations

import base64
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.control.client import ControlClient
from tests.system.simulated import Client, Simulated
from tests.system.test_portable import WITHOUT_POSIX

CONF = b"[configure] node01 $  "
PROMPT = b"node01 $  "
UID = "micr240ac4000001OS"

Start = Callable[..., Simulated]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where instrumented code is cached, so that one start pays for all."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def running(cache: Path) -> Iterator[Simulated]:
    """A simulator with one fresh node, for tests that leave it as it was."""
    with Simulated("--fresh", cache=cache) as simulated:
        yield simulated.wait_ready()


@pytest.fixture
def start(cache: Path, tmp_path: Path) -> Iterator[Start]:
    """``start("--watch")`` starts a simulator on a state of the test's own; it is ended after the test."""
    started: list[Simulated] = []

    def run(*options: str, ready: bool = True) -> Simulated:
        if "--fresh" not in options and "--state" not in options:
            options = ("--state", str(tmp_path / "state"), *options)
        started.append(Simulated(*options, cache=cache))
        return started[-1].wait_ready() if ready else started[-1]

    yield run
    for simulated in started:
        simulated.__exit__(None, None, None)


@pytest.fixture
def client(running: Simulated) -> Iterator[Client]:
    """A session on the shared node, greeted."""
    with running.client() as client:
        yield client.greeted()


# --- first contact --------------------------------------------------------------------------------


def test_ready_line_tells_where_hello_is_answered(running: Simulated, client: Client) -> None:
    assert running.ready["node01"][0] == "127.0.0.1"
    assert client.ask("hello") == f"hello:node01:{UID}\n"


def test_node_knows_what_time_it_is(client: Client) -> None:
    for _ in range(500):
        shown = client.ask("system clock").split()[0]
        if shown != "2000.1.1":  # it asks for the time in the background
            break
    days = [datetime.now(UTC) + timedelta(hours=1, days=n) for n in (-1, 0)]  # "utc" is 60; it may be midnight
    assert shown in [f"{day.year}.{day.month}.{day.day}" for day in days]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=["newline", "crlf", "none"])
def test_transcript_is_byte_for_byte_that_of_the_specification(running: Simulated, end: bytes) -> None:
    dialogue = [
        (b"hello", f"hello:node01:{UID}\n".encode() + PROMPT),
        (b"conf", CONF),
        (b"utc", b"60\n" + CONF),
        (b"utc 120", b"Saved\n" + CONF),
        (b"utc 60", b"Saved\n" + CONF),
        (b"noconf", PROMPT),
        (b"system rssi >json", b'{"Amazing": -50}\n' + PROMPT),
        (b"", PROMPT) if end else (b"system heartbeat", b"<3 heartbeat <3\n" + PROMPT),
    ]
    with running.client() as client:
        assert client.read_until(PROMPT) == PROMPT
        for command, reply in dialogue:
            client.send(command + end)
            assert client.read_until(reply[-len(PROMPT) :]) == reply, command
        client.send(b"exit" + end)
        assert client.read_all() == b"Bye!\n"


def test_console_appears_line_by_line_with_the_name(running: Simulated, client: Client) -> None:
    assert "[node01] [SERVER] listens on port 9008" in running.lines
    start = len(running.lines)
    client.ask("system heartbeat")
    assert running.wait_for("heartbeat", start=start) == "[node01] <3 heartbeat <3"


def test_simulator_runs_without_posix_modules(cache: Path, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with Simulated("--state", state, "--nodes", "2", cache=cache, program=("-c", WITHOUT_POSIX)) as simulated:
        simulated.wait_ready()
        with simulated.client() as client:
            client.greeted()
        assert simulated.interrupt() == 0


# --- many clients, bad clients --------------------------------------------------------------------


def test_ten_clients_each_get_their_own_replies(running: Simulated) -> None:
    clients = [running.client().greeted() for _ in range(10)]
    for client in clients:
        client.send(b"conf\n")
    for number, client in enumerate(clients):
        client.read_until(CONF)
        client.send(b"guimeta\n" if number % 2 else b"devfid\n")
    replies = [client.read_until(CONF) for client in clients]
    assert replies == [(b"n/a\n" if number % 2 else b"node01\n") + CONF for number in range(10)]
    for client in clients:
        client.close()


def test_client_that_vanishes_in_mid_reply_disturbs_nobody(running: Simulated, client: Client) -> None:
    for _ in range(10):
        with running.client() as vanishing:
            vanishing.greeted()
            vanishing.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            vanishing.send(b"help\n")
        assert client.ask("hello") == f"hello:node01:{UID}\n"


def test_client_that_never_reads_blocks_nobody(running: Simulated, client: Client) -> None:
    with running.client() as silent:
        silent.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            for _ in range(10_000):
                silent.send(b"help\n" * 100)
        started = time.monotonic()
        assert client.ask("hello") == f"hello:node01:{UID}\n"
        assert time.monotonic() - started < 2


def test_five_hundred_quick_connects_leave_the_node_answering(running: Simulated) -> None:
    address = running.ready["node01"]
    for _ in range(500):
        socket.create_connection(address, 5).close()
    deadline = time.monotonic() + 15
    while True:
        with running.client() as client:
            greeting = client.read_until(PROMPT)
            if greeting == PROMPT:
                assert client.ask("hello") == f"hello:node01:{UID}\n"
                return
        assert time.monotonic() < deadline, greeting


@pytest.mark.parametrize(
    "data",
    [b"x" * 1_000_000, bytes(range(256)) * 200, b"[" * 10_000 + b"\n", b"POST / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ids=["line of 1 MB", "binary", "brackets", "http"],
)
def test_garbage_ends_in_a_text_or_a_closed_connection(running: Simulated, client: Client, data: bytes) -> None:
    with running.client() as bad:
        try:
            bad.send(data)
            bad.send(b"\n\nexit\n")
            answer = bad.read_all()
        except ConnectionError:
            answer = b""
        assert b"Traceback" not in answer
    assert client.ask("hello") == f"hello:node01:{UID}\n"


# --- state ----------------------------------------------------------------------------------------


def put(state: Path, path: str, text: str) -> None:
    """Put a file on node01 from outside, as an update over the air does."""
    with ControlClient.open(state) as control:
        data = base64.b64encode(text.encode()).decode()
        control.call("flash", node="node01", action="write", path=path, data=data)


def configure(simulated: Simulated, setting: str, new_name: str = "node01") -> None:
    """``conf``, the setting, ``noconf``, ``reboot``; back when the node greets with its new name after the boot."""
    console = len(simulated.lines)
    with simulated.client() as client:
        client.greeted()
        assert client.ask("conf", CONF) == ""
        assert client.ask(setting, CONF) == "Saved\n"
        client.ask("noconf")
        client.send(b"reboot\n")
        assert client.read_all() == b"Reboot micrOS system.\nBye!\n"
    simulated.wait_for("listens on port", start=console)
    with simulated.client() as client:
        client.greeted(f"{new_name} $  ".encode())


def test_new_name_holds_after_reboot_and_after_ctrl_c(start: Start) -> None:
    first = start("--pace", "20")
    configure(first, "devfid lamp", "lamp")
    assert first.interrupt() == 0
    with start().client() as client:
        client.greeted(b"lamp $  ")
        assert client.ask("hello", b"lamp $  ") == f"hello:lamp:{UID}\n"


def test_second_start_on_the_same_state_is_refused(start: Start, tmp_path: Path) -> None:
    first = start()
    second = start(ready=False)
    assert second.wait() == 1
    assert len(second.lines) == 1, second.output
    for word in (str(first.pid), str(tmp_path / "state"), "--state", "--fresh", "--port"):
        assert word in second.lines[0]
    with first.client() as client:
        client.greeted()


def test_state_is_free_again_after_kill(start: Start) -> None:
    start().kill()
    with start().client() as client:
        client.greeted()


def test_fresh_start_keeps_and_deletes_nothing(start: Start, tmp_path: Path) -> None:
    first = start("--pace", "20")
    configure(first, "devfid lamp", "lamp")
    first.interrupt()
    before = sorted(path.name for path in (tmp_path / "state").rglob("*"))
    fresh = start("--fresh")
    with fresh.client() as client:
        client.greeted()
    thrown_away = Path(fresh.wait_for("thrown away").split()[1])
    assert thrown_away.is_dir()
    fresh.interrupt()
    assert not thrown_away.exists()
    assert sorted(path.name for path in (tmp_path / "state").rglob("*")) == before


def test_file_that_the_node_replaced_wins_and_is_named(start: Start, tmp_path: Path) -> None:
    first = start()
    put(tmp_path / "state", "/modules/LM_system.py", "def heartbeat():\n    return 'mine'\n")
    put(tmp_path / "state", "/note.txt", "kept")
    first.interrupt()
    second = start()
    assert "node01: runs its own /modules/LM_system.py instead of the firmware's" in second.lines
    with second.client() as client:
        assert client.greeted().ask("system heartbeat") == "mine\n"
    kept = {path.name for path in (tmp_path / "state" / "node01").rglob("*") if path.is_file()}
    assert {"LM_system.py", "note.txt", "node_config.json"} <= kept
    assert "main.py" not in kept


def test_node_that_does_not_listen_is_told_with_its_last_words(start: Start, tmp_path: Path) -> None:
    first = start()
    put(tmp_path / "state", "/.if_mode", "off")
    first.interrupt()
    second = start(ready=False)
    assert second.wait(limit_s=30) == 1
    assert "    [loader] off: returning to the REPL" in second.lines
    assert second.lines[-1].startswith("devToolKit: node01 does not listen; its state is in ")
    assert "--fresh" in second.lines[-1]


def test_port_in_use_is_one_clear_line(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = start("--port", str(port), ready=False)
        assert refused.wait() == 1
    assert len(refused.lines) == 1 and str(port) in refused.lines[0] and "in use" in refused.lines[0]


def test_ctrl_c_closes_sessions_and_ends_with_zero(start: Start) -> None:
    simulated = start()
    with simulated.client() as client:
        client.greeted()
        started = time.monotonic()
        assert simulated.interrupt() == 0
        assert client.read_all() == b""
    assert time.monotonic() - started < 3
    assert "Traceback" not in simulated.output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows: terminating is killing")
@pytest.mark.parametrize("end", ["terminate", "hang_up"])
def test_terminated_simulator_ends_like_after_ctrl_c(start: Start, tmp_path: Path, end: str) -> None:
    simulated = start()
    assert (tmp_path / "state" / "control.json").exists()
    getattr(simulated, end)()
    assert simulated.wait() == 0
    assert not (tmp_path / "state" / "control.json").exists()


# --- fleet ----------------------------------------------------------------------------------------


def test_fleet_of_three_has_three_addresses_and_names(start: Start) -> None:
    fleet = start("--nodes", "3")
    assert sorted(fleet.ready) == ["node01", "node02", "node03"]
    assert len(set(fleet.ready.values())) == 3
    for number in (1, 2, 3):
        prompt = f"node0{number} $  ".encode()
        with fleet.client(f"node0{number}") as client:
            client.greeted(prompt)
            assert client.ask("hello", prompt) == f"hello:node0{number}:micr240ac400000{number}OS\n"


def test_tinypico_is_a_tinypico(start: Start) -> None:
    simulated = start("--board", "tinypico", "--fresh")
    assert simulated.lines[-3].startswith("node01 (tinypico) ready at ")
    with simulated.client() as client:
        assert "TinyPICO" in client.greeted().ask("system info")


# --- pace -----------------------------------------------------------------------------------------


def test_session_outlives_its_virtual_time_out_at_a_high_pace(start: Start) -> None:
    simulated = start("--pace", "200", "--fresh")
    with simulated.client() as client:
        client.greeted()
        time.sleep(2)  # 400 s of virtual time; soctout is 100 s
        assert client.ask("hello") == f"hello:node01:{UID}\n"


def test_silent_session_ends_after_its_time_out_on_the_wall(start: Start) -> None:
    simulated = start("--pace", "20")
    configure(simulated, "soctout 3")
    with simulated.client() as client:
        client.greeted()
        started = time.monotonic()
        assert client.read_all() == b"\n__@_/' Session timeout 3 sec\nBye!\n"
        assert 2.5 < time.monotonic() - started < 5
