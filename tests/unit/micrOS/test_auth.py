"""Logging in: what wrong passwords cost, per peer, and that nothing else works without the right one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.world import World

_ASKING = b"[password] node01 $  "
_FAILED = b"AuthFailed\nBye!\n"
_RIGHT = "Secret12"


def _locked(seconds: int) -> bytes:
    return b"AuthFailed\nToo many wrong passwords: locked for %d s\nBye!\n" % seconds


# --- the accounts -----------------------------------------------------------------------------------


@pytest.fixture
def peers(firmware: Any) -> Any:
    """An empty table of accounts, with ticks that wrap as on the board."""
    clock = SimpleNamespace(ticks_diff=lambda a, b: (a - b + (1 << 29)) % (1 << 30) - (1 << 29))
    auth = firmware(time=clock, Debug=SimpleNamespace(errlog_add=lambda text, level: True)).load("auth")
    return auth.Peers()


def _lock(peers: Any, peer: str, now: int) -> None:
    for _ in range(10):
        peers.open(peer, now).add_wrong(now)


def test_delay_grows_to_eight_seconds_and_the_tenth_locks(peers: Any) -> None:
    account = peers.open("a", 0)
    assert [account.add_wrong(0) for _ in range(10)] == [0, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 0]
    assert account.locked_ms(0) == 300_000


def test_lock_outs_double_to_an_hour(peers: Any) -> None:
    now, lengths = 0, []
    for _ in range(6):
        _lock(peers, "a", now)
        lengths.append(peers.find("a", now).locked_ms(now))
        now += lengths[-1]
    assert lengths == [300_000, 600_000, 1_200_000, 2_400_000, 3_600_000, 3_600_000]


@pytest.mark.parametrize("days", [0.06, 1, 6, 7, 10, 13])
def test_account_is_forgotten_however_long_ago(peers: Any, days: float) -> None:
    _lock(peers, "a", 5)
    assert peers.find("a", (5 + int(days * 86_400_000)) % (1 << 30)) is None


def test_lock_out_does_not_come_back_when_the_ticks_wrap(peers: Any) -> None:
    _lock(peers, "a", 0)
    account = peers.find("a", 0)
    assert [account.locked_ms(days * 86_400_000 % (1 << 30)) for days in (0, 1, 6, 7, 12)] == [300_000, 0, 0, 0, 0]


def test_flood_of_peers_takes_the_place_of_no_locked_one(peers: Any) -> None:
    for n in range(32):
        _lock(peers, f"mallory{n}", n)
    for n in range(100):
        peers.open(f"other{n}", 1000).add_wrong(1000)
    assert all(peers.find(f"mallory{n}", 1000).locked_ms(1000) for n in range(32))
    assert peers.find("bob", 1000).locked_ms(1000)  # who has no place shares the account of all others


def test_full_table_drops_the_one_that_is_quiet_longest(peers: Any) -> None:
    for n in range(33):
        peers.open(f"peer{n}", n).add_wrong(n)
    assert peers.find("peer0", 40) is None
    assert all(peers.find(f"peer{n}", 40) for n in range(1, 33))


@pytest.mark.parametrize(
    ("given", "is_equal"),
    [("Secret12", True), ("Secret1", False), ("Secret123", False), ("secret12", False), ("Secret12" * 2, False)],
)
def test_only_the_very_password_is_equal(firmware: Any, given: str, is_equal: bool) -> None:
    auth = firmware(Debug=SimpleNamespace(errlog_add=None)).load("auth")
    assert auth.is_equal(given, _RIGHT) is is_equal
    assert auth.is_equal(given, "") is False


# --- sessions ---------------------------------------------------------------------------------------


class Lan:
    """A node that asks for a password, and clients with addresses of their own."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.node = world.add_node("node01", config={"auth": True, "appwd": _RIGHT})
        world.run_until(lambda: self.node.listening(9008), timeout_s=60)
        self._clients: dict[str, Any] = {}

    def open(self, name: str) -> Any:
        """A connection of the host with this name."""
        if name not in self._clients:
            self._clients[name] = self.world.lan.client(name)
        return self._clients[name].connect(self.world.lan.address(self.node.machine), 9008)

    def start(self, name: str, data: str) -> Any:
        """Open a connection and send data, without waiting for a reply."""
        tcp = self.open(name)
        tcp.send(data.encode())
        return tcp

    def ask(self, name: str, data: str, seconds: float = 10.0) -> bytes:
        """What comes after the first prompt, in so many seconds."""
        tcp = self.start(name, data)
        self.world.run_for(seconds)
        reply = bytes(tcp.received)
        assert reply.startswith(_ASKING), reply
        tcp.close()
        return reply[len(_ASKING) :]

    def lock(self, name: str, typed: str = "wrong") -> None:
        """Give ten wrong passwords."""
        for _ in range(9):
            assert self.ask(name, typed + "\n") == _FAILED
        assert self.ask(name, typed + "\n", 1) == _locked(300)


