"""Lines of the control channel, and what the table of commands lets through."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.control import protocol
from simulator.control.commands import TABLE
from simulator.control.protocol import ControlError
from simulator.control.table import Arg, Command, Later

STEP = Command(
    "step",
    "",
    "",
    lambda sim, args: {},
    (
        Arg("seconds", "number", "", required=True, low=0, high=10),
        Arg("name", "text", "", high=3),
        Arg("gpio", "int", "", low=0, high=64),
        Arg("mode", "text", "", choices=("on", "off")),
        Arg("now", "bool", ""),
    ),
)


def code_of(line: bytes) -> str:
    with pytest.raises(ControlError) as refused:
        protocol.parse(line)
    return refused.value.code


def test_request_comes_back_as_it_was_sent() -> None:
    line = protocol.request(7, "pins", {"node": "größe", "gpio": 4})
    assert protocol.parse(line[:-1]) == (7, "pins", {"node": "größe", "gpio": 4})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"GET / HTTP/1.1",
        b"[1]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"v":1,"id":1,"cmd":1}',
        b'{"v":1,"id":1,"cmd":"x","args":[]}',
        b'{"v":1,"id":[],"cmd":"x"}',
        b'{"v":1,"id":true,"cmd":"x"}',
        b'{"v":1,"cmd":"x"}',
        b'{"v":1,"id":1,"cmd":"x","token":"y"}',
        b'{"v":1,"id":1,"cmd":"x","args":{"a":' + b"9" * 5_000 + b"}}",
    ],
)
def test_line_that_is_no_request_is_refused(line: bytes) -> None:
    assert code_of(line) == protocol.BAD_REQUEST


@pytest.mark.parametrize("line", [b"{}", b'{"v":2,"id":1,"cmd":"x"}', b'{"v":"1","id":1,"cmd":"x"}'])
def test_other_version_is_refused(line: bytes) -> None:
    assert code_of(line) == protocol.BAD_VERSION


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(line: bytes) -> None:
    try:
        protocol.parse(line)
    except ControlError as error:
        assert "\n" not in error.text


def test_reply_is_one_line_with_its_id() -> None:
    line = protocol.result("a", {"text": "two\nlines"})
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert json.loads(line) == {"v": 1, "id": "a", "ok": True, "result": {"text": "two\nlines"}}


def test_arguments_as_declared_pass() -> None:
    STEP.check({"seconds": 1.5, "name": "abc", "gpio": 64, "mode": "off", "now": True})
    STEP.check({"seconds": 0})


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, "step: argument 'seconds' is missing"),
        ({"seconds": 1, "secs": 2}, "step: no argument 'secs'; there are: seconds, name, gpio, mode, now"),
        ({"seconds": "1"}, "step: seconds must be a number"),
        ({"seconds": True}, "step: seconds must be a number"),
        ({"seconds": math.nan}, "step: seconds must be a number"),
        ({"seconds": math.inf}, "step: seconds must be a number"),
        ({"seconds": -1}, "step: seconds must be 0..10"),
        ({"seconds": 1, "name": "abcd"}, "step: name must be -..3 characters"),
        ({"seconds": 1, "gpio": 4.0}, "step: gpio must be a whole number"),
        ({"seconds": 1, "gpio": 65}, "step: gpio must be 0..64"),
        ({"seconds": 1, "mode": "maybe"}, "step: mode must be one of on, off"),
        ({"seconds": 1, "mode": ["on"]}, "step: mode must be one of on, off"),
        ({"seconds": 1, "now": 1}, "step: now must be true or false"),
        ({"seconds": None}, "step: seconds must be a number"),
    ],
)
def test_wrong_arguments_are_named(args: dict[str, object], text: str) -> None:
    with pytest.raises(ControlError) as refused:
        STEP.check(args)
    assert (refused.value.code, refused.value.text) == (protocol.BAD_ARGS, text)


def test_every_command_is_declared_with_its_words() -> None:
    for name, command in TABLE.items():
        assert name == command.name and command.doc and command.answer
        assert all(arg.doc and arg.kind in ("text", "int", "number", "bool") for arg in command.args)


def test_later_tells_the_first_outcome_only() -> None:
    seen: list[object] = []
    later = Later()
    later.finish({"a": 1})
    later.fail("too late")
    later.then(seen.append)
    assert seen == [{"a": 1}]


def test_later_that_fails_becomes_an_error() -> None:
    seen: list[object] = []
    later = Later()
    later.then(seen.append)
    later.fail("no room")
    assert isinstance(seen[0], ControlError) and (seen[0].code, seen[0].text) == ("failed", "no room")
