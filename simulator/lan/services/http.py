"""A web server for tests: HTTP/1.0 and 1.1, one request per connection.

Example::

    site = HttpService(lan.internet.host("example.org"))
    site.route("/hello", lambda request: (200, {"Content-Type": "text/plain"}, b"hello"))

Source: RFC 9110, RFC 9112.

Limits: no keep-alive, no chunked bodies (501), no TLS; no Expect: 100-continue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel
from simulator.lan.client import LanConnection, LanServer
from simulator.lan.services.host import ServiceHost

PORT = 80
#: Bounds of what is taken. Source: nginx, large_client_header_buffers 8k; the body's is our own.
HEAD_MAX = 8_192
BODY_MAX = 65_536
_QUERY_FIELDS_MAX = 100
#: A client that has not sent its request by then, or does not close after the answer, is cut off.
_PATIENCE_US = 30_000_000
_CHUNKS_MAX = 1_000
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True)
class HttpRequest:
    """What a client asks.

    Attributes:
        method: e.g. ``GET``.
        path: decoded, begins with ``/``.
        query: decoded fields behind the question mark; the last of a name counts.
        headers: by name in lower case; the last of a name counts.
        body: its bytes.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


#: Status, headers, body.
HttpReply = tuple[int, Mapping[str, str], bytes]
Handler = Callable[[HttpRequest], HttpReply]
#: A fault: returns the reply to a request, None to leave it alone.
Interference = Callable[[HttpRequest], "HttpReply | None"]