@pytest.fixture
def lan(world: Any) -> Lan:
    """A node that asks for a password."""
    return Lan(world)


@pytest.mark.parametrize(
    "line",
    ["help", "conf", "noconf", "dump", "webrepl", "webrepl --update", "reboot", "system heartbeat", "system info >json"]
    + ["bgjob show", "Hello", "hello x", "version exit", "exit now", "wait 1 &", "secret12", "Secret12x", "\xc3\x28"],
)
def test_whatever_is_typed_is_a_password(lan: Lan, line: str) -> None:
    tcp = lan.open("bob")
    tcp.send(line.encode("latin-1") + b"\nhello\n")
    lan.world.run_for(1)
    assert bytes(tcp.received) == _ASKING + _FAILED
    assert tcp.closed


def test_three_words_work_without_password_and_empty_lines_do_no_harm(lan: Lan) -> None:
    hello = b"hello:node01:micr240ac4000001OS\n"
    version = lan.ask("bob", "version\n", 1)[: -len(_ASKING)]
    reply = lan.ask("bob", "hello\n\r\n  \nversion\nexit\n", 1)
    assert reply == hello + 3 * _ASKING + version + _ASKING + b"Bye!\n"


@pytest.mark.parametrize(("password", "runs"), [(_RIGHT, True), ("wrong", False)])
def test_commands_behind_the_password_need_the_right_one(lan: Lan, password: str, runs: bool) -> None:
    reply = lan.ask("bob", f"{password}\nsystem heartbeat\n", 2)
    assert reply == (b"AuthOk\nnode01 $  <3 heartbeat <3\nnode01 $  " if runs else _FAILED)


def test_each_wrong_password_is_answered_later(lan: Lan) -> None:
    waits = []
    for _ in range(8):
        tcp = lan.start("mallory", "wrong\n")
        start_s = lan.world.now_s
        lan.world.run_until(lambda tcp=tcp: tcp.closed, timeout_s=20)  # type: ignore[misc]
        waits.append(lan.world.now_s - start_s)
    assert waits == pytest.approx([0, 0.5, 1, 2, 4, 8, 8, 8], abs=0.2)


def test_tenth_wrong_password_locks_the_peer_and_no_other(lan: Lan) -> None:
    lan.lock("mallory")
    assert lan.ask("mallory", f"{_RIGHT}\nversion\n", 1) == _locked(299)
    assert lan.ask("mallory", "hello\n", 1).startswith(b"hello:node01:")
    assert lan.ask("bob", f"{_RIGHT}\n", 1) == b"AuthOk\nnode01 $  "
    lan.world.run_for(300)
    assert lan.ask("mallory", f"{_RIGHT}\n", 1) == b"AuthOk\nnode01 $  "


def test_lock_out_is_logged_once_without_what_was_typed(lan: Lan) -> None:
    lan.lock("mallory", "oops-4711")
    lan.ask("mallory", "oops-4711\n", 1)
    log = lan.node.flash.read("/err.log").decode()
    assert log.count("locked out") == 1
    assert " [WARN] auth: 10 wrong passwords, 10.0.1." in log
    assert "oops-4711" not in lan.node.console.text() + log


def test_right_password_settles_the_account(lan: Lan) -> None:
    for _ in range(3):
        for _ in range(9):
            lan.ask("bob", "wrong\n")
        assert lan.ask("bob", f"{_RIGHT}\n", 1).startswith(b"AuthOk")


