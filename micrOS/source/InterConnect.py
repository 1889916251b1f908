"""Commands to other nodes: a client of their shells, for Load Modules.

Every wait has a limit. The functions block, so call them from a plain Load Module function, which runs in
a thread of its own, never from `async def`.
"""

import socket
import time

import InterpreterCore
from ConfigHandler import cfgget
from Debug import errlog_add

_SILENCE_S = 4          # a node that says nothing for so long is given up
_TOTAL_MS = 60000       # a node that never comes to an end, too
_TRIES = 2              # each with a socket of its own
_READ_SIZE = 512
_MAX_REPLY = 8192
_MAX_NAME = 64
_MAX_NAMES = 8
_PROMPT_END = b' $'

_addresses = {}         # name -> address of the last success, None after a failure


def send_cmd(host, cmd):
    """Have another node execute a command.

    Args:
        host: str, IPv4 address or name such as `node01.local`.
        cmd: str, one command line.

    Returns:
        list of str: the lines of its reply, stripped; '' if it replied nothing; None if the command was not
        sent, because another node or a password prompt answered.

    Raises:
        OSError: no such name, nobody answers there, or the connection broke.
        ValueError: cmd is not one line.
    """
    if not 0 < len(host) <= _MAX_NAME:
        raise ValueError('host: 1..%d characters expected' % _MAX_NAME)
    if not cmd.strip() or '\n' in cmd or '\r' in cmd:
        raise ValueError('one command line expected')
    name = None if _is_address(host) else host
    for attempt in range(_TRIES):
        try:
            address = host if name is None else _resolve(name, attempt)
            _tell('[intercon] %s -> %s:%s:%d' % (cmd, name, address, cfgget('socport')))
            lines = _talk(address, name, cmd)
        except OSError:
            _note(name, None)
            if attempt == _TRIES - 1:
                raise
            continue
        _note(name, address if lines is not None else None)
        return lines


def _note(name, address):
    """Remember what became of a name, if it was one; some names are enough."""
    if name is not None:
        if name not in _addresses and len(_addresses) >= _MAX_NAMES:
            _addresses.pop(next(iter(_addresses)))
        _addresses[name] = address


def dump_cache():
    """Return the addresses that were used, {name: address or None}."""
    return dict(_addresses)


def _resolve(name, attempt):
    """Return the address of a name; the one of the last success for the first attempt."""
    known = _addresses.get(name)
    if known and not attempt:
        return known
    address = socket.getaddrinfo(name, cfgget('socport'))[-1][-1][0]
    if not _is_address(address):
        errlog_add('[intercon] Invalid host: %s' % name)
        raise OSError('no IPv4 address: ' + name)
    return address


def _talk(address, name, cmd):
    """Connect, check who is there, send the command and return the reply's lines."""
    client = socket.socket()
    try:
        client.settimeout(_SILENCE_S)
        client.connect((address, cfgget('socport')))
        prompt = _read_until(client, lambda data: _PROMPT_END in data or b'Bye!' in data)
        if not _is_expected(prompt, name):
            return None
        client.sendall(cmd.encode() + b'\n')
        data = _read_until(client, lambda data: _is_complete(data, prompt))
        return _lines(data, prompt)
    finally:
        client.close()


def _is_expected(prompt, name):
    """Check the prompt that greets; what is wrong is told to the client."""
    text = prompt.decode().strip()
    if not text.endswith('$'):
        _tell('[intercon] refused: ' + (text or 'no prompt'))
        return False
    if text.startswith('[password]'):
        _tell('[intercon] password needed: ' + text[10:-1].strip())
        return False
    greeting = text[:-1].strip()
    if name is not None and greeting != name.split('.')[0]:
        _tell('[intercon] prompt mismatch, hostname: %s prompt: %s ' % (name, greeting))
        return False
    return True


def _is_complete(data, prompt):
    return data.strip().endswith(prompt.strip()) or b'[configure]' in data or data.strip().endswith(b'Bye!')


def _read_until(client, is_complete):
    """Read until is_complete(bytes), the end of the stream, or a limit.

    Raises:
        OSError: silence for too long.
    """
    data, start = b'', time.ticks_ms()
    while not is_complete(data) and len(data) < _MAX_REPLY:
        if time.ticks_diff(time.ticks_ms(), start) > _TOTAL_MS:
            break
        piece = client.recv(_READ_SIZE)
        if not piece:
            break
        data += piece
    return data


def _lines(data, prompt):
    text = data.strip()
    end = prompt.strip()
    if text.endswith(end):
        text = text[:-len(end)]
    try:
        text = text.decode().strip()
    except UnicodeError:
        raise OSError('no UTF-8 text from the other node') from None
    return [line.strip() for line in text.split('\n')] if text else ''


def _tell(text):
    """Send a line to the client on whose behalf this runs."""
    call = InterpreterCore.current_call()
    if call is not None:
        call.write(text)


def _is_address(host):
    parts = host.split('.')
    return len(parts) == 4 and all(0 < len(p) <= 3 and all(c in '0123456789' for c in p) for p in parts)
