"""The shell's protocol, seen from the client (spec: prompts, replies, endings).

Theory of operation. A node sends a prompt when a session begins and after each reply; there is no other
framing. A prompt is the last, unterminated line of what came: ``[configure] node01 $`` and two blanks (one in
later firmware). The greeting teaches us name and blanks, and a reply ends when its last line is that prompt
with any prefix. Three endings are only *likely* and hold once nothing follows for ``settle_s``:

* a prompt with another name (``devfid`` was set),
* a greeting with one blank (the second may be on its way),
* ``Bye!`` without the end of the connection.

``ReplyReader`` is that machine without any I/O; ``NodeSession`` drives it over a link. Commands are sent with a
newline: our nodes end a command there, older ones take one segment as a command and strip it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from toolkit.errors import AuthFailed, ClosedEarly, LinkError, NoAnswer, NodeBusy, UsageError
from toolkit.links import Link

_PROMPT = re.compile(r"(?P<prefix>(?:\[(?:configure|password)\] )?)(?P<name>[^\n]*\S) \$(?P<blanks> {1,2})")
_LONGEST_PROMPT = 256
_GOODBYE = "Bye!"
#: Replies that begin so report a failed command (spec: shell errors; later firmware in the second row).
_FAILURES = (
    ("exec_lm_core ", "SHELL: ", "Failed to save", "node_config write error", "AuthFailed", "[ERROR]"),
    ("Core error: ", "Shell: ", "[SHELL] Runtime error"),
)
_FAILED_LINE = re.compile("|".join(re.escape(text) for row in _FAILURES for text in row))
#: Commands that a node answers before the password.
OPEN_COMMANDS = ("hello", "version", "exit")


@dataclass(frozen=True)
class Prompt:
    """What a node shows when it waits: ``prefix`` (``"[configure] "`` …), name, number of blanks after ``$``."""

    prefix: str
    name: str
    blanks: int

    @property
    def text(self) -> str:
        """The prompt as the node sent it."""
        return f"{self.prefix}{self.name} ${' ' * self.blanks}"

    @property
    def wants_password(self) -> bool:
        """True if the node takes the next line as the password."""
        return self.prefix.startswith("[password]")

    @property
    def in_config(self) -> bool:
        """True in configure mode."""
        return self.prefix.startswith("[configure]")


@dataclass(frozen=True)
class Reply:
    """An answer: its text without the prompt, and the prompt, or None if the node closed the session."""

    text: str
    prompt: Prompt | None

    @property
    def failed(self) -> bool:
        """True if the node says that the command failed."""
        return any(_FAILED_LINE.match(line) for line in self.text.splitlines())


class End(Enum):
    """How sure it is that a reply is complete."""

    OPEN = "more must come"
    LIKELY = "complete if nothing follows"
    SURE = "complete"


class ReplyReader:
    """Finds where a reply ends, whatever pieces it comes in. No I/O.

    Example::

        reader = ReplyReader(None)
        reader.feed(b"node01 $  ")
        assert reader.end is End.SURE and reader.take().prompt.name == "node01"
    """

    def __init__(self, known: Prompt | None) -> None:
        """Begin; ``known`` is the last prompt seen, None before the greeting."""
        self.end = End.OPEN
        self._known = known
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lines: list[str] = []
        self._tail = ""

    def feed(self, data: bytes) -> str:
        """Take the next piece (``b""``: the node closed) and return the lines that it completed."""
        text = self._tail + self._decoder.decode(data, final=not data)
        cut = text.rfind("\n") + 1
        fresh, self._tail = text[:cut].replace("\r\n", "\n"), text[cut:]
        if fresh:
            self._lines.append(fresh)
        if not data:
            self.end = End.SURE
        elif self._decoder.getstate()[0]:
            self.end = End.OPEN
        else:
            self.end = self._judge()
        return fresh

    def take(self) -> Reply:
        """Return the reply; what is no prompt at its end belongs to the text."""
        prompt = self._prompt()
        lines = "".join(self._lines)
        return Reply(lines, prompt) if prompt else Reply(lines + self._tail, None)

    def _prompt(self) -> Prompt | None:
        found = _PROMPT.fullmatch(self._tail) if len(self._tail) <= _LONGEST_PROMPT else None
        return Prompt(found["prefix"], found["name"], len(found["blanks"])) if found else None

    def _judge(self) -> End:
        prompt = self._prompt()
        if prompt is None:
            last = self._tail or (self._lines[-1] if self._lines else "")
            return End.LIKELY if last.rstrip().endswith(_GOODBYE) else End.OPEN
        if self._known is None:
            return End.SURE if prompt.blanks == 2 else End.LIKELY
        if (prompt.name, prompt.blanks) == (self._known.name, self._known.blanks):
            return End.SURE
        return End.OPEN if " " in prompt.name else End.LIKELY


@dataclass(frozen=True)
class Limits:
    """How long a session waits, in seconds, and how much it takes.

    Attributes:
        greeting_s: for the first prompt; an old node gives none while another session lasts.
        silence_s: for the next byte of a reply.
        reply_s: for a whole reply.
        settle_s: for what may follow a likely end.
        goodbye_s: for ``Bye!`` when we leave.
        reply_chars: the longest reply taken.
    """

    greeting_s: float = 6.0
    silence_s: float = 20.0
    reply_s: float = 120.0
    settle_s: float = 0.3
    goodbye_s: float = 1.0
    reply_chars: int = 16_000_000


class NodeSession:
    """One shell session with a node.

    Example::

        with NodeSession(open_link("tcp://127.0.0.1:9008")) as session:
            session.open()
            print(session.command("hello").text)
    """

    def __init__(self, link: Link, limits: Limits | None = None) -> None:
        """Use ``link``, which the session closes in the end."""
        self._link = link
        self._limits = limits or Limits()
        self._prompt: Prompt | None = None

    def __enter__(self) -> NodeSession:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    @property
    def prompt(self) -> Prompt | None:
        """The prompt that the node waits at; None before the greeting and after its end."""
        return self._prompt

    def open(self) -> Prompt:
        """Wait for the greeting and return the prompt.

        Raises:
            NodeBusy: the node takes no further session.
            ClosedEarly: the node closed instead of greeting.
            NoAnswer: no greeting in time.
        """
        reply = self._read("a greeting", self._limits.greeting_s, None)
        if reply.prompt is None:
            said = reply.text.strip()
            if "busy" in said.lower():
                raise NodeBusy(f"the node takes no further session now: {said}")
            raise ClosedEarly(f"the node closed the connection without a greeting{_quoted(said)}")
        self._prompt = reply.prompt
        return reply.prompt

    def login(self, password: str) -> None:
        """Answer the password prompt.

        Raises:
            AuthFailed: it is the wrong password.
        """
        if "AuthFailed" in self.command(password).text or self._prompt is None or self._prompt.wants_password:
            raise AuthFailed("the node refuses the password")

    def command(self, line: str, on_text: Callable[[str], None] | None = None) -> Reply:
        """Send one command and return its reply.

        Args:
            line: the command, one line.
            on_text: gets the reply's lines as they come.

        Raises:
            UsageError: ``line`` has a line break.
            ClosedEarly: the session has ended, or ends without an answer.
            NoAnswer: the reply does not come to its end in time.
        """
        if "\n" in line or "\r" in line:
            raise UsageError("a command is one line")
        if self._prompt is None:
            raise ClosedEarly(f"the node has closed the session; {line!r} was not sent")
        self._check_still_open(line, on_text)
        self._link.send(line.encode("utf-8", "replace") + b"\n")
        reply = self._read(repr(line), self._limits.silence_s, on_text)
        self._prompt = reply.prompt
        if reply.prompt is None and not _ends_politely(reply.text):
            raise ClosedEarly(f"the node closed the connection in answer to {line!r}{_quoted(reply.text)}")
        return reply

    def close(self) -> None:
        """Say ``exit`` if the session is open, and close the link. Raises nothing."""
        try:
            if self._prompt is not None:
                self._link.send(b"exit\n")
                self._link.receive(self._limits.goodbye_s)
        except LinkError:
            pass  # it is gone: what we wanted
        finally:
            self._prompt = None
            self._link.close()

    def _check_still_open(self, line: str, on_text: Callable[[str], None] | None) -> None:
        """Notice a session that ended while we were idle (time-out), before the command is lost in it."""
        said = b""
        while data := self._link.receive(0):
            said += data
        text = said.decode("utf-8", "replace")
        if data is None:
            if on_text and text:
                on_text(text)
            return
        self._prompt = None
        raise ClosedEarly(f"the node has closed the session; {line!r} was not sent{_quoted(text)}")

    def _read(self, asked: str, silence_s: float, on_text: Callable[[str], None] | None) -> Reply:
        reader = ReplyReader(self._prompt)
        deadline = self._link.now_s() + self._limits.reply_s
        taken = 0
        while reader.end is not End.SURE:
            likely = reader.end is End.LIKELY
            data = self._link.receive(self._limits.settle_s if likely else silence_s)
            if data is None and likely:
                break
            if data is None:
                raise NoAnswer(f"no answer to {asked} within {silence_s:g} s")
            taken += len(data)
            if self._link.now_s() > deadline or taken > self._limits.reply_chars:
                raise NoAnswer(f"the answer to {asked} does not end ({taken} bytes so far)")
            lines = reader.feed(data)
            if on_text and lines:
                on_text(lines)
        reply = reader.take()
        if on_text and reply.prompt is None and not reply.text.endswith("\n"):
            on_text(reply.text.rpartition("\n")[2])
        return reply


def _ends_politely(text: str) -> bool:
    return text.rstrip().endswith(_GOODBYE) and "Session timeout" not in text


def _quoted(said: str) -> str:
    """Return what the node said last, as the end of a one-line error text."""
    words = " ".join(said.split())
    return f": {words[:200]}" if words else ""