@pytest.mark.parametrize("more", ["hello\n", "x" * 3000])
def test_client_that_sends_on_still_reads_the_answer(lan: Lan, more: str) -> None:
    for _ in range(3):
        lan.ask("mallory", "wrong\n")
    tcp = lan.start("mallory", "wrong\n")
    lan.world.run_for(1)
    tcp.send(more.encode())
    lan.world.run_for(2)
    assert bytes(tcp.received) == _ASKING + _FAILED
    assert not tcp.reset


def test_parallel_sessions_gain_nothing(lan: Lan) -> None:
    tcps = []
    for _ in range(4):
        tcps += [lan.start("mallory", "wrong\n") for _ in range(5)]
        lan.world.run_for(0.2)
    lan.world.run_for(10)
    answered = [tcp for tcp in tcps if b"AuthFailed" in tcp.received]
    assert len(answered) >= 10
    assert lan.ask("mallory", f"{_RIGHT}\n", 1).startswith(b"AuthFailed\nToo many")


def test_fourth_session_beside_three_that_wait_is_not_judged(lan: Lan) -> None:
    for _ in range(5):
        lan.ask("mallory", "wrong\n")
    for _ in range(3):
        lan.start("mallory", "wrong\n").close()  # leaving does not shorten the wait
        lan.world.run_for(0.3)
    assert lan.ask("mallory", f"{_RIGHT}\n", 0.5) == _FAILED
    lan.world.run_for(9)
    assert lan.ask("mallory", f"{_RIGHT}\n", 1).startswith(b"AuthOk")


def test_open_password_prompt_is_given_up_after_30_s(lan: Lan) -> None:
    tcp = lan.open("mallory")
    lan.world.run_for(28)
    assert bytes(tcp.received) == _ASKING
    lan.world.run_for(4)
    assert bytes(tcp.received) == _ASKING + b"\n__@_/' Session timeout 30 sec\nBye!\n"
    assert tcp.closed


@pytest.mark.parametrize(("soctout", "limit_s"), [(100, 100), (1000, 120)])
@pytest.mark.parametrize("kept_alive_by", ["\n", "hello\n", "version"])
def test_session_without_password_ends_whatever_it_says(
    world: Any, soctout: int, limit_s: int, kept_alive_by: str
) -> None:
    node = world.add_node("node01", config={"auth": True, "soctout": soctout})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    tcp = world.lan.client("mallory").connect(world.lan.address(node.machine), 9008)
    for _ in range(limit_s // 5 - 1):
        world.run_for(5)
        tcp.send(kept_alive_by.encode())
    assert not tcp.closed
    world.run_for(7)
    assert bytes(tcp.received).endswith(b"\n__@_/' Session timeout %d sec\nBye!\n" % limit_s)
    assert tcp.closed


def test_session_that_never_stops_talking_ends_without_password(world: Any) -> None:
    node = world.add_node("node01", config={"auth": True, "soctout": 10})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    tcp = world.lan.client("mallory").connect(world.lan.address(node.machine), 9008)
    for _ in range(120):
        if not tcp.closed:
            tcp.send(b"hello\n" * 40)
        world.run_for(0.1)
    assert tcp.closed


def test_session_with_password_lasts_as_long_as_it_talks(lan: Lan) -> None:
    tcp = lan.start("bob", f"{_RIGHT}\n")
    for _ in range(10):
        lan.world.run_for(60)
        tcp.send(b"hello\n")
    lan.world.run_for(1)
    assert not tcp.closed and tcp.received.count(b"hello:node01:") == 10


def test_logged_in_session_may_be_silent_for_soctout(lan: Lan) -> None:
    tcp = lan.start("bob", f"{_RIGHT}\nconf\n")
    lan.world.run_for(97)
    assert not tcp.closed
    lan.world.run_for(5)
    assert bytes(tcp.received).endswith(b"[configure] node01 $  \n__@_/' Session timeout 100 sec\nBye!\n")


def test_peer_without_password_cannot_take_all_sessions(lan: Lan) -> None:
    hogs = [lan.open("mallory") for _ in range(12)]
    lan.world.run_for(1)
    assert [bytes(tcp.received) for tcp in hogs].count(b"Connection is busy. Bye!\n") == 6
    assert lan.ask("bob", f"{_RIGHT}\n", 1).startswith(b"AuthOk")


# --- any sequence -----------------------------------------------------------------------------------

_WORDS = ["wrong"] * 6 + [_RIGHT, "hello", "version", "", "help", "conf", "webrepl"]
_TAILS = st.sampled_from(["\n", "\n", "\nhello\n", "\nwrong\n"])
#: (peer, how often, what is typed, what follows in the same packet, seconds until the next step)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "mallory"]),
        st.sampled_from([1, 1, 1, 4]),
        st.sampled_from(_WORDS),
        _TAILS,
        st.sampled_from([0.17, 0.17, 1.3, 5.1, 9.2, 61.7, 307.3]),
    ),
    min_size=5,
    max_size=30,
)
_HELLO = b"hello:node01:micr240ac4000001OS\n"


