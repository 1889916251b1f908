"""The built-in commands of a session, and its login. What is no built-in goes to the shell."""

import asyncio

import ConfigHandler
import hal
import InterpreterShell
import Network
from Debug import errlog_add
from results import error_text

_REBOOT_MS = 1000
_MODE_FILE = '.if_mode'
_OPEN = ('hello', 'version', 'exit')      # need no login


async def execute(session, line):
    """Execute one command line.

    Args:
        session: SocketServer.Session.
        line: str, stripped.

    Returns:
        bool: False if the session ends.
    """
    if not line:
        return True
    if session.server.asks_password and not session.is_logged_in and line not in _OPEN:
        return _log_in(session, line)
    command = _COMMANDS.get(line)
    if command is not None:
        return await command(session)
    words = line.split()
    if words[0] == 'webrepl':
        return await _webrepl(session, words[1:])
    try:
        is_ok = await InterpreterShell.execute(session, line)
    except OSError:
        raise               # the client is gone
    except Exception as e:  # noqa: BLE001 - border: an error of ours ends the command, not the session
        errlog_add('Socket-InterpreterShell error: ' + error_text(e))
        session.send('[SHELL] Runtime error: ' + error_text(e))
        is_ok = False
    if not is_ok:
        session.send('[HA] system recovery ...')
        session.send('[HA] gc-collect-memfree: %d' % hal.free_memory())
    return True


async def _hello(session):
    session.send('hello:%s:%s' % (ConfigHandler.cfgget('devfid'), ConfigHandler.cfgget('hwuid')))
    return True


async def _version(session):
    session.send(session.server.version)
    return True


async def _exit(session):
    session.send('Bye!')
    return False


async def _reboot(session):
    session.send('Reboot micrOS system.')
    session.send('Bye!')
    asyncio.create_task(_restart(_REBOOT_MS))
    return False


_COMMANDS = {'hello': _hello, 'version': _version, 'exit': _exit, 'reboot': _reboot}


async def _restart(delay_ms):
    """Restart after a moment in which the session says good-bye."""
    await asyncio.sleep_ms(delay_ms)
    hal.reset()


def _log_in(session, password):
    if is_equal(password, ConfigHandler.cfgget('appwd')):
        session.is_logged_in = True
        session.send('AuthOk')
        return True
    session.send('AuthFailed')
    session.send('Bye!')
    return False


def is_equal(given, secret):
    """Compare two texts in a time that does not tell how many characters are right."""
    given, secret = given.encode(), secret.encode()
    difference = len(given) ^ len(secret)
    for i, byte in enumerate(given):
        difference |= byte ^ secret[i % len(secret)] if secret else 1
    return difference == 0


async def _webrepl(session, options):
    """Start MicroPython's WebREPL now, or with `--update` reboot into update mode."""
    if options and options != ['--update']:
        session.send('webrepl: unknown option, use: webrepl [--update]')
        return True
    appwd = ConfigHandler.cfgget('appwd')
    for text in (' Start micropython WEBREPL for interpreter web access and file transferring.',
                 '  [!] micrOS socket shell will be available again after reboot.',
                 '  \trestart machine shortcut: import reset',
                 '  Connect over http://micropython.org/webrepl/#%s:8266/' % Network.ifconfig()[1][0],
                 '  \t[!] webrepl password: %s' % (
                     appwd if session.is_logged_in else ConfigHandler.masked('appwd', appwd))):
        session.send(text)
    try:
        await (_update(session) if options else _start_webrepl(session, appwd))
    except Exception as e:  # noqa: BLE001 - border: whatever the port raises, the session goes on
        errlog_add('Start Webrepl error: ' + error_text(e))
        session.send('Error while starting webrepl: ' + error_text(e))
        return True
    return False


async def _update(session):
    hal.replace_file(_MODE_FILE, 'webrepl')
    session.send('  Restart node then start webrepl...')
    session.send(' Bye!')
    await session.flush()
    asyncio.create_task(_restart(0))


async def _start_webrepl(session, password):
    import webrepl  # the port's module; loaded only when it is used
    webrepl.start(password=password)
    session.send(' Bye!')
    session.send('None')
