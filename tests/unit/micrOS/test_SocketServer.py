"""TCP sessions of a booted node, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

_PROMPT = b"node01 $  "


class Client:
    """A raw TCP client of the node's shell."""

    def __init__(self, world: Any, node: Any) -> None:
        self._world = world
        self.tcp = world.lan.client("client").connect(world.lan.address(node.machine), 9008)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.tcp.send(data)

    def read(self, seconds: float = 1.0) -> bytes:
        """Return what comes in the next virtual seconds."""
        self._world.run_for(seconds)
        data = bytes(self.tcp.received)
        self.tcp.received.clear()
        return data

    def ask(self, data: bytes, seconds: float = 1.0) -> bytes:
        """Send, then read."""
        self.send(data)
        return self.read(seconds)

    @property
    def closed(self) -> bool:
        """True once the node has closed the connection."""
        return bool(self.tcp.closed)

    def close(self) -> None:
        """Leave."""
        self.tcp.close()


@pytest.fixture
def connect(world: Any, node: Any) -> Any:
    """Makes a client that has read its first prompt."""

    def connect() -> Client:
        client = Client(world, node)
        assert client.read() == _PROMPT
        return client

    return connect


def test_session_has_the_bytes_of_the_specification(connect: Any) -> None:
    client = connect()
    hello = b"hello:node01:micr240ac4000001OS\n"
    configure = b"[configure] node01 $  "
    assert client.ask(b"hello\n") == hello + _PROMPT
    assert client.ask(b"conf") == configure
    assert client.ask(b"utc\r\n") == b"60\n" + configure
    assert client.ask(b"utc 120") == b"Saved\n" + configure
    assert client.ask(b'utc "type"\n') == b"utc: -720..840 expected\nFailed to save\n" + configure
    assert client.ask(b"nokey\n") == b"None\n" + configure
    assert client.ask(b"nokey 1\n") == b"node_config write error: nokey\nInvalid key\n" + configure
    assert client.ask(b"noconf") == _PROMPT
    assert client.ask(b"system rssi >json") == b'{"Amazing": -50}\n' + _PROMPT
    assert client.ask(b"exit") == b"Bye!\n"
    assert client.closed


def test_commands_in_one_packet_are_answered_in_order(connect: Any) -> None:
    assert connect().ask(b"version\n\r\nversion\nversion") == (b"1.5.0-0\n" + _PROMPT + _PROMPT) + 2 * (
        b"1.5.0-0\n" + _PROMPT
    )


def test_command_that_comes_in_pieces_is_one(world: Any, connect: Any) -> None:
    client = connect()
    client.send(b"ver")
    world.run_for(0.01)
    client.send(b"sion")
    assert client.ask(b"\n") == b"1.5.0-0\n" + _PROMPT


def test_last_command_before_end_of_stream_is_answered(world: Any, connect: Any) -> None:
    client = connect()
    client.send(b"conf\ndevfid lamp")
    client.close()
    world.run_for(1)
    assert b"lamp" in connect().ask(b"hello\n")


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"x" * 5000, b"line too long: at most 4096 bytes\nBye!\n"),
        (b"x" * 4097 + b"\n", b"line too long: at most 4096 bytes\nBye!\n"),
        (b"POST / HTTP/1.1\r\nHost: node\r\n\r\nsystem heartbeat\n", b""),
        (b"GET / HTTP/1.1\n", b""),
    ],
)
def test_abuse_ends_the_session(connect: Any, data: bytes, reply: bytes) -> None:
    client = connect()
    assert client.ask(data, seconds=3) == reply
    assert client.closed
    assert connect().ask(b"version\n") == b"1.5.0-0\n" + _PROMPT


def test_bytes_that_are_no_text_get_one_line(connect: Any) -> None:
    assert connect().ask(b"\xc3\x28\x00\xfe\n") == b"invalid input: no UTF-8 text\n" + _PROMPT


def test_http_later_in_a_session_is_a_command(connect: Any) -> None:
    client = connect()
    client.ask(b"hello\n")
    assert b"no module named 'LM_GET'" in client.ask(b"GET / HTTP/1.1\n")


def test_ten_clients_get_their_own_replies(connect: Any) -> None:
    clients = [connect() for _ in range(10)]
    for i, client in enumerate(clients):
        client.send(f"system pinmap 'pin{i}'\n".encode())
    for i, client in enumerate(clients):
        assert f" pin{i}: None\n".encode() in client.read()


