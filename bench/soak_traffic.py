"""Traffic of the bench ``soak``: sessions that send fuzzed lines to one node and judge every byte that comes back.

Each session has a tag of its own, ``S07Q``, and writes it into much of what it sends. Whatever comes back may hold no
other tag, and the last line of each batch must be answered exactly.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.lan.client import LanClient, LanConnection

#: Load Module of the node under test: answers what it is told.
ECHO = b"""
def say(text):
    return text


def fail(text):
    raise ValueError(text)


def give(*args, **kwargs):
    return args, kwargs
"""

_TAG = re.compile(rb"S\d\dQ")
#: A carriage return counts too.
_MAX_LINE = 4095
_TEMPLATES = (
    b"hello",
    b"version",
    b"help",
    b"conf",
    b"noconf",
    b"dump",
    b"utc",
    b"utc 60",
    b"soctout x",
    b"devip 10.0.0.1.2",
    b"system info",
    b"system clock",
    b"system gclean >json",
    b"system heartbeat",
    b"system rssi >json",
    b"system pinmap 'dhtpin'",
    b"system module",
    b"system module unload='LM_robustness'",
    b"robustness raise_error",
    b"robustness recursion_limit 5",
    b"echo say '@'",
    b"echo fail '@'",
    b'echo give "@" [1, 2.5, {"@": None}] x=(True, b"@") y=\'@ @\'',
    b"echo give '@' >json",
    b"echo @ '@'",
    b"@ @ @",
    b"@",
    b"config @",
    b"echo give " + b"[" * 20,
    b"echo give " + b"'@' " * 60,
    b"echo give 1e999 -0x7f 0b11 1_000",
)
#: Lines that would restart the node, end the session or take long; the bench says nothing about them.
_LEFT_OUT = (b"reboot", b"webrepl", b"ha_sta", b"lm_del", b"exit", b"&", b"leak", b"intercon", b"ntp", b"sessions")
#: Bytes that mutations put in. No line ends, and no 255, after which telnet options would eat the next line.
_ODD = b"\0\x01\x03\x04\x1b\x7f\x80\xc3\xe2\xf0\xfe\"'\\[](){},=:;!$>&| \tS\r"


@dataclass
class Tally:
    """What was seen.

    Attributes:
        lines: sent.
        replies: bytes that came back.
        faults: what went wrong, the first few; empty if nothing did.
    """

    lines: int = 0
    replies: int = 0
    faults: list[str] = field(default_factory=list)

    def blame(self, text: str) -> None:
        """Note what went wrong."""
        if len(self.faults) < 20:
            self.faults.append(text)


class Session:
    """One client: sends a batch, waits for the answer to its last line, judges all that came.

    Args:
        number: 0..99, makes its tag.
        dial: opens a new connection.
        rng: source of its lines.
        tally: what it adds to.
    """

    def __init__(self, number: int, dial: Callable[[], LanConnection], rng: random.Random, tally: Tally) -> None:
        self.tag = b"S%02dQ" % number
        self._dial = dial
        self._rng = rng
        self._tally = tally
        self._count = 0
        self._expected = b""
        self._connection = dial()

    def send_batch(self, size: int) -> None:
        """Send ``size`` fuzzed lines, and one whose answer is known."""
        if self._connection.closed:
            self._tally.blame(f"{self.tag.decode()}: the node closed the session")
            self._connection = self._dial()
        self._connection.received.clear()
        lines = [self._line() for _ in range(size)]
        self._count += 1
        probe = b"%s:%d" % (self.tag, self._count)
        lines += [b"noconf", b"echo say '%s'" % probe]
        self._expected = b"%s\nsoak $  " % probe
        self._connection.send(b"".join(line + self._rng.choice((b"\n", b"\r\n")) for line in lines))
        self._tally.lines += len(lines)

    @property
    def is_answered(self) -> bool:
        """The answer to the last line has come, or the session is over."""
        return self._connection.received.endswith(self._expected) or self._connection.closed

    def judge(self) -> None:
        """Look at every byte of the batch's answers."""
        received = bytes(self._connection.received)
        self._tally.replies += len(received)
        if not received.endswith(self._expected):
            self._tally.blame(f"{self.tag.decode()}: no {self._expected!r} but {received[-100:]!r}")
        foreign = {tag for tag in _TAG.findall(received) if tag != self.tag}
        if foreign:
            self._tally.blame(f"{self.tag.decode()}: heard {sorted(foreign)}")
        for text in (b"[HA] Critical", b"internal error", b"Runtime error", b"Traceback"):
            if text in received:
                at = received.index(text)
                self._tally.blame(f"{self.tag.decode()}: {received[max(0, at - 80) : at + 120]!r}")

    # --- lines ----------------------------------------------------------------------------------

    def _line(self) -> bytes:
        while True:
            line = self._make()
            bare = line.lower().replace(b"\r", b"").replace(b"\0", b"")
            if not any(word in bare for word in _LEFT_OUT) and not _other_tag(line, self.tag):
                return line

    def _make(self) -> bytes:
        rng = self._rng
        kind = rng.random()
        if kind < 0.35:
            return self._template()
        if kind < 0.85:
            return self._mutated(self._template())
        if kind < 0.995:
            return bytes(self._byte() for _ in range(rng.randrange(80)))
        return ((self._template() + b" ") * 200)[:_MAX_LINE]

    def _byte(self) -> int:
        return self._rng.choice(_ODD) if self._rng.random() < 0.5 else self._rng.randrange(32, 127)

    def _template(self) -> bytes:
        return self._rng.choice(_TEMPLATES).replace(b"@", self.tag)[:_MAX_LINE]

    def _mutated(self, line: bytes) -> bytes:
        rng, data = self._rng, bytearray(line)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data) + 1)
            how = rng.randrange(4)
            if how == 0:
                data[at:at] = bytes([rng.choice(_ODD)])
            elif how == 1 and at < len(data):
                del data[at]
            elif how == 2 and at < len(data):
                data[at] = rng.choice(_ODD)
            else:
                data[at:at] = data[: rng.randrange(len(data) + 1)]
        return bytes(data[:_MAX_LINE])


def _other_tag(line: bytes, own: bytes) -> bool:
    """True if mutation made a tag that is not this session's."""
    return any(tag != own for tag in _TAG.findall(line))


def hosts(make: Callable[[str], LanClient], count: int) -> list[LanClient]:
    """One host per session."""
    return [make(f"soak{number:02d}") for number in range(count)]
