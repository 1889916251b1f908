"""``intercon`` sends commands to other nodes; tests/unit/micrOS/test_InterConnect.py has the transport."""

from __future__ import annotations

import pytest


@pytest.fixture
def shell(world, node):
    world.add_node("node02")
    shell = world.shell(node)
    world.run_for(5)
    return shell


@pytest.mark.parametrize("function", ["sendcmd", "send_cmd"])
def test_commas_arrive(shell, function):
    """D-48."""
    reply = shell(f'intercon {function} "node02.local" "system module unload=\'a, b,c\'"')
    assert reply.split("\n")[-1] == "['Module unload a, b,c failed.']"


@pytest.mark.parametrize(
    "arguments",
    [
        '"node02.local" "system" "heartbeat"',
        'host="node02.local" cmd="system heartbeat"',
        '"system heartbeat" host="node02"',
    ],
)
def test_all_forms_send_the_command(shell, arguments):
    assert shell(f"intercon sendcmd {arguments}").split("\n")[-1] == "['<3 heartbeat <3']"


def test_connection_that_breaks_at_once_is_tried_again_with_a_new_one(world, shell):
    """D-55."""
    host = world.lan.client("flaky")

    def greet(connection):
        if len(server.connections) == 1:
            connection.abort()
        else:
            connection.send(b"flaky $  ")

    server = host.listen(9008, greet)
    shell(f'intercon sendcmd "{host.ip}" "hello"', timeout_s=60)
    assert [bytes(connection.received) for connection in server.connections] == [b"", b"hello\n"]


def test_host_that_is_no_text_is_not_reached(shell):
    assert shell("intercon sendcmd 5 'hello'").split("\n")[-1] == "[]"
    assert "host is missing" in shell("intercon sendcmd")


def test_addresses_are_told(world, shell):
    assert shell("intercon dump") == ""
    shell('intercon sendcmd "node02.local" "hello"')
    assert shell("intercon dump") == f" node02.local: {world.lan.address(world.nodes['node02'].machine)}"


def test_help_is_the_known_one(shell):
    assert shell("intercon help").split("\n") == [
        ' sendcmd "hello" host="IP/hostname") OR sendcmd host="IP/hostname" cmd="system rssi"),',
        ' example: intercon sendcmd "10.0.1.84" "system rssi" OR intercon sendcmd "system rssi" host="node01.local",',
        " dump (dump host cache),",
    ]