def test_client_beyond_the_limit_is_told(world: Any, node: Any, connect: Any) -> None:
    clients = [connect() for _ in range(12)]
    refused = Client(world, node)
    assert refused.read() == b"Connection is busy. Bye!\n"
    assert refused.closed
    clients[0].ask(b"exit\n")
    assert connect().ask(b"version\n") == b"1.5.0-0\n" + _PROMPT


def test_clients_that_come_and_go_leave_nothing(world: Any, node: Any, connect: Any) -> None:
    for _ in range(100):
        Client(world, node).close()
        world.run_for(0.05)
    world.run_for(5)
    for client in [connect() for _ in range(12)]:
        assert client.ask(b"version\n") == b"1.5.0-0\n" + _PROMPT


def test_silent_client_is_sent_away(connect: Any) -> None:
    client = connect()
    assert client.read(98) == b""
    assert client.read(3) == b"\n__@_/' Session timeout 100 sec\nBye!\n"
    assert client.closed


def test_client_that_leaves_in_mid_reply_disturbs_nobody(world: Any, connect: Any) -> None:
    leaver, other = connect(), connect()
    leaver.send(b"help\n")
    world.run_for(0.001)
    leaver.close()
    assert other.ask(b"version\n") == b"1.5.0-0\n" + _PROMPT


def test_client_that_never_reads_blocks_nobody_and_is_dropped(world: Any, connect: Any) -> None:
    deaf, other = connect(), connect()
    deaf.tcp.pause_reading()
    deaf.send(b"help\n" * 100)
    assert other.ask(b"version\n") == b"1.5.0-0\n" + _PROMPT
    world.run_for(15)
    others = [connect() for _ in range(11)]
    assert others[-1].ask(b"version\n") == b"1.5.0-0\n" + _PROMPT


def test_client_that_vanishes_without_a_word_is_dropped(world: Any, connect: Any) -> None:
    gone = connect()
    gone.send(b"help\n")
    world.run_for(0.001)
    gone.tcp.vanish()
    world.run_for(102)
    assert [connect() for _ in range(12)]


_WAITING = b"""
import asyncio, time
async def wait(seconds):
    await asyncio.sleep(seconds)
    return 'waited'
"""


@pytest.mark.parametrize("leave", ["abort", "close"])
def test_client_that_leaves_during_a_call_gives_its_session_back(
    world: Any, node: Any, connect: Any, leave: str
) -> None:
    node.flash.write("/LM_w.py", _WAITING)
    leaver = connect()
    leaver.send(b"w wait 10000\n")
    world.run_for(1)
    getattr(leaver.tcp, leave)()
    world.run_for(3 if leave == "abort" else 102)
    assert [connect() for _ in range(12)]


def test_client_that_ends_its_stream_gets_the_reply_of_a_slow_call(node: Any, connect: Any) -> None:
    node.flash.write("/LM_w.py", _WAITING)
    client = connect()
    client.send(b"w wait 20\n")
    client.read(1)
    client.close()  # a FIN; what comes is still received
    assert client.read(25).startswith(b"waited\n")


def test_long_call_is_no_silence(node: Any, connect: Any) -> None:
    node.flash.write("/LM_w.py", _WAITING)
    client = connect()
    client.send(b"w wait 500\n")
    assert client.read(502) == b"waited\n" + _PROMPT
    assert client.read(98) == b""
    assert client.read(3) == b"\n__@_/' Session timeout 100 sec\nBye!\n"


def test_client_that_vanished_during_a_call_makes_room_for_another(world: Any, node: Any, connect: Any) -> None:
    node.flash.write("/LM_w.py", _WAITING)
    gone = connect()
    gone.send(b"w wait 100000\n")
    world.run_for(1)
    gone.tcp.vanish()
    world.run_for(101)
    clients = [connect() for _ in range(12)]
    assert all(client.ask(b"version\n", 0.1) == b"1.5.0-0\n" + _PROMPT for client in clients)
    assert Client(world, node).read() == b"Connection is busy. Bye!\n"


def test_waiting_client_keeps_its_session_while_there_is_room(node: Any, connect: Any) -> None:
    node.flash.write("/LM_w.py", _WAITING)
    client = connect()
    client.send(b"w wait 150\n")
    client.read(130)
    assert [connect() for _ in range(11)]
    assert client.read(30).startswith(b"waited\n")


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [(b"conf\n", b"[configure] node01 $  "), (b"ver", _PROMPT), (b"\n", _PROMPT), (b"\xff\xfa\x01", _PROMPT)],
)
def test_silence_counts_from_the_last_byte(connect: Any, typed: bytes, prompt: bytes) -> None:
    client = connect()
    client.read(60)
    assert client.ask(typed, 98).endswith(prompt if typed[0] < 255 else b"")
    assert client.read(5) == b"\n__@_/' Session timeout 100 sec\nBye!\n"


