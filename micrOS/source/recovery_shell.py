"""The shell of recovery mode: plain sockets, several clients, the few commands that help to mend a node.

Clients are served by one `select.poll` loop, without asyncio and without any other file of the firmware. Framing
and replies are those of the normal shell, so that host tools find the node and can update it. No reply holds a
password. With `auth` on nothing but hello, version and exit works before the login; wrong passwords cost
_DELAY_MS, and after _MAX_WRONG of them nobody can log in for _LOCK_MS.
"""

import binascii
import os
import re
import select
import socket
import time

import machine
from micropython import const

_MAX_CLIENTS = const(4)
_MAX_LINE = const(4096)
_MAX_OUT = const(16384)
_SILENCE_MS = const(20)    # ends a command without newline
_DELAY_MS = const(2000)
_MAX_WRONG = const(10)
_LOCK_MS = const(300000)
_MAX_PEERS = const(8)
_LOGIN_MS = const(30000)    # from connecting to the right password
_LEAVE_MS = const(1000)
_EAGAIN = const(11)
_OPEN = ('hello', 'version', 'exit')    # need no login, and do not keep recovery mode from ending
_CONF_WORDS = ('conf', 'config', 'configure')
_CONF_MODULES = ('locks', 'Debug', 'config_schema', 'hal', 'ConfigHandler', 'InterpreterShell')
_NEEDED = ('boot', 'main', 'micrOSloader', 'recovery', 'recovery_shell', 'node_config')
_METHODS = ('get', 'post', 'put', 'head', 'patch', 'delete', 'options', 'connect', 'trace')
_VERSION = r'\d+\.\d+\.\d+-\d+'
_HELP = '''[RECOVERY]  - the node could not start, or waits for an update: type why
   hello   - default hello msg - identify device
   version - shows micrOS version
   exit    - exit from shell socket prompt
   why     - reason, number of crashes, last lines of the error log
   reboot  - try to start normally
   webrepl - start web repl, use with --update for file transfers
   ls      - files of a folder
   rm      - delete a file
[CONF] Configure mode: conf, dump, key, key value, noconf'''


class Client:
    """One connection; also the session that InterpreterShell works with.

    Attributes:
        is_configuring: in configuration mode.
        is_logged_in: the password was given.
        is_mute: nothing more is read.
        leaves_at: ticks when it is closed, or None.
    """

    def __init__(self, stream, peer, now):
        self.stream = stream
        self.peer = peer        # address without port
        self.joined = now
        self.is_configuring = False
        self.is_logged_in = False
        self.is_mute = False
        self.leaves_at = None
        self.verdict = ''       # sent when it leaves
        self.pending = b''
        self.out = b''
        self.since = now        # of the last byte read
        self.is_first = True

    def send(self, text):
        """Add a line to the output."""
        self.out += text.encode() + b'\n'

    async def flush(self):
        """For InterpreterShell: the output is sent when the command has ended."""

    async def flush_if_full(self):
        """See `flush`."""


