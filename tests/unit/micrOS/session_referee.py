"""Holds a simulated node against the session model: after each step, and at the end when all faults are over."""

from __future__ import annotations

import json
from typing import Any

from simulator.errors import StateError
from simulator.lan.client import LanConnection
from simulator.lan.faults import Fault
from simulator.world import World
from tests.unit.micrOS.session_model import GRACE_S, MODULE, PASSWORD, SMALL, Rules, Server, Talk

HOSTS = 5
NODE = "node01"
REJOIN_S = 60.0  # a node is back on its network by then
LONG_S = 3.0  # a fault after which TCP may pause until the node gives the client up
STUCK_S = 9.0  # a client that reads nothing for so long is dropped
SOCTOUT_S = 5
_REST_S = 300.0  # after all faults; longer than any pause of TCP
_BAD_LOG = (b"internal error", b"Runtime error", b"unexpected error", b"Traceback")


class Line:
    """A connection and its model.

    Attributes:
        tcp: the client's end.
        talk: the model.
        dead: the client has thrown it away, or cannot know of its end.
        over: nothing more is to be looked at.
        was_open: the handshake was done.
        count: slow calls so far.
        paused_s: since when the client does not read; None if it does.
        stuck: the node may have given it up since nobody took what it sent.
    """

    def __init__(self, tcp: LanConnection, talk: Talk) -> None:
        self.tcp = tcp
        self.talk = talk
        self.dead = False
        self.over = False
        self.was_open = False
        self.count = 0
        self.paused_s: float | None = None
        self.stuck = False

    @property
    def usable(self) -> bool:
        """The client may still send."""
        return self.was_open and not (self.dead or self.talk.finished or self.tcp.closed)