@pytest.mark.parametrize(("soctout", "text"), [(3, b"3 sec"), (7, b"7 sec"), (1000, b"1000 sec")])
def test_soctout_is_what_the_text_says(world: Any, soctout: int, text: bytes) -> None:
    node = world.add_node("node01", config={"soctout": soctout})
    world.run_until(lambda: node.listening(9008))
    client = Client(world, node)
    client.read(soctout - 1)
    assert not client.closed
    assert client.read(3) == b"\n__@_/' Session timeout " + text + b"\nBye!\n"


def test_clients_that_are_gone_before_they_are_greeted_leave_nothing(world: Any, node: Any, connect: Any) -> None:
    for leave in ("abort", "vanish", "close"):
        for _ in range(20):
            client = Client(world, node)
            world.run_for(0.002)
            getattr(client.tcp, leave)()
        world.run_for(120)
        assert [connect().ask(b"exit\n") for _ in range(12)] == [b"Bye!\n"] * 12
    assert "Traceback" not in node.console.text()


def test_commands_sent_during_a_call_are_answered_after_it(node: Any, connect: Any) -> None:
    node.flash.write("/LM_w.py", _WAITING)
    client = connect()
    client.send(b"w wait 5\n")
    client.read(2)
    client.send(b"version\nversion\n")
    assert client.read(5) == b"waited\n" + _PROMPT + 2 * (b"1.5.0-0\n" + _PROMPT)


def test_modes_belong_to_one_session(connect: Any) -> None:
    first, second = connect(), connect()
    first.ask(b"conf\n")
    assert second.ask(b"devfid\n").endswith(b"\n" + _PROMPT)
    assert first.ask(b"devfid\n") == b"node01\n[configure] node01 $  "


def test_reboot_says_bye_and_restarts(world: Any, node: Any, connect: Any) -> None:
    client = connect()
    assert client.ask(b"reboot\n", 0.5) == b"Reboot micrOS system.\nBye!\n"
    world.run_for(1)
    world.run_until(lambda: node.listening(9008))
    assert node.boots == 2


@pytest.mark.parametrize("line", [b"hello x", b"versions", b"exit now", b"webreplx", b"confx", b"noconfx", b"helpx"])
def test_only_exact_words_are_built_in(connect: Any, line: bytes) -> None:
    assert b"SHELL: type help" in connect().ask(line + b"\n")


def test_login_is_asked_for_and_unmasks_secrets(world: Any) -> None:
    node = world.add_node("node01", config={"auth": True})
    shell = world.shell(node)
    assert shell.prompt == "[password] node01 $  "
    assert shell("version") == "1.5.0-0"
    assert shell("ADmin123") == "AuthOk"
    shell("conf")
    assert shell("appwd") == "ADmin123"


@pytest.mark.parametrize("word", ["wrong", "ADmin12", "ADmin1234", "system info"])
def test_wrong_password_ends_the_session(world: Any, word: str) -> None:
    node = world.add_node("node01", config={"auth": True})
    shell = world.shell(node)
    assert shell(word) == "AuthFailed\nBye!"
    assert shell.closed


def test_secrets_are_masked_without_login(shell: Any) -> None:
    shell("conf")
    assert shell("appwd") == "********"
    dump = shell("dump")
    assert "  devfid    :        node01\n" in dump
    assert "  stapwd    :        ********\n" in dump
    assert shell("appwd ********") == "appwd: this is the mask, not a password\nFailed to save"
    shell("maskpwd false")
    assert shell("appwd") == "ADmin123"


@pytest.mark.parametrize("key", ["version", "hwuid"])
def test_what_the_system_writes_cannot_be_set(shell: Any, key: str) -> None:
    shell("conf")
    before = shell("dump")
    assert shell(f"{key} 9") == f"{key}: written by the system\nFailed to save"
    assert shell("dump") == before
    assert "  version   :        1.5.0-0\n" in before
    assert "  hwuid     :        micr240ac4000001OS\n" in before


def test_terminal_escapes_are_refused(shell: Any) -> None:
    shell("conf")
    reply = shell("crontasks *:*:*:0!a b\x1b]0;x\x07")
    assert reply == "crontasks: a text without control characters expected\nFailed to save"
    assert shell("crontasks") == "n/a"


