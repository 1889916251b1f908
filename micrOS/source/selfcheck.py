"""Talks to the server as a client would, at the end of the boot: a file of it that was cut short shows nowhere else.

It needs no socket, and takes no client's place. It is loaded for the check and dropped afterwards.
"""

import asyncio
import sys

import cold
import ConfigHandler
import SocketServer
from micropython import const

_LIMIT_MS = const(30000)
_PEER = const('self-check')


class _Stream:
    """A client's end of a connection: all its commands, then the end; keeps what it is told."""

    def __init__(self, data):
        self.s = _Ended()
        self.out_buf = b''
        self.told = b''
        self._data = data

    def get_extra_info(self, _name):
        return (_PEER, 0)

    async def read(self, _size):
        data, self._data = self._data, b''
        return data

    def write(self, data):
        self.told += data

    async def drain(self):
        pass

    def close(self):
        pass

    async def wait_closed(self):
        pass


class _Ended:
    """The socket below, with nothing left in it."""

    def read(self, _size):
        return b''


async def run(server):
    """Run a session of the server.

    Args:
        server: SocketServer.Server.

    Raises:
        RuntimeError: a command was not answered; the text names it. Errors of the code that serves pass.
    """
    secret = ConfigHandler.cfgget('appwd').strip()
    problem = cold.load('config_schema').problem
    has_login = server.asks_password and not problem('appwd', secret)   # others may be such that nobody can type them
    talk = [('hello', 'hello:'), ('version', server.version), (secret, 'AuthOk'),
            ('? ?', 'no module named'), ('webrepl ?', 'unknown option'),
            ('exit', 'Bye!')]       # command, what its reply holds
    if not has_login:
        talk.pop(2)
    stream = _Stream('\n'.join([command for command, _ in talk]).encode())
    session = SocketServer.Session(server, stream, stream)
    session.is_logged_in = not has_login
    is_cold = 'auth' not in sys.modules
    try:
        await asyncio.wait_for_ms(session.run(), _LIMIT_MS)
    except asyncio.TimeoutError:
        raise RuntimeError('self-check: no end') from None
    finally:
        if is_cold:
            sys.modules.pop('auth', None)   # until a client logs in
    _check(stream.told.decode(), talk)


def _check(told, talk):
    pos = 0
    for command, reply in talk:
        pos = told.find(reply, pos) + 1
        if not pos:
            raise RuntimeError('self-check: no reply to ' + (command if reply != 'AuthOk' else 'the password'))
