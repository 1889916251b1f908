"""Recovery mode: its shell, its network, the monitor of updates, and how every stay ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.firmware import image
from simulator.shell import Shell
from simulator.webrepl_client import WebReplClient
from tests.unit.micrOS.shipped import on_flash

_PROMPT = b"[recovery] node01 $  "
_BROKEN = {"/Network.py": b"import nothing_there\n"}
_WHOLE = {"/Network.py": image()["/Network.py"]}
_SECRET = "Top5ecret"


class Client:
    """A raw TCP client of the rescue shell, on a host of its own."""

    def __init__(self, world: Any, node: Any, host: str = "laptop") -> None:
        self._world = world
        self.tcp = world.lan.client(host).connect(world.lan.address(node.machine), 9008)

    def ask(self, data: bytes = b"", seconds: float = 0.5) -> bytes:
        """Send bytes as they are; returns what comes in the next virtual seconds."""
        if data:
            self.tcp.send(data)
        self._world.run_for(seconds)
        reply = bytes(self.tcp.received)
        self.tcp.received.clear()
        return reply


@pytest.fixture
def crashed(world: Any) -> Any:
    """Makes a node in recovery mode, whose core cannot be imported: ``crashed(auth=True)``."""

    def make(**config: object) -> Any:
        node = world.add_node("node01", config=config, files=_BROKEN)
        world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
        world.run_for(0.5)
        return node

    return make


def is_normal(world: Any, node: Any, timeout_s: float = 60) -> bool:
    """Wait for the node's shell; True if it is the one of the normal system."""
    world.run_until(lambda: node.listening(9008), timeout_s=timeout_s)
    return Shell(world, node).prompt == "node01 $  "


def crash_record(node: Any) -> Any:
    """Content of the loader's record, None if there is none."""
    return json.loads(node.flash.read("/.crash")) if node.flash.exists("/.crash") else None


# --- the rescue shell ---


def test_hello_and_version_are_those_of_the_normal_system(world: Any, crashed: Any) -> None:
    client = Client(world, crashed())
    assert client.ask() == _PROMPT
    assert client.ask(b"hello\n") == b"hello:node01:micr240ac4000001OS\n" + _PROMPT
    assert client.ask(b"version\n") == b"1.5.0-0\n" + _PROMPT
    assert client.ask(b"exit\n") == b"Bye!\n"
    assert client.tcp.closed


@pytest.mark.parametrize(
    ("files", "version"),
    [({"/micrOS.py": b"def ("}, "0.0.0-0"), ({"/micrOS.py": b"\xff\x00 1.7.12-3\x00"}, "1.7.12-3")],
)
def test_version_is_looked_for_in_whatever_is_there(world: Any, files: dict[str, bytes], version: str) -> None:
    node = world.add_node("node01", power=False)
    node.flash.remove(on_flash(node, "/micrOS.py"))
    node.install(files)
    node.power_on()
    world.run_until(lambda: node.boots >= 2 and node.listening(9008), timeout_s=100)
    assert Shell(world, node)("version") == version


def test_help_has_what_host_tools_look_for(world: Any, crashed: Any) -> None:
    text = Client(world, crashed()).ask(b"help")
    assert b"webrepl" in text and b"--update" in text


@pytest.mark.parametrize("line", [b"hello\n", b"hello\r\n", b"hello", b"\r\nhello\n", b" hello \n"])
def test_command_ends_with_a_newline_or_silence(world: Any, crashed: Any, line: bytes) -> None:
    client = Client(world, crashed())
    client.ask()
    assert b"hello:node01:" in client.ask(line, 0.1)


def test_command_in_pieces_is_one_command(world: Any, crashed: Any) -> None:
    client = Client(world, crashed())
    client.ask()
    client.tcp.send(b"ver")
    world.run_for(0.005)
    assert client.ask(b"sion\nhello\n") == b"1.5.0-0\n" + _PROMPT + b"hello:node01:micr240ac4000001OS\n" + _PROMPT