def test_webrepl_update_restarts_in_update_mode_and_hides_the_password(world: Any, node: Any, connect: Any) -> None:
    client = connect()
    address = world.lan.address(node.machine).encode()
    assert client.ask(b"webrepl --update\n", 0.2) == (
        b" Start micropython WEBREPL for interpreter web access and file transferring.\n"
        b"  [!] micrOS socket shell will be available again after reboot.\n"
        b"  \trestart machine shortcut: import reset\n"
        b"  Connect over http://micropython.org/webrepl/#" + address + b":8266/\n"
        b"  \t[!] webrepl password: ********\n"
        b"  Restart node then start webrepl...\n"
        b" Bye!\n"
    )
    assert node.flash.read("/.if_mode") == b"webrepl"
    world.run_for(1)
    assert node.boots == 2


@pytest.mark.parametrize("command", [b"webrepl\n", b"webrepl --update\n"])
def test_webrepl_that_does_not_start_is_told_and_the_session_goes_on(node: Any, connect: Any, command: bytes) -> None:
    client = connect()
    node.flash.fail_next("EIO")
    lines = client.ask(command).split(b"\n")
    assert lines[0].startswith(b" Start micropython WEBREPL")
    assert lines[4] == b"  \t[!] webrepl password: ********"
    assert lines[5:] == [b"Error while starting webrepl: [Errno 5] EIO", _PROMPT]
    assert client.ask(b"version\n") == b"1.5.0-0\n" + _PROMPT
    assert node.boots == 1
    assert "Traceback" not in node.console.text()


def test_webrepl_restarts_in_recovery_mode(world: Any, node: Any, connect: Any) -> None:
    assert connect().ask(b"webrepl\n", 0.1).endswith(b"********\n Bye!\n")
    assert node.flash.read("/.if_mode") == b"recovery"
    world.run_for(3)
    assert node.boots == 2


def test_webrepl_with_another_option_is_refused(connect: Any) -> None:
    assert connect().ask(b"webrepl --u\n") == b"webrepl: unknown option, use: webrepl [--update]\n" + _PROMPT


# --- errors of ours ---

_BREAKER = b"""
import session_commands
kept = session_commands.execute
def fail(name):
    async def execute(session, line):
        if line in ('', 'good'):
            session.send('served' if line else '')
            return True
        raise MemoryError('memory allocation failed') if name == 'memory' else RuntimeError('broken')
    session_commands.execute = execute
def lose():
    import framing
    del framing.Framer
"""


@pytest.fixture
def breaker(world: Any, node: Any) -> Any:
    """Gives a command, on a connection of its own, that breaks the server."""
    node.flash.write("/LM_b.py", _BREAKER)
    world.run_for(30)
    shell = world.shell(node)

    def give(command: str) -> None:
        assert shell(command) == "None"
        shell.close()
        world.run_for(1)

    return give


def _fails(world: Any, node: Any) -> None:
    client = Client(world, node)
    client.ask(b"version\n")
    assert client.closed


@pytest.mark.parametrize("command", ["b fail 'error'", "b fail 'memory'", "b lose"])
def test_node_that_serves_nobody_restarts(world: Any, node: Any, breaker: Any, command: str) -> None:
    breaker(command)
    for _ in range(3):
        _fails(world, node)
    world.run_until(lambda: node.boots == 2, timeout_s=45)
    log = node.flash.read("/err.log").decode()
    assert log.count("__wait_for_msg unexpected error: ") == 1  # the others are held back
    assert "[loader] RuntimeError: no session works: " in log
    assert world.shell(node)("version") == "1.5.0-0"


@pytest.mark.parametrize("command", ["b fail 'error'", "b fail 'memory'"])
def test_session_that_serves_settles_the_account(world: Any, node: Any, breaker: Any, command: str) -> None:
    breaker(command)
    for _ in range(5):
        _fails(world, node)
        _fails(world, node)
        assert Client(world, node).ask(b"good\n").endswith(b"served\n" + _PROMPT)
    mixed = Client(world, node)
    mixed.ask(b"good\n")
    _fails(world, node)
    _fails(world, node)
    assert mixed.ask(b"good\n") == b"served\n" + _PROMPT
    mixed.ask(b"version\n")  # it has served before, so its end is none of those that count
    assert mixed.closed
    _fails(world, node)
    _fails(world, node)
    world.run_for(120)
    assert node.boots == 1


def test_clients_that_say_nothing_do_not_settle_the_account(world: Any, node: Any, breaker: Any) -> None:
    breaker("b fail 'error'")
    for _ in range(3):
        _fails(world, node)
        assert Client(world, node).ask(b"\n").count(_PROMPT) == 2
    world.run_until(lambda: node.boots == 2, timeout_s=45)
