"""The wire format of the control channel: one JSON object per line, UTF-8.

::

    -> {"v": 1, "id": 0, "cmd": "auth", "args": {"token": "..."}}
    <- {"v": 1, "id": 0, "ok": true, "result": {}}
    -> {"v": 1, "id": 1, "cmd": "pins", "args": {"node": "node01", "gpio": 4}}
    <- {"v": 1, "id": 1, "ok": false, "error": {"code": "bad-args", "text": "..."}}

The first request must be ``auth``; anything else closes the connection. Requests of one connection are answered one
after the other, in order. ``id`` is any number or text up to 64 characters and comes back as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

VERSION = 1
#: Longest line before ``auth``; more is no client of ours.
MAX_GREETING_BYTES = 4_096
#: Longest line afterwards: a whole flash as base64, and some.
MAX_LINE_BYTES = 4_194_304
_MAX_ID_CHARS = 64

#: Why a request failed. The text beside it is for people.
BAD_REQUEST = "bad-request"  # no JSON object of this form
BAD_VERSION = "bad-version"  # another version of this protocol
BAD_TOKEN = "bad-token"  # not authenticated
BAD_COMMAND = "bad-command"  # no such command
BAD_ARGS = "bad-args"  # missing, unknown or wrong arguments
FAILED = "failed"  # understood, but it cannot be done
TOO_LONG = "too-long"  # the line is longer than the limit


class ControlError(Exception):
    """A request that cannot be answered as asked.

    Attributes:
        code: one of the codes of :mod:`simulator.control.protocol`.
        text: one line for people.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Request(NamedTuple):
    """One request: its ``id``, command and arguments."""

    ident: object
    cmd: str
    args: Mapping[str, Any]


def parse(line: bytes) -> Request:
    """Read one line.

    Raises:
        ControlError: it is no request; the id is lost then.
    """
    try:
        message = json.loads(line.decode())
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or nested too deep
        raise ControlError(BAD_REQUEST, "a request is a JSON object on one line, UTF-8") from None
    if not isinstance(message, dict):
        raise ControlError(BAD_REQUEST, "a request is a JSON object")
    if message.get("v") != VERSION:
        raise ControlError(BAD_VERSION, f'this is version {VERSION}: send "v": {VERSION}')
    ident, cmd, args = message.get("id"), message.get("cmd"), message.get("args", {})
    if not _is_ident(ident):
        raise ControlError(BAD_REQUEST, f"id must be a whole number or a text of at most {_MAX_ID_CHARS} characters")
    if not isinstance(cmd, str) or not isinstance(args, dict):
        raise ControlError(BAD_REQUEST, "cmd must be a text and args an object")
    unknown = sorted(set(message) - {"v", "id", "cmd", "args"})
    if unknown:
        raise ControlError(BAD_REQUEST, f"unknown member {unknown[0][:40]!r}; there are: v, id, cmd, args")
    return Request(ident, cmd, args)


def _is_ident(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < 1 << 53
    return isinstance(value, str) and len(value) <= _MAX_ID_CHARS


def result(ident: object, value: Mapping[str, Any]) -> bytes:
    """The line that answers a request."""
    return _line({"v": VERSION, "id": ident, "ok": True, "result": value})


def failure(ident: object, error: ControlError) -> bytes:
    """The line that refuses a request; ``ident`` is None if it could not be read."""
    return _line({"v": VERSION, "id": ident, "ok": False, "error": {"code": error.code, "text": error.text}})


def request(ident: object, cmd: str, args: Mapping[str, Any]) -> bytes:
    """The line that asks."""
    return _line({"v": VERSION, "id": ident, "cmd": cmd, "args": args})


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