@pytest.mark.parametrize("line", [b"x" * 5000, b"x" * 4100 + b"\n"])
def test_line_beyond_4096_bytes_ends_the_session(world: Any, crashed: Any, line: bytes) -> None:
    client = Client(world, crashed())
    assert client.ask(line, 2).endswith(b"line too long: at most 4096 bytes\nBye!\n")
    assert client.tcp.closed


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"POST /x HTTP/1.1"])
def test_http_request_is_cut_off(world: Any, crashed: Any, line: bytes) -> None:
    client = Client(world, crashed())
    client.ask()
    assert client.ask(line) == b"" and client.tcp.closed


def test_bytes_that_are_no_text_are_refused(world: Any, crashed: Any) -> None:
    client = Client(world, crashed())
    client.ask()
    assert client.ask(b"\xff\xfe\n") == b"invalid input: no UTF-8 text\n" + _PROMPT


def test_four_clients_are_served_and_the_fifth_is_told(world: Any, crashed: Any) -> None:
    node = crashed()
    clients = [Client(world, node) for _ in range(4)]
    assert [client.ask() for client in clients] == [_PROMPT] * 4
    fifth = Client(world, node)
    assert fifth.ask() == b"Connection is busy. Bye!\n" and fifth.tcp.closed
    clients[2].tcp.abort()
    world.run_for(2)
    assert Client(world, node).ask() == _PROMPT
    assert [b"hello:" in clients[k].ask(b"hello\n") for k in (0, 1, 3)] == [True] * 3


def test_silent_client_is_sent_away_after_soctout(world: Any, crashed: Any) -> None:
    client = Client(world, crashed(soctout=20))
    assert client.ask(seconds=18) == _PROMPT
    assert client.ask(seconds=4) == b"\n__@_/' Session timeout 20 sec\nBye!\n"
    assert client.tcp.closed


def test_client_that_reads_nothing_does_not_stop_the_others(world: Any, crashed: Any) -> None:
    node = crashed()
    greedy = Client(world, node)
    greedy.tcp.pause_reading()
    for _ in range(40):
        greedy.tcp.send(b"help\n" * 8)
        world.run_for(0.1)
    assert b"hello:" in Client(world, node).ask(b"hello\n")
    assert node.boots == 2


def test_why_tells_reason_count_and_log(world: Any, crashed: Any) -> None:
    text = Client(world, crashed()).ask(b"why\n").decode()
    reason = "[loader] ImportError: no module named 'nothing_there' (Network.py:1)"
    assert f"role: crash\nreason: {reason}\ncrashes: 3, failed returns: 0\nnormal mode again in: 600 s\n" in text
    assert f" {reason}\n[recovery] node01" in text


@pytest.mark.parametrize(
    ("content", "place"), [(b"\x00\xffgarbage(((", 1), (b"import os\n\ndef f(:\n    pass\n", 3), (b"x = 1\nx.y\n", 2)]
)
def test_why_names_the_broken_file_and_its_line(world: Any, content: bytes, place: int) -> None:
    node = world.add_node("node01", files={"/hal.py": content})
    world.run_until(lambda: "[recovery] crash" in node.console.text() and node.listening(9008), timeout_s=60)
    assert f" (hal.py:{place})\n" in Client(world, node).ask(b"why\n").decode()


def test_files_are_listed_and_deleted_but_not_those_that_it_stands_on(world: Any, crashed: Any) -> None:
    node = crashed()
    node.flash.write("/old.bin", b"12345")
    shell = Shell(world, node)
    assert "       5  old.bin" in shell("ls").split("\n") and "  folder  modules" in shell("ls").split("\n")
    assert on_flash(node, "/modules/LP_esp32.py").rpartition("/")[2] in shell("ls /modules")
    assert shell("rm old.bin") == "Deleted: old.bin" and not node.flash.exists("/old.bin")
    assert shell("rm old.bin") == "rm: [Errno 2] ENOENT" and shell("ls /x") == "ls: [Errno 2] ENOENT"
    assert shell("rm modules") == "rm: a folder"
    for name in ("boot.py", "/main.py", "recovery.py", "recovery_shell.py", "node_config.json", "micrOSloader.py"):
        name = on_flash(node, name)
        assert "recovery mode needs this file" in shell(f"rm {name}") and node.flash.exists(name)


