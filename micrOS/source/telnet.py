"""Telnet option negotiation (RFC 854, RFC 855), taken out of a byte stream. Cold: most clients are no telnet."""

from micropython import const

_IAC = const(255)               # RFC 854: interpret as command,
_SB = const(250)                # subnegotiation begin
_WILL = const(251)              # WILL, WONT, DO, DONT are followed by one option byte
_DONT = const(254)


def strip(data):
    """Take the options out of data, bytes.

    Returns:
        (bytes, bytes): the rest, and an option at the end that is not complete yet.
    """
    kept, pos = [], 0
    while True:
        start = data.find(b'\xff', pos)
        if start < 0:
            kept.append(data[pos:])
            return b''.join(kept), b''
        kept.append(data[pos:start])
        size = _size(data, start)
        if not size:
            return b''.join(kept), data[start:]
        if data[start + 1] == _IAC:
            kept.append(b'\xff')
        pos = start + size


def _size(data, start):
    """Return the length of the telnet command at start, or 0 if its end has not come yet."""
    if start + 1 >= len(data):
        return 0
    command = data[start + 1]
    if command == _SB:
        end = data.find(b'\xff\xf0', start)
        return end + 2 - start if end >= 0 else 0
    size = 3 if _WILL <= command <= _DONT else 2
    return size if start + size <= len(data) else 0
