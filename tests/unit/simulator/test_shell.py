"""The shell client for tests and Load Module authors, against small servers of its own kind."""

from __future__ import annotations

import pytest

from simulator.errors import StateError, WaitTimeout
from simulator.node import Node
from simulator.shell import Shell
from simulator.world import World

_SERVER = b"""
import asyncio, network, time
wlan = network.WLAN(network.WLAN.IF_STA)
wlan.active(True)
wlan.connect("your_wifi_name", "your_wifi_passwd")
REPLIES = {
    b"echo": b"a b\\nlamp $  ",
    b"lines": b"one\\ntwo\\nlamp $  ",
    b"empty": b"lamp $  ",
    b"conf": b"[configure] lamp $  ",
    b"money": b"5 $  each\\nlamp $  ",
    b"exit": b"Bye!\\n",
    b"silence": b"",
}
async def serve(reader, writer):
    writer.write(b"lamp $  ")
    while True:
        line = (await reader.readline()).strip()
        if not line:
            break
        for n, piece in enumerate(REPLIES[line].split(b"\\n")):
            writer.write(b"\\n" * (n > 0) + piece)
            await writer.drain()
            await asyncio.sleep_ms(30)
        if line == b"exit":
            break
    await writer.wait_closed()
async def main():
    while not wlan.isconnected():
        await asyncio.sleep_ms(50)
    await asyncio.start_server(serve, "0.0.0.0", 9008)
    await asyncio.sleep(10_000)
asyncio.run(main())
"""


@pytest.fixture
def lamp(world: World) -> Node:
    return world.add_node("lamp", firmware=False, files={"/main.py": _SERVER})


@pytest.fixture
def client(world: World, lamp: Node) -> Shell:
    return world.shell(lamp)


@pytest.mark.parametrize(
    ("command", "reply"),
    [("echo", "a b"), ("lines", "one\ntwo"), ("empty", ""), ("money", "5 $  each")],
)
def test_reply_comes_without_prompt(client: Shell, command: str, reply: str) -> None:
    assert client(command) == reply
    assert client.prompt == "lamp $  "


def test_prompt_of_a_mode_is_kept_apart(client: Shell) -> None:
    assert client("conf") == ""
    assert client.prompt == "[configure] lamp $  "


def test_reply_before_the_end_of_the_session_is_returned(client: Shell) -> None:
    assert client("exit") == "Bye!"
    assert client.closed
    with pytest.raises(StateError, match="the session is closed"):
        client("echo")


def test_command_without_an_answer_times_out_with_what_came(client: Shell) -> None:
    with pytest.raises(WaitTimeout, match="lamp: no prompt after 'silence' within 2 s; got b''"):
        client("silence", timeout_s=2)


def test_close_ends_the_session(world: World, client: Shell) -> None:
    client.close()
    world.run_for(1)
    assert client.closed


def test_sessions_are_independent(world: World, lamp: Node) -> None:
    one, two = world.shell(lamp), world.shell(lamp)
    one("exit")
    assert two("echo") == "a b"


def test_shell_waits_until_the_node_listens(world: World, lamp: Node) -> None:
    with pytest.raises(WaitTimeout):
        world.shell(lamp, boot_timeout_s=0.1)
    assert world.shell(lamp)("echo") == "a b"


def test_shell_of_the_firmware_answers(shell: Shell) -> None:
    assert shell("hello") == "hello:node01:micr240ac4000001OS"
    assert shell.prompt == "node01 $  "
