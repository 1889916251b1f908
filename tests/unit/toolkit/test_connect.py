"""--connect against scripted nodes: choosing, learning, printing, exit code."""

from __future__ import annotations

import io

import pytest

from toolkit import connect
from toolkit.device_cache import FILE_NAME, Device, DeviceCache
from toolkit.errors import AuthFailed, CannotConnect, WrongDevice

HELLO = b"hello:node01:micr1OS\nnode01 $  "
BYE = [b"Bye!\n", None]


@pytest.fixture
def node(monkeypatch, tmp_path, scripted):
    """``node(answers, greeting=…)`` puts a scripted node at every address; returns its link."""
    monkeypatch.setenv("MICROS_USER_DIR", str(tmp_path))

    def make(answers, greeting=(b"node01 $  ",)):
        link = scripted(greeting, {"hello": [HELLO], "exit": BYE, **answers})
        link.urls = []
        monkeypatch.setattr(connect, "open_link", lambda url: link.urls.append(url) or link)
        return link

    return make


@pytest.fixture
def cache(tmp_path):
    """The device list as it is on disk now."""
    return lambda: DeviceCache(tmp_path / FILE_NAME, print)


def test_commands_are_sent_in_turn_and_every_reply_printed(node, capsys):
    link = node({"conf": [b"[configure] node01 $  "], "utc": [b"60\n[configure] node01 $  "]})
    assert connect.run("--dev __simulator__ conf <a> utc") == 0
    assert link.sent == ["hello", "conf", "utc", "exit"]
    assert link.urls == ["tcp://127.0.0.1:9008"] and link.closed
    assert capsys.readouterr().out == "[configure] node01\n60\n"


@pytest.mark.parametrize(
    ("tag", "url"),
    [
        ("127.0.0.1:9010", "tcp://127.0.0.1:9010"),
        ("tcp://10.0.0.7:1", "tcp://10.0.0.7:1"),
        ("10.0.0.7", "tcp://10.0.0.7:9008"),
        ("__device_on_AP__", "tcp://192.168.4.1:9008"),
    ],
)
def test_device_is_found_by_name_or_address(node, tag, url):
    link = node({})
    assert connect.run(f"--dev {tag} hello") == 0
    assert link.urls == [url]


def test_unknown_device_shows_the_list_and_fails(node, capsys):
    node({})
    with pytest.raises(CannotConnect, match="Device not found: lamp"):
        connect.run("--dev lamp hello")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "[i]         FUID        IP               UID"
    assert lines[1] == "[0] Device: __device_on_AP__ - 192.168.4.1 - __devuid__"


def test_met_device_is_known_by_its_name_afterwards(node, cache):
    node({})
    connect.run("--dev 10.0.0.7:9010 hello")
    assert cache().find("node01") == Device("micr1OS", "10.0.0.7", 9010, "node01")


def test_known_device_is_not_asked_again(node, cache):
    link = node({"version": [b"1.5.0-0\nnode01 $  "]})
    cache().learn(Device("micr1OS", "10.0.0.7", 9008, "node01"))
    assert connect.run("--dev node01 version") == 0
    assert link.sent == ["version", "exit"]


def test_renamed_device_gets_its_new_name_in_the_list(node, cache):
    node({})
    cache().learn(Device("micr1OS", "10.0.0.7", 9008, "old"))
    assert connect.run("--dev old hello") == 0
    assert cache().find("old") is None and cache().find("node01") is not None


def test_other_device_at_the_address_gets_no_command(node, cache):
    link = node({"system reboot": [b"no!\n"]})
    cache().learn(Device("micr2OS", "10.0.0.7", 9008, "lamp"))
    with pytest.raises(WrongDevice, match="is node01"):
        connect.run("--dev lamp system reboot")
    assert "system reboot" not in link.sent


@pytest.mark.parametrize("text", [b"exec_lm_core LM_x->y: boom\n", b"SHELL: type help for\n", b"Failed to save\n"])
def test_failed_command_gives_1_and_the_rest_is_still_sent(node, text):
    link = node({"x y": [text + b"node01 $  "], "version": [b"1.5.0-0\nnode01 $  "]})
    assert connect.run("--dev __simulator__ x y <a> version") == 1
    assert "version" in link.sent


def test_password_is_sent_before_the_commands(node):
    link = node({"pw": [b"AuthOk\nnode01 $  "], "system info": [b"x\nnode01 $  "]}, [b"[password] node01 $  "])
    link._answers["hello"] = [b"hello:node01:micr1OS\n[password] node01 $  "]
    assert connect.run("--dev 10.0.0.7 --pwd pw system info") == 0
    assert link.sent == ["hello", "pw", "system info", "exit"]


def test_command_is_never_sent_as_a_password(node):
    link = node({}, [b"[password] node01 $  "])
    link._answers["hello"] = [b"hello:node01:micr1OS\n[password] node01 $  "]
    with pytest.raises(AuthFailed, match="--pwd"):
        connect.run("--dev 10.0.0.7 system info")
    assert "system info" not in link.sent


def test_without_device_the_list_is_shown_and_an_index_asked_until_it_fits(node, monkeypatch, capsys):
    link = node({})
    monkeypatch.setattr("sys.stdin", io.StringIO("9\nx\n1\n"))
    assert connect.run("hello") == 0
    out = capsys.readouterr().out
    assert out.count("Choose a device index: ") == 3
    assert "'9' is no index from 0 to 1" in out and "'x' is no index" in out
    assert link.urls == ["tcp://127.0.0.1:9008"]


def test_end_of_input_at_the_question_leaves(node, monkeypatch):
    link = node({})
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert connect.run("") == 1
    assert link.urls == []


def test_session_at_the_keyboard_is_a_transcript(node, monkeypatch, capsys):
    link = node({"devfid": [b"node01\nnode01 $  "]})
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\ndevfid\nexit\nnever\n"))
    assert connect.run("--dev __simulator__") == 0
    assert capsys.readouterr().out == "node01 $  hello:node01:micr1OS\nnode01 $  node01\nnode01 $  Bye!\n"
    assert link.sent == ["hello", "hello", "devfid", "exit"]


def test_session_at_the_keyboard_ends_with_the_input(node, monkeypatch):
    link = node({})
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\n"))
    assert connect.run("--dev __simulator__") == 0
    assert link.sent[-1] == "exit" and link.closed


def test_session_that_the_node_drops_ends_with_1(node, monkeypatch, capsys):
    node({"x y": [None]})
    monkeypatch.setattr("sys.stdin", io.StringIO("x y\n"))
    assert connect.run("--dev __simulator__") == 1
    assert "closed the connection in answer to 'x y'" in capsys.readouterr().err
