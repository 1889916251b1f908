"""Cut the byte stream of a client into commands. No I/O in here.

A newline ends a command; so do the end of the stream and a short silence, since old clients send no
newline: the caller then takes what is pending with `flush()`. Telnet option negotiation (RFC 854,
RFC 855) is removed, also when it arrives in pieces.

    >>> framer = Framer()
    >>> framer.feed(b'hello\\r\\nver')
    [b'hello']
    >>> framer.flush()
    b'ver'
"""

import cold
from micropython import const

MAX_LINE = 4096

_METHODS = const('get post put head patch delete options connect trace')
_MAX_TELNET = const(256)        # options are a few bytes long; more is no telnet


class LineTooLong(Exception):
    """More than MAX_LINE bytes came without a newline."""


class Framer:
    """Bytes in, commands out; holds at most MAX_LINE bytes."""

    def __init__(self):
        self._pending = b''
        self._telnet = b''
        self._strip = None      # loaded for a client that talks telnet

    def has_pending(self):
        """True if an unfinished command or telnet option waits for its end."""
        return bool(self._pending or self._telnet)

    def feed(self, data):
        """Take what came from the client.

        Args:
            data: bytes, any length.

        Returns:
            list of bytes: the commands that are complete now, without line end.

        Raises:
            LineTooLong: a command is longer than MAX_LINE, or a telnet option has no end.
        """
        if self._telnet or b'\xff' in data:
            self._strip = self._strip or cold.load('telnet').strip
            data, self._telnet = self._strip(self._telnet + data)
            if len(self._telnet) > _MAX_TELNET:
                raise LineTooLong()
        if b'\n' not in data:
            self._keep(self._pending + data)
            return []
        lines = (self._pending + data).split(b'\n')
        self._keep(lines.pop())
        for line in lines:
            if len(line) > MAX_LINE:
                raise LineTooLong()
        return [line.strip(b'\r\0') for line in lines]

    def flush(self):
        """Take the unfinished command, bytes; empty if there is none. An unfinished option is dropped."""
        pending, self._pending = self._pending, b''
        self._telnet = b''
        return pending.strip(b'\r\0')

    def _keep(self, pending):
        self._pending = pending
        if len(pending) > MAX_LINE:
            raise LineTooLong()


def is_http(line):
    """True for the first line of an HTTP request, or the beginning of one: a browser must not drive a node."""
    words = line.split(None, 2)
    if len(words) < 2:
        return False
    method, target = words[0], words[1].lower()
    has_target = target[0] in '/*' or target[:5] == 'http:' or target[:6] == 'https:'
    return has_target and method.lower() in _METHODS.split() or method == method.upper() and ' HTTP/' in line[-9:]