def test_reboot_says_bye_closes_and_tries_the_normal_system(world: Any, crashed: Any) -> None:
    node = crashed()
    node.install(_WHOLE)
    client = Client(world, node)
    client.ask()
    assert client.ask(b"reboot\n", 0.5) == b"Reboot micrOS system.\nBye!\n"
    assert client.tcp.closed and not client.tcp.reset and node.boots == 2
    world.run_until(lambda: node.boots == 3, timeout_s=1.5)
    assert is_normal(world, node)


def test_configuration_mode_works_if_its_files_are_sound(world: Any, crashed: Any) -> None:
    node = crashed()
    shell = Shell(world, node)
    shell("conf")
    assert shell.prompt == "[recovery] [configure] node01 $  "
    assert shell("utc") == "60" and shell("utc 90") == "Saved" and "********" in shell("dump")
    shell("noconf")
    assert shell.prompt == "[recovery] node01 $  "
    assert json.loads(node.flash.read("/node_config.json"))["utc"] == 90


@pytest.mark.parametrize("name", ["ConfigHandler", "config_schema", "locks", "InterpreterShell"])
def test_configuration_mode_names_the_broken_file(world: Any, name: str) -> None:
    node = world.add_node("node01", files={f"/{name}.py": b"def (\n"})
    world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
    assert Shell(world, node)("conf").startswith(f"conf: not available, {name}: SyntaxError: ")


def test_unknown_command_is_told(world: Any, crashed: Any) -> None:
    assert "SHELL: type help for single word commands" in Shell(world, crashed())("system clock")


# --- password ---


def test_with_auth_nothing_works_before_the_login(world: Any, crashed: Any) -> None:
    node = crashed(auth=True, appwd=_SECRET)
    client = Client(world, node)
    prompt = b"[password] node01 $  "
    assert client.ask() == prompt
    assert client.ask(b"hello\n").endswith(b"OS\n" + prompt) and client.ask(b"version\n") == b"1.5.0-0\n" + prompt
    assert client.ask(_SECRET.encode() + b"\n") == b"AuthOk\n" + _PROMPT
    assert b"role: crash" in client.ask(b"why\n")


@pytest.mark.parametrize("line", [b"why", b"ls", b"rm err.log", b"webrepl --update", b"reboot", b"conf", b"Top5ecre"])
def test_anything_else_counts_as_a_wrong_password(world: Any, crashed: Any, line: bytes) -> None:
    node = crashed(auth=True, appwd=_SECRET)
    client = Client(world, node)
    client.ask()
    assert client.ask(line + b"\n", 1.5) == b""
    assert client.ask(seconds=1) == b"AuthFailed\nBye!\n" and client.tcp.closed
    assert node.flash.exists("/err.log") and not node.flash.exists("/.if_mode") and node.boots == 2


def test_ten_wrong_passwords_lock_the_login_for_five_minutes(world: Any, crashed: Any) -> None:
    node = crashed(auth=True, appwd=_SECRET)
    for _ in range(10):
        assert Client(world, node).ask(b"guess\n", 3).endswith(b"AuthFailed\nBye!\n")
    right = _SECRET.encode() + b"\n"
    assert Client(world, node).ask(right, 3).endswith(b"AuthFailed\nBye!\n")
    world.run_for(280)
    assert b"AuthFailed" in Client(world, node).ask(right, 3)
    world.run_for(20)
    assert b"AuthOk" in Client(world, node).ask(right)


