"""``re`` of MicroPython: the small engine re1.5.

It knows ``. ^ $ [...] [^...] ? * + ?? *? +? | (...) (?:...) \\d \\D \\s \\S \\w \\W``; another escaped character
stands for itself (``\\b`` is a b, ``\\n`` an n) and braces are literal. Look-arounds, named groups and flags are
errors. It matches bytes: a dot takes one byte, so half a letter outside ASCII. Match objects of this port have
``group`` only.

Theory of operation. The pattern is checked and rewritten as re1.5 reads it, then matched by the host's engine on the
UTF-8 bytes; both try alternatives in the same order.

Source: extmod/modre.c, lib/re1.5/compilecode.c; MICROPY_PY_RE_MATCH_GROUPS and MICROPY_PY_RE_MATCH_SPAN_START_END are
off on the ESP32 (py/mpconfig.h: level "everything"); compared with the VM.

Limits: patterns of more than about 127 bytes of code within one group or repeat, and deep recursion on long texts,
fail on the chip and not here.
"""

from __future__ import annotations

import re as _host
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._text import decoded, encoded
from simulator.micropython.runtime import running

__all__ = ["compile", "match", "search", "sub"]

_CALL_US = 20
_BYTES_PER_US = 1
_CLASSES = {
    "d": b"0-9",
    "D": b"\\x00-/:-\\xff",
    "s": rb" \t\n\r\v\f",
    "S": rb"\x00-\x08\x0e-\x1f!-\xff",
    "w": b"0-9A-Za-z_",
    "W": rb"\x00-/:-@\[-\^`\{-\xff",
}


class _Translator:
    """Reads a pattern as re1.5 does and writes it for the host's engine."""

    def __init__(self, pattern: bytes) -> None:
        self._text = pattern
        self._pos = 0
        self.groups = 0

    def translated(self) -> bytes:
        """The host's pattern.

        Raises:
            ValueError: the pattern is not one of re1.5's.
        """
        out = self._alternatives()
        if self._pos < len(self._text):
            raise ValueError("error in regex")
        return out

    def _peek(self, ahead: int = 0) -> str:
        index = self._pos + ahead
        return chr(self._text[index]) if index < len(self._text) and self._text[index] else ""

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise _too_complex()
        self._pos += 1
        return char

    def _alternatives(self) -> bytes:
        out = bytearray()
        term = b""
        while self._peek() not in ("", ")"):
            char = self._next()
            if char in "?*+":
                if not term:
                    raise _too_complex()
                lazy = self._peek() == "?"
                self._pos += lazy
                out += term + char.encode() + b"?" * lazy
                term = b""
                continue
            out += term
            term = self._term(char)
            if char in "^$|":
                out += term
                term = b""
        return bytes(out + term)

    def _term(self, char: str) -> bytes:
        if char == "\\":
            escaped = self._next()
            return b"[" + _CLASSES[escaped] + b"]" if escaped in _CLASSES else _literal(escaped)
        if char == "[":
            return self._set()
        if char == "(":
            return self._group()
        return {".": b"[\\x00-\\xff]", "^": b"\\A", "$": b"\\Z", "|": b"|"}.get(char) or _literal(char)

    def _group(self) -> bytes:
        opening = b"("
        if self._peek() == "?" and self._peek(1) == ":":
            self._pos += 2
            opening = b"(?:"
        else:
            self.groups += 1
        inner = self._alternatives()
        if self._next() != ")":
            raise _too_complex()
        return opening + inner + b")"

    def _set(self) -> bytes:
        negated = self._peek() == "^"
        self._pos += negated
        parts = b"".join(self._ranges())
        if not parts:
            return b"[\\x00-\\xff]" if negated else b"(?!)"
        return b"[" + b"^" * negated + parts + b"]"

    def _ranges(self) -> Iterator[bytes]:
        while True:
            char = self._next()
            if char == "]":
                return
            if char == "\\":
                char = self._next()
                if char in _CLASSES:
                    yield _CLASSES[char]
                    continue
            last = char
            if self._peek() == "-" and self._peek(1) != "]":
                self._pos += 1
                last = self._next()
            if ord(char) <= ord(last):
                yield b"\\x%02x-\\x%02x" % (ord(char), ord(last))


def _literal(char: str) -> bytes:
    return b"\\x%02x" % ord(char)


def _too_complex() -> ValueError:
    return ValueError("regex too complex")


@lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> _host.Pattern[bytes]:
    return _host.compile(_Translator(pattern.partition(b"\0")[0]).translated())


def _bytes_of(value: object) -> bytes:
    if isinstance(value, str):
        return encoded(value)
    if isinstance(value, bytes):
        return value
    raise TypeError(f"can't convert '{type(value).__name__}' object to str implicitly")


def _like(subject: object, data: bytes) -> Any:
    return decoded(data) if isinstance(subject, str) else data


class _Match(metaclass=Builtin):
    """What matched."""

    __slots__ = ("_found", "_subject")
    _found: _host.Match[bytes]
    _subject: Any

    def group(self, index: int, /) -> Any:
        """Text of a group, None if it took no part; 0 is the whole.

        Raises:
            IndexError: there is no such group.
        """
        running().cpu.charge(_CALL_US)
        number = to_int(index)
        if not 0 <= number <= self._found.re.groups:
            raise IndexError(number)
        data = self._found.group(number)
        return None if data is None else _like(self._subject, data)

    def __repr__(self) -> str:
        return f"<match num={self._found.re.groups + 1}>"


