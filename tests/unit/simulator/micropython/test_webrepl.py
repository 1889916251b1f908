"""``webrepl`` on a node, and a client that speaks as MicroPython's command-line client does."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import NodeError, StateError
from simulator.webrepl_client import BINARY, REQUEST, TEXT, WebReplClient, frame, record

_JOIN = """
import network, time, webrepl
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
"""
_MANUAL = "Started webrepl in manual override mode\n"


class Served:
    """A joined board whose WebREPL has the password ``secret123``."""

    def __init__(self, bare: Any) -> None:
        self.node = bare.node
        self.world = bare.world
        self.run = bare.run
        bare.run(_JOIN)
        self.ip = bare.world.lan.address(bare.machine)
        self.shown = bare.run("webrepl.start(password='secret123')")

    def client(self, *, is_in: bool = True) -> WebReplClient:
        """A session, logged in unless told otherwise."""
        client = WebReplClient(self.world, self.node)
        if is_in:
            client.log_in("secret123")
        return client

    def raw(self, data: bytes) -> Any:
        """A connection that has sent ``data``, a second later."""
        connection = self.world.lan.client("raw").connect(self.ip, 8266)
        connection.send(data)
        self.world.run_for(1)
        return connection


@pytest.fixture
def served(bare: Any) -> Served:
    """A board that serves WebREPL."""
    return Served(bare)


# --- start and stop -------------------------------------------------------------------------------


def test_start_says_where(served: Served) -> None:
    assert served.shown == f"WebREPL server started on http://{served.ip}:8266/\n" + _MANUAL


def test_start_without_network_says_so(bare: Any) -> None:
    assert bare.run("import webrepl; webrepl.start(password='x')") == "WebREPL no active interface\n" + _MANUAL


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("start(password='1234567890')", "ValueError: \n"),
        ("start_foreground(8266, '1234567890')", "ValueError: \n"),
        ("start()", "TypeError: can't convert 'NoneType' object to str implicitly\n"),
    ],
)
def test_start_with_wrong_password_raises(bare: Any, call: str, text: str) -> None:
    with pytest.raises(NodeError) as error:
        bare.run(f"import webrepl; webrepl.{call}")
    assert str(error.value).endswith(text)


def test_start_takes_the_password_of_webrepl_cfg(bare: Any) -> None:
    bare.node.flash.write("/webrepl_cfg.py", b"PASS = 'fromfile'\nBASE = 'http://here/'\n")
    served = Served(bare)
    assert served.run("webrepl.start(); print(webrepl.static_host)").endswith("normal mode\nhttp://here/\n")
    served.client(is_in=False).log_in("fromfile")


def test_stop_without_service_does_nothing(bare: Any) -> None:
    assert bare.run("import webrepl\nprint(webrepl.stop())") == "None\n"


def test_stop_ends_service_and_session(served: Served) -> None:
    client = served.client()
    served.run("webrepl.stop()")
    served.world.run_for(1)
    assert client.closed
    assert not served.node.listening(8266)


def test_start_again_takes_the_new_password(served: Served) -> None:
    served.client()
    served.run("webrepl.start(password='other')")
    with pytest.raises(StateError, match="Access denied"):
        served.client()
    served.client(is_in=False).log_in("other")


def test_start_foreground_waits_for_the_first_client(bare: Any) -> None:
    served = Served(bare)
    run = served.node.start("webrepl.start_foreground(password='fore'); print('goes on')")
    served.world.run_for(5)
    assert not run.done
    served.client(is_in=False).log_in("fore")
    served.world.run_for(1)
    assert run.printed.endswith("goes on\n")


# --- handshake ------------------------------------------------------------------------------------


def test_handshake_is_answered_byte_for_byte(served: Served) -> None:
    # The key's answer by RFC 6455, 4.2.2, from another implementation.
    request = REQUEST.replace(b"foo", b"dGhlIHNhbXBsZSBub25jZQ==")
    assert bytes(served.raw(request).received) == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x0aPassword: "
    )


@pytest.mark.parametrize(
    "header", [b"Connection: Upgrade\r\n", b"Upgrade: websocket\r\n", b"Sec-WebSocket-Key: foo\r\n"]
)
def test_request_that_is_no_websocket_gets_a_page(served: Served, header: bytes) -> None:
    connection = served.raw(REQUEST.replace(header, b""))
    assert bytes(connection.received) == (
        b'HTTP/1.0 200 OK\r\n\r\n<base href="https://micropython.org/webrepl/"></base>\r\n'
        b'<script src="webrepl_content.js"></script>\r\n'
    )
    assert connection.closed


def test_request_without_colon_ends_the_client_and_no_other(served: Served) -> None:
    assert served.raw(b"GET / HTTP/1.1\r\nnonsense\r\n\r\n").closed
    assert "ValueError: need more than 1 values to unpack" in served.node.console.text()
    served.client()


def test_endless_request_line_ends_the_client(served: Served) -> None:
    connection = served.raw(b"x" * 70_000)
    served.world.run_for(10)
    assert connection.closed
    served.client()


def test_silent_client_stops_the_main_program_but_no_timer(served: Served) -> None:
    served.run("import machine\nmachine.Timer(0, period=1000, callback=lambda t: print('tick'))")
    client = served.world.lan.client("raw").connect(served.ip, 8266)
    served.world.run_for(5)
    run = served.node.start("print('main')")
    served.world.run_for(5)
    assert not run.done
    assert served.node.console.text().count("tick") >= 8
    client.close()
    served.world.run_for(1)
    assert run.done


def test_second_session_is_rejected(served: Served) -> None:
    first = served.client()
    connection = served.raw(REQUEST)
    assert connection.closed
    assert b"Password" not in connection.received
    first.wait_for("Concurrent WebREPL connection from ('")
    assert first.version() == (1, 28, 0)


def test_next_session_follows_within_fractions_of_a_second(served: Served) -> None:
    for _ in range(40):  # more than there are sockets
        served.client().close()
        served.world.run_for(0.3)
    served.client()


# --- log-in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [None, b"\x01\x02\x03\x04"])
@pytest.mark.parametrize("kind", [TEXT, BINARY])
@pytest.mark.parametrize("end", [b"\r", b"\n"])
def test_password_is_taken_from_any_frame(served: Served, mask: bytes | None, kind: int, end: bytes) -> None:
    client = served.client(is_in=False)
    client.send_raw(frame(b"secret123" + end, kind, mask=mask))
    client.wait_for("\r\nWebREPL connected\r\n>>> ")


@pytest.mark.parametrize("password", ["", "secret12", "secret1234", "secret123456", "SECRET123"])
def test_wrong_password_is_denied(served: Served, password: str) -> None:
    client = served.client(is_in=False)
    with pytest.raises(StateError, match="Access denied"):
        client.log_in(password)
    served.world.run_for(1)
    assert client.closed
    assert "dupterm: EOF received, deactivating\n" in served.node.console.text()


def test_password_in_pieces_is_put_together(served: Served) -> None:
    client = served.client(is_in=False)
    for byte in frame(b"secret123\r"):
        client.send_raw(bytes((byte,)))
        served.world.run_for(0.2)
    client.wait_for("connected")


def test_nothing_is_shown_and_no_file_given_before_log_in(served: Served) -> None:
    client = served.client(is_in=False)
    served.run("print('secret')")
    client.send(record(2, "boot.py") + b"\r")
    served.world.run_for(1)
    assert "secret" not in client.text
    assert client.closed and not client.binary


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 5000, 20_000])
def test_file_comes_back_as_it_was_put(served: Served, size: int) -> None:
    client = served.client()
    data = bytes(place * 7 & 0xFF for place in range(size))
    client.put("a.bin", data)
    assert served.node.flash.read("/a.bin") == data
    assert client.get("a.bin") == data


def test_record_in_one_frame_and_masked_data_are_taken(served: Served) -> None:
    client = served.client()
    client.send_raw(frame(record(1, "/x.py", 5), mask=b"abcd") + frame(b"hello", mask=b"efgh"))
    served.world.run_for(1)
    assert list(client.binary) == [b"WB\0\0", b"WB\0\0"]
    assert served.node.flash.read("/x.py") == b"hello"


def test_many_files_in_one_session(served: Served) -> None:
    client = served.client()
    for number in range(10):
        client.put(f"f{number}", bytes((number,)) * 700)
    assert [client.get(f"f{number}")[0] for number in range(10)] == list(range(10))
    assert client.version() == (1, 28, 0)


@pytest.mark.parametrize("operation", ["get", "put"])
def test_name_that_cannot_be_opened_ends_the_session(served: Served, operation: str) -> None:
    client = served.client()
    with pytest.raises(StateError, match="closed the session"):
        client.get("none.py") if operation == "get" else client.put("none/x.py", b"x")
    shown = served.node.console.text()
    assert "dupterm: Exception in read() method, deactivating: " in shown
    assert "OSError: [Errno 2] ENOENT\n" in shown
    served.client()


def test_transfer_that_breaks_off_leaves_a_short_file(served: Served) -> None:
    served.node.flash.write("/main.py", b"old" * 1000)
    client = served.client()
    client.send(record(1, "main.py", 3000))
    client.send(b"n" * 600)
    served.world.run_for(1)
    client.close()
    served.world.run_for(1)
    assert served.node.flash.read("/main.py") == b"n" * 600
    served.client().put("main.py", b"whole")
    assert served.node.flash.read("/main.py") == b"whole"


def test_power_cut_in_a_transfer_leaves_the_old_file(served: Served) -> None:
    served.node.flash.write("/main.py", b"old")
    client = served.client()
    client.send(record(1, "main.py", 3000))
    client.send(b"n" * 600)
    served.world.run_for(1)
    served.node.power_off()
    assert served.node.flash.read("/main.py") == b"old"


def test_full_flash_is_answered_with_success(served: Served) -> None:
    fill = "f = open('big', 'wb')\ntry:\n    while True: f.write(bytes(65536)); f.flush()\nexcept OSError: f.close()"
    served.run(fill)
    client = served.client()
    client.put("late.py", b"x" * 100_000)
    assert served.node.flash.read("/late.py") == b""


def test_byte_that_arrives_alone_is_lost(served: Served) -> None:
    client = served.client()
    client.send(record(1, "x", 4))
    data = frame(b"abcd")
    client.send_raw(data[:-3])
    served.world.run_for(0.5)
    client.send_raw(data[-3:])
    served.world.run_for(0.5)
    assert served.node.flash.read("/x") == b"bcd"


def test_terminal_goes_on_beside_a_transfer(served: Served) -> None:
    client = served.client()
    client.send(record(1, "x", 6))
    client.send(b"abc")
    client.type("1+1\r")
    client.send(b"def")
    client.wait_for("2\r\n>>> ")
    assert served.node.flash.read("/x") == b"abcdef"


# --- terminal -------------------------------------------------------------------------------------


def test_statement_is_echoed_and_its_value_shown(served: Served) -> None:
    client = served.client()
    client.type("6 * 7\r")
    assert client.wait_for(">>> ") == "6 * 7\r\n42\r\n>>> "


def test_exception_is_shown_and_the_prompt_comes_back(served: Served) -> None:
    client = served.client()
    client.type("1 / 0\r")
    shown = client.wait_for("\n>>> ")
    assert "ZeroDivisionError" in shown and "Traceback" in shown
    client.type("for\r")
    assert "SyntaxError" in client.wait_for("\n>>> ")


def test_what_the_program_prints_is_shown(served: Served) -> None:
    client = served.client()
    assert served.run("print('a\\nb')") == "a\nb\n"
    assert client.wait_for("b\r\n") == "a\r\nb\r\n"


@pytest.mark.parametrize(
    "program",
    [
        "time.sleep(500)",
        "import select; select.poll().poll(500000)",
        "import asyncio\nasync def main():\n    while True: await asyncio.sleep_ms(10)\nasyncio.run(main())",
    ],
    ids=["sleep", "poll", "asyncio"],
)
def test_service_runs_beside_the_main_program_until_ctrl_c(served: Served, program: str) -> None:
    run = served.node.start(program)
    client = served.client()
    client.put("x", b"data" * 300)
    assert client.get("x") == b"data" * 300
    assert not run.done
    client.type("\x03")
    served.world.run_for(1)
    assert run.done
    with pytest.raises(NodeError, match="KeyboardInterrupt"):
        run.check()


def test_ctrl_c_at_the_prompt_drops_the_line(served: Served) -> None:
    client = served.client()
    client.type("1 +\x03")
    assert client.wait_for("\n>>> ") == "1 +\r\n>>> "


def test_import_at_the_prompt_can_reboot_the_node(served: Served) -> None:
    served.node.flash.write("/reset.py", b"import machine\nmachine.reset()\n")
    client = served.client()
    client.type("import reset\r")
    served.world.run_for(3)
    assert served.node.boots == 2
    assert not served.node.listening(8266)


def test_soft_reset_ends_the_service(served: Served) -> None:
    client = served.client()
    client.type("\x04")
    served.world.run_for(3)
    assert served.node.boots == 2
    assert not served.node.listening(8266)


def test_close_frame_ends_the_session(served: Served) -> None:
    client = served.client()
    client.send(b"", 8)
    served.world.run_for(1)
    assert client.text.encode() == b"\xef\xbf\xbd\0"  # 88 00 as payload of a text frame
    assert client.closed
    served.client()


def test_client_that_resets_is_let_go(served: Served) -> None:
    client = served.client()
    client.abort()
    served.world.run_for(1)
    assert "dupterm: Exception in read() method, deactivating: " in served.node.console.text()
    served.client()


def test_client_that_reads_nothing_stops_a_printing_program(served: Served) -> None:
    client = served.client()
    client.pause_reading()
    run = served.node.start("for number in range(300): print('x' * 100)")
    served.world.run_for(30)
    assert not run.done
    client.resume_reading()
    served.world.run_for(5)
    assert run.done
    assert client.closed is False and client.text.count("x" * 100 + "\r\n") == 300


def test_two_nodes_have_sessions_of_their_own(served: Served, world: Any) -> None:
    other = world.add_node("other", firmware=False)
    world.run_until(lambda: ">>> " in other.console.text())
    world.run_on(other, _JOIN + "webrepl.start(password='theirs')")
    mine = served.client()
    theirs = WebReplClient(world, other)
    theirs.log_in("theirs")
    mine.type("name = 'mine'\r")
    theirs.type("name = 'theirs'\r")
    mine.type("name\r")
    assert "'mine'" in mine.wait_for("'\r\n>>> ")
    theirs.type("name\r")
    assert "'theirs'" in theirs.wait_for("'\r\n>>> ")