def test_waiting_for_a_verdict_does_not_stop_the_others(world: Any, crashed: Any) -> None:
    node = crashed(auth=True, appwd=_SECRET)
    guesser, other = Client(world, node), Client(world, node)
    guesser.tcp.send(b"guess\n")
    assert b"hello:" in other.ask(b"hello\n", 0.3)


def test_password_is_in_no_reply_and_not_on_the_console(world: Any, crashed: Any) -> None:
    node = crashed(appwd=_SECRET, stapwd="your_wifi_passwd")
    shell = Shell(world, node)
    replies = [shell(line) for line in ("help", "why", "ls", "webrepl", "conf", "dump", "appwd", "stapwd", "noconf")]
    text = "".join(replies) + node.console.text() + node.flash.read("/err.log").decode()
    assert _SECRET not in text and "your_wifi_passwd" not in text


# --- WebREPL and updates ---


def test_webrepl_takes_files_and_the_node_comes_back(world: Any, crashed: Any) -> None:
    node = crashed(appwd=_SECRET)
    client = WebReplClient(world, node)
    client.log_in(_SECRET)
    client.put(".if_mode", b"webrepl")
    client.put("Network.py", _WHOLE["/Network.py"])
    world.run_for(3)
    client.put(".if_mode", b"micros")
    world.run_until(lambda: node.boots == 3, timeout_s=4)
    assert is_normal(world, node)
    assert crash_record(node) is None


def test_update_command_leads_to_webrepl_within_twelve_seconds(world: Any, node: Any) -> None:
    client = Client(world, node)
    reply = client.ask(b"webrepl --update\n", 0.05)
    assert reply.endswith(b"  Restart node then start webrepl...\n Bye!\n")
    world.run_until(lambda: node.listening(8266) and node.listening(9008), timeout_s=12)
    assert not client.tcp.closed
    assert Shell(world, node)("why").startswith("role: update")


def test_complete_update_purges_and_restarts(world: Any) -> None:
    old_key = {"no_longer_known": 1, "devfid": "node01"}
    node = world.add_node("node01", config=old_key, files={"/.if_mode": b"webrepl"})
    world.run_until(lambda: node.listening(8266), timeout_s=20)
    world.run_for(30)
    assert node.boots == 1
    node.flash.write("/.if_mode", b"micros")
    world.run_until(lambda: node.boots == 2, timeout_s=3)
    assert node.flash.exists("/cleanup.pds")
    assert is_normal(world, node)
    assert "no_longer_known" not in json.loads(node.flash.read("/node_config.json"))


@pytest.mark.parametrize("word", [b"webrepl", b"", b"anything", b"\xff\xfe"])
def test_abandoned_update_ends_after_ten_minutes(world: Any, word: bytes) -> None:
    node = world.add_node("node01", files={"/.if_mode": word})
    world.run_for(590)
    assert node.boots == 1
    world.run_until(lambda: node.boots == 2, timeout_s=60)
    assert is_normal(world, node)
    assert node.flash.read("/.if_mode") == b"micros"
    assert b"[recovery] update abandoned" in node.flash.read("/err.log")


def test_update_is_not_abandoned_while_files_come(world: Any) -> None:
    node = world.add_node("node01", files={"/.if_mode": b"webrepl"})
    for minute in range(0, 40, 8):
        world.run_for(480)
        node.flash.write("/modules/LM_new.py", b"#" * minute)
    assert node.boots == 1
    world.run_for(680)
    assert node.boots == 2


def test_mode_off_ends_recovery_at_the_repl(world: Any, crashed: Any) -> None:
    node = crashed()
    node.flash.write("/.if_mode", b"off")
    world.run_for(3600)
    assert node.boots == 3 and node.console.text().endswith(">>> ")


