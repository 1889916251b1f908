"""The text after ``-p``: ``[--dev TAG] [--pwd PASSWORD] [command [<a> command]...]``.

Options are recognised as whole words at the beginning only; from the first other word on, everything is for the
node, word for word (``oled clean`` is a command, not an option).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.errors import UsageError

_WORD = re.compile(r"""\s*("[^"]*"|'[^']*'|\S+)""")
_OPTIONS = {"--dev": "device", "--pwd": "password"}
#: A quoted text, or the mark between two commands.
_QUOTED_OR_MARK = re.compile(r""""[^"]*"|'[^']*'|(?P<mark><a>)""")


@dataclass(frozen=True)
class ConnectRequest:
    """What to connect to and what to say there; no device: ask, no command: a session at the keyboard."""

    device: str | None = None
    password: str | None = None
    commands: tuple[str, ...] = ()


def parse_parameters(text: str) -> ConnectRequest:
    """Return what ``text`` asks for.

    Raises:
        UsageError: an option without its value, twice, or unknown; a line break.
    """
    if "\n" in text or "\r" in text:
        raise UsageError("-p: a command is one line; join several with <a>")
    options: dict[str, str] = {}
    position = 0
    while (word := _WORD.match(text, position)) and word[1].startswith("--"):
        name = _OPTIONS.get(word[1])
        value = _WORD.match(text, word.end())
        if name is None:
            raise UsageError(f"-p: unknown option {word[1]}; there are {' and '.join(_OPTIONS)}")
        if value is None or value[1].startswith("--"):
            raise UsageError(f"-p: {word[1]} needs a value")
        if name in options:
            raise UsageError(f"-p: {word[1]} is given twice")
        options[name] = value[1].strip("\"'") if value[1][0] in "\"'" else value[1]
        position = value.end()
    return ConnectRequest(options.get("device"), options.get("password"), split_commands(text[position:]))


def split_commands(text: str) -> tuple[str, ...]:
    """Split at ``<a>`` outside quotes; empty commands are left out."""
    parts, start = [], 0
    for found in _QUOTED_OR_MARK.finditer(text):
        if found["mark"]:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return tuple(part.strip() for part in parts if part.strip())