class Referee:
    """A node, hosts, the model of their conversation, and what must be true of it.

    Args:
        world: an empty one.
        auth: the node asks for a password.
        sessions: its limit.

    Attributes:
        lines: the connections, in the order in which they began.
        faults: those that are active, each with the client it concerns, None for all.
        fault_s: so long faults have lasted altogether.
        shaky_until_s: until then anything may happen to any connection.
        has_rejoined: the node has lost its network, and with its address perhaps connections.
    """

    def __init__(self, world: World, *, auth: bool, sessions: int) -> None:
        self.world = world
        config = {"auth": auth, "appwd": PASSWORD, "sessions": sessions, "soctout": SOCTOUT_S}
        files = {f"/modules/LM_e{n}.py": MODULE for n in range(HOSTS)}
        self.node = world.add_node(NODE, config=config, files=files)
        world.run_until(lambda: self.node.listening(9008), timeout_s=60)
        world.run_for(1)
        self.address = world.lan.address(self.node.machine)
        self.hosts = [world.lan.client(f"c{n}") for n in range(HOSTS)]
        self.rules = Rules(auth, sessions, SOCTOUT_S, b"hello:node01:micr240ac4000001OS\n", b"1.5.0-0\n")
        self.server = Server(self.rules)
        self.lines: list[Line] = []
        self.faults: list[tuple[Fault, str | None]] = []
        self.config = self._config()
        self.notes: dict[int, int] = {}  # number of a note -> connection
        self.numbers = 0
        self.fault_s = 0.0
        self.shaky_until_s = 0.0
        self.has_rejoined = False

    def look(self) -> None:
        """Judge every connection.

        Raises:
            AssertionError: the node has done what the model does not allow.
        """
        assert self.node.boots == 1
        for line in self.lines:
            if not line.over:
                self._judge(line)

    def _judge(self, line: Line) -> None:
        talk, now, received = line.talk, self.world.now_s, bytes(line.tcp.received)
        judgement = talk.judge(received, now)
        assert judgement.possible, self._tell(line, "this must not come")
        if line.tcp.closed and not line.dead and not line.tcp.reset and line.was_open and talk.free_s is None:
            talk.free_s = now
        if talk.exact and line.was_open and not line.dead:
            self._judge_exactly(line)
        line.over = line.dead or (line.tcp.closed and (talk.exact or not self.faults))

    def _judge_exactly(self, line: Line) -> None:
        talk, now, judgement = line.talk, self.world.now_s, line.talk.last
        assert not line.tcp.reset, self._tell(line, "reset")
        if line.tcp.closed:
            assert judgement.complete and (judgement.ended or talk.finished), self._tell(line, "closed")
        elif judgement.complete:
            length = len(line.tcp.received)
            limit_s = talk.heard_s(length) if judgement.ended or talk.finished else talk.silent_until(length)
            assert now <= limit_s + GRACE_S, self._tell(line, "still open")
        else:
            assert now <= judgement.due_s + 3 * GRACE_S, self._tell(line, "no answer")

    def _tell(self, line: Line, what: str) -> str:
        talk = line.talk
        return (
            f"connection {self.lines.index(line)} of {talk.peer} at {self.world.now_s:.3f} s: {what}\n"
            f"exact={talk.exact} greetings={sorted(talk.greetings)} since={talk.begun_s:.3f} sent={talk.sent_s:.3f} "
            f"due={talk.last.due_s:.3f}\n"
            f"sent:     {[(t.text, t.end, round(t.sent_s, 3), t.verdict) for t in talk.tokens]}\n"
            f"arrivals: {[(round(t, 3), length) for t, length in talk.arrivals]}\n"
            f"received: {bytes(line.tcp.received).replace(b'x' * 40, b'x...')!r}"
        )

    # --- the end ---------------------------------------------------------------------------------

    def finish(self) -> None:
        """End all faults, wait for the end of every session, and judge what is left: replies, notes, settings, log.

        Raises:
            AssertionError: as :meth:`look`; or the node is out of reach, or a session is lost for ever.
        """
        for fault, _host in self.faults:
            fault.end()
        self.faults.clear()
        for line in self.lines:
            self.resume(line)
            line.stuck = line.stuck or (not line.talk.exact and self.fault_s >= LONG_S)
        self._greet("fresh", REJOIN_S)
        self._wait_for_ends()
        for line in self.lines:
            if line.was_open and not line.dead:
                self._judge_at_last(line)
        noted = self._fill()
        self._judge_notes(noted)
        self._judge_config()
        log = self.node.flash.read("/err.log") if self.node.flash.exists("/err.log") else b""
        for text in _BAD_LOG:
            assert text not in log + self.node.console.text().encode(), log
        assert self.node.boots == 1

    def resume(self, line: Line) -> None:
        """The client reads on."""
        if line.paused_s is not None:
            line.stuck = line.stuck or self.world.now_s - line.paused_s >= STUCK_S
            line.paused_s = None
            line.tcp.resume_reading()

    def _wait_for_ends(self) -> None:
        """Wait until the node has ended every session: its clients are silent."""
        for line in self.lines:
            line.over = False
        for _ in range(60):
            self.world.run_for(_REST_S / 60)
            self.look()
        for line in self.lines:
            if line.usable and not line.talk.exact:
                line.tcp.send(b"\n")  # without this it would not learn that the node has lost the connection
        self.world.run_for(1)

    def _judge_at_last(self, line: Line) -> None:
        judgement = line.talk.judge(bytes(line.tcp.received), self.world.now_s)
        is_forgotten = line.talk.finished and self.has_rejoined  # the node was gone, and its client need not notice
        assert line.tcp.closed or is_forgotten, self._tell(line, "never closed")
        may_be_short = line.tcp.reset or not line.tcp.closed or (line.stuck and line.talk.output > SMALL)
        assert judgement.complete or may_be_short, self._tell(line, "lacks its end")

    def _greet(self, name: str, timeout_s: float) -> None:
        """A client that no fault has touched gets a session, if not at once, then soon, and the right ``hello``."""
        end_s = self.world.now_s + timeout_s
        prompt = b"[password] node01 $  " if self.rules.auth else b"node01 $  "
        received = b""
        while received != prompt + self.rules.hello + prompt:
            assert self.world.now_s < end_s, f"{name}: no hello in {timeout_s} s, the last answer was {received!r}"
            try:
                tcp = self.world.lan.client(name).connect(self.world.lan.address(self.node.machine), 9008)
            except StateError:  # the node is on no network yet
                self.world.run_for(1)
                continue
            self.world.run_for(0.5)
            if tcp.received == prompt:
                tcp.send(b"hello\n")
            self.world.run_for(0.5)
            received = bytes(tcp.received)
            tcp.abort()

    def _fill(self) -> list[list[int]]:
        """Use all sessions at once, each from another host; returns what the Load Modules have noted."""
        self.world.run_for(SOCTOUT_S + 2)
        clients = [self._open(f"fill{n}") for n in range(self.rules.sessions)]
        noted = []
        for n in range(HOSTS):
            clients[0].received.clear()
            clients[0].send(b"e%d noted\n" % n)
            self.world.run_for(0.5)
            text = bytes(clients[0].received).split(b"\n")[0]
            noted.append([] if text == b"nothing" else [int(word) for word in text.split()])
        return noted

    def _open(self, name: str) -> LanConnection:
        tcp = self.world.lan.client(name).connect(self.world.lan.address(self.node.machine), 9008)
        if self.rules.auth:
            tcp.send(PASSWORD.encode() + b"\n")
        self.world.run_for(0.1)
        assert tcp.received.endswith(b"node01 $  "), f"no session for {name}: {bytes(tcp.received)!r}"
        return tcp

    def _judge_notes(self, noted: list[list[int]]) -> None:
        done = [n for numbers in noted for n in numbers]
        assert len(done) == len(set(done)), f"executed twice: {noted}"
        for host, numbers in enumerate(noted):
            for index, line in enumerate(self.lines):
                mine = [n for n in numbers if self.notes.get(n) == index]
                assert mine == sorted(mine), f"out of order: {mine}"
                assert not mine or line.talk.peer == f"c{host}"
        assert set(done) <= set(self.notes), f"never sent: {set(done) - set(self.notes)}"
        for line in self.lines:
            answered = {int(text.split()[1]) for text in bytes(line.tcp.received).split(b"\n") if text[:6] == b"noted "}
            assert answered <= set(done), f"answered and not done: {answered - set(done)}"

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads(self.node.flash.read("/node_config.json"))
        return config

    def _judge_config(self) -> None:
        config, allowed = self._config(), {}
        for line in self.lines:
            if line.talk.key:
                allowed[line.talk.key] = line.talk.judge(bytes(line.tcp.received), self.world.now_s).values
        for key, value in config.items():
            if key in allowed:
                assert value in allowed[key], f"{key} is {value}, not one of {sorted(allowed[key])}"
            else:
                assert value == self.config[key], f"{key} was {self.config[key]!r} and is {value!r}"
