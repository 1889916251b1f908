"""Sessions do not mix: whatever ten clients do at once, each gets the replies to its own commands, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.world import World

_SESSIONS = 10
_MODULE = b"""
import asyncio, time
def say(text):
    return text
def slow(text, ms):
    time.sleep_ms(ms)
    return text
async def wait(text, ms):
    await asyncio.sleep_ms(ms)
    return text
def many(text):
    return '\\n'.join([text] * 40)
"""
_KINDS = st.sampled_from(
    [
        "say {tag}",
        "slow {tag} 3",
        "slow {tag} 40",
        "wait {tag} 1",
        "wait {tag} 30",
        "many {tag}",
        "conf",
        "noconf",
        "devfid",
    ]
)
#: (session, command, bytes after which it is cut in two, ms until the next step)
_STEPS = st.lists(
    st.tuples(st.integers(0, _SESSIONS - 1), _KINDS, st.integers(0, 12), st.sampled_from([0, 0, 1, 7, 60])),
    min_size=8,
    max_size=40,
)


@dataclass
class Session:
    """A client, and what it must have got in the end."""

    number: int
    tcp: Any
    count: int = 0
    configuring: bool = False
    rest: bytes = b""
    expected: list[bytes] = field(default_factory=lambda: [b"node01 $  "])

    def command(self, kind: str) -> bytes:
        """The bytes of the next command; notes what must come back."""
        self.count += 1
        tag = f"tag{self.number}x{self.count}"
        reply, line = b"", kind
        if kind in ("conf", "noconf"):
            self.configuring = kind == "conf"
        elif self.configuring:
            line, reply = "devfid", b"node01\n"
        elif kind == "devfid":
            line, reply = "version", None
        else:
            line = "echo " + kind.format(tag=f"'{tag}'")
            reply = tag.encode() + b"\n"
            reply *= 40 if kind.startswith("many") else 1
        self.expected += [self.version if reply is None else reply, self.prompt]
        return line.encode() + b"\n"

    version = b""

    @property
    def prompt(self) -> bytes:
        return b"[configure] node01 $  " if self.configuring else b"node01 $  "

    def send(self, kind: str, cut: int) -> None:
        """Send the next command but for its end, after the end of the one before."""
        data = self.rest + self.command(kind)
        cut = min(cut, len(data))
        self.tcp.send(data[: len(data) - cut])
        self.rest = data[len(data) - cut :]

    def finish(self) -> None:
        """Send what is left of the last command."""
        if self.rest:
            self.tcp.send(self.rest)
        self.rest = b""


@settings(deadline=None, max_examples=30, derandomize=True)
@given(_STEPS)
def test_each_session_gets_the_replies_to_its_own_commands(steps: list[tuple[int, str, int, int]]) -> None:
    with World(seed=0) as world:
        node = world.add_node("node01", files={"/modules/LM_echo.py": _MODULE})
        Session.version = world.shell(node)("version").encode() + b"\n"
        address = world.lan.address(node.machine)
        sessions = [Session(n, world.lan.client(f"client{n}").connect(address, 9008)) for n in range(_SESSIONS)]
        world.run_for(0.5)
        for number, kind, cut, pause_ms in steps:
            sessions[number].send(kind, cut)
            for session in sessions:
                if session.number != number or pause_ms >= 20:  # 20 ms of silence would end the command
                    session.finish()
            world.run_for(pause_ms / 1000)
        for session in sessions:
            session.finish()
        world.run_for(30)
        assert [bytes(session.tcp.received) for session in sessions] == [b"".join(s.expected) for s in sessions]