class RescueShell:
    """Listens on `socport`.

    Args:
        host: recovery.Recovery.

    Raises:
        OSError: the port is in use.
    """

    def __init__(self, host):
        self._host = host
        self._name = host.config['devfid']
        self._clients = []
        self._wrong = {}            # peer -> [wrong passwords in a row, ticks of the last one]
        self._poller = select.poll()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(socket.getaddrinfo('0.0.0.0', host.config['socport'])[0][-1])
        self._listener.listen(_MAX_CLIENTS)
        self._listener.setblocking(False)
        self._poller.register(self._listener, select.POLLIN)

    def serve(self, timeout_ms):
        """Serve the clients for timeout_ms, about; returns True."""
        if any(client.pending and not client.is_mute for client in self._clients):
            timeout_ms = _SILENCE_MS
        elif any(client.leaves_at is not None for client in self._clients):
            timeout_ms = min(timeout_ms, 100)
        ready = self._poller.poll(timeout_ms)
        for stream, _event in ready:
            if stream is self._listener:
                self._accept()
        for client in list(self._clients):
            try:
                self._look_after(client, any(stream is client.stream for stream, _event in ready))
            except OSError:
                self._drop(client)      # it is gone
        return True

    # --- connections ---

    def _accept(self):
        try:
            stream, address = self._listener.accept()
        except OSError:
            return      # it left already
        stream.setblocking(False)
        if len(self._clients) >= _MAX_CLIENTS:
            _send_once(stream, b'Connection is busy. Bye!\n')
            stream.close()
            return
        client = Client(stream, address[0], time.ticks_ms())
        self._clients.append(client)
        self._poller.register(stream, select.POLLIN)
        self._prompt(client)

    def _drop(self, client):
        self._clients.remove(client)
        self._poller.unregister(client.stream)
        client.stream.close()

    def _look_after(self, client, is_ready):
        if is_ready and not self._receive(client):
            self._drop(client)
            return
        now = time.ticks_ms()
        silent_ms = time.ticks_diff(now, client.since)
        if client.leaves_at is not None:
            if time.ticks_diff(now, client.leaves_at) >= 0:
                _send_once(client.stream, client.out + client.verdict.encode())
                self._drop(client)
                return
        elif client.pending and silent_ms >= _SILENCE_MS:
            if not self._execute(client, self._take(client)):
                self._drop(client)
                return
        elif silent_ms >= self._host.config['soctout'] * 1000 or (
                self._asks_password(client) and time.ticks_diff(now, client.joined) >= _LOGIN_MS):
            client.verdict = "\n__@_/' Session timeout %d sec\nBye!\n" % self._host.config['soctout']
            client.leaves_at = now
        self._transmit(client)

    def _receive(self, client):
        """Read what came and execute its lines; False if the client has left, or is sent away."""
        try:
            data = client.stream.recv(512)
        except OSError as e:
            if e.args[0] == _EAGAIN:
                return True
            raise
        if not data:
            return False
        client.since = time.ticks_ms()
        if client.is_mute:
            return True
        client.pending += data
        while b'\n' in client.pending and client.leaves_at is None:
            line, client.pending = client.pending.split(b'\n', 1)
            if not self._execute(client, line):
                return False
        return len(client.pending) <= _MAX_LINE or self._refuse_line(client)

    def _refuse_line(self, client):
        self._part(client, 'line too long: at most %d bytes\nBye!\n' % _MAX_LINE, 0)
        return True

    def _take(self, client):
        line, client.pending = client.pending, b''
        return line

    def _transmit(self, client):
        """Send what the network takes now."""
        if client.out and client.leaves_at is None:
            client.out = client.out[_send_once(client.stream, client.out):]
        if len(client.out) > _MAX_OUT:
            self._drop(client)
            return
        self._poller.modify(client.stream, select.POLLIN | (select.POLLOUT if client.out else 0))

    def _part(self, client, verdict, delay_ms=_LEAVE_MS):
        """Close a connection after a moment."""
        client.is_mute = True
        client.pending = b''
        client.verdict = verdict
        client.leaves_at = time.ticks_add(time.ticks_ms(), delay_ms)

    # --- commands ---

    def _prompt(self, client):
        if self._asks_password(client):
            prefix = '[password]'
        else:
            prefix = '[recovery] [configure]' if client.is_configuring else '[recovery]'
        client.out += ('%s %s $  ' % (prefix, self._name)).encode()

    def _asks_password(self, client):
        return self._host.config['auth'] and not client.is_logged_in

    def _execute(self, client, line):
        """Execute one command line, bytes; False if the connection is to be cut without a word."""
        if len(line) > _MAX_LINE:
            return self._refuse_line(client)
        try:
            line = line.strip(b'\r\0').decode().strip()
        except UnicodeError:
            client.send('invalid input: no UTF-8 text')
            line = ''
        if client.is_first and _is_http(line):
            return False        # a web page must not drive a node
        client.is_first = client.is_first and not line
        if line:
            self._run(client, line)
        if not client.is_mute:
            self._prompt(client)
        return True

    def _run(self, client, line):
        words = line.split()
        if self._asks_password(client) and line not in _OPEN:
            self._log_in(client, line)
            return
        if line not in _OPEN:
            self._host.note_use()
        if words[0] in _CONF_WORDS or words[0] == 'noconf' or (
                client.is_configuring and line not in _OPEN + ('reboot', 'why')):
            self._configure(client, line)
            return
        command = getattr(self, '_do_' + words[0], None)
        if command is None:
            client.send('SHELL: type help for single word commands of recovery mode')
            return
        try:
            command(client, words[1:])
        except OSError as e:
            client.send('%s: %s' % (words[0], e))

    def _log_in(self, client, given):
        now = time.ticks_ms()
        for peer in list(self._wrong):
            if time.ticks_diff(now, self._wrong[peer][1]) >= _LOCK_MS:
                del self._wrong[peer]
        # a table that is full of others has one more entry, for everybody else
        peer = client.peer if client.peer in self._wrong or len(self._wrong) < _MAX_PEERS else ''
        wrong = self._wrong.get(peer, (0, 0))[0]
        if wrong < _MAX_WRONG and _is_equal(given, self._host.config['appwd'].strip()):
            self._wrong.pop(peer, None)
            client.is_logged_in = True
            client.send('AuthOk')
            return
        if wrong < _MAX_WRONG:
            self._wrong[peer] = [wrong + 1, now]
        self._part(client, 'AuthFailed\nBye!\n', _DELAY_MS)

    def _do_hello(self, client, _words):
        uid = 'micr' + binascii.hexlify(machine.unique_id()).decode() + 'OS'
        client.send('hello:%s:%s' % (self._name, uid))

    def _do_version(self, client, _words):
        client.send(read_version() or self._host.config['version'])

    def _do_exit(self, client, _words):
        self._part(client, 'Bye!\n', 0)

    def _do_help(self, client, _words):
        client.send(_HELP)

    def _do_why(self, client, _words):
        import recovery  # that runs: no import happens
        crash = self._host.crash
        client.send('role: ' + self._host.role)
        client.send('reason: ' + (crash['reason'] or 'no crash'))
        client.send('crashes: %d, failed returns: %d' % (crash['count'] if crash['reason'] else 0, crash['cycles']))
        client.send('normal mode again in: %d s' % self._host.left_s())
        for line in recovery.last_log_lines():
            client.send('  ' + line)

    def _do_reboot(self, client, _words):
        self._host.leave(_LEAVE_MS)
        self._part(client, 'Reboot micrOS system.\nBye!\n', 0)

    def _do_webrepl(self, client, words):
        if words and words != ['--update']:
            client.send('webrepl: unknown option, use: webrepl [--update]')
            return
        if words:
            self._host.arm()
        client.send(' Start micropython WEBREPL for interpreter web access and file transferring.')
        client.send('  [!] micrOS socket shell will be available again after reboot.')
        client.send('  \trestart machine shortcut: import reset')
        client.send('  Connect over http://micropython.org/webrepl/#%s:8266/' % self._host.net.address())
        client.send('  \t[!] webrepl password: ********')
        client.send('  WebREPL is running already: recovery mode')
        if words:
            client.send(' Bye!')
            client.is_mute = True       # open but silent, as after the reset that host tools expect

    def _do_ls(self, client, words):
        folder = words[0] if words else '/'
        for name in sorted(os.listdir(folder)):
            stat = os.stat(folder.rstrip('/') + '/' + name)
            client.send('%8s  %s' % ('folder' if stat[0] & 0x4000 else stat[6], name))

    def _do_rm(self, client, words):
        if len(words) != 1:
            client.send('rm: use: rm <file>')
        elif words[0].split('/')[-1].split('.')[0] in _NEEDED:
            client.send('rm: recovery mode needs this file: replace it by WebREPL')
        elif os.stat(words[0])[0] & 0x4000:
            client.send('rm: a folder')
        else:
            os.remove(words[0])
            client.send('Deleted: ' + words[0])

    def _configure(self, client, line):
        """Configuration mode, by the normal system's own code if that is sound."""
        try:
            import asyncio
            for name in _CONF_MODULES:
                broken = name
                __import__(name)
            import InterpreterShell
            broken = 'InterpreterShell'
            asyncio.run(InterpreterShell.execute(client, line))
        except KeyboardInterrupt:
            raise
        except BaseException as e:  # noqa: BLE001 - border: any file may be broken
            client.is_configuring = False
            client.send('conf: not available, %s: %s: %s' % (broken, type(e).__name__, e))


def read_version():
    """Return the version that stands in the main file, source or bytecode; None if there is none."""
    for name in ('micrOS.py', 'micrOS.mpy'):
        try:
            with open(name, 'rb') as file:
                found = re.search(_VERSION, file.read())
        except OSError:
            continue
        if found:
            return _text(found.group(0))
    return None


def _is_http(line):
    """True for the beginning of an HTTP request; as in framing.py, which may be what is broken."""
    words = line.lower().split(None, 2)
    target = words[1] if len(words) > 1 else ''
    has_target = target[:1] in ('/', '*') or target.startswith('http:') or target.startswith('https:')
    is_request = has_target and words[0] in _METHODS
    return is_request or ' HTTP/' in line


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


def _send_once(stream, data):
    """Send what the network takes at once; returns how many bytes that were."""
    try:
        return stream.send(data) if data else 0
    except OSError as e:
        if e.args[0] != _EAGAIN:
            raise
        return 0


def _is_equal(given, secret):
    """Compare two texts in a time that does not tell how many characters are right."""
    given, secret = given.encode(), secret.encode()
    difference = len(given) ^ len(secret)
    for i, byte in enumerate(given):
        difference |= byte ^ secret[i % len(secret)] if secret else 1
    return difference == 0
