"""The prompt: bytes in, statements and what is shown out."""

from __future__ import annotations

import pytest

from simulator.engine.repl import Repl


class Prompt:
    """A prompt whose statements are only noted."""

    def __init__(self) -> None:
        self.shown = ""
        self.statements: list[str] = []
        self._repl = Repl(write=self._write, execute=self.statements.append, banner="MicroPython")

    def _write(self, text: str) -> None:
        self.shown += text

    def type(self, text: str) -> str:
        """Type a text; returns what is shown for it."""
        before = len(self.shown)
        for byte in text.encode("latin-1"):
            self._repl.feed(byte)
        return self.shown[before:]


@pytest.mark.parametrize(
    ("typed", "statements"),
    [
        ("a\r", ["a\n"]),
        ("\r  \r", []),
        ("if a:\r  b\r\r", ["if a:\n  b\n\n"]),
        ("f(1,\r2)\r", ["f(1,\n2)\n"]),
        ("'''a\rb'''\r", ["'''a\nb'''\n"]),
        ("a)\r", ["a)\n"]),
        ("ab\x7fc\r", ["ac\n"]),
        ("a\x1b[Db\x1bOAc\x1b[3~d\r", ["abcd\n"]),
        ("bad\x03good\r", ["good\n"]),
        ("if a:\r\x03b\r", ["b\n"]),
        ("if a: b\r\x04", ["if a: b\n"]),
        ("a\nb\tc\r", ["abc\n"]),
        ("\xff\xfea\r", ["a\n"]),
    ],
)
def test_typed_text_becomes_statements(typed: str, statements: list[str]) -> None:
    prompt = Prompt()
    prompt.type(typed)
    assert prompt.statements == statements


def test_prompt_shows_what_is_typed() -> None:
    prompt = Prompt()
    assert prompt.type("if a:\r") == "if a:\n... "
    assert prompt.type("\x03") == "\n>>> "
    assert prompt.type("x\x08") == "x\b\x1b[K"
    assert prompt.type("\x02") == "\nMicroPython\n>>> "


@pytest.mark.parametrize(("key", "text"), [("\x01", "raw REPL"), ("\x05", "paste mode")])
def test_mode_that_is_not_modelled_says_so(key: str, text: str) -> None:
    assert Prompt().type(key) == f"{text} is not modelled\n>>> "


def test_ctrl_d_asks_for_a_soft_reset() -> None:
    with pytest.raises(SystemExit):
        Prompt().type("\x04")


def test_endless_line_and_statement_are_bounded() -> None:
    prompt = Prompt()
    prompt.type("x" * 5_000 + "\r")
    assert len(prompt.statements[0]) == 1_001
    prompt.type("(" + ("x" * 999 + "\r") * 40)
    assert len(prompt.statements) > 1
    assert max(map(len, prompt.statements)) < 22_000
