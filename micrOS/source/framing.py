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

MAX_LINE = 4096

_METHODS = ('get', 'post', 'put', 'head', 'patch', 'delete', 'options', 'connect', 'trace')
_IAC, _SB = 255, 250               # RFC 854: interpret as command, subnegotiation begin
_WILL, _DONT = 251, 254            # WILL, WONT, DO, DONT are followed by one option byte
_MAX_TELNET = 256                  # options are a few bytes long; more is no telnet


class LineTooLong(Exception):
    """More than MAX_LINE bytes came without a newline."""


class Framer:
    """Bytes in, commands out; holds at most MAX_LINE bytes."""

    def __init__(self):
        self._pending = b''
        self._telnet = b''

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
            data = self._strip_telnet(self._telnet + data)
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

    def _strip_telnet(self, data):
        kept, pos = [], 0
        self._telnet = b''
        while True:
            start = data.find(b'\xff', pos)
            if start < 0:
                kept.append(data[pos:])
                break
            kept.append(data[pos:start])
            size = _telnet_size(data, start)
            if not size:
                self._telnet = data[start:]
                break
            if data[start + 1] == _IAC:
                kept.append(b'\xff')
            pos = start + size
        if len(self._telnet) > _MAX_TELNET:
            raise LineTooLong()
        return b''.join(kept)


def _telnet_size(data, start):
    """Return the length of the telnet command at start, or 0 if its end has not come yet."""
    if start + 1 >= len(data):
        return 0
    command = data[start + 1]
    if command == _SB:
        end = data.find(b'\xff\xf0', start)
        return end + 2 - start if end >= 0 else 0
    size = 3 if _WILL <= command <= _DONT else 2
    return size if start + size <= len(data) else 0


def is_http(line):
    """True for the first line of an HTTP request, or the beginning of one: a browser must not drive a node."""
    words = line.split(None, 2)
    if len(words) < 2:
        return False
    target = words[1].lower()
    has_target = target[0] in '/*' or target.startswith('http:') or target.startswith('https:')
    is_begun = has_target and words[0].lower() in _METHODS
    return is_begun or words[0] == words[0].upper() and ' HTTP/' in line[-9:]
