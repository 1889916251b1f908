"""The shell server: TCP clients, several at once, each with a session of its own.

A session is one task: read, cut into commands (`framing`), execute, answer, prompt. Only a client
that left a command unfinished costs a timer; silent clients and clients that do not read are looked
after by one task for all sessions, which runs only while there are any.
"""

import asyncio
import time

import cold
import ConfigHandler
import framing
import session_commands
from Debug import errlog_add
from micropython import const
from results import error_text

_READ_SIZE = const(1024)
_SILENCE_MS = const(20) # ends a command without newline
_SWEEP_MS = const(1000)
_SEND_MS = const(10000) # a client that reads nothing for so long is dropped
_GATHER_MS = const(5)   # lines of a running call that come in this time go out together
_FULL = const(2048)     # characters of output that are sent at once
_MAX_DROPPED = const(8) # reads
_LOGIN_S = const(30)    # an open password prompt is given up after so much silence,
_MAX_LOGIN_S = const(120)      # and after so long in all
_MAX_FAILED = const(3)


class Server:
    """Accepts clients up to the limit `sessions`.

    Attributes:
        failure: str, why nobody can be served any more; ''. Whoever runs the node restarts it then.
    """

    def __init__(self, version):
        self.version = version
        self.name = ConfigHandler.cfgget('devfid')
        self.asks_password = ConfigHandler.cfgget('auth')
        self.idle_s = ConfigHandler.cfgget('soctout')
        self._limit = ConfigHandler.cfgget('sessions')
        self._sessions = []
        self._is_swept = False
        self.failed = 0         # sessions in a row that an error of ours ended before they served a command
        self.failure = ''

    async def accept(self, reader, writer):
        """Serve one client; an error of ours ends its session and no other."""
        session = None
        try:
            session = Session(self, reader, writer)
            await self._serve(session)
        except Exception as e:  # noqa: BLE001 - border: see above
            self._note_error(session, e)
            await writer.wait_closed()

    async def _serve(self, session):
        """Run a session from its first byte to its last, if there is a place for it."""
        is_crowded = len(self._sessions) >= max(1, self._limit // 2)
        if is_crowded and not cold.call('session_end', 'has_room', session, self._sessions, self._limit):
            await cold.call('session_end', 'refuse', session)
            await session.close()
            return
        self._sessions.append(session)
        if not self._is_swept:
            self._is_swept = True
            asyncio.create_task(self._sweep())
        try:
            await session.run()
        finally:
            self._sessions.remove(session)

    def _note_error(self, session, error):
        """Log an error, and give up if no session works any more: files may be damaged, or memory used up."""
        text = error_text(error)
        errlog_add('__wait_for_msg unexpected error: ' + text)
        if session is None or not session.has_served:
            self.failed += 1
            if self.failed >= _MAX_FAILED:
                self.failure = 'no session works: ' + text

    async def _sweep(self):
        """End sessions that are silent or stuck; runs while there are sessions."""
        try:
            while self._sessions:
                await asyncio.sleep_ms(_SWEEP_MS)
                now = time.ticks_ms()
                for session in list(self._sessions):
                    session.check(now)
        finally:
            self._is_swept = False      # whatever ended it, the next client starts it again


class Session:
    """One client: its framing, its modes, its output."""

    def __init__(self, server, reader, writer):
        self.server = server
        self.is_configuring = False
        self.is_logged_in = False
        self.has_served = False    # a command
        peer = writer.get_extra_info('peername')
        self.peer = peer[0] if isinstance(peer, tuple) else ''     # without its port; some ports give no text
        self._reader = reader
        self._writer = writer
        self._framer = framing.Framer()
        self._lines = []           # commands that came together with an earlier one
        self._out = []             # texts that wait to be sent
        self._task = None
        self._is_first = True      # no command was seen yet
        self._joined = time.ticks_ms()
        self._since = self._joined # of the last byte read, or of the start of sending
        self.heard = self._since   # of the last byte read
        self._state = ''           # 'read' or 'send' while it waits for the client, 'call' for a Load Module
        self._ended = None         # ticks when the client's stream was found at its end, during a call
        self._verdict = ''         # why the sweeper ended it

    def needs_password(self):
        """True while the client has to give the password first."""
        return self.server.asks_password and not self.is_logged_in

    # --- output ---

    def send(self, text):
        """Add a line to the output."""
        self._out.append(text + '\n')

    async def flush(self):
        """Send what waits; returns when the network took it.

        Raises:
            OSError: the client is gone.
        """
        if not self._out:
            return
        data = _encode(''.join(self._out))
        self._out = []
        self._since = time.ticks_ms()
        self._state = 'send'
        self._writer.write(data)
        if self._writer.out_buf or self._lines:   # else the network has it all, and the next read gives way
            await self._writer.drain()
        self._state = ''

    async def flush_if_full(self):
        """Send what waits if it is much, so that long replies need little memory."""
        if sum(len(text) for text in self._out) > _FULL:
            await self.flush()

    async def stream(self, call):
        """Send the lines of a call as they come, until it is done."""
        try:
            while not call.is_done:
                self._state = 'call'
                await call.changed()
                self._state = ''
                if not call.is_done:
                    await asyncio.sleep_ms(_GATHER_MS)
                    self._add(call)
                    await self.flush()
            self._add(call)
        finally:
            call.detach()

    def _add(self, call):
        lines = call.take()
        if lines:
            self.send('\n'.join(lines))

    def _prompt(self):
        prefix = '[configure] ' if self.is_configuring else ''
        if self.needs_password():
            prefix = '[password] '
        self._out.append('%s%s $  ' % (prefix, self.server.name))

    # --- life ---

    async def run(self):
        """Serve the client until it leaves or is sent away."""
        self._task = asyncio.current_task()
        try:
            await self._serve()
        except OSError:
            pass        # the client vanished
        except asyncio.CancelledError:
            if not self._verdict:
                raise
            self._out = []
            await cold.call('session_end', 'say_timeout', self, self._verdict)
        finally:
            await self.close()

    def check(self, now):
        """End the session if its client is silent, does not read, or left during a call.

        Args:
            now: time.ticks_ms().
        """
        waited_ms = time.ticks_diff(now, self._since)
        if self._state and self.needs_password() and time.ticks_diff(now, self._joined) >= self.login_s() * 1000:
            self.end('late')
        elif self._state == 'read' and waited_ms >= self.idle_s() * 1000:
            self.end('silent')
        elif self._state == 'send' and waited_ms >= _SEND_MS:
            self.end('stuck')
        elif self._state == 'call' and self._has_left(now):
            self.end('left')

    def end(self, verdict):
        """Send the client away; 'silent' and 'late' tell it why."""
        self._verdict = verdict
        self._state = ''
        self._task.cancel()

    def is_calling(self):
        """True while a Load Module works for the client and nothing is being sent."""
        return self._state == 'call'

    def idle_s(self):
        """Return how long the client may be silent, seconds."""
        return min(self.server.idle_s, _LOGIN_S) if self.needs_password() else self.server.idle_s

    def login_s(self):
        """Return how long the client may take in all to log in, seconds."""
        return min(self.server.idle_s, _MAX_LOGIN_S)

    def _has_left(self, now):
        """Look at the stream while a call runs: True if the client has vanished.

        A client may end its stream and still wait for the reply; that it does for `soctout` seconds at most.
        What it sends meanwhile is kept for later, up to one read.
        """
        if self._ended is None and not self._lines and not self._framer.has_pending():
            try:
                data = self._reader.s.read(_READ_SIZE)
                if data:
                    self.heard = now
                    self._lines.extend(self._framer.feed(data))
            except (OSError, framing.LineTooLong):
                return True
            if data == b'':
                self._ended = now
        return self._ended is not None and time.ticks_diff(now, self._ended) >= self.server.idle_s * 1000

    async def _serve(self):
        self._prompt()
        await self.flush()
        while True:
            line = await self._next_command()
            if line is None or (self._is_first and framing.is_http(line)):
                return
            self._is_first = self._is_first and not line
            goes_on = await session_commands.execute(self, line)
            if line:
                self.has_served = True
                self.server.failed = 0
            if goes_on:
                self._prompt()
            await self.flush()
            if not goes_on:
                return

    async def _next_command(self):
        """Return the next command line, stripped; None at the end of the stream."""
        while True:
            while self._lines:
                line = self._decode(self._lines.pop(0))
                if line is not None:
                    return line
                self._prompt()
                await self.flush()
            try:
                if not await self._read():
                    return None
            except framing.LineTooLong:
                self._out = []
                await cold.call('session_end', 'send_away', self, self._reader, framing.MAX_LINE)
                return None

    def _decode(self, line):
        try:
            return line.decode().strip()
        except UnicodeError:
            if self.needs_password():
                return '\ufffd'     # a wrong password like any other
            self.send('invalid input: no UTF-8 text')
            return None

    async def _read(self):
        """Read until at least one command is there; False at the end of the stream."""
        self._state = 'read'
        self._since = time.ticks_ms()
        is_open = True
        while is_open and not self._lines:
            if self._framer.has_pending():
                try:
                    is_open = await asyncio.wait_for_ms(self._receive(), _SILENCE_MS)
                except asyncio.TimeoutError:
                    is_open = self._end_command()
            else:
                is_open = await self._receive()
        if not is_open:
            self._take_pending()
        self._state = ''
        return bool(self._lines)

    async def _receive(self):
        """Pass what came to the framer; False at the end of the stream."""
        return self._feed(await self._reader.read(_READ_SIZE))

    def _feed(self, data):
        if not data:
            return False
        self._since = self.heard = time.ticks_ms()
        self._lines.extend(self._framer.feed(data))
        return True

    def _end_command(self):
        """End a command after silence, unless its rest came while the node was busy; False at the end of the stream."""
        data = self._reader.s.read(_READ_SIZE)
        if data is None:
            self._take_pending()
            return True
        return self._feed(data)

    def _take_pending(self):
        pending = self._framer.flush()
        if pending:
            self._lines.append(pending)

    async def close(self):
        """Close the connection."""
        try:
            # closing with unread bytes resets it, and last words are lost
            for _ in range(_MAX_DROPPED):
                if not self._reader.s.read(_READ_SIZE):
                    break
        except OSError:
            pass        # the client is gone
        try:
            self._writer.close()
            await self._writer.wait_closed()
        except OSError:
            pass        # it was closed already


def _encode(text):
    """Return text as UTF-8."""
    try:
        return text.encode()
    except UnicodeError:
        return cold.call('session_end', 'encode', text)