class Account:
    """What the specification says of one peer."""

    def __init__(self) -> None:
        self.wrong = self.locks = 0
        self.locked_until = self.last = -1e9
        self.waits: list[float] = []

    def attempt(self, text: str, now: float) -> tuple[bytes, bool]:
        """The reply to a password, and whether the session goes on."""
        if now < self.locked_until:
            return b"AuthFailed\nToo many wrong passwords: locked for ", False
        if now > max(self.last, self.locked_until) + 3600:
            self.__init__()  # type: ignore[misc]
        crowded = len([until for until in self.waits if until > now]) >= 3
        if text == _RIGHT and not crowded:
            self.__init__()  # type: ignore[misc]
            return b"AuthOk\n", True
        self.wrong, self.last = self.wrong + 1, now
        if self.wrong == 10:
            self.locked_until = now + min(300 * 2**self.locks, 3600)
            self.wrong, self.locks = 0, self.locks + 1
            return b"AuthFailed\nToo many wrong passwords: locked for ", False
        if self.wrong > 1 and not crowded:
            self.waits.append(now + min(0.5 * 2 ** (self.wrong - 2), 8))
        return _FAILED, False

    def is_near_a_change(self, now: float) -> bool:
        """True if a moment more or less would matter."""
        return any(abs(now - until) < 0.1 for until in [*self.waits, self.locked_until])


def _expected(account: Account, lines: list[str], version: bytes, now: float) -> bytes:
    """What a session answers to its lines, until it is closed or has no more."""
    reply, prompt = _ASKING, _ASKING
    for line in lines:
        if line in ("hello", "version"):
            reply += (_HELLO if line == "hello" else version) + prompt
        elif not line:
            reply += prompt
        elif prompt == _ASKING:
            text, goes_on = account.attempt(line, now)
            reply += text
            if not goes_on:
                return reply
            prompt = b"node01 $  "
            reply += prompt
        else:
            return reply  # logged in: what commands answer is tested elsewhere
    return reply


@pytest.fixture(scope="module")
def make_lan() -> Any:
    """Makes a node with fresh accounts for each example."""

    def make(world: Any) -> tuple[Lan, bytes]:
        lan = Lan(world)
        return lan, lan.ask("carl", "version\n", 0.5)[: -len(_ASKING)]

    return make


@settings(deadline=None, max_examples=60, derandomize=True)
@given(steps=_STEPS)
def test_any_sequence_of_attempts_is_answered_as_the_model_says(
    make_lan: Callable[[Any], tuple[Lan, bytes]], steps: list[tuple[str, int, str, str, float]]
) -> None:
    with World(seed=0) as world:
        lan, version = make_lan(world)
        accounts = {name: Account() for name in ("ann", "bob", "mallory")}
        sessions = []
        for name, times, word, tail, pause_s in steps:
            for _ in range(times):
                while accounts[name].is_near_a_change(world.now_s):
                    world.run_for(0.05)
                lines = (word + tail).split("\n")[:-1]
                tcp = lan.start(name, word + tail)
                tcp.close()
                sessions.append((tcp, _expected(accounts[name], lines, version, world.now_s)))
                world.run_for(0.11)
            world.run_for(pause_s)
        world.run_for(20)
        assert all(bytes(tcp.received).startswith(expected) for tcp, expected in sessions), [
            (bytes(tcp.received), expected) for tcp, expected in sessions
        ]
        assert all(bytes(tcp.received).endswith(b"Bye!\n") == (b"AuthFailed" in expected) for tcp, expected in sessions)
