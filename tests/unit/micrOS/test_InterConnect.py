"""Commands from node to node, through the shell."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def shell(world: Any) -> Any:
    """A shell of node01; node02 is on the same network."""
    world.add_node("node02")
    shell = world.shell(world.add_node("node01"))
    world.run_for(5)
    return shell


def _ip(world: Any, name: str) -> str:
    ip: str = world.lan.address(world.nodes[name].machine)
    return ip


def test_node_is_reached_by_name(world: Any, shell: Any) -> None:
    reply = shell('intercon sendcmd "node02.local" "hello"').split("\n")
    assert reply[0] == f"[intercon] hello -> node02.local:{_ip(world, 'node02')}:9008"
    assert reply[1].startswith("['hello:node02:micr")


def test_node_is_reached_by_address(world: Any, shell: Any) -> None:
    ip = _ip(world, "node02")
    reply = shell(f'intercon sendcmd "{ip}" "version"').split("\n")
    assert reply[0] == f"[intercon] version -> None:{ip}:9008"
    assert reply[1] == "['1.5.0-0']"


@pytest.mark.parametrize(
    "arguments",
    [
        '"node02.local" "system module unload=\'LM_a b\'"',
        'host="node02.local" cmd="system module unload=\'LM_a b\'"',
        '"system module unload=\'LM_a b\'" host="node02.local"',
        '"node02.local" "system" "module" "unload=\'LM_a b\'"',
    ],
)
def test_quoted_blanks_arrive(shell: Any, arguments: str) -> None:
    assert shell(f"intercon sendcmd {arguments}").endswith("['Module unload LM_a b failed.']")


def test_reply_of_several_lines_is_a_list(shell: Any) -> None:
    assert shell('intercon sendcmd "node02.local" "system clock"').count("'") == 4


def test_prompt_alone_is_an_empty_reply(shell: Any) -> None:
    assert shell('intercon sendcmd "node02.local" "noconf"').split("\n")[1:] == [""]


def test_unknown_host_gives_an_empty_list_and_a_log_line(shell: Any) -> None:
    assert shell('intercon sendcmd "nobody.local" "hello"').split("\n")[-1] == "[]"
    assert "[intercon] sendcmd: nobody.local:" in shell("system alarms")


def test_silent_host_gives_an_empty_list_within_the_limit(world: Any, shell: Any) -> None:
    world.lan.client("mute").listen(9008)
    sent = world.now_s
    ip = world.lan.client("mute").ip
    assert shell(f'intercon sendcmd "{ip}" "hello"', timeout_s=60).split("\n")[-1] == "[]"
    assert 4 < world.now_s - sent < 20


def test_absent_host_gives_an_empty_list_while_the_shell_answers(world: Any, shell: Any) -> None:
    other = world.shell(world.nodes["node01"])
    connection = world.lan.client("pc").connect(_ip(world, "node01"), 9008)
    world.run_for(0.2)
    connection.send(b'intercon sendcmd "10.0.7.7" "hello"\n')
    world.run_for(1)
    sent = world.now_s
    assert other("hello").startswith("hello:node01:")
    assert world.now_s - sent < 0.1
    world.run_until(lambda: b"\n[]\n" in connection.received, timeout_s=60)


def test_another_node_under_the_name_gets_no_command(world: Any, shell: Any) -> None:
    shell('intercon sendcmd "node02.local" "hello"')
    world.nodes["node02"].power_off()
    impostor = world.lan.client("impostor")
    impostor.interface.host_name = "node02"
    server = impostor.listen(9008, lambda connection: connection.send(b"other $  "))
    reply = shell('intercon sendcmd "node02.local" "hello"', timeout_s=60).split("\n")
    assert "[intercon] prompt mismatch, hostname: node02.local prompt: other " in reply
    assert reply[-1] == "None"
    world.run_for(1)
    assert all(not bytes(connection.received) for connection in server.connections)


def test_peer_that_asks_for_a_password_gets_no_command(world: Any, shell: Any) -> None:
    world.add_node("node03", config={"auth": True})
    world.run_for(10)
    reply = shell('intercon sendcmd "node03.local" "system clock"').split("\n")
    assert reply[1:] == ["[intercon] password needed: node03", "None"]


def test_own_name_works_too(shell: Any) -> None:
    assert "hello:node01:" in shell('intercon sendcmd "node01.local" "hello"')


def test_dump_shows_addresses_of_the_last_success(world: Any, shell: Any) -> None:
    shell('intercon sendcmd "node02.local" "hello"')
    shell('intercon sendcmd "nobody.local" "hello"')
    assert shell("intercon dump") == f" node02.local: {_ip(world, 'node02')}\n nobody.local: None"


@pytest.mark.parametrize("command", ["", " ", "a\\nb"])
def test_command_that_is_no_line_is_refused(shell: Any, command: str) -> None:
    assert "one command line expected" in shell(f'intercon sendcmd "node02.local" "{command}"')


def test_missing_host_is_named(shell: Any) -> None:
    assert "host is missing" in shell("intercon sendcmd")


def test_names_that_fail_do_not_pile_up(shell: Any) -> None:
    for number in range(12):
        shell(f'intercon sendcmd "nobody{number}" "hello"')
    assert len(shell("intercon dump").split("\n")) == 8
    assert "host: 1..64 characters expected" in shell(f'intercon sendcmd "{"h" * 65}" "hello"')
