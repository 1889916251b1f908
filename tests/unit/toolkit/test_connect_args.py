"""The text after -p."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.connect_args import ConnectRequest, parse_parameters, split_commands
from toolkit.errors import UsageError


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("", ConnectRequest()),
        ("hello", ConnectRequest(commands=("hello",))),
        ("--dev lamp hello", ConnectRequest("lamp", None, ("hello",))),
        ("  --dev  lamp  conf <a> dump ", ConnectRequest("lamp", None, ("conf", "dump"))),
        ("--pwd 'a b' --dev lamp system info", ConnectRequest("lamp", "a b", ("system info",))),
        ("--dev lamp", ConnectRequest("lamp")),
        ("--dev lamp oled clean", ConnectRequest("lamp", None, ("oled clean",))),
        ("device --dev x", ConnectRequest(commands=("device --dev x",))),
        ("--dev lamp system lmpacman", ConnectRequest("lamp", None, ("system lmpacman",))),
        ('--dev lamp oled text "a <a>  b" 1', ConnectRequest("lamp", None, ('oled text "a <a>  b" 1',))),
    ],
)
def test_parse_parameters(text, request_):
    assert parse_parameters(text) == request_


@pytest.mark.parametrize("text", ["--dev", "--dev --pwd x", "--device lamp hello", "--dev a --dev b", "--dev a x\ny"])
def test_parse_parameters_of_misuse_raises_one_line(text):
    with pytest.raises(UsageError, match=r"^-p: .*$"):
        parse_parameters(text)


@pytest.mark.parametrize(
    ("text", "commands"),
    [("a<a>b", ("a", "b")), ("<a>", ()), ("a <a> <a> b <a>", ("a", "b")), ("say 'it <a> is", ("say 'it", "is"))],
)
def test_split_commands(text, commands):
    assert split_commands(text) == commands


@given(st.text(alphabet="ab <>\"'-", max_size=40))
def test_any_text_is_parsed_or_refused(text):
    try:
        request = parse_parameters(text)
    except UsageError:
        return
    assert all(command.strip() == command != "" for command in request.commands)
