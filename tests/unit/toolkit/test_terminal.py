"""Completion words and what history may keep."""

from __future__ import annotations

import pytest

from toolkit.client import Prompt
from toolkit.terminal import Words, is_secret

NORMAL, CONFIG, PASSWORD = (Prompt(prefix, "node01", 2) for prefix in ("", "[configure] ", "[password] "))
HELP = """[MICROS]   - commands (SocketServer built-in)
   hello   - default hello msg - identify device
[EXEC] Command mode (LMs):
   neopixel
           color
           toggle
   system
         info
"""
DUMP = "  devfid    :        node01\n  appwd     :        *****\n"


@pytest.fixture
def words():
    words = Words()
    words.learn_help(HELP)
    words.learn_dump(DUMP)
    return words


@pytest.mark.parametrize(
    ("typed", "prompt", "expected"),
    [
        ("sy", NORMAL, ["system"]),
        ("h", NORMAL, ["hello", "help"]),
        ("system ", NORMAL, ["info"]),
        ("neopixel t", NORMAL, ["toggle"]),
        ("neopixel toggle ", NORMAL, []),
        ("nothing ", NORMAL, []),
        ("d", CONFIG, ["devfid", "dump"]),
        ("devfid ", CONFIG, []),
        ("h", PASSWORD, []),
    ],
)
def test_words_after(words, typed, prompt, expected):
    assert words.after(typed, prompt) == expected


@pytest.mark.parametrize(
    ("line", "prompt", "secret"),
    [
        ("appwd hunter2", CONFIG, True),
        ('stapwd "a b"', CONFIG, True),
        ("appwd", CONFIG, False),
        ("devfid lamp", CONFIG, False),
        ("hunter2", PASSWORD, True),
        ("system info", NORMAL, False),
    ],
)
def test_is_secret(line, prompt, secret):
    assert is_secret(line, prompt) is secret
