"""Commands from node to node, through the shell."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.world import World

_UID = "micr24aabbccddeeOS"
_COUNT = b"""
counted = 0


def count(tag):
    global counted
    counted += 1
    return 'counted'


def total():
    return counted
"""


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
    assert "[intercon] sendcmd: nobody.local: name lookup failed (-2" in shell("system alarms")


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
    assert reply[1:] == [
        "[intercon] password needed: node03; `peers` does not list node03:micr240ac4000003OS",
        "None",
    ]


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


def _peer(world: Any, name: str = "node03", **config: Any) -> str:
    """Add a node that asks for a password, and return how ``peers`` lists it."""
    node = world.add_node(name, config={"auth": True, **config})
    world.run_for(10)
    return f"{name}:micr{node.machine.unique_id.hex()}OS"


def _locked_host(world: Any) -> Any:
    """A host named node03 that asks for a password and refuses all; returns what tells the bytes that it got."""
    prompt = b"[password] node03 $  "
    hello = b"hello:node03:%s\n" % _UID.encode() + prompt
    return _actor(world, "node03", prompt, {b"hello\n": hello, b"ADmin123\n": b"AuthFailed\nBye!\n"})


def _actor(world: Any, name: str, prompt: bytes, answers: dict[bytes, bytes]) -> Any:
    """A host that plays a node; returns what tells the bytes that it got."""
    host = world.lan.client("actor")
    host.interface.host_name = name
    server = host.listen(9008, lambda connection: connection.send(prompt))
    done = []

    def look() -> None:
        for number, connection in enumerate(server.connections):
            for line, answer in answers.items():
                if connection.received.endswith(line) and (number, line) not in done:
                    done.append((number, line))
                    connection.send(answer)
        world.at(world.kernel.now + 50_000, look)

    look()
    return lambda: b"".join(bytes(connection.received) for connection in server.connections)


def _set_peers(shell: Any, text: str) -> None:
    shell("conf")
    assert shell(f"peers {text}") == "Saved"
    shell("noconf")


@pytest.mark.parametrize("by_name", [True, False])
def test_listed_peer_gets_our_password(world: Any, shell: Any, by_name: bool) -> None:
    listed = _peer(world)
    _set_peers(shell, f"node02:x; {listed}")
    host = "node03.local" if by_name else _ip(world, "node03")
    assert shell(f'intercon send_cmd "{host}" "system module unload=\'LM_a b\'"').endswith(
        "['Module unload LM_a b failed.']"
    )
    assert "wrong" not in shell("system alarms")


@pytest.mark.parametrize("listed", ["node03:micr000000000000OS", "node02:{uid}", "n/a"])
def test_peer_that_is_not_listed_by_both_name_and_id_gets_no_password(world: Any, shell: Any, listed: str) -> None:
    heard = _locked_host(world)
    _set_peers(shell, listed.format(uid=_UID))
    reply = shell('intercon sendcmd "node03.local" "system clock"').split("\n")
    assert reply[-2:] == [f"[intercon] password needed: node03; `peers` does not list node03:{_UID}", "None"]
    assert heard() == b"hello\n"


def test_password_that_was_refused_is_not_sent_again_soon(world: Any, shell: Any) -> None:
    heard = _locked_host(world)
    _set_peers(shell, f"node03:{_UID}")
    for _ in range(15):
        assert shell('intercon sendcmd "node03.local" "system clock"', timeout_s=60).split("\n")[-2:] == [
            "[intercon] password refused: node03",
            "None",
        ]
    assert heard().count(b"ADmin123\n") == 1
    world.run_for(601)
    shell = world.shell(world.nodes["node01"])
    shell('intercon sendcmd "node03.local" "system clock"')
    assert heard().count(b"ADmin123\n") == 2


def test_command_is_sent_once_even_if_no_answer_comes(world: Any, shell: Any) -> None:
    host = world.lan.client("mute")
    server = host.listen(9008, lambda connection: connection.send(b"mute $  "))
    began = world.now_s
    reply = shell(f'intercon sendcmd "{host.ip}" "rgb toggle"', timeout_s=60).split("\n")
    assert reply[-2].startswith(f"[intercon] sendcmd: {host.ip}: ")
    assert reply[-1] == "[]"
    assert world.now_s - began < 20
    assert [bytes(connection.received) for connection in server.connections] == [b"rgb toggle\n"]


def test_peer_that_trickles_is_given_up(world: Any, shell: Any) -> None:
    host = world.lan.client("slow")
    server = host.listen(9008, lambda connection: connection.send(b"slow $  "))
    for second in range(1, 60):
        world.at(
            world.kernel.now + second * 1_000_000,
            lambda: [connection.send(b".") for connection in server.connections if not connection.closed],
        )
    began = world.now_s
    assert shell(f'intercon sendcmd "{host.ip}" "hello"', timeout_s=60).split("\n")[-1] == "[]"
    assert world.now_s - began < 20


def test_new_address_of_a_name_is_found(world: Any, shell: Any) -> None:
    shell('intercon sendcmd "node02.local" "hello"')
    world.nodes["node02"].power_off()
    _actor(world, "node02", b"node02 $  ", {b"hello\n": b"new\nnode02 $  "})
    assert shell('intercon sendcmd "node02.local" "hello"', timeout_s=60).split("\n")[-1] == "['new']"
    assert shell("intercon dump") == f" node02.local: {world.lan.client('actor').ip}"


def test_peer_that_is_off_is_named_with_the_reason_while_the_shell_answers(world: Any, shell: Any) -> None:
    ip = _ip(world, "node02")
    world.nodes["node02"].power_off()
    other = world.shell(world.nodes["node01"])
    connection = world.lan.client("pc").connect(_ip(world, "node01"), 9008)
    world.run_for(0.2)
    began = world.now_s
    connection.send(f'intercon sendcmd "{ip}" "hello"\n'.encode())
    while b"[]" not in connection.received:
        sent = world.now_s
        assert other("system heartbeat") == "<3 heartbeat <3"
        assert world.now_s - sent < 0.1
        world.run_for(0.5)
        assert world.now_s - began < 20
    assert f"[intercon] sendcmd: {ip}: ".encode() in bytes(connection.received)


@pytest.mark.parametrize("host", ["node01.local", "NODE01", "127.0.0.1", "{ip}"])
def test_command_to_oneself_runs_here(world: Any, host: str) -> None:
    shell = world.shell(world.add_node("node01", config={"sessions": 1, "auth": False}))
    host = host.format(ip=_ip(world, "node01"))
    reply = shell(f'intercon sendcmd "{host}" "system module unload=\'LM_a b\'"').split("\n")
    assert reply[0].endswith(":127.0.0.1:9008")
    assert reply[1] == "['Module unload LM_a b failed.']"
    assert shell(f'intercon sendcmd "{host}" "intercon dump"').split("\n")[1] == "['']"
    assert shell(f'intercon sendcmd "{host}" "version"').split("\n")[1] == "['1.5.0-0']"


@pytest.mark.slow
@pytest.mark.parametrize("engine_seed", [1, 2])
def test_twenty_nodes_command_one_another_through_loss_and_partitions(engine_seed: int) -> None:
    with World(seed=engine_seed) as world:
        names = [f"node{number:02}" for number in range(1, 21)]
        config = {"soctout": 86_400, "irqmreq": 0}
        for name in names:
            world.add_node(name, config=config, files={"/LM_n.py": _COUNT})
        shells = {name: world.shell(world.nodes[name]) for name in names}
        lines = {}
        for name in names:
            lines[name] = world.lan.client(f"pc-{name}").connect(_ip(world, name), 9008)
        world.run_for(1)
        sent = dict.fromkeys(names, 0)
        with world.lan.faults.start("loss", ratio=0.1) as loss:
            for turn in range(4):
                cut = turn % 2 and world.lan.faults.start("partition", a=",".join(names[:5]), b=",".join(names[5:]))
                began = world.now_s
                for number, name in enumerate(names):
                    target = names[(number + turn * 3 + 1) % len(names)]
                    lines[name].received.clear()
                    lines[name].send(f'intercon sendcmd "{target}.local" "n count \'{name} to\'"\n'.encode())
                    sent[target] += 1
                world.run_until(
                    lambda: all(bytes(line.received).endswith(b" $  ") for line in lines.values()), timeout_s=60
                )
                assert world.now_s - began < 25
                for name in names:
                    result = bytes(lines[name].received).decode().split("\n")[-2]
                    assert result in ("[]", "None", "['counted']"), (name, bytes(lines[name].received))
                if cut:
                    cut.end()
            loss.excuse()
        world.run_for(30)
        for name in names:
            assert int(shells[name]("n total")) <= sent[name], "a command ran twice"
            assert world.nodes[name].boots == 1
        assert shells["node01"]('intercon sendcmd "node20.local" "n count 1"').endswith("['counted']")