class HttpError(ValueError):
    """A request that is refused.

    Attributes:
        status: e.g. 400.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def parse_head(head: bytes) -> HttpRequest:
    """A request without its body.

    Args:
        head: request line and headers, without the empty line.

    Raises:
        HttpError: 400 no HTTP, 501 a coding that is not modelled, 505 another version.
    """
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[0] or not _TOKEN.issuperset(words[0]) or not words[2].startswith("HTTP/"):
        raise HttpError(400, "no request line")
    method, target, version = words
    if version not in ("HTTP/1.0", "HTTP/1.1"):
        raise HttpError(505 if version[5:6].isdigit() else 400, "another version of HTTP")
    headers = _parse_headers(lines[1:])
    if version == "HTTP/1.1" and "host" not in headers:
        raise HttpError(400, "no Host header")
    if "transfer-encoding" in headers:
        raise HttpError(501, "no transfer codings here")
    path, query = _parse_target(target)
    return HttpRequest(method, path, query, headers)


def _parse_headers(lines: list[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or not _TOKEN.issuperset(name):
            raise HttpError(400, "no header")
        headers[name.lower()] = value.strip(" \t")
    return headers


def _parse_target(target: str) -> tuple[str, dict[str, str]]:
    if target.lower().startswith("http://"):
        target = "/" + target[7:].partition("/")[2]
    if not target.startswith("/"):
        raise HttpError(400, "no path")
    path, _, query = target.partition("#")[0].partition("?")
    try:
        return unquote(path), dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_QUERY_FIELDS_MAX))
    except ValueError:
        raise HttpError(400, "too many fields") from None


def body_length(request: HttpRequest) -> int:
    """How many bytes of body follow the head.

    Raises:
        HttpError: 400 no number, 413 more than :data:`BODY_MAX`.
    """
    text = request.headers.get("content-length", "0")
    if not text.isascii() or not text.isdigit():
        raise HttpError(400, "no length")
    length = int(text[-20:]) if len(text) <= 20 else BODY_MAX + 1
    if length > BODY_MAX:
        raise HttpError(413, "too long")
    return length


def make_reply(reply: HttpReply, *, has_body: bool = True) -> bytes:
    """The bytes of an answer."""
    status, headers, body = reply
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    shown = {"Content-Type": "text/plain", **headers, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in shown.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + (body if has_body else b"")


class HttpService:
    """A web server.

    Args:
        host: where it runs.
        port: TCP port.

    Attributes:
        asked: requests that came whole.
        chunks: an answer comes in so many pieces, 1..1000.
        delay_ms: pause between two pieces.
        interferences: faults that look at each request, in this order, before it is answered.

    Raises:
        StateError: the port is in use.
    """

    def __init__(self, host: ServiceHost, port: int = PORT) -> None:
        stack = host.stack
        if port in stack.listeners:
            raise StateError(f"port {port} of {host.name} is in use")
        self.asked = 0
        self.chunks = 1
        self.delay_ms = 0
        self.interferences: list[Interference] = []
        self._routes: dict[str, tuple[Handler, tuple[str, ...]]] = {}
        self._kernel = stack.kernel
        self._host = host
        self._listener = stack.listen(port, 128)
        self._server = LanServer(self._listener, self._accept)
        host.services.append(self)

    def route(self, path: str, handler: Handler, *, methods: tuple[str, ...] = ("GET",)) -> None:
        """Have ``handler`` answer requests for exactly this path, or for every path without its own with ``*``.

        Raises:
            UsageError: not a path.
        """
        if path != "*" and not path.startswith("/"):
            raise UsageError(f"a path begins with /, not {path!r}")
        self._routes[path] = (handler, methods)

    def close(self) -> None:
        """Stop listening."""
        self._host.stack.unlisten(self._listener)
        if self in self._host.services:
            self._host.services.remove(self)

    def reply_to(self, request: HttpRequest) -> HttpReply:
        """What is answered to a request: by a fault, a handler, or 404 or 405."""
        for interference in list(self.interferences):
            reply = interference(request)
            if reply is not None:
                return reply
        handler, methods = self._routes.get(request.path) or self._routes.get("*") or (None, ())
        if handler is None:
            return 404, {}, b"not found\n"
        if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
            return 405, {"Allow": ", ".join(methods)}, b"method not allowed\n"
        return handler(request)

    def _accept(self, connection: LanConnection) -> None:
        self._server.connections.remove(connection)  # the list is for tests; here it would only grow
        _Exchange(self, self._kernel, connection)


class _Exchange:
    """One connection: a request, its answer, the end."""

    def __init__(self, service: HttpService, kernel: Kernel, connection: LanConnection) -> None:
        self._service = service
        self._kernel = kernel
        self._connection = connection
        self._request: HttpRequest | None = None
        self._needed = 0
        self._answered = False
        connection.on_change = self._read
        self._limit = kernel.after(_PATIENCE_US, self._give_up)
        self._read()

    def _read(self) -> None:
        if self._answered or self._connection.closed:
            self._connection.received.clear()
            return
        try:
            if self._request is None:
                self._read_head()
            if self._request is not None and len(self._connection.received) >= self._needed:
                self._answer(self._request, bytes(self._connection.received[: self._needed]))
        except HttpError as error:
            self._send(make_reply((error.status, {}, f"{error}\n".encode())))

    def _read_head(self) -> None:
        received = self._connection.received
        ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := received.find(mark, 0, HEAD_MAX)) >= 0]
        if not ends:
            if len(received) >= HEAD_MAX:
                raise HttpError(431, "too long")
            return
        end, length = min(ends)
        request = parse_head(bytes(received[:end]))
        self._needed = body_length(request)
        self._request = request
        del received[: end + length]

    def _answer(self, request: HttpRequest, body: bytes) -> None:
        self._service.asked += 1
        whole = HttpRequest(request.method, request.path, request.query, request.headers, body)
        self._send(make_reply(self._service.reply_to(whole), has_body=request.method != "HEAD"))

    def _send(self, data: bytes) -> None:
        self._answered = True
        count = max(1, min(self._service.chunks, _CHUNKS_MAX, len(data)))
        size = -(-len(data) // count)
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        self._send_next(pieces)
        Kernel.cancel(self._limit)
        self._limit = self._kernel.after(_PATIENCE_US + len(pieces) * self._service.delay_ms * 1000, self._give_up)

    def _send_next(self, pieces: list[bytes]) -> None:
        while pieces and not self._connection.closed:
            self._connection.send(pieces.pop(0))
            if pieces and self._service.delay_ms:
                self._kernel.after(self._service.delay_ms * 1000, lambda: self._send_next(pieces))
                return
        if not self._connection.closed:
            self._connection.close()

    def _give_up(self) -> None:
        if not self._connection.closed:
            self._connection.abort()
