"""A session at the keyboard: history, completion, and the node's own prompt. Works without a terminal too."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.client import NodeSession, Prompt
from toolkit.errors import LinkError

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

BUILT_IN = ("hello", "version", "exit", "reboot", "webrepl", "help", "conf", "noconf", "bgjob")
CONFIG = ("dump", "noconf", "help")
_SECRET_KEYS = ("appwd", "stapwd")
_MODULE_LINE = re.compile(r" {3}(\w+)")
_FUNCTION_LINE = re.compile(r" {4,}(\w+)")
_KEY_LINE = re.compile(r" *(\w+) *:")

#: Reads one line at a prompt; EOFError at the end of input.
ReadLine = Callable[[Prompt], str]


class Words:
    """What can be typed next: built-in commands, modules with their functions, config keys."""

    def __init__(self) -> None:
        """Begin with the built-in commands."""
        self.modules: dict[str, list[str]] = {"bgjob": ["show", "stop"], "webrepl": ["--update"]}
        self.keys: list[str] = []
        self.has_help = False

    def learn_help(self, text: str) -> None:
        """Take modules and functions from the text of ``help``."""
        self.has_help = True
        functions: list[str] = []
        for line in text.partition("[EXEC]")[2].splitlines():
            if module := _MODULE_LINE.match(line):
                functions = self.modules.setdefault(module[1], [])
            elif (function := _FUNCTION_LINE.match(line)) and function[1] not in functions:
                functions.append(function[1])

    def learn_dump(self, text: str) -> None:
        """Take the keys from the text of ``dump``."""
        self.keys = [found[1] for line in text.splitlines() if (found := _KEY_LINE.match(line))]

    def after(self, typed: str, prompt: Prompt) -> list[str]:
        """Return the words that fit where ``typed`` (all before the cursor) ends."""
        before, _, begun = typed.rpartition(" ")
        earlier = before.split()
        if prompt.wants_password or len(earlier) > 1:
            return []
        if prompt.in_config:
            words: Iterable[str] = [] if earlier else [*self.keys, *CONFIG]
        else:
            words = self.modules.get(earlier[0], []) if earlier else [*BUILT_IN, *self.modules]
        return sorted({word for word in words if word.startswith(begun)})


def is_secret(line: str, prompt: Prompt) -> bool:
    """True if ``line``, typed at ``prompt``, holds a password and must not be kept."""
    words = line.split()
    return prompt.wants_password or any(word.strip("\"'") in _SECRET_KEYS for word in words[:-1])


def run(session: NodeSession, history: Path) -> int:
    """Let a person type commands until ``exit``, the end of input or of the session.

    Returns:
        0; 1 if the link failed in the middle.
    """
    words = Words()
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    read_line = _terminal_reader(words, history) if at_terminal else _read_plain
    try:
        while session.prompt:
            if at_terminal:
                _learn(session, words)
            if (prompt := session.prompt) is None:
                break
            try:
                line = read_line(prompt).strip()
            except EOFError:
                print()
                break
            reply = session.command(line, _print)
            if reply.text and not reply.text.endswith("\n"):
                print()
    except LinkError as error:
        print(f"devToolKit: {error}", file=sys.stderr)
        return 1
    return 0


def _print(text: str) -> None:
    print(text, end="", flush=True)


def _learn(session: NodeSession, words: Words) -> None:
    """Ask once for what completion needs, where it costs no change of mode."""
    prompt = session.prompt
    if prompt is None or prompt.wants_password:
        return
    if prompt.in_config and not words.keys:
        words.learn_dump(session.command("dump").text)
    elif not prompt.in_config and not words.has_help:
        words.learn_help(session.command("help").text)


def _read_plain(prompt: Prompt) -> str:
    print(prompt.text, end="", flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _terminal_reader(words: Words, history: Path) -> ReadLine:
    """Return a reader on prompt_toolkit, which needs no readline and works on Windows."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.shortcuts import CompleteStyle

    shown: list[Prompt] = []

    class NodeWords(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            typed = document.text_before_cursor
            for word in words.after(typed, shown[-1]):
                yield Completion(word, start_position=-len(typed.rpartition(" ")[2]))

    class SafeHistory(FileHistory):
        def append_string(self, string: str) -> None:
            if not is_secret(string, shown[-1]):
                super().append_string(string)

    history.touch(mode=0o600)
    prompts: PromptSession[str] = PromptSession(
        history=SafeHistory(str(history)), completer=NodeWords(), complete_style=CompleteStyle.READLINE_LIKE
    )

    def read_line(prompt: Prompt) -> str:
        shown[:] = [prompt]
        return prompts.prompt(prompt.text, is_password=prompt.wants_password)

    return read_line
