"""A small HTTP client: one GET, without TLS. Blocks, but never for long. Cold.

Source: RFC 9110, RFC 9112. HTTP/1.0 is asked for, so no answer comes in chunks.
"""

import socket
import time

from micropython import const

_PORT = const(80)
_SILENCE_S = const(3)
_TOTAL_MS = const(10000)  # a server that drips is given up, too
_MAX_HEAD = const(2048)
_PIECE = const(512)


def get(host, path, most):
    """Return the body of a page, bytes.

    Args:
        host: str, a name.
        path: str, begins with `/`.
        most: int, bytes that a body may have.

    Raises:
        OSError: no such host, silence, an answer that is not 200 OK, that is cut short or too long.
    """
    address = socket.getaddrinfo(host, _PORT)[0][-1]
    client = socket.socket()
    try:
        client.settimeout(_SILENCE_S)
        client.connect(address)
        client.sendall(('GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n' % (path, host)).encode())
        return _receive(client, most)
    finally:
        client.close()


def _receive(client, most):
    data, needed, body_at, start = b'', None, 0, time.ticks_ms()
    while True:
        piece = client.recv(_PIECE)
        data += piece
        if not body_at and b'\r\n\r\n' in data:
            body_at = data.find(b'\r\n\r\n') + 4
            needed = _length(data[:body_at])
        if len(data) > body_at + (most if body_at else _MAX_HEAD) or (needed or 0) > most:
            raise OSError('HTTP: too long')
        if body_at and needed is not None and len(data) >= body_at + needed:
            return data[body_at:body_at + needed]
        if not piece:
            if not body_at or needed is not None:
                raise OSError('HTTP: cut short')
            return data[body_at:]
        if time.ticks_diff(time.ticks_ms(), start) > _TOTAL_MS:
            raise OSError('HTTP: too slow')


def _length(head):
    """Check the status; return the length of the body as the head has it, None if it has none."""
    lines = head.split(b'\r\n')
    words = lines[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith(b'HTTP/1.'):
        raise OSError('HTTP: no HTTP')
    if words[1] != b'200':
        raise OSError('HTTP: status %s' % ''.join([chr(c) for c in words[1][:3]]))
    for line in lines[1:]:
        name, _, value = line.partition(b':')
        if name.strip().lower() == b'content-length':
            try:
                return int(value)
            except ValueError:
                raise OSError('HTTP: no length') from None
    return None
