"""Clients that are sent away: there is no room, they were silent, they send what is no line. Cold, see `cold`."""

import asyncio
import time

from micropython import const

_READ_SIZE = const(1024)
_SEND_MS = const(1000)
_DISCARD_MS = const(1000)
_FOREVER_MS = const(1 << 29)


def has_room(session, sessions, limit):
    """Decide whether a session may begin; ends another one for it if it must and can.

    A peer that holds half of the sessions without having logged in gets no more: the rest is for others. A client that
    has been silent beyond `soctout` during a call is given up: it may have vanished without a word, and a call that
    sends nothing does not find out.

    Args:
        session: SocketServer.Session, the new one.
        sessions: list of those that there are.
        limit: int, how many there may be.
    """
    held = sum([other.peer == session.peer and other.needs_password() for other in sessions])
    if held >= max(1, limit // 2):
        return False
    if len(sessions) < limit:
        return True
    now = time.ticks_ms()
    silent = [(_silent_ms(sessions[i], now), i) for i in range(len(sessions)) if sessions[i].is_calling()]
    if not silent or max(silent)[0] < session.server.idle_s * 1000:
        return False
    sessions[max(silent)[1]].end('silent')
    return True


def _silent_ms(session, now):
    """Return how long nothing came from a client; more than ticks_diff can tell is very long."""
    silent_ms = time.ticks_diff(now, session.heard)
    return silent_ms if silent_ms >= 0 else _FOREVER_MS


async def refuse(session):
    """Tell the client that all sessions are taken."""
    session.send('Connection is busy. Bye!')
    await _flush(session)


async def say_timeout(session, verdict):
    """Tell a client why it is sent away, if that is something to tell.

    Args:
        verdict: str, `silent` or `late`; others are said nothing to.
    """
    if verdict in ('silent', 'late'):
        limit_s = session.login_s() if verdict == 'late' else session.idle_s()
        session.send("\n__@_/' Session timeout %d sec\nBye!" % limit_s)
        await _flush(session)


async def _flush(session):
    try:
        await asyncio.wait_for_ms(session.flush(), _SEND_MS)
    except (OSError, asyncio.TimeoutError):
        pass        # it left already, or does not read


async def send_away(session, reader, limit):
    """Say that a line is too long, then read away what still comes, so that the text is not lost in a reset."""
    session.send('line too long: at most %d bytes' % limit)
    session.send('Bye!')
    await session.flush()
    try:
        await asyncio.wait_for_ms(_discard(reader), _DISCARD_MS)
    except asyncio.TimeoutError:
        pass        # it does not stop; enough


async def _discard(reader):
    while await reader.read(_READ_SIZE):
        pass


def encode(text):
    """Return text as UTF-8; halves of surrogate pairs, which it cannot express, become `?`."""
    return ''.join(['?' if 0xd800 <= ord(c) <= 0xdfff else c for c in text]).encode()
