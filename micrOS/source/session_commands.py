"""The built-in commands of a session. What is no built-in goes to the shell."""

import cold
import ConfigHandler
import hal
import InterpreterShell
from Debug import errlog_add
from micropython import const
from results import error_text

_OPEN = const(('hello', 'version', 'exit'))      # need no login


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
        import auth  # cold: loaded when somebody has to log in
        return await auth.log_in(session, line)
    if line == 'reboot' or line.split(None, 1)[0] == 'webrepl':
        return await cold.call('to_recovery', 'execute', session, line.split())
    if line == 'hello':
        session.send('hello:%s:%s' % (ConfigHandler.cfgget('devfid'), ConfigHandler.cfgget('hwuid')))
    elif line == 'version':
        session.send(session.server.version)
    elif line != 'exit':
        await _run(session, line)
    else:       # last: a file that was cut short ends no session, which the self-check of the boot finds
        session.send('Bye!')
        return False
    return True


async def _run(session, line):
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
