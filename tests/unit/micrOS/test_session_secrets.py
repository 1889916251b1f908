"""Passwords appear nowhere: no reply, no console, no log, no trace; only in the configuration's own files."""

from __future__ import annotations

from typing import Any

import pytest

_WIFI = "wifi-Geheim-4711"
_NODE = "Kn0tenPw"
_TYPED = "tYp3dPw99"
_MODULE = b"""
from ConfigHandler import cfgget
from Common import socket_stream
@socket_stream
def fail(msgobj=None):
    msgobj('before')
    raise ValueError('no luck')
def crash():
    raise SystemExit
async def hog():
    raise MemoryError('no room')
async def die():
    import asyncio
    asyncio.create_task(_end())
async def _end():
    raise KeyboardInterrupt
"""
#: What a curious client asks; the three readings that show a secret to who is logged in are left out.
_LINES = [
    "help",
    "system info",
    "system module >json",
    "system cachedump",
    "system alarms test=True",
    "w fail",
    "w fail >json",
    "w crash",
    "w hog",
    "w nothing",
    "conf",
    "dump",
    "help appwd",
    "stapwd " + "x" * 65,
    f"appwd {_TYPED}x",
    f"appwd x {_TYPED}",
    "appwd ********",
    "maskpwd maybe",
    "dump",
    "noconf",
    "webrepl nonsense",
]
#: After each of these the node is reset.
_LAST_LINES = ["webrepl", "webrepl --update", "w die", "reboot"]


def _files(node: Any) -> dict[str, bytes]:
    """All files that are no configuration."""
    found = {}
    for folder in ("/", "/modules/"):
        for name in node.flash.listdir(folder):
            path = folder + name
            if not name.startswith("node_config.json") and not node.flash.is_dir(path):
                found[path] = node.flash.read(path)
    return found


class Busy:
    """A node that is asked everything, and what it has answered."""

    def __init__(self, world: Any, **config: object) -> None:
        self.world = world
        self.node = world.add_node(
            "node01",
            config={"stapwd": f"your_wifi_passwd;{_WIFI}", "appwd": _NODE, "boothook": "w fail; w nothing", **config},
            files={"/LM_w.py": _MODULE},
        )
        self.replies = b""
        self.count = 0

    def ask(self, *lines: str) -> bytes:
        """Give lines in one session; a session that ends early is gone on with in another."""
        self.world.run_until(lambda: self.node.listening(9008), timeout_s=60)
        self.count += 1
        host = self.world.lan.client(f"client{self.count}")
        tcp = host.connect(self.world.lan.address(self.node.machine), 9008)
        for line in lines:
            self.world.run_for(0.3)
            if not tcp.closed:
                tcp.send(line.encode() + b"\n")
        self.world.run_for(3)
        tcp.close()
        self.replies += bytes(tcp.received)
        return bytes(tcp.received)

    def restart(self) -> None:
        """Press the reset button; whatever mode the node was in, it boots normally."""
        self.node.flash.write("/.if_mode", b"micros")
        self.node.reset()
        self.world.run_for(1)

    def everything(self) -> dict[str, bytes]:
        """All that the node has let out, by where it was found."""
        trace = "".join(f"{source} {what}\n" for _t, source, what in self.world.trace.records())
        console = self.node.console.text().encode()
        return {"replies": self.replies, "console": console, "trace": trace.encode(), **_files(self.node)}

    def check(self, *secrets: str) -> None:
        """No secret is anywhere."""
        for place, content in self.everything().items():
            for secret in secrets:
                assert secret.encode() not in content, place
                assert secret.encode().hex().encode() not in content, place


@pytest.mark.parametrize("config", [{"auth": True}, {"auth": True, "maskpwd": False}, {"auth": False}])
def test_passwords_of_a_busy_node_are_nowhere(world: Any, config: dict[str, object]) -> None:
    world.trace.keep = True
    busy = Busy(world, **config)
    login = [_NODE] if config["auth"] else []
    for wrong in [_TYPED, _NODE[:-1], _NODE + "1", _WIFI, *["x"] * 8] if config["auth"] else []:
        busy.ask(wrong)
    for line in _LINES[:10]:
        busy.ask(*login, line)
    busy.ask(*login, *_LINES)
    for line in _LAST_LINES:
        busy.ask(*login, line)
        world.run_for(60)
        busy.restart()
    busy.ask(*login, "system alarms")
    assert busy.replies.count(b"webrepl password: ********\n") == 2
    assert b"exec_lm_core LM_w->nothing: " in busy.replies.partition(b"reboot")[2]
    busy.check(_WIFI, _NODE, _TYPED)


def test_logged_in_client_reads_a_single_secret_but_no_dump(world: Any) -> None:
    busy = Busy(world, auth=True, maskpwd=False)
    reply = busy.ask(_NODE, "conf", "appwd", "stapwd")
    assert reply.endswith(f"{_NODE}\n[configure] node01 $  your_wifi_passwd;{_WIFI}\n[configure] node01 $  ".encode())
    dump = busy.ask(_NODE, "conf", "dump")
    assert b"  appwd     :        ********\n" in dump
    assert b"  stapwd    :        ********\n" in dump


def test_without_login_and_mask_old_tools_read_everything(world: Any) -> None:
    busy = Busy(world, auth=False, maskpwd=False)
    assert busy.ask("conf", "appwd", "dump", "noconf", "webrepl").count(_NODE.encode()) == 3