def test_update_command_in_recovery_arms_the_monitor(world: Any, crashed: Any) -> None:
    node = crashed()
    client = Client(world, node)
    assert client.ask(b"webrepl --update\n").endswith(b"WebREPL is running already: recovery mode\n Bye!\n")
    assert not client.tcp.closed and node.flash.read("/.if_mode") == b"webrepl"
    world.run_for(5)
    node.install(_WHOLE)
    node.flash.write("/.if_mode", b"micros")
    world.run_until(lambda: node.boots == 3, timeout_s=3)
    assert is_normal(world, node)


def test_webrepl_command_leads_to_recovery_and_back(world: Any, node: Any) -> None:
    Client(world, node).ask(b"webrepl\n", 0.05)
    world.run_until(lambda: node.boots == 2 and node.listening(8266), timeout_s=12)
    assert Shell(world, node)("why").startswith("role: asked\nreason: no crash")
    world.run_until(lambda: node.boots == 3, timeout_s=700)
    assert is_normal(world, node)
    assert crash_record(node) is None and not node.flash.exists("/cleanup.pds")


@pytest.mark.parametrize("line", [b"webrepl\n", b"webrepl --update\n"])
def test_webrepl_on_a_flash_that_refuses_is_told_and_the_session_goes_on(world: Any, node: Any, line: bytes) -> None:
    world.run_for(1)
    node.flash.read_only = True
    reply = Client(world, node).ask(line)
    assert b"\nError while starting webrepl: " in reply and reply.endswith(b"node01 $  ")
    assert node.boots == 1


def test_mode_micros_ends_a_stay_that_was_asked_for(world: Any) -> None:
    node = world.add_node("node01", files={"/.if_mode": b"recovery"})
    world.run_for(30)
    node.flash.write("/.if_mode", b"micros")
    world.run_until(lambda: node.boots == 2, timeout_s=3)
    assert is_normal(world, node) and not node.flash.exists("/cleanup.pds")


def test_update_after_the_webrepl_command_is_noticed(world: Any, node: Any) -> None:
    Client(world, node).ask(b"webrepl\n", 0.05)
    world.run_until(lambda: node.boots == 2 and node.listening(8266), timeout_s=12)
    node.flash.write("/.if_mode", b"webrepl")
    world.run_for(5)
    node.flash.write("/.if_mode", b"micros")
    world.run_until(lambda: node.boots == 3, timeout_s=3)
    assert node.flash.exists("/cleanup.pds")


@pytest.mark.parametrize("error", ["NotImplementedError('x')", "ImportError('no')", "OSError(98)"])
def test_board_without_webrepl_keeps_the_shell(world: Any, error: str) -> None:
    node = world.add_node("node01", files={"/webrepl.py": f"raise {error}\n".encode(), **_BROKEN})
    world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
    assert Shell(world, node)("hello").startswith("hello:node01")


def test_broken_rescue_shell_keeps_webrepl(world: Any) -> None:
    node = world.add_node("node01", files={"/recovery_shell.py": b"def (\n", **_BROKEN})
    world.run_until(lambda: node.boots == 2 and node.listening(8266), timeout_s=60)
    client = WebReplClient(world, node)
    client.log_in("ADmin123")


# --- how a stay ends ---


def test_reboot_command_tries_the_normal_system_once(world: Any, crashed: Any) -> None:
    node = crashed()
    assert Client(world, node).ask(b"reboot\n").endswith(b"Reboot micrOS system.\nBye!\n")
    world.run_until(lambda: node.boots == 4 and node.listening(9008), timeout_s=30)
    assert crash_record(node)["count"] == 3
    assert Shell(world, node).prompt == _PROMPT.decode()


@pytest.mark.parametrize(("cycles", "stay_s"), [(0, 600), (1, 1200), (3, 4800), (4, 7200), (5, 7200), (1000, 7200)])
def test_stay_doubles_up_to_two_hours(world: Any, cycles: int, stay_s: int) -> None:
    record = json.dumps({"count": 3, "cycles": cycles, "reason": "x"}).encode()
    node = world.add_node("node01", files={"/.crash": record})
    assert f"failed returns: {cycles}\nnormal mode again in: {stay_s} s" in world.shell(node)("why")


