"""The web server, asked over TCP by a host of the test."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel
from simulator.lan import Lan
from simulator.lan.services import HttpRequest, HttpService


class Web:
    """A web server on the internet and a host that asks it."""

    def __init__(self) -> None:
        self.lan = Lan(Kernel(seed=1))
        self.host = self.lan.internet.host("example.org")
        self.site = HttpService(self.host)
        self.requests: list[HttpRequest] = []
        self.site.route("/hello", self.hello)
        self.site.route("/form", self.hello, methods=("GET", "POST"))
        self.pc = self.lan.client("pc")

    def hello(self, request: HttpRequest) -> Any:
        self.requests.append(request)
        return 200, {"X-Mine": "1"}, b"hello " + request.body

    def run(self, ms: int) -> None:
        self.lan.kernel.run(self.lan.kernel.now + ms * 1000)

    def connect(self) -> Any:
        connection = self.pc.connect(self.host.ip, 80)
        self.run(100)
        return connection

    def ask(self, *pieces: bytes) -> bytes:
        """What is answered to bytes that come in these pieces, one after the other."""
        connection = self.connect()
        for piece in pieces:
            if not connection.closed:
                connection.send(piece)
            self.run(100)
        self.run(1000)
        return bytes(connection.received)

    def status(self, *pieces: bytes) -> str:
        return self.ask(*pieces).partition(b"\r\n")[0].decode()


@pytest.fixture
def web() -> Web:
    return Web()


def test_answer_is_http_and_closes(web: Web) -> None:
    connection = web.connect()
    connection.send(b"GET /hello HTTP/1.0\r\n\r\n")
    web.run(1000)
    assert bytes(connection.received) == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Mine: 1\r\nContent-Length: 6\r\n"
        b"Connection: close\r\n\r\nhello "
    )
    assert connection.closed
    assert not connection.reset


def test_handler_gets_what_was_asked(web: Web) -> None:
    web.ask(b"POST /form?a=1%262&b=&a=x+y HTTP/1.1\r\nHost: example.org\r\nContent-LENGTH: 3\r\n\r\nxyzzz")
    (request,) = web.requests
    assert (request.method, request.path, request.query) == ("POST", "/form", {"a": "x y", "b": ""})
    assert request.headers == {"host": "example.org", "content-length": "3"}
    assert request.body == b"xyz"


def test_request_in_many_pieces_is_one(web: Web) -> None:
    text = b"POST /form HTTP/1.0\r\nContent-Length: 2\r\n\r\nab"
    assert web.ask(*(text[n : n + 1] for n in range(len(text)))).endswith(b"\r\n\r\nhello ab")


def test_bare_newlines_will_do(web: Web) -> None:
    assert web.ask(b"GET /hello HTTP/1.0\n\n").endswith(b"hello ")


def test_head_has_no_body(web: Web) -> None:
    assert web.ask(b"HEAD /hello HTTP/1.0\r\n\r\n").endswith(b"Content-Length: 6\r\nConnection: close\r\n\r\n")


def test_absolute_target_is_taken(web: Web) -> None:
    assert web.ask(b"GET http://example.org/hello HTTP/1.0\r\n\r\n").endswith(b"hello ")


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"GET /nothing HTTP/1.0\r\n\r\n", "404 Not Found"),
        (b"POST /hello HTTP/1.0\r\n\r\n", "405 Method Not Allowed"),
        (b"GET /hello\r\n\r\n", "400 Bad Request"),
        (b"\r\n\r\n", "400 Bad Request"),
        (b"GET  HTTP/1.0\r\n\r\n", "400 Bad Request"),
        (b"GET hello HTTP/1.0\r\n\r\n", "400 Bad Request"),
        (b"G(T /hello HTTP/1.0\r\n\r\n", "400 Bad Request"),
        (b"GET /hello HTTP/1.0\r\nno colon\r\n\r\n", "400 Bad Request"),
        (b"GET /hello HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (b"GET /hello HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported"),
        (b"POST /form HTTP/1.0\r\nContent-Length: -1\r\n\r\n", "400 Bad Request"),
        (b"POST /form HTTP/1.0\r\nContent-Length: 65537\r\n\r\n", "413 Request Entity Too Large"),
        (b"POST /form HTTP/1.0\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "413 Request Entity Too Large"),
        (b"POST /form HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "501 Not Implemented"),
        (b"GET /hello HTTP/1.0\r\nX: " + b"x" * 9000, "431 Request Header Fields Too Large"),
        (b"GET /hello?" + b"a&" * 200 + b" HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ],
)
def test_bad_request_is_told_so(web: Web, request_text: bytes, status: str) -> None:
    assert web.status(request_text) in (f"HTTP/1.1 {status}", f"HTTP/1.1 {status.replace('Request Entity', 'Content')}")
    assert web.requests == []


def test_answer_in_pieces_comes_with_pauses(web: Web) -> None:
    web.site.chunks, web.site.delay_ms = 4, 500
    connection = web.connect()
    connection.send(b"GET /hello HTTP/1.0\r\n\r\n")
    lengths = []
    for _ in range(4):
        web.run(500)
        lengths.append(len(connection.received))
    assert lengths == [25, 50, 75, 100]
    assert connection.closed


def test_client_that_says_nothing_is_cut_off(web: Web) -> None:
    connection = web.connect()
    connection.send(b"GET /hel")
    web.run(29_000)
    assert not connection.closed
    web.run(2_000)
    assert connection.reset


def test_client_that_goes_amid_the_answer_harms_nobody(web: Web) -> None:
    web.site.chunks, web.site.delay_ms = 4, 500
    connection = web.connect()
    connection.send(b"GET /hello HTTP/1.0\r\n\r\n")
    web.run(600)
    connection.abort()
    web.run(3_000)
    assert web.ask(b"GET /hello HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_route_for_every_path_is_taken_last(web: Web) -> None:
    web.site.route("*", lambda request: (204, {}, b""))
    assert web.status(b"GET /else HTTP/1.0\r\n\r\n") == "HTTP/1.1 204 No Content"
    assert web.status(b"GET /hello HTTP/1.0\r\n\r\n") == "HTTP/1.1 200 OK"


def test_port_is_taken_once_and_free_after_close(web: Web) -> None:
    with pytest.raises(StateError, match="port 80 of example.org is in use"):
        HttpService(web.host)
    web.site.close()
    HttpService(web.host)


def test_path_begins_with_a_slash(web: Web) -> None:
    with pytest.raises(UsageError, match="a path begins with /"):
        web.site.route("hello", web.hello)


WORDS = [b"GET ", b"POST ", b"/hello", b"/form", b"?a=%zz", b" HTTP/1.0", b" HTTP/1.1", b"\r\n", b"\n", b"Host: a",
         b"Content-Length: ", b"3", b":", b"abc", b"\x00\xff", b" "]  # fmt: skip


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.one_of(st.lists(st.sampled_from(WORDS), max_size=8).map(b"".join), st.binary(max_size=20)), max_size=4)
)
@example([b"GET /\xb2 HTTP/1.0\r\nContent-Length: \xb2\r\n\r\n"])
def test_whatever_comes_is_answered_once_or_cut_off(pieces: list[bytes]) -> None:
    web = Web()
    connection = web.connect()
    for piece in pieces:
        if not connection.closed:
            connection.send(piece)
        web.run(50)
    web.run(65_000)
    assert connection.closed
    answer = bytes(connection.received)
    assert answer == b"" or answer.count(b"HTTP/1.1 ") == 1
    assert answer[:13] == b"" or answer[:9] == b"HTTP/1.1 " and answer[9:12].isdigit()
    assert len(web.requests) <= 1
    assert web.status(b"GET /hello HTTP/1.0\r\n\r\n") == "HTTP/1.1 200 OK"
