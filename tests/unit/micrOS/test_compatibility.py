"""What host tools and clients of earlier firmware rely on, one test for each point."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from simulator.webrepl_client import WebReplClient
from tests.unit.micrOS.shipped import on_flash
from tests.unit.old_client import OldClient, run


@pytest.fixture
def client(world: Any, node: Any) -> OldClient:
    return OldClient(world, world.lan.client("laptop"), world.lan.address(node.machine))


def _run(world: Any, words: str, name: str = "node01") -> list[str]:
    return run(world, world.lan.client("laptop"), world.lan.address(world.nodes[name].machine), words)


# --- discovery ----------------------------------------------------------------------------------


def test_hello_names_the_node_and_its_id(client: OldClient) -> None:
    fields = client.command("hello").split(":")
    assert fields[:2] == ["hello", "node01"]
    assert re.fullmatch(r"micr[0-9a-f]{12}OS", fields[2])


def test_probes_that_connect_and_close_at_once_disturb_nobody(world: Any, node: Any, client: OldClient) -> None:
    scanner = world.lan.client("scanner")
    for _ in range(50):
        probe = scanner.connect(world.lan.address(node.machine), 9008)
        world.run_for(0.01)
        probe.close()
    for _ in range(50):
        scanner.connect(world.lan.address(node.machine), 9008).abort()
    world.run_for(5)
    assert client.command("hello").startswith("hello:node01:")
    assert node.boots == 1


def test_name_resolves_as_devfid_dot_local(world: Any, node: Any) -> None:
    assert world.lan.home.resolve("node01.local") == world.lan.address(node.machine)


def test_node_without_a_known_network_is_found_at_the_default_address(world: Any) -> None:
    world.lan.home_ap.up = False
    node = world.add_node("node01")
    world.run_until(lambda: node.listening(9008), timeout_s=120)
    world.run_until(lambda: world.lan.address(node.machine) == "192.168.4.1", timeout_s=120)
    phone = world.lan.client("phone", access_point=world.lan.access_point("node01"))
    assert OldClient(world, phone, "192.168.4.1").command("hello").startswith("hello:node01:")


# --- framing and prompts ------------------------------------------------------------------------


def test_greeting_is_the_prompt_with_two_blanks(world: Any, node: Any) -> None:
    connection = world.lan.client("laptop").connect(world.lan.address(node.machine), 9008)
    world.run_for(1)
    assert bytes(connection.received) == b"node01 $  "


def test_first_command_may_come_before_the_prompt_was_read(world: Any) -> None:
    node = world.add_node("node01")
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    assert _run(world, "version")[0] == "1.5.0-0"


def test_commands_without_line_end_are_answered_one_by_one(client: OldClient) -> None:
    assert [client.command(text) for text in ("system heartbeat", "version", "system heartbeat")] == [
        "<3 heartbeat <3",
        "1.5.0-0",
        "<3 heartbeat <3",
    ]


def test_exit_says_bye(client: OldClient) -> None:
    assert client.command("exit") == "Bye!"


def test_version_has_four_numbers(client: OldClient) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+-\d+", client.command("version"))


# --- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["conf", "config", "configure"])
def test_key_is_read_and_set_in_two_round_trips(world: Any, node: Any, word: str) -> None:
    assert _run(world, f"{word} <a> utc")[1] == "60"
    assert _run(world, f"{word} <a> utc 120")[1] == "Saved"
    assert _run(world, f"{word} <a> utc <a> nothing")[1:] == ["120", "None"]


def test_value_of_the_wrong_type_fails_to_save(world: Any, node: Any) -> None:
    assert "Failed to save" in _run(world, 'conf <a> utc "type"')[1]
    assert _run(world, "conf <a> utc")[1] == "60"


def test_dump_has_the_known_columns(world: Any, node: Any) -> None:
    lines = _run(world, "conf <a> dump")[1].split("\n")
    assert "  devfid    :        node01" in lines
    assert "  timirqseq :        1000" in lines


def test_configuration_file_is_one_line_of_json(world: Any, node: Any) -> None:
    text = node.flash.read("/node_config.json").decode()
    assert "\n" not in text
    assert json.loads(text)["devfid"] == "node01"


# --- commands and errors ------------------------------------------------------------------------


def test_help_offers_the_update_switch(client: OldClient) -> None:
    text = client.command("help")
    assert "webrepl" in text
    assert "--update" in text


def test_single_unknown_word_gets_the_hints(client: OldClient) -> None:
    assert "SHELL: type help for single word commands" in client.command("nothing")


def test_unknown_module_is_named(client: OldClient) -> None:
    assert "no module named" in client.command("nothing at all").lower()


def test_exception_of_a_module_is_told(client: OldClient) -> None:
    assert "exec_lm_core LM_robustness->raise_error: Test exception" in client.command("robustness raise_error")


def test_heartbeat_beats(client: OldClient) -> None:
    assert client.command("system heartbeat") == "<3 heartbeat <3"


def test_json_result_is_one_object(client: OldClient) -> None:
    text = client.command("system rssi >json")
    assert text.startswith("{")
    assert text.endswith("}")
    assert list(json.loads(text).values()) == [-50]


def test_alarms_end_in_their_number(client: OldClient) -> None:
    assert int(client.command("system alarms").split(":")[-1]) == 0


def test_background_job_has_the_known_texts(world: Any, client: OldClient) -> None:
    assert "Start system.clock" in client.command("system clock &&1")
    assert "system.clock is Busy" in client.command("system clock &&1")
    assert "'isbusy': True" in client.command("bgjob show >json")
    reply = client.command("bgjob stop")
    assert "Stop" in reply
    assert "system.clock" in reply
    world.run_for(3)
    assert "'isbusy': False" in client.command("bgjob show >json")


def test_intercon_reaches_a_node_that_is_there_and_no_other(world: Any, client: OldClient) -> None:
    other = world.add_node("RingLamp")
    world.run_until(lambda: other.listening(9008), timeout_s=60)
    assert "hello" in client.command('intercon sendcmd "RingLamp.local" "hello"').split("\n")[-1]
    world.run_for(1)
    client._connection.send(b'intercon sendcmd "notavailable.local" "hello"')
    world.run_for(30)
    assert bytes(client._connection.received).split(b"\n")[-2] == b"[]"


# --- login --------------------------------------------------------------------------------------


@pytest.fixture
def locked(world: Any) -> OldClient:
    node = world.add_node("node01", config={"auth": True, "appwd": "Secret12"})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    return OldClient(world, world.lan.client("laptop"), world.lan.address(node.machine))


def test_node_with_a_password_asks_in_its_prompt(world: Any, locked: OldClient) -> None:
    world.run_for(1)
    assert bytes(locked._connection.received) == b"[password] node01 $  "


def test_hello_and_version_need_no_password(locked: OldClient) -> None:
    assert locked.command("hello").startswith("hello:node01:")
    assert re.fullmatch(r"\d+\.\d+\.\d+-\d+", locked.command("version"))


def test_right_password_opens_the_session(locked: OldClient) -> None:
    assert locked.command("Secret12") == "AuthOk"
    assert locked.command("system heartbeat") == "<3 heartbeat <3"


def test_wrong_password_ends_it(world: Any, locked: OldClient) -> None:
    assert locked.command("system heartbeat") == "AuthFailed\nBye!"
    world.run_for(1)
    assert locked.is_closed_by_node


def test_update_tool_that_logged_in_reads_the_password_of_the_webrepl(locked: OldClient) -> None:
    locked.command("Secret12")
    locked.command("conf")
    assert locked.command("appwd") == "Secret12"


def test_update_tool_that_knows_no_login_reads_it_where_masking_is_off(world: Any) -> None:
    node = world.add_node("node01", config={"maskpwd": False, "appwd": "Secret12"})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    assert _run(world, "conf <a> appwd")[1] == "Secret12"


# --- sessions -----------------------------------------------------------------------------------


def test_silent_session_ends_with_the_known_text(world: Any) -> None:
    node = world.add_node("node01", config={"soctout": 5})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    connection = world.lan.client("laptop").connect(world.lan.address(node.machine), 9008)
    world.run_for(8)
    assert bytes(connection.received) == b"node01 $  \n__@_/' Session timeout 5 sec\nBye!\n"
    assert connection.closed


def test_full_node_says_busy_and_bye(world: Any) -> None:
    node = world.add_node("node01", config={"sessions": 1})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    ip = world.lan.address(node.machine)
    OldClient(world, world.lan.client("first"), ip)
    assert OldClient(world, world.lan.client("second"), ip).command("hello") == "Connection is busy. Bye!"


# --- update over the air --------------------------------------------------------------------------


def _put(world: Any, node: Any, path: str, data: bytes) -> None:
    """One file, one connection, as the command-line client does."""
    client = WebReplClient(world, node)
    client.log_in("Secret12")
    client.put(path, data)
    client.close()


def test_update_as_old_tools_do_it(world: Any) -> None:
    """The steps and waits of a complete update, in seconds from its begin."""
    node = world.add_node("node01", config={"maskpwd": False, "appwd": "Secret12", "obsolete": 1})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    world.run_for(5)
    assert _run(world, "conf <a> appwd")[1] == "Secret12"
    assert re.fullmatch(r"\d+\.\d+\.\d+-\d+", _run(world, "version")[0])
    assert "--update" in _run(world, "help")[0]

    client = OldClient(world, world.lan.client("laptop"), world.lan.address(node.machine))
    asked_s = world.now_s
    assert client.command("webrepl --update").endswith("Bye!")
    assert not client.is_closed_by_node  # the chip has gone without a word; the end of the stream would trap the tool
    world.run_until(lambda: node.listening(8266), timeout_s=12)
    world.run_for(12 - (world.now_s - asked_s))

    _put(world, node, ".if_mode", b"webrepl")
    for path in (on_flash(node, "/modules/LM_robustness.py"), on_flash(node, "/modules/LM_system.py")):
        _put(world, node, path.removeprefix("/modules/"), node.flash.read(path))
    _put(world, node, "LM_fresh.py", b"def told():\n    return 'new'\n")
    unlocked_s = world.now_s
    _put(world, node, ".if_mode", b"micros")

    world.run_for(4)
    world.run_until(lambda: node.listening(9008), timeout_s=30)
    assert _run(world, "hello")[0].startswith("hello:node01:micr")
    assert world.now_s - unlocked_s < 34
    assert _run(world, "fresh told")[0] == "new"
    assert _run(world, "conf <a> obsolete")[1] == "None"
    assert "/cleanup.pds" not in node.flash.files()


def test_tool_finds_the_node_while_it_waits_for_an_update(world: Any, node: Any) -> None:
    OldClient(world, world.lan.client("laptop"), world.lan.address(node.machine)).command("webrepl --update")
    world.run_until(lambda: node.listening(8266), timeout_s=12)
    world.run_for(2)
    assert _run(world, "hello")[0].startswith("hello:node01:micr")


@pytest.mark.parametrize("line", ["reboot", "exit"])
def test_session_that_ends_says_bye(client: OldClient, line: str) -> None:
    assert client.command(line).endswith("Bye!")
    assert not client.timed_out
