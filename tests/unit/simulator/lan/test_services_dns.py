"""Name servers: messages, the home router, the internet's one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.kernel import Kernel
from simulator.lan import Lan
from simulator.lan.services.dns_message import (
    DnsError,
    encode_name,
    make_query,
    make_reply,
    parse_query,
    parse_reply,
)

ROUTER = "10.0.1.1"
#: RFC 1035, 4.1: id 0x1234, RD, one question: pool.ntp.org, A, IN. Written out by hand.
QUESTION = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04pool\x03ntp\x03org\x00\x00\x01\x00\x01"
ANSWER = (
    b"\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x04pool\x03ntp\x03org\x00\x00\x01\x00\x01"
    b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x96\x00\x04\xcb\x00\x71\x64"
)


class Asker:
    """A host that asks the router, and time."""

    def __init__(self, lan: Lan) -> None:
        self.lan = lan
        self.pc = lan.client("pc")
        self.port = self.pc.bind_udp(5000)

    def raw(self, data: bytes, *, server: str = ROUTER) -> bytes | None:
        """What is answered to a datagram."""
        self.pc.send_udp(data, (server, 53), port=5000)
        self.lan.kernel.run(self.lan.kernel.now + 100_000)
        return self.port.received.popleft()[0] if self.port.received else None

    def ask(self, name: str, kind: int = 1, *, server: str = ROUTER) -> Any:
        answer = self.raw(make_query(7, name, kind), server=server)
        return None if answer is None else parse_reply(answer)


@pytest.fixture
def asker() -> Asker:
    return Asker(Lan(Kernel(seed=1)))


def test_query_is_what_the_rfc_says() -> None:
    assert make_query(0x1234, "pool.ntp.org") == QUESTION
    query = parse_query(QUESTION)
    assert (query.ident, query.name, query.kind, query.wants_recursion) == (0x1234, "pool.ntp.org", 1, True)


def test_reply_is_what_the_rfc_says() -> None:
    assert make_reply(parse_query(QUESTION), "203.0.113.100", ttl_s=150) == ANSWER
    assert parse_reply(ANSWER).address == ("203.0.113.100", 150)


def test_router_answers_with_these_bytes(asker: Asker) -> None:
    assert asker.raw(QUESTION) == ANSWER


def test_reply_after_an_alias_is_found() -> None:
    alias = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x11"
    both = ANSWER[:6] + b"\x00\x02" + ANSWER[8:30] + alias + ANSWER[30:]
    assert parse_reply(both).address == ("203.0.113.100", 150)


@pytest.mark.parametrize("name", ["", "a..b", ".", "a" * 64 + ".org", ".".join(["abcdefg"] * 40)])
def test_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(DnsError):
        encode_name(name)


@pytest.mark.parametrize("name", ["pc", "PC", "pc.lan", "router", "router.lan"])
def test_hosts_of_the_home_are_known_and_not_to_be_remembered(asker: Asker, name: str) -> None:
    ip = ROUTER if name.startswith("router") else asker.pc.ip
    assert asker.ask(name).address == (ip, 0)


@pytest.mark.parametrize("name", ["nobody", "nobody.lan", "nobody.example", "pc.example", "pc.local"])
def test_unknown_names_do_not_exist(asker: Asker, name: str) -> None:
    reply = asker.ask(name)
    assert (reply.code, reply.address) == (3, None)


def test_host_without_a_lease_is_unknown(asker: Asker) -> None:
    asker.pc.interface.configure("10.0.7.7", "255.255.0.0", ROUTER, ROUTER)
    assert asker.ask("pc").code == 3


@pytest.mark.parametrize("name", ["pool.ntp.org", "pc"])
def test_other_types_of_a_known_name_are_empty(asker: Asker, name: str) -> None:
    reply = asker.ask(name, 28)
    assert (reply.code, reply.address) == (0, None)


def test_new_host_of_the_internet_has_a_name(asker: Asker) -> None:
    host = asker.lan.internet.host("Example.Org")
    assert asker.ask("example.org").address == (host.ip, 150)


def test_resolver_of_the_internet_is_asked_directly(asker: Asker) -> None:
    assert asker.ask("pool.ntp.org", server="203.0.113.53").address == ("203.0.113.100", 150)
    assert asker.ask("pc", server="203.0.113.53").code == 3


def test_names_of_the_home_never_leave_it(asker: Asker) -> None:
    asker.ask("nobody")
    asker.ask("pc.lan")
    assert asker.lan.internet.resolver.asked == 0
    asker.ask("nobody.example")
    assert asker.lan.internet.resolver.asked == 1


def test_two_hosts_with_the_same_number_get_their_own_answers(asker: Asker) -> None:
    other = asker.lan.client("other")
    port = other.bind_udp(5000)
    other.send_udp(make_query(7, "ip-api.com"), (ROUTER, 53), port=5000)
    assert asker.ask("pool.ntp.org").name == "pool.ntp.org"
    assert parse_reply(port.received[0][0]).name == "ip-api.com"


def test_forged_answer_to_the_router_is_passed_over(asker: Asker) -> None:
    forger, router = asker.lan.internet.host("forger.example"), asker.lan.internet.routers[0]
    asker.pc.send_udp(make_query(7, "pool.ntp.org"), (ROUTER, 53), port=5000)
    asker.lan.kernel.run(asker.lan.kernel.now + 5_000)
    (ident,) = router.dns._under_way  # even one that has guessed the number is not believed
    (own,) = (port for port in router.stack.udp if port != 53)
    forged = make_reply(parse_query(make_query(ident, "pool.ntp.org")), "198.51.100.66", ttl_s=9)
    forger.send_udp(forged, (router.outside.ip, own), port=53)
    asker.lan.kernel.run(asker.lan.kernel.now + 100_000)
    assert [parse_reply(data).address for data, _ in asker.port.received] == [("203.0.113.100", 150)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (QUESTION[:4] + b"\x00\x00" + QUESTION[6:], 1),
        (QUESTION[:4] + b"\x00\x02" + QUESTION[6:], 1),
        (QUESTION[:20], 1),
        (QUESTION[:-1], 1),
        (QUESTION[:12] + b"\xc0\x0c\x00\x01\x00\x01", 1),
        (QUESTION[:2] + b"\x29\x00" + QUESTION[4:], 4),
        (QUESTION[:-1] + b"\x03", 4),
    ],
    ids=["no question", "two questions", "cut in name", "cut in class", "pointer", "notify", "chaos"],
)
def test_wrong_query_gets_its_code(asker: Asker, data: bytes, code: int) -> None:
    answer = asker.raw(data)
    assert answer is not None
    assert answer[:2] == b"\x12\x34"
    assert answer[3] & 15 == code


@pytest.mark.parametrize("data", [b"", QUESTION[:11], ANSWER], ids=["empty", "cut header", "an answer"])
def test_what_is_no_query_gets_no_answer(asker: Asker, data: bytes) -> None:
    assert asker.raw(data) is None


MESSY = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda at, byte: QUESTION[:at] + byte + QUESTION[at + 1 :], st.integers(0, 29), st.binary(max_size=2)),
    st.builds(lambda head, body: QUESTION[:2] + head + QUESTION[4:12] + body, st.binary(min_size=2, max_size=2),
              st.binary(max_size=60)),
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(MESSY)
@example(QUESTION + b"\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x00")
def test_whatever_comes_is_answered_by_the_protocol_or_not_at_all(data: bytes) -> None:
    asker = Asker(Lan(Kernel(seed=1)))
    answer = asker.raw(data)
    if answer is not None:
        assert answer[:2] == data[:2]
        assert answer[2] & 0x80
        assert 12 <= len(answer) <= 512
    assert asker.raw(QUESTION) == ANSWER


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(max_size=80), st.builds(lambda tail: ANSWER[:30] + tail, st.binary(max_size=40))))
def test_answers_are_read_or_refused(data: bytes) -> None:
    try:
        reply = parse_reply(data)
    except DnsError:
        return
    assert reply.address is None or len(reply.address[0].split(".")) == 4
