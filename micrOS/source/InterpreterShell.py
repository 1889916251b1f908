"""Commands of a shell session: configuration mode, help, bgjob, and everything else as a Load Module call.

A session is any object with `send(line)`, `flush()`, `stream(call)`, `is_configuring` and
`is_logged_in`; see SocketServer.Session.
"""

import ConfigHandler
import InterpreterCore
import literals
from config_schema import EVENT_KEYS, SYSTEM_KEYS, convert

_CONF_WORDS = ('conf', 'config', 'configure')
_PADDING = 10


async def execute(session, line):
    """Execute one command line.

    Returns:
        bool: False if memory ran out; the caller should recover some.
    """
    words = line.split()
    first = words[0]
    if first in _CONF_WORDS:
        session.is_configuring = True
    elif first == 'noconf':
        session.is_configuring = False
    elif first == 'help':
        await _help(session, words[1:])
    elif session.is_configuring:
        await _configure(session, words)
    elif not _background(session, line, words):
        call = InterpreterCore.start(line)
        await session.stream(call)
        return call.is_ok
    return True


def _background(session, line, words):
    """Start, show or stop a background job; False if the line is about none."""
    if words[0] != 'bgjob' and not literals.is_background(line):
        return False
    import BgJob  # cold: loaded when somebody wants a job
    reply = BgJob.reply(words[1:]) if words[0] == 'bgjob' else None
    if reply is not None:
        session.send(reply)
    elif literals.is_background(line):
        for text in BgJob.start(line):
            session.send(text)
    else:
        return False
    return True


async def _help(session, keys):
    import helptext  # cold: loaded when somebody asks
    if session.is_configuring and keys:
        session.send(helptext.describe(keys[0]))
        return
    await helptext.show(session)


async def _configure(session, words):
    key = words[0]
    if len(words) > 1:
        _set(session, key, ' '.join(words[1:]), words[1])
    elif key == 'dump':
        for name in ConfigHandler.ordered_keys():
            session.send('  %s%s:        %s' % (name, ' ' * (_PADDING - len(name)),
                                                ConfigHandler.masked(name, ConfigHandler.cfgget()[name],
                                                                     session.is_logged_in)))
            await session.flush_if_full()
    else:
        value = ConfigHandler.cfgget(key)
        session.send(str(value if session.is_logged_in else ConfigHandler.masked(key, value)))


def _set(session, key, text, first_word):
    """Store a value and tell the client what became of it."""
    current = ConfigHandler.cfgget()
    if key not in current:
        session.send('node_config write error: ' + key)
        session.send('Invalid key')
        return
    if key in SYSTEM_KEYS:
        session.send(key + ': written by the system')
        session.send('Failed to save')
        return
    lack = _missing_memory(key) if key in EVENT_KEYS and first_word.lower() == 'true' else None
    if lack is not None:
        session.send('Skip ... feature requires more memory then %d byte' % lack)
        return
    try:
        ConfigHandler.put(key, convert(key, text, current[key]))
        session.send('Saved')
    except ValueError as e:
        session.send(str(e))
        session.send('Failed to save')
    except OSError as e:
        session.send('%s: cannot write: %s' % (key, e))
        session.send('Failed to save')


def _missing_memory(key):
    import InterruptHandler  # cold: loaded when events are used
    return InterruptHandler.missing_memory(key)