def test_normal_system_is_tried_again_after_growing_times(world: Any, crashed: Any) -> None:
    node = crashed()
    for cycles, stay_s in enumerate((600, 1200)):
        before = node.boots
        assert crash_record(node)["cycles"] == cycles
        world.run_for(stay_s - 40)
        assert node.boots == before
        world.run_until(lambda before=before: node.boots == before + 2, timeout_s=90)
        world.run_for(3)


def test_node_returns_by_itself_when_the_reason_has_gone(world: Any, crashed: Any) -> None:
    node = crashed()
    node.install(_WHOLE)
    world.run_until(lambda: node.boots == 3, timeout_s=700)
    assert is_normal(world, node)
    assert crash_record(node)["count"] == 2
    world.run_for(70)
    assert crash_record(node) is None


def test_somebody_who_works_is_not_interrupted_but_a_scanner_does_not_count(world: Any, crashed: Any) -> None:
    node = crashed()
    for _ in range(10):
        world.run_for(300)
        Shell(world, node)("why")
    assert node.boots == 2
    for _ in range(3):
        world.run_for(200)
        Shell(world, node)("hello")
    world.run_for(60)
    assert node.boots == 4


def test_interrupt_over_webrepl_gives_the_repl(world: Any, crashed: Any) -> None:
    node = crashed()
    client = WebReplClient(world, node)
    client.log_in("ADmin123")
    client.type("\x03")
    client.wait_for("[recovery] KeyboardInterrupt: REPL")
    client.type("print(6 * 7)\r")
    client.wait_for("42\r\n>>> ")
    client.type("import reset\r")
    world.run_until(lambda: node.boots == 3, timeout_s=5)


def test_keyboard_interrupt_gives_the_repl_for_ten_minutes(world: Any) -> None:
    files = {"/webrepl.py": b"def start(password):\n    raise KeyboardInterrupt\n", **_BROKEN}
    node = world.add_node("node01", files=files)
    world.run_until(lambda: node.boots == 2 and node.console.text().endswith(">>> "), timeout_s=60)
    world.run_for(590)
    assert node.boots == 2
    world.run_for(15)
    assert node.boots == 3


# --- network ---


def test_access_point_is_offered_if_no_network_is_there(world: Any, crashed: Any) -> None:
    world.lan.access_point("your_wifi_name").up = False
    crashed(appwd=_SECRET)
    point = world.lan.access_point("node01")
    assert (point.password, point.security) == (_SECRET, 3)
    guest = world.lan.client("phone", access_point=point).connect("192.168.4.1", 9008)
    world.run_for(1)
    assert bytes(guest.received) == _PROMPT


@pytest.mark.parametrize(
    ("appwd", "password"), [("short", "ADmin123"), ("", "ADmin123"), ("too_long_for_webrepl", "too_long_for_webrepl")]
)
def test_access_point_is_never_open(world: Any, appwd: str, password: str) -> None:
    node = world.add_node("node01", config={"nwmd": "AP", "appwd": appwd}, files=_BROKEN)
    world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
    point = world.lan.access_point("node01")
    assert (point.password, point.security) == (password, 3)


def test_access_point_that_is_refused_is_switched_off(world: Any) -> None:
    node = world.add_node("node01", config={"nwmd": "AP", "devfid": ""}, files=_BROKEN)
    world.run_until(lambda: node.boots == 2, timeout_s=60)
    world.run_for(10)
    assert all(point.security for point in world.lan.access_points if point.ssid != "your_wifi_name")


def test_second_network_is_tried(world: Any, crashed: Any) -> None:
    config = {"staessid": "away; your_wifi_name", "stapwd": "whatever1; your_wifi_passwd"}
    assert Client(world, crashed(**config)).ask() == _PROMPT