class _Regex(metaclass=Builtin):
    """A compiled pattern."""

    __slots__ = ("_host",)
    _host: _host.Pattern[bytes]

    def match(self, string: str | bytes, pos: int = ABSENT, endpos: int = ABSENT, /) -> _Match | None:
        """Match at the beginning, or at ``pos``."""
        return _found(self, string, pos, endpos, anchored=True)

    def search(self, string: str | bytes, pos: int = ABSENT, endpos: int = ABSENT, /) -> _Match | None:
        """Match anywhere."""
        return _found(self, string, pos, endpos, anchored=False)

    def split(self, string: str | bytes, maxsplit: int = 0, /) -> list[Any]:
        """The text between matches.

        Raises:
            NotImplementedError: the pattern has groups, as on the port.
        """
        subject = _subject(string)
        left = to_int(maxsplit)
        parts = []
        start = 0
        while True:
            found = self._host.search(subject, start)
            if found is None or found.end() == found.start():
                break
            if self._host.groups:
                raise NotImplementedError("splitting with sub-captures")
            parts.append(_like(string, subject[start : found.start()]))
            start = found.end()
            left -= 1
            if left == 0:
                break
        return [*parts, _like(string, subject[start:])]

    def sub(self, replace: Any, string: str | bytes, count: int = 0, flags: int = 0, /) -> Any:
        """The text with matches replaced.

        Args:
            replace: text with ``\\1`` or ``\\g<1>`` for groups, or a function of the match.
            string: where.
            count: at most so many, 0 for all.
            flags: ignored.

        Raises:
            IndexError: there is no such group.
        """
        subject = _subject(string)
        left = to_int(count)
        parts = []
        start = 0
        while True:
            found = self._host.search(subject, start)
            if found is None or found.end() == found.start():
                break
            parts += [subject[start : found.start()], _replacement(replace, found, string)]
            start = found.end()
            left -= 1
            if left == 0:
                break
        return _like(string, b"".join(parts) + subject[start:]) if parts else string

    def __repr__(self) -> str:
        return "<re>"


def _subject(string: object) -> bytes:
    data = _bytes_of(string)
    running().cpu.charge(_CALL_US + len(data) // _BYTES_PER_US)
    return data


def _found(regex: _Regex, string: Any, pos: Any, endpos: Any, *, anchored: bool) -> _Match | None:
    subject = _subject(string)
    start = 0 if pos is ABSENT else min(max(0, to_int(pos)), len(subject))
    end = len(subject) if endpos is ABSENT else min(max(start, to_int(endpos)), len(subject))
    host = regex._host
    found = host.match(subject, start, end) if anchored else host.search(subject, start, end)
    if found is None:
        return None
    new = _Match()
    new._found = found
    new._subject = string
    return new


def _replacement(replace: Any, found: _host.Match[bytes], string: Any) -> bytes:
    if callable(replace):
        match_object = _Match()
        match_object._found = found
        match_object._subject = string
        return _bytes_of(replace(match_object))
    return b"".join(_template(_bytes_of(replace), found))


def _template(text: bytes, found: _host.Match[bytes]) -> Iterator[bytes]:
    index = 0
    while index < len(text):
        if text[index] != ord("\\"):
            yield text[index : index + 1]
            index += 1
            continue
        index += 1
        bracketed = text[index : index + 2] == b"g<"
        index += 2 * bracketed
        digits = _host.match(rb"[0-9]*", text[index:])
        number = digits.group() if digits else b""
        if number:
            index += len(number)
            index += bracketed and text[index : index + 1] == b">"
            if int(number) > found.re.groups:
                raise IndexError(int(number))
            yield found.group(int(number)) or b""
        elif text[index : index + 1] == b"\\":
            yield b"\\"
            index += 1


def compile(regex: str | bytes, flags: int = 0, /) -> _Regex:
    """Compile a pattern; ``flags`` is ignored.

    Raises:
        ValueError: the pattern is not one of re1.5's.
    """
    running().cpu.charge(_CALL_US)
    new = _Regex()
    new._host = _compiled(_bytes_of(regex))
    return new


def match(regex: Any, string: str | bytes, pos: int = ABSENT, endpos: int = ABSENT, /) -> _Match | None:
    """Match a pattern at the beginning of a text; ``pos`` and ``endpos`` count only with a compiled one."""
    if isinstance(regex, _Regex):
        return regex.match(string, pos, endpos)
    return compile(regex).match(string)


def search(regex: Any, string: str | bytes, pos: int = ABSENT, endpos: int = ABSENT, /) -> _Match | None:
    """Match a pattern anywhere in a text; ``pos`` and ``endpos`` count only with a compiled one."""
    if isinstance(regex, _Regex):
        return regex.search(string, pos, endpos)
    return compile(regex).search(string)


def sub(regex: Any, replace: Any, string: str | bytes, count: int = 0, flags: int = 0, /) -> Any:
    """Replace the matches of a pattern; see the method."""
    return (regex if isinstance(regex, _Regex) else compile(regex)).sub(replace, string, count, flags)
