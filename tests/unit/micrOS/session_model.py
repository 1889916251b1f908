"""What the specification lets a client of the shell receive. Plain Python: it knows bytes and times, no node.

A :class:`Talk` is one connection. It is told what its client sends and when, and judges what its client received. As
long as no fault has touched the connection the answer is exact, to the byte and to the second. A touched one
(``exact`` is False) may miss the end, be timed out early, and commands that were sent without a newline may be cut or
joined; what it received is a prefix of an allowed stream all the same. :class:`Server` knows who gets a session, and an
:class:`Account` what a password costs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

PASSWORD = "Secret12"
BUSY = b"Connection is busy. Bye!\n"
LOGIN_S = 30.0
_MAX_DELAY_S = 8.0
#: A reply is there so long after it is due, and a silent client is sent away so long after its time.
GRACE_S = 1.5
#: Much output needs room at the client; below this it never waits for a client that does not read.
SMALL = 4000
MANY = 100
_HINTS = (
    b"SHELL: type help for single word commands (built-in)\n"
    b"SHELL: for LM exec: [1](LM)module [2]function [3...]optional params\n"
)
_CONF = ("conf", "config", "configure")


@dataclass(frozen=True)
class Rules:
    """The node: its replies that never change, and its limits."""

    auth: bool
    sessions: int
    soctout_s: int
    hello: bytes
    version: bytes
    name: bytes = b"node01"

    @property
    def silence_s(self) -> float:
        """So long may a logged-in client be silent."""
        return float(self.soctout_s)


class Account:
    """Wrong passwords of one peer.

    Attributes:
        certain: every attempt and its time is known.
        clean: no wrong password was ever sent.
    """

    def __init__(self) -> None:
        self.certain = self.clean = True
        self._wrong = self._locks = 0
        self._locked_until = -1e9
        self._waits: list[float] = []

    def attempt(self, text: str, now: float) -> tuple[bytes, float] | None:
        """What is answered (the number of seconds replaced by #) and after how long; None if that is not certain."""
        self.clean = self.clean and text == PASSWORD
        self.certain = self.certain and not any(abs(now - t) < 0.2 for t in [*self._waits, self._locked_until])
        if not self.certain:
            return None
        if now < self._locked_until:
            return b"locked %d" % (self._locked_until - now), 0.0
        crowded = len([t for t in self._waits if t > now]) >= 3
        if text == PASSWORD and not crowded:
            self._wrong = self._locks = 0
            self._waits = []
            return b"ok", 0.0
        return self._fail(now, crowded)

    def _fail(self, now: float, crowded: bool) -> tuple[bytes, float]:
        self._wrong += 1
        if self._wrong == 10:
            lock_s = min(300 * 2**self._locks, 3600)
            self._locked_until = now + lock_s
            self._wrong, self._locks = 0, self._locks + 1
            return b"locked %d" % lock_s, 0.0
        delay_s = min(0.5 * 2 ** (self._wrong - 2), _MAX_DELAY_S) if self._wrong > 1 and not crowded else 0.0
        if delay_s:
            self._waits.append(now + delay_s)
        return b"failed", delay_s


@dataclass(frozen=True)
class Token:
    """Text that was sent, up to a place where a command may end.

    Attributes:
        text: without line end.
        end: ``line``: a command ends here; ``may``: perhaps one does.
        sent_s: when.
        verdict: what a password gets, see :meth:`Account.attempt`; None if that is not certain or it is none.
    """

    text: str
    end: str
    sent_s: float
    verdict: tuple[bytes, float] | None = None


@dataclass(frozen=True)
class State:
    """Where a session is: tokens taken, text of an unfinished command, modes, value of its key, when it is free."""

    at: int = 0
    text: str = ""
    configuring: bool = False
    logged_in: bool = False
    value: str = "n/a"
    free_s: float = 0.0
    ended: bool = False


@dataclass
class Judgement:
    """What a model makes of the received bytes.

    Attributes:
        possible: they are a beginning of what may come.
        complete: and nothing more needs to come.
        ended: the node has closed, or is about to.
        due_s: when the last reply is due.
        values: what the key of the connection may be now.
    """

    possible: bool = False
    complete: bool = False
    ended: bool = False
    due_s: float = 0.0
    values: set[str] = field(default_factory=set)
    states: list[State] = field(default_factory=list)


class Talk:
    """One connection.

    Args:
        rules: the node.
        peer: name of its host.
        module: Load Module that it calls.
        key: configuration key that only it writes.
        greetings: ``prompt``, ``busy`` or both, as far as the model knows.
        now: when it began.
    """

    def __init__(self, rules: Rules, peer: str, module: str, key: str, greetings: set[str], now: float) -> None:
        self.rules = rules
        self.peer = peer
        self.module = module
        self.key = key
        self.greetings = greetings
        self.begun_s = now
        self.sent_s = now
        self.arrivals: list[tuple[float, int]] = []  # when, and how many bytes were there then
        self.tokens: list[Token] = []
        self.exact = True
        self.output = 0  # bytes of replies, at most
        self.finished = False  # the client has ended its stream
        self.free_s: float | None = None  # when its session is certainly free; None: not known yet
        self.last = Judgement()

    # --- told ------------------------------------------------------------------------------------

    def say(self, text: str, end: str, now: float, account: Account) -> None:
        """The client has sent text; ``end`` as in :class:`Token`, or ``never`` if what follows belongs to it."""
        self.sent_s = now
        if self.tokens and self.tokens[-1].end == "never":
            text = self.tokens.pop().text + text
        self.output += 250 + (MANY * 60 if " many " in text else 0)
        self.tokens.append(Token(text, end, now))
        if end == "line" and self.rules.auth:
            self.tokens[-1] = replace(self.tokens[-1], verdict=self._verdict(text.strip(), now, account))

    def finish(self, now: float) -> None:
        """The client has ended its stream."""
        self.finished = True
        self.sent_s = now

    def arrive(self, length: int, now: float) -> None:
        """The client has received so many bytes so far."""
        if not self.arrivals or self.arrivals[-1][1] < length:
            self.arrivals.append((now, length))

    def heard_s(self, length: int) -> float:
        """When the node has last heard of the client, or said something to it, before it went on after ``length``."""
        return max([self.sent_s, *(t for t, there in self.arrivals if there <= length)])

    def _verdict(self, line: str, now: float, account: Account) -> tuple[bytes, float] | None:
        before = self._states_before_last()
        if not line or line in ("hello", "version", "exit"):
            return None
        if all(state.logged_in or state.ended for state in before):
            return None
        if not self.exact:
            account.clean = account.clean and line == PASSWORD
            account.certain = account.certain and account.clean
            return (b"ok", 0.0) if account.certain else None
        return account.attempt(line, now)

    def _states_before_last(self) -> list[State]:
        last = self.tokens.pop()
        states = [state for state in self._all_states() if state.at == len(self.tokens)]
        self.tokens.append(last)
        return states

    def _all_states(self) -> list[State]:
        found: dict[State, None] = {State(): None}
        todo = [State()] if "prompt" in self.greetings else []
        while todo:
            for _output, state in self._steps(todo.pop()):
                if state not in found:
                    found[state] = None
                    todo.append(state)
        return list(found)

    # --- asked -----------------------------------------------------------------------------------

    def holds(self, now: float) -> str:
        """Whether it has one of the node's sessions: ``yes``, ``no`` or ``maybe``."""
        if self.greetings == {"busy"} or (self.free_s is not None and now >= self.free_s):
            return "no"
        is_sure = self.exact and self.greetings == {"prompt"} and not self.finished and self.free_s is None
        return "yes" if is_sure and not any(state.ended for state in self._all_states()) else "maybe"

    def needs_password(self) -> list[bool]:
        """What may be the case."""
        if not self.last.complete:
            return [False, self.rules.auth]
        return [self.rules.auth and not state.logged_in for state in self.last.states]

    def judge(self, received: bytes, now: float) -> Judgement:
        """See :class:`Judgement`."""
        found = self.last = Judgement(due_s=self.sent_s)
        seen = set()
        todo = list(self._greeted(received, found))
        while todo:
            state, pos = todo.pop()
            if (state, pos) in seen:
                continue
            seen.add((state, pos))
            self._look(state, pos, received, now, found)
            for output, following in self._steps(state):
                end = _match(output, received, pos)
                if end is not None and (end < 0 or following.free_s <= now + 0.001):
                    if end < 0:
                        self._accept(found, state)
                    else:
                        todo.append((following, end))
        return found

    def _greeted(self, received: bytes, found: Judgement) -> Iterator[tuple[State, int]]:
        for greeting in sorted(self.greetings):
            end = _match(self._prompt(State()) if greeting == "prompt" else BUSY, received, 0)
            if end is None:
                continue
            if end < 0:
                self._accept(found, State())
            elif greeting == "prompt":
                yield State(), end
            elif end == len(received):
                self._accept(found, State(ended=True), complete=True)

    def _look(self, state: State, pos: int, received: bytes, now: float, found: Judgement) -> None:
        """See whether all is received, or only the good-bye to a silent client follows."""
        if pos == len(received):
            is_last = state.at == len(self.tokens) and not state.text
            self._accept(found, state, complete=state.ended or is_last)
        elif not state.ended and self._may_be_sent_away(state, pos, now):
            end = _match(self._farewell(state), received, pos)
            if end is not None and end in (-1, len(received)):
                self._accept(found, replace(state, ended=True), complete=end > 0)

    def _may_be_sent_away(self, state: State, pos: int, now: float) -> bool:
        since_s = self.heard_s(pos) if self.exact else self.begun_s
        return now >= since_s + self._silence_s(state) - 0.1

    def silent_until(self, length: int) -> float:
        """When the node loses its patience with a client that has received ``length`` bytes and is silent."""
        return self.heard_s(length) + min((self._silence_s(state) for state in self.last.states), default=1e9)

    def _silence_s(self, state: State) -> float:
        is_asked = self.rules.auth and not state.logged_in
        return min(self.rules.silence_s, LOGIN_S) if is_asked else self.rules.silence_s

    def _farewell(self, state: State) -> bytes:
        return b"\n__@_/' Session timeout %d sec\nBye!\n" % self._silence_s(state)

    def _accept(self, found: Judgement, state: State, complete: bool = False) -> None:
        found.possible = True
        found.states.append(state)
        found.complete = found.complete or complete
        found.ended = found.ended or (complete and state.ended)
        todo = [state]
        while todo:  # what comes of the commands that were not answered yet
            state = todo.pop()
            found.values.add(state.value)
            found.due_s = max(found.due_s, state.free_s)
            todo += [following for _output, following in self._steps(state)]

    # --- a command -------------------------------------------------------------------------------

    def _steps(self, state: State) -> Iterator[tuple[bytes | re.Pattern[bytes], State]]:
        """What the node may do next: bytes that it sends, and where that leads."""
        if state.ended or state.at == len(self.tokens):
            return
        token = self.tokens[state.at]
        text = state.text + token.text
        taken = replace(state, at=state.at + 1, text="")
        if token.end == "may":
            yield b"", replace(taken, text=text)
        if token.end != "never":
            yield from self._execute(taken, text, token)

    def _execute(self, state: State, text: str, token: Token) -> Iterator[tuple[bytes | re.Pattern[bytes], State]]:
        line = text.strip()
        state = replace(state, free_s=max(state.free_s, token.sent_s))
        if not line:
            yield self._prompt(state), state
        elif line in ("hello", "version"):
            yield getattr(self.rules, line) + self._prompt(state), state
        elif line == "exit":
            yield b"Bye!\n", replace(state, ended=True)
        elif self.rules.auth and not state.logged_in:
            yield from self._log_in(state, line, token)
        else:
            reply, state = self._shell(state, line)
            yield reply + self._prompt(state), state

    def _log_in(self, state: State, line: str, token: Token) -> Iterator[tuple[bytes | re.Pattern[bytes], State]]:
        verdict, delay_s = token.verdict or (b"", 0.0)
        inside = replace(state, logged_in=True)
        outside = replace(state, ended=True, free_s=state.free_s + delay_s)
        if verdict in (b"ok", b"") and line == PASSWORD:
            yield b"AuthOk\n" + self._prompt(inside), inside
        if verdict in (b"failed", b""):
            yield b"AuthFailed\nBye!\n", outside
        if not verdict:
            yield b"AuthFailed\nBye!\n", replace(outside, free_s=state.free_s + _MAX_DELAY_S)
            yield re.compile(rb"AuthFailed\nToo many wrong passwords: locked for \d+ s\nBye!\n"), outside
        if verdict.startswith(b"locked"):
            seconds = int(verdict.split()[1])
            for n in range(seconds - 1, seconds + 2):
                yield b"AuthFailed\nToo many wrong passwords: locked for %d s\nBye!\n" % n, outside

    def _shell(self, state: State, line: str) -> tuple[bytes, State]:
        words = line.split()
        if words[0] in _CONF or words[0] == "noconf":
            return b"", replace(state, configuring=words[0] != "noconf")
        if state.configuring:
            return self._configure(state, words)
        if len(words) < 2:
            return _HINTS, state
        if words[0] != self.module:
            return (
                b"exec_lm_core LM_%s->%s: no module named 'LM_%s'\n"
                % (words[0].encode(), words[1].encode(), words[0].encode())
                + _HINTS,
                state,
            )
        reply, cost_s = _CALLS[words[1]](*[int(word) for word in words[2:]])
        return reply, replace(state, free_s=state.free_s + cost_s)

    def _configure(self, state: State, words: list[str]) -> tuple[bytes, State]:
        if words[0] != self.key:
            if len(words) < 2:
                return b"None\n", state
            return b"node_config write error: %s\nInvalid key\n" % words[0].encode(), state
        if len(words) > 1:
            return b"Saved\n", replace(state, value=" ".join(words[1:]))
        return state.value.encode() + b"\n", state

    def _prompt(self, state: State) -> bytes:
        prefix = b"[configure] " if state.configuring else b""
        if self.rules.auth and not state.logged_in:
            prefix = b"[password] "
        return prefix + self.rules.name + b" $  "


class Server:
    """Who gets a session."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.talks: list[Talk] = []
        self.accounts: dict[str, Account] = {}

    def account(self, peer: str) -> Account:
        """Wrong passwords of a host."""
        return self.accounts.setdefault(peer, Account())

    def greetings(self, peer: str, now: float) -> set[str]:
        """How a client may be greeted now: ``prompt``, ``busy`` or either."""
        sure = [talk for talk in self.talks if talk.holds(now) == "yes"]
        maybe = [talk for talk in self.talks if talk.holds(now) != "no"]
        most = max(1, self.rules.sessions // 2)
        crowd_sure = sum(talk.peer == peer and all(talk.needs_password()) for talk in sure)
        crowd_maybe = sum(talk.peer == peer and any(talk.needs_password()) for talk in maybe)
        found = set()
        if crowd_sure < most and len(sure) < self.rules.sessions:
            found.add("prompt")
        if crowd_maybe >= most or len(maybe) >= self.rules.sessions:
            found.add("busy")
        return found


def _many(n: int) -> bytes:
    return b"%d: %s\n" % (n, b"x" * 40) * MANY


_CALLS: dict[str, Callable[..., tuple[bytes, float]]] = {
    "note": lambda n: (b"noted %d\n" % n, 0.0),
    "many": lambda n: (_many(n), 0.0),
    "slow": lambda n, ms: (b"slept %d\n" % n, ms / 1000),
}

#: The Load Module that does what the model says; each host calls one of its own.
MODULE = f"""
import asyncio
_noted = []
def note(n):
    _noted.append(n)
    return 'noted %d' % n
def many(n):
    return '\\n'.join(['%d: ' % n + 'x' * 40] * {MANY})
async def slow(n, ms):
    await asyncio.sleep_ms(ms)
    return 'slept %d' % n
def noted():
    return ' '.join([str(n) for n in _noted]) or 'nothing'
""".encode()


def _match(output: bytes | re.Pattern[bytes], received: bytes, pos: int) -> int | None:
    """Where ``output`` ends in ``received``; -1 if only a beginning of it is there, None if something else is."""
    if isinstance(output, re.Pattern):
        found = output.match(received, pos)
        if found:
            return found.end()
        start = b"AuthFailed\nToo many wrong passwords: locked for "
        rest = received[pos:]
        return -1 if start.startswith(rest) or re.fullmatch(start + rb"\d*( (s(\n(B(y(e!?)?)?)?)?)?)?", rest) else None
    if received.startswith(output, pos):
        return pos + len(output)
    return -1 if output.startswith(received[pos:]) else None
