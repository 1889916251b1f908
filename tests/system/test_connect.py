"""``--connect`` as a process, against nodes made of plain sockets: right replies, right exit code, never a hang."""

from __future__ import annotations

import json
import socket
import time

import pytest


def test_commands_of_a_script_are_answered_on_stdout(serve, tool):
    address = serve("talk_as_node")
    done = tool("-c", "-p", f"--dev {address} hello <a> umlaut <a> conf <a> utc <a> noconf")
    assert done.stdout == "hello:node01:micr0123456789abOS\ngröße 21 °C\n[configure] node01\n60\n"
    assert (done.returncode, done.stderr) == (0, f"Device was found: {address}\n")


def test_prompt_only_answers_take_no_time(serve, tool):
    address = serve("talk_as_node")
    started = time.monotonic()
    assert tool("-c", "-p", f"--dev {address} " + "noconf <a> " * 200).returncode == 0
    assert time.monotonic() - started < 3


def test_device_is_known_by_name_the_next_time(serve, tool, tmp_path):
    address = serve("talk_as_node")
    tool("-c", "-p", f"--dev {address} hello")
    assert tool("-c", "-p", "--dev node01 version").stdout == "1.4.2-6\n"
    entries = json.loads((tmp_path / "user" / "device_conn_cache.json").read_text())
    assert entries["micr0123456789abOS"] == ["127.0.0.1", int(address[10:]), "node01"]


@pytest.mark.parametrize("command", ["system fail", "nonsense"])
def test_failed_command_gives_exit_code_1_and_its_text(serve, tool, command):
    done = tool("-c", "-p", f"--dev {serve('talk_as_node')} {command}")
    assert done.returncode == 1
    assert done.stdout.startswith(("exec_lm_core", "SHELL:"))


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        ("close_at_once", "closed the connection without a greeting"),
        ("never_answer", "no answer to a greeting within 6 s"),
        ("close_after_command", "closed the connection in answer to 'hello': half \N{REPLACEMENT CHARACTER}"),
        ("refuse_password", "the node refuses the password"),
        ("be_busy", "the node takes no further session now: Connection is busy. Bye!"),
    ],
)
def test_node_that_misbehaves_gives_one_clear_line_and_1(serve, tool, talk, says):
    done = tool("-c", "-p", f"--dev {serve(talk)} --pwd guess hello", limit_s=15)
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_nothing_listening_is_said_at_once(tool):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = tool("-c", "-p", f"--dev 127.0.0.1:{port} hello")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"devToolKit: cannot connect to 127.0.0.1:{port}: ")


def test_unknown_device_is_said_with_the_list(tool):
    done = tool("-c", "-p", "--dev nobody hello")
    assert done.returncode == 1
    assert "Device not found: nobody" in done.stderr


@pytest.mark.parametrize("parameters", ["--dev", "--what hello", "--dev host:x hello"])
def test_misuse_gives_2(tool, parameters):
    assert tool("-c", "-p", parameters).returncode == 2


def test_session_through_a_pipe_lists_devices_asks_and_talks(serve, tool):
    tool("-c", "-p", f"--dev {serve('talk_as_node')} hello")
    done = tool("--connect", text="7\n0\nversion\nnoconf\n")
    assert done.returncode == 0
    assert done.stdout.startswith("[i]         FUID        IP               UID\n[0] Device: ")
    assert done.stdout.count("Choose a device index: ") == 2
    assert done.stdout.endswith("node01 $  1.4.2-6\nnode01 $  node01 $  \n")


def test_damaged_device_list_is_said_and_set_aside(tool, tmp_path):
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "device_conn_cache.json").write_text("{broken")
    done = tool("-c", text="")
    assert "device list was damaged" in done.stderr
    assert (tmp_path / "user" / "device_conn_cache.json.damaged").read_text() == "{broken"
