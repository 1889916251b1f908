"""Commands to other nodes: a client of their shells, for Load Modules.

`send_cmd` blocks, so call it from a plain Load Module function, which runs in a thread of its own, never from
`async def`. It ends within _LIMIT_MS and a name lookup. A connection that fails is tried once more with a new
socket; a command is sent once at most, for nobody knows what became of one that got no answer.

A node that asks for a password gets ours, if `peers` lists its name and hardware id.
"""

import errno
import socket
import time

import InterpreterCore
import Network
import session_commands
from ConfigHandler import cfgget
from Debug import errlog_add
from micropython import const

_SILENCE_MS = const(6000)   # a node that says nothing for so long is given up; it tells after 5 s that it is busy
_CONNECT_MS = const(4000)
_LIMIT_MS = const(16000)
_TRIES = const(2)           # each with a socket of its own
_READ_SIZE = const(512)
_MAX_REPLY = const(8192)
_MAX_NAME = const(64)
_MAX_NAMES = const(8)
_DENIED_MS = const(600000)  # so long a node that refused our password is not given it again: it would lock us out
_PROMPT_END = b' $'

_addresses = {}         # name -> address of the last success, None after a failure
_denied = {}            # `name:hwuid` -> (password that was wrong, ticks)


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
    check(host, cmd)
    name = None if _is_address(host) else host
    until = time.ticks_add(time.ticks_ms(), _LIMIT_MS)
    known = _addresses.get(name)
    address = known or (host if name is None else _resolve(name))
    for attempt in range(_TRIES):
        _tell('[intercon] %s -> %s:%s:%d' % (cmd, name, address, cfgget('socport')))
        client = socket.socket()
        try:
            prompt = _open(client, address, name, until)
            _note(name, address if prompt else None)
            return _lines(_ask(client, cmd, prompt, until), prompt) if prompt else None
        except _NotOpen as e:
            _note(name, None)
            if attempt == _TRIES - 1:
                raise OSError(*e.args) from None
            if known:
                address = _resolve(name)    # it may have another one now
        finally:
            client.close()


def check(host, cmd):
    """Raise ValueError for what is no host or not one command line."""
    if not 0 < len(host) <= _MAX_NAME:
        raise ValueError('host: 1..%d characters expected' % _MAX_NAME)
    if not cmd.strip() or '\n' in cmd or '\r' in cmd:
        raise ValueError('one command line expected')


def is_self(host):
    """True if this node is meant."""
    return host.split('.')[0].lower() == cfgget('devfid').lower() if not _is_address(host) else host in (
        '127.0.0.1', Network.ifconfig()[1][0])


async def run_here(host, cmd):
    """Execute a command on this node, as `send_cmd` does elsewhere; returns what that returns."""
    check(host, cmd)
    _tell('[intercon] %s -> %s:127.0.0.1:%d' % (cmd, None if _is_address(host) else host, cfgget('socport')))
    session = _Here()
    await session_commands.execute(session, cmd.strip())
    return [line.strip() for line in '\n'.join(session.lines).strip().split('\n')] if session.lines else ''


def dump_cache():
    """Return the addresses that were used, {name: address or None}."""
    return dict(_addresses)


class _Here:
    """A session of this node without a client, for one command."""

    def __init__(self):
        self.is_configuring = False
        self.is_logged_in = False
        self.version = cfgget('version')
        self.server = self
        self.lines = []
        self.send = self.lines.append

    def needs_password(self):
        return False

    async def flush(self):
        pass

    async def flush_if_full(self):
        pass

    async def stream(self, call):
        while not call.is_done:
            await call.changed()
            self.lines.extend(call.take())
        self.lines.extend(call.take())


class _NotOpen(Exception):
    """There is no session yet, so that another try does no harm; arguments are those of the OSError."""


def _note(name, address):
    """Remember what became of a name, if it was one; some names are enough."""
    if name is not None:
        if name not in _addresses and len(_addresses) >= _MAX_NAMES:
            _addresses.pop(next(iter(_addresses)))
        _addresses[name] = address


def _resolve(name):
    """Return the address of a name."""
    _note(name, None)
    address = socket.getaddrinfo(name, cfgget('socport'))[-1][-1][0]
    if not _is_address(address):
        errlog_add('[intercon] Invalid host: %s' % name)
        raise OSError('no IPv4 address: ' + name)
    return address


def _open(client, address, name, until):
    """Connect, see who is there and log in if asked to; returns the prompt, None if no command may be sent.

    Raises:
        _NotOpen: nobody is there, or the connection broke.
    """
    try:
        _wait_until(client, until, _CONNECT_MS)
        client.connect((address, cfgget('socport')))
        prompt = _read_until(client, until, lambda data: _PROMPT_END in data or b'Bye!' in data)
        text = prompt.decode().strip()
        if not text.endswith('$'):
            return _tell('[intercon] refused: ' + (text or 'no prompt'))
        is_locked = text.startswith('[password]')
        greeting = text[10 if is_locked else 0:-1].strip()
        if name is not None and greeting != name.split('.')[0]:
            return _tell('[intercon] prompt mismatch, hostname: %s prompt: %s ' % (name, greeting))
        return _log_in(client, greeting, prompt, until) if is_locked else prompt
    except (OSError, UnicodeError) as e:
        raise _NotOpen(*e.args) from None


def _log_in(client, greeting, prompt, until):
    """Give a node that is listed our password; returns its prompt, or None."""
    who = _ask(client, 'hello', prompt, until).split(b'\n')[0].decode().strip()
    peer, password = who[6:], cfgget('appwd')
    if not who.startswith('hello:%s:' % greeting) or peer not in [p.strip() for p in cfgget('peers').split(';')]:
        return _tell('[intercon] password needed: %s; `peers` does not list %s' % (greeting, peer))
    wrong, since = _denied.pop(peer, (None, 0))
    if wrong != password or not 0 <= time.ticks_diff(time.ticks_ms(), since) < _DENIED_MS:
        client.sendall(password.encode() + b'\n')
        data = _read_until(client, until, lambda data: _PROMPT_END in data or b'Bye!' in data)
        if b'AuthOk' in data:
            return data[data.rfind(b'\n') + 1:]
        since = time.ticks_ms()
    if len(_denied) < _MAX_NAMES:
        _denied[peer] = password, since
    return _tell('[intercon] password refused: ' + greeting)


def _ask(client, cmd, prompt, until):
    """Send a line and return all that comes up to the next prompt, bytes."""
    client.sendall(cmd.encode() + b'\n')
    end = prompt.strip()
    return _read_until(client, until, lambda data: data.strip().endswith(end) or b'[configure]' in data
                       or data.strip().endswith(b'Bye!'))


def _read_until(client, until, is_complete):
    """Read until is_complete(bytes), the end of the stream, or as much as anybody needs.

    Raises:
        OSError: silence for too long.
    """
    data = b''
    while not is_complete(data) and len(data) < _MAX_REPLY:
        _wait_until(client, until, _SILENCE_MS)
        piece = client.recv(_READ_SIZE)
        if not piece:
            break
        data += piece
    return data


def _wait_until(client, until, most_ms):
    """Limit how long the socket's next call may wait.

    Raises:
        OSError: the time is over.
    """
    left_ms = min(most_ms, time.ticks_diff(until, time.ticks_ms()))
    if left_ms <= 0:
        raise OSError(errno.ETIMEDOUT)
    client.settimeout(left_ms / 1000)


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