def test_network_that_comes_back_is_joined_again(world: Any, crashed: Any) -> None:
    home = world.lan.access_point("your_wifi_name")
    home.up = False
    node = crashed()
    home.up = True
    world.run_for(340)
    assert Client(world, node).ask() == _PROMPT and node.boots == 2


def test_network_that_goes_away_for_a_while_is_joined_again(world: Any, crashed: Any) -> None:
    node = crashed()
    home = world.lan.access_point("your_wifi_name")
    home.up = False
    world.run_for(200)
    home.up = True
    world.run_for(360)
    assert Client(world, node).ask() == _PROMPT and node.boots == 2


def test_copy_of_a_damaged_configuration_is_used(world: Any) -> None:
    config = json.dumps({"devfid": "kitchen"}).encode()
    files = {"/node_config.json": b"{", "/node_config.json.bak": config, **_BROKEN}
    node = world.add_node("node01", files=files)
    world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
    assert Shell(world, node).prompt == "[recovery] kitchen $  "
    assert node.flash.read("/node_config.json") == b"{"


@pytest.mark.parametrize("late", [b"POST /aaaa", b"patch / HTTP/1.1\r\n"])
def test_web_page_cannot_drive_the_rescue_shell(world: Any, crashed: Any, late: bytes) -> None:
    node = crashed()
    connection = world.lan.client("page").connect(world.lan.address(node.machine), 9008)
    connection.send(late)
    world.run_for(0.1)
    assert connection.closed


def test_lock_out_of_one_peer_is_not_that_of_another(world: Any, crashed: Any) -> None:
    node = crashed(auth=True, appwd="Secret12")
    ip = world.lan.address(node.machine)

    def guess(host: str, word: bytes) -> bytes:
        connection = world.lan.client(host).connect(ip, 9008)
        connection.send(word + b"\n")
        world.run_for(4)
        return bytes(connection.received)

    for _ in range(11):
        guess("evil", b"wrong")
    assert b"AuthFailed" in guess("evil", b"Secret12")
    assert b"AuthOk" in guess("owner", b"Secret12")


def test_silent_guests_at_the_password_prompt_make_room(world: Any, crashed: Any) -> None:
    node = crashed(auth=True)
    ip = world.lan.address(node.machine)
    guests = [world.lan.client("guest").connect(ip, 9008) for _ in range(4)]
    world.run_for(35)
    assert all(guest.closed for guest in guests)


@pytest.mark.parametrize("devip", ["10.0.0.1", "10.0.0.255", "10.0.0.0"])
def test_address_that_is_no_hosts_is_not_taken(world: Any, devip: str) -> None:
    home = world.lan.add_network("small", "10.0.0.0/24", gateway="10.0.0.1", first_lease="10.0.0.9")
    world.lan.home_ap.up = False
    world.lan.add_access_point("small", "password1", network=home)
    config = {"staessid": "small", "stapwd": "password1", "devip": devip}
    node = world.add_node("node01", config=config, files=_BROKEN)
    world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
    assert world.lan.address(node.machine) == "10.0.0.9"


@pytest.mark.parametrize("config", [{"soctout": 0}, {"soctout": -5}, {"socport": 0}, {"socport": 8266}])
def test_figures_that_would_shut_everybody_out_are_not_taken(world: Any, config: dict[str, int]) -> None:
    node = world.add_node("node01", config=config, files=_BROKEN)
    world.run_until(lambda: node.boots == 2 and node.listening(9008), timeout_s=60)
    assert b"hello:node01:" in Client(world, node).ask(b"hello\n")


def test_file_that_its_own_name_hides_is_not_deleted(world: Any, crashed: Any) -> None:
    node = crashed()
    path = on_flash(node, "/recovery.py")
    assert b"rm: recovery mode needs this file" in Client(world, node).ask(f"rm .{path}\n".encode())
    assert node.flash.exists(path)
