"""Plays clients and faults against a simulated node and holds what happens against the session model.

A scenario is a list of steps, plain tuples; connections that are open are numbered in the order in which they began,
and a number that is too high counts round:

    ("connect", host)                       host 0..4
    ("join", host)                          connect and send the right password
    ("rush", [host, …])                     all connect at once
    ("guess", host, times)                  connect, send a wrong password, wait for the answer
    ("send", connection, form, [word, …])   see FORMS and WORDS
    ("flood", connection, seconds)          ask for much, and begin to read it so much later
    ("pause"|"resume"|"close"|"abort"|"vanish", connection)
    ("fault", kind, connection, strength)   between its host and all others, see FAULTS; strength 0..2
    ("mend", number)                        the fault with this number among those that are active ends
    ("wait", seconds)

A step that makes no sense, as sending without a connection, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.world import World
from tests.unit.micrOS.session_model import BUSY, GRACE_S, PASSWORD, Talk
from tests.unit.micrOS.session_referee import NODE, REJOIN_S, SOCTOUT_S, Line, Referee

Step = tuple[Any, ...]
FORMS = ("whole", "rapid", "crlf", "packet", "pieces", "bare", "telnet", "last")
WORDS = ("version", "hello", "exit", "conf", "noconf", "get", "set", "note", "many", "junk", "empty", "right", "wrong")
SLOW = ("slow 50", "slow 700", "slow 1200")
_LASTING = ("loss", "latency", "reorder", "duplicate", "partition", "one_way", "deaf", "vanish", "ap_off")
_SUDDEN = ("forget", "lose")
FAULTS = _LASTING + _SUDDEN
_KEYS = ("irq1_cbf", "irq2_cbf", "irq3_cbf", "irq4_cbf", "timirqcbf", "boothook")
_SILENCE_S = 0.08  # ends a command without newline
_PIECE_S = 0.005  # does not
_OUTSTANDING = 1400  # more that is not acknowledged could be cut anywhere
_FAULT_S = 60.0  # so long do faults last altogether: pauses of TCP grow with them
_GONE_S = 10.0  # beyond `soctout`: until the session of a client that is gone is certainly free


class Player(Referee):
    """Does what a scenario says."""

    # --- steps -----------------------------------------------------------------------------------

    def play(self, steps: Iterable[Step]) -> None:
        """Play a scenario to its end.

        Raises:
            AssertionError: the node has done what the model does not allow.
        """
        for step in steps:
            if step[0] != "wait":
                self._avoid_time_outs()
            getattr(self, f"_do_{step[0]}")(*step[1:])
            self.look()
        self.finish()

    def _do_wait(self, seconds: float) -> None:
        if self.faults:
            seconds = min(seconds, max(0.01, _FAULT_S - self.fault_s))
            self.fault_s += seconds
            self.shaky_until_s = max(self.shaky_until_s, self.world.now_s + seconds)
        self.world.run_for(seconds)

    def _do_connect(self, host: int) -> None:
        self.look()
        line = self._connect(host)
        for _ in range(10):  # a node that writes to its flash takes its time
            self.world.run_for(0.02)
            if line.tcp.received or not line.talk.exact:
                break
        self._learn(line)

    def _do_rush(self, hosts: list[int]) -> None:
        self.look()
        lines = [self._connect(host) for host in hosts]
        self.world.run_for(0.2)
        for line in lines:
            self._learn(line)

    def _learn(self, line: Line) -> None:
        if line.tcp.received:
            line.talk.greetings &= {"busy" if BUSY.startswith(line.tcp.received[:10]) else "prompt"}

    def _connect(self, host: int) -> Line:
        now = self.world.now_s
        name = f"c{host}"
        used = [line.talk.key for line in self.lines]
        key = next((key for key in _KEYS if key not in used), "")
        talk = Talk(self.rules, name, f"e{host}", key, self.server.greetings(name, now), now)
        talk.exact = not self._is_touched(name)
        if not talk.exact:
            talk.greetings = {"busy", "prompt"}  # nobody knows when it will get through
        line = Line(self.hosts[host].connect(self.address, 9008), talk)
        line.tcp.on_change = self._watch(line)
        self.server.talks.append(talk)
        self.lines.append(line)
        return line

    def _do_join(self, host: int) -> None:
        self._do_connect(host)
        if self.rules.auth and self.lines[-1].usable:
            self._send_whole(self.lines[-1], PASSWORD)

    def _do_guess(self, host: int, times: int) -> None:
        for _ in range(times if self.rules.auth else 1):
            self._avoid_time_outs()
            self._do_connect(host)
            line = self.lines[-1]
            if not line.usable:
                return
            self._send_whole(line, f"wrong{times}")
            for _ in range(18):
                self.look()
                self._do_wait(0.5)
                if line.tcp.closed:
                    break

    def _watch(self, line: Line) -> Callable[[], None]:
        def note() -> None:
            line.talk.arrive(len(line.tcp.received), self.world.now_s)
            line.was_open = line.was_open or line.tcp.connected or bool(line.tcp.received)

        return note

    def _do_send(self, number: int, form: str, words: list[str]) -> None:
        line = self._line(number)
        if line is None or not line.usable:
            return
        texts = [text for text in (self._text(line, word) for word in words) if text is not None]
        if sum(len(text) for text in texts) + line.tcp.unsent > _OUTSTANDING or not texts:
            return
        if form == "packet":
            self._send(line, "\n".join(texts) + "\n", texts)
            return
        for text in texts:
            if line.usable:
                getattr(self, f"_send_{self._possible(form, line, text)}")(line, text)

    def _possible(self, form: str, line: Line, text: str) -> str:
        """The form, or ``whole`` where commands that are cut or joined would be beyond the model."""
        if form not in ("pieces", "bare") or (text and line.talk.exact and self._is_idle(line)):
            return form
        return form if text.isalpha() and not any(line.talk.needs_password()) else "whole"

    def _do_flood(self, number: int, seconds: float) -> None:
        self._do_pause(number)
        self._do_send(number, "packet", ["noconf", *["many"] * 4])
        self._do_wait(seconds)
        self._do_resume(number)

    def _send_whole(self, line: Line, text: str) -> None:
        self._send(line, text + "\n", [text])

    def _send_rapid(self, line: Line, text: str) -> None:
        self._send(line, text + "\n", [text], pause_s=0)

    def _send_last(self, line: Line, text: str) -> None:
        self._send(line, text, [text] if text else [], pause_s=0)
        self._do_close(self._usable().index(line))

    def _send_crlf(self, line: Line, text: str) -> None:
        self._send(line, text + "\r\n", [text])

    def _send_telnet(self, line: Line, text: str) -> None:
        half = len(text) // 2
        data = b"\xff\xfb\x01" + text[:half].encode() + b"\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0" + text[half:].encode()
        self._send(line, data + b"\r\0\n\xff\xf1", [text])

    def _send_bare(self, line: Line, text: str) -> None:
        """Silence ends a command, if the node listens to it; while it is busy the next one is joined to this one."""
        is_sure = line.talk.exact and self._is_idle(line)
        self._send(line, text, [text], end="line" if is_sure else "may", pause_s=_SILENCE_S)
        for _ in range(10):  # one such command per round trip
            if is_sure and not self._is_idle(line):
                self.world.run_for(_SILENCE_S)

    def _is_idle(self, line: Line) -> bool:
        return line.talk.judge(bytes(line.tcp.received), self.world.now_s).complete

    def _send_pieces(self, line: Line, text: str) -> None:
        half = len(text) // 2
        if half:
            self._send(line, text[:half], [text[:half]], end="never" if line.talk.exact else "may", pause_s=_PIECE_S)
        if line.usable:
            self._send(line, text[half:] + "\n", [text[half:]])

    def _send(
        self, line: Line, data: str | bytes, texts: list[str], *, end: str = "line", pause_s: float = 0.01
    ) -> None:
        if not line.usable:
            return
        line.tcp.send(data.encode() if isinstance(data, str) else data)
        for text in texts:
            line.talk.say(text, end, self.world.now_s, self.server.account(line.talk.peer))
        self.world.run_for(pause_s)

    def _text(self, line: Line, word: str) -> str | None:
        """The command line of a word; None if this connection cannot have it."""
        self.numbers += 1
        n, talk = self.numbers, line.talk
        if word == "note":
            self.notes[n] = self.lines.index(line)
        if word.startswith("slow"):
            line.count += 1
            busy = sum(other.count for other in self.lines if other.talk.peer == talk.peer)
            return f"{talk.module} slow {n} {word[5:]}" if busy <= 3 else "version"
        if word in ("get", "set"):
            return {"get": talk.key, "set": f"{talk.key} v{n}"}[word] if talk.key else None
        known = {"empty": "", "right": PASSWORD, "wrong": f"wrong{n}", "junk": "junk"}
        if word in ("note", "many"):
            return f"{talk.module} {word} {n}"
        return known.get(word, word)

    def _do_pause(self, number: int) -> None:
        line = self._line(number)
        if line is not None and not line.dead:
            line.talk.exact = False
            line.paused_s = line.paused_s or self.world.now_s
            line.tcp.pause_reading()

    def _do_resume(self, number: int) -> None:
        line = self._line(number)
        if line is not None and not line.dead:
            self.resume(line)
            self.world.run_for(0.01)

    def _do_close(self, number: int) -> None:
        line = self._line(number)
        if line is not None and line.usable:
            line.talk.finish(self.world.now_s)
            line.tcp.close()
            self.world.run_for(0.01)

    def _do_abort(self, number: int) -> None:
        self._throw_away(number, "abort")

    def _do_vanish(self, number: int) -> None:
        self._throw_away(number, "vanish")

    def _throw_away(self, number: int, how: str) -> None:
        line = self._line(number)
        if line is not None and not line.dead and not line.tcp.closed:
            getattr(line.tcp, how)()
            self._bury(line)
            self.world.run_for(0.01)

    def _bury(self, line: Line) -> None:
        line.dead = True
        line.talk.exact = False
        line.talk.free_s = max(self.world.now_s, self.shaky_until_s) + SOCTOUT_S + _GONE_S

    # --- faults ----------------------------------------------------------------------------------

    def _do_fault(self, kind: str, number: int, strength: int) -> None:
        line = self._line(number)
        if line is None or len(self.faults) >= 3 or self.fault_s >= _FAULT_S:
            return
        name = line.talk.peer
        start, late_ms = self.world.lan.faults.start, (5, 40, 300)[strength]
        made = {
            "loss": lambda: start("loss", ratio=(0.2, 0.4, 0.7)[strength], host=name),
            "latency": lambda: start("latency", ms=late_ms, jitter_ms=late_ms, host=name),
            "reorder": lambda: start("reorder", ratio=0.5, by_ms=(3, 30, 400)[strength], host=name),
            "duplicate": lambda: start("duplicate", ratio=(0.2, 0.5, 1.0)[strength], host=name),
            "partition": lambda: start("partition", a=name),
            "one_way": lambda: start("one_way", host=NODE, peer=name),
            "deaf": lambda: start("one_way", host=name),
            "vanish": lambda: start("vanish", host=name if strength else NODE),
            "forget": lambda: start("half_open", host=NODE, peer=name),
            "lose": lambda: start("half_open", host=name, peer=NODE),
            "ap_off": lambda: start("ap_off"),
        }[kind]()
        made.excuse()
        is_everybodys = kind == "ap_off" or (kind == "vanish" and not strength)
        self.has_rejoined = self.has_rejoined or kind == "ap_off"
        self.faults.append((made, None if is_everybodys else name))
        for line in self.lines:
            if is_everybodys or line.talk.peer == name:
                line.talk.exact = False
                if kind in _SUDDEN and not line.dead:
                    self._bury(line)
        if kind in _SUDDEN:
            self._do_mend(len(self.faults) - 1)
        self.world.run_for(0.01)

    def _do_mend(self, number: int) -> None:
        if not self.faults:
            return
        fault, host = self.faults.pop(number % len(self.faults))
        fault.end()
        if host is None:
            self.shaky_until_s = self.world.now_s + REJOIN_S

    def _is_touched(self, host: str) -> bool:
        return self.world.now_s < self.shaky_until_s or any(name in (None, host) for _fault, name in self.faults)

    # --- which connection, and when --------------------------------------------------------------

    def _line(self, number: int) -> Line | None:
        usable = self._usable()
        return usable[number % len(usable)] if usable else None

    def _usable(self) -> list[Line]:
        return [line for line in self.lines if not (line.dead or line.tcp.closed)]

    def _avoid_time_outs(self) -> None:
        """Nobody can tell whether a command comes before the end of a session if it comes at that very moment."""
        while any(self._is_near_time_out(line) for line in self.lines if line.talk.exact and line.usable):
            self.world.run_for(0.1)
            self.look()

    def _is_near_time_out(self, line: Line) -> bool:
        line.talk.judge(bytes(line.tcp.received), self.world.now_s)
        away_s = self.world.now_s - line.talk.silent_until(len(line.tcp.received))
        return -0.3 < away_s < GRACE_S


def play(steps: Iterable[Step], *, auth: bool = False, sessions: int = 3) -> None:
    """Play a scenario in a world of its own; see :class:`Player`."""
    with World(seed=0) as world:
        Player(world, auth=auth, sessions=sessions).play(steps)
