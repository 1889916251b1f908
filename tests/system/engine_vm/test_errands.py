"""What the world has the machine do on behalf of an API call, seen through WebREPL, which lives in the world."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import StateError, WaitTimeout
from simulator.webrepl_client import WebReplClient

_JOIN = """
import network, time, webrepl
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
"""


@pytest.fixture
def session(vm: Any) -> WebReplClient:
    """A session with a joined board."""
    vm.run(_JOIN + "webrepl.start(password='secret')")
    client = WebReplClient(vm.world, vm.node)
    client.log_in("secret")
    return client


def test_file_that_is_put_is_written_by_the_machines_file_system(vm: Any, session: WebReplClient) -> None:
    flash = vm.node.flash
    erased, data = flash.erased_blocks, bytes(range(256)) * 60
    session.put("/big.bin", data)
    assert vm.run("f = open('/big.bin', 'rb')\nprint(len(f.read()), f.seek(300), f.read(2))") == "15360 300 b',-'\n"
    assert flash.writes["/big.bin"] == 2  # made, closed
    assert 4 <= flash.erased_blocks - erased <= 6


def test_file_in_a_folder_that_is_not_there_ends_the_session(vm: Any, session: WebReplClient) -> None:
    with pytest.raises(StateError, match="closed the session"):
        session.put("none/x.py", b"x")
    assert "OSError: [Errno 2] ENOENT\n" in vm.text()
    assert not vm.node.flash.exists("/none")


def test_flash_that_fails_when_a_put_file_is_closed_ends_the_session(vm: Any, session: WebReplClient) -> None:
    vm.node.flash.write("/a.bin", b"old")
    vm.node.flash.fail_next("EIO")
    with pytest.raises(StateError, match="closed the session"):
        session.put("/a.bin", b"new" * 1000)
    assert "OSError: [Errno 5] EIO\n" in vm.text()
    assert vm.node.flash.read("/a.bin") == b"old"


def test_power_cut_while_a_put_file_is_closed_leaves_the_old_one(vm: Any, session: WebReplClient) -> None:
    vm.node.flash.write("/a.bin", b"old")
    vm.node.flash.cut_after(1)
    with pytest.raises(WaitTimeout):
        session.put("/a.bin", b"new" * 1000)
    vm.world.run_for(1)
    assert vm.node.flash.read("/a.bin") == b"old"


def test_password_of_a_module_on_the_flash_is_taken(vm: Any) -> None:
    vm.node.flash.write("/webrepl_cfg.py", b"PASS = b'bytes'\nBASE = 'http://here/'\ndef f(): pass\n")
    shown = vm.run(_JOIN + "webrepl.start()\nprint(webrepl.static_host, webrepl.client_s)")
    assert shown.endswith("Started webrepl in normal mode\nhttp://here/ None\n")
    WebReplClient(vm.world, vm.node).log_in("bytes")
    assert vm.run("print(type(webrepl.client_s).__name__)") == "socket\n"


@pytest.mark.parametrize("source", [b"raise ValueError\n", b"import nosuch\n", b"BASE = 1\n"])
def test_module_that_is_of_no_use_is_not_configured(vm: Any, source: bytes) -> None:
    vm.node.flash.write("/webrepl_cfg.py", source)
    shown = vm.run("import webrepl\ntry:\n    webrepl.start()\nexcept TypeError as e:\n    print(e)")
    assert shown == (
        "WebREPL is not configured, run 'import webrepl_setup'\ncan't convert 'NoneType' object to str implicitly\n"
    )


def test_variable_that_the_program_sets_is_the_modules(vm: Any) -> None:
    vm.run(_JOIN + "webrepl.start(password='x')\nwebrepl.static_host = 'http://mine/'")
    connection = vm.world.lan.client("pc").connect(vm.world.lan.address(vm.node.machine), 8266)
    connection.send(b"GET / HTTP/1.1\r\n\r\n")
    vm.world.run_for(1)
    assert b'<base href="http://mine/">' in connection.received


def test_heap_that_a_program_leaves_locked_is_free_again(vm: Any) -> None:
    for end in ("", "bytearray(9)\n", "raise ValueError\n"):
        run = vm.later(f"import micropython\nprint(micropython.heap_lock(), micropython.heap_lock())\n{end}")
        vm.world.run_until(lambda run=run: run.done, timeout_s=5)
        assert run.printed == "1 2\n"
        assert vm.run("print(len(bytearray(99)), micropython.heap_unlock())") == "99 0\n"
