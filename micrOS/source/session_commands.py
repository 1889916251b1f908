"""The built-in commands of a session, and its login. What is no built-in goes to the shell."""

import asyncio

import ConfigHandler
import hal
import InterpreterShell
import Network
from Debug import errlog_add
from results import error_text

_REBOOT_MS = 1000
_LEAVE_MS = 100         # in which the network sends what it took
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
    if session.needs_password() and line not in _OPEN:
        return await _log_in(session, line)
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


async def _log_in(session, password):
    import auth  # cold: loaded when somebody has to log in
    is_right, locked_s = await auth.check(session.peer, password, ConfigHandler.cfgget('appwd').strip())
    if is_right:
        session.is_logged_in = True
        session.send('AuthOk')
        return True
    session.send('AuthFailed')
    if locked_s:
        session.send('Too many wrong passwords: locked for %d s' % locked_s)
    session.send('Bye!')
    return False


async def _webrepl(session, options):
    """Reboot into recovery mode, which serves MicroPython's WebREPL; with `--update` as receiver of an update."""
    if options and options != ['--update']:
        session.send('webrepl: unknown option, use: webrepl [--update]')
        return True
    appwd = ConfigHandler.cfgget('appwd')
    for text in (' Start micropython WEBREPL for interpreter web access and file transferring.',
                 '  [!] micrOS socket shell will be available again after reboot.',
                 '  \trestart machine shortcut: import reset',
                 '  Connect over http://micropython.org/webrepl/#%s:8266/' % Network.ifconfig()[1][0],
                 '  \t[!] webrepl password: %s' % ConfigHandler.masked('appwd', appwd, session.is_logged_in)):
        session.send(text)
    try:
        await (_update(session) if options else _start_webrepl(session))
    except Exception as e:  # noqa: BLE001 - border: whatever the port raises, the session goes on
        errlog_add('Start Webrepl error: ' + error_text(e))
        session.send('Error while starting webrepl: ' + error_text(e))
        return True
    return False


async def _update(session):
    hal.replace_file(_MODE_FILE, 'webrepl')
    session.send('  Restart node then start webrepl...')
    await _leave(session)


async def _start_webrepl(session):
    hal.replace_file(_MODE_FILE, 'recovery')
    await _leave(session)


async def _leave(session):
    """Say good-bye, then reset the chip: the connection goes silent, as host tools expect."""
    session.send(' Bye!')
    await session.flush()
    await _restart(_LEAVE_MS)
