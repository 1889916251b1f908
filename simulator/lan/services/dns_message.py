"""Messages of the domain name system, as bytes and as values. No input raises but as documented.

Example::

    query = parse_query(make_query(0x1234, "pool.ntp.org"))
    reply = parse_reply(make_reply(query, "203.0.113.10", ttl_s=150))
    reply.address  # ("203.0.113.10", 150)

Source: RFC 1035, section 4 (messages), 2.3.4 (sizes).

Limits: one question per message; only A records are made or read; no EDNS: an OPT record is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.lan.addresses import ip_number, ip_text

PORT = 53
TYPE_A = 1
TYPE_ANY = 255
CLASS_IN = 1

NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NO_SUCH_NAME, NOT_IMPLEMENTED, REFUSED = range(6)

_HEADER_BYTES = 12
_NAME_MAX = 255
_LABEL_MAX = 63
_POINTER = 0xC0
_RESPONSE = 0x8000
_OPCODE = 0x7800
_RECURSION_WANTED = 0x0100
_RECURSION_OFFERED = 0x0080
#: A pointer to the name in the question, which stands right behind the header.
_SAME_NAME = b"\xc0\x0c"


class DnsError(ValueError):
    """A message that cannot be used.

    Attributes:
        ident: number of the message, None if it deserves no answer at all.
        code: response code for the answer.
    """

    def __init__(self, text: str, *, ident: int | None = None, code: int = FORMAT_ERROR) -> None:
        super().__init__(text)
        self.ident = ident
        self.code = code


@dataclass(frozen=True)
class Query:
    """A question.

    Attributes:
        ident: number that the answer bears.
        name: what is asked about, lower case, without a dot at the end.
        kind: record type, e.g. 1 for an address.
        wants_recursion: the RD bit.
        question: the question section as it came.
    """

    ident: int
    name: str
    kind: int
    wants_recursion: bool
    question: bytes


@dataclass(frozen=True)
class Reply:
    """An answer.

    Attributes:
        ident: number of the query.
        code: response code; 0 well, 3 no such name.
        name: what was asked about, lower case.
        kind: record type that was asked for.
        address: (ip, time to live in seconds) of the first A record, None if there is none.
    """

    ident: int
    code: int
    name: str
    kind: int
    address: tuple[str, int] | None


def encode_name(name: str) -> bytes:
    """A name as labels.

    Raises:
        DnsError: a label is empty or longer than 63 bytes, or the name longer than 255.
    """
    try:
        labels = [label.encode() for label in name.removesuffix(".").split(".")]
    except UnicodeEncodeError:
        raise DnsError(f"not a domain name: {name[:80]!r}") from None
    if not all(1 <= len(label) <= _LABEL_MAX for label in labels):
        raise DnsError(f"not a domain name: {name[:80]!r}")
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(encoded) > _NAME_MAX:
        raise DnsError(f"not a domain name: {name[:80]!r}")
    return encoded


def make_query(ident: int, name: str, kind: int = TYPE_A) -> bytes:
    """A question with recursion wanted.

    Raises:
        DnsError: not a name.
    """
    return _header(ident, _RECURSION_WANTED, 0) + encode_name(name) + _numbers(kind, CLASS_IN)


def make_reply(query: Query, ip: str | None = None, *, ttl_s: int = 0, code: int = NO_ERROR) -> bytes:
    """The answer to a query: one address, or none."""
    flags = _RESPONSE | _RECURSION_OFFERED | (_RECURSION_WANTED if query.wants_recursion else 0) | code
    message = _header(query.ident, flags, 0 if ip is None else 1) + query.question
    if ip is None:
        return message
    record = _SAME_NAME + _numbers(TYPE_A, CLASS_IN) + ttl_s.to_bytes(4, "big") + _numbers(4)
    return message + record + ip_number(ip).to_bytes(4, "big")


def make_error(error: DnsError) -> bytes:
    """The answer to a message without a usable question: a header."""
    return _numbers(error.ident or 0, _RESPONSE | _RECURSION_OFFERED | error.code, 0, 0, 0, 0)


def _header(ident: int, flags: int, answers: int) -> bytes:
    return _numbers(ident, flags, 1, answers, 0, 0)


def _numbers(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def parse_query(data: bytes) -> Query:
    """A question from its bytes.

    Raises:
        DnsError: it is none; ``ident`` is None if it must be passed over in silence.
    """
    if len(data) < _HEADER_BYTES or _number(data, 2) & _RESPONSE:
        raise DnsError("no query")
    ident, flags = _number(data, 0), _number(data, 2)
    if flags & _OPCODE:
        raise DnsError("no standard query", ident=ident, code=NOT_IMPLEMENTED)
    if _number(data, 4) != 1:
        raise DnsError("not one question", ident=ident)
    try:
        name, end = _read_question_name(data, _HEADER_BYTES)
    except DnsError as error:
        raise DnsError(str(error), ident=ident) from None
    kind, klass = _number(data, end), _number(data, end + 2)
    if len(data) < end + 4:
        raise DnsError("cut short", ident=ident)
    if klass != CLASS_IN:
        raise DnsError("not of the internet's class", ident=ident, code=NOT_IMPLEMENTED)
    return Query(ident, name, kind, bool(flags & _RECURSION_WANTED), data[_HEADER_BYTES : end + 4])


def parse_reply(data: bytes) -> Reply:
    """An answer from its bytes.

    Raises:
        DnsError: it is none.
    """
    if len(data) < _HEADER_BYTES or not _number(data, 2) & _RESPONSE or _number(data, 4) != 1:
        raise DnsError("no answer")
    name, end = _read_question_name(data, _HEADER_BYTES)
    if len(data) < end + 4:
        raise DnsError("cut short")
    address = _first_address(data, end + 4, _number(data, 6))
    return Reply(_number(data, 0), _number(data, 2) & 15, name, _number(data, end), address)


def _read_question_name(data: bytes, at: int) -> tuple[str, int]:
    """The name at ``at`` and where it ends; a question has no pointers."""
    labels = []
    start = at
    while at < len(data) and data[at]:
        length = data[at]
        if length > _LABEL_MAX or at + 1 + length > len(data) or at - start > _NAME_MAX:
            raise DnsError("no name")
        labels.append(data[at + 1 : at + 1 + length].decode("latin-1").lower())
        at += 1 + length
    if at >= len(data) or at + 1 - start > _NAME_MAX:
        raise DnsError("no name")
    return ".".join(labels), at + 1


def _skip_name(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        if data[at] & _POINTER == _POINTER:
            return at + 2
        at += 1 + data[at]
    return at + 1


def _first_address(data: bytes, at: int, count: int) -> tuple[str, int] | None:
    for _ in range(count):
        at = _skip_name(data, at)
        if at + 10 > len(data):
            return None
        kind, klass, length = _number(data, at), _number(data, at + 2), _number(data, at + 8)
        if at + 10 + length > len(data):
            return None
        if (kind, klass, length) == (TYPE_A, CLASS_IN, 4):
            ip = ip_text(int.from_bytes(data[at + 10 : at + 14], "big"))
            return ip, int.from_bytes(data[at + 4 : at + 8], "big")
        at += 10 + length
    return None
