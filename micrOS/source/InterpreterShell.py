"""Commands of a shell session: configuration mode, help, bgjob, and everything else as a Load Module call.

A session is any object with `send(line)`, `flush()`, `stream(call)`, `is_configuring` and
`is_logged_in`; see SocketServer.Session.
"""

import ConfigHandler
import hal
import InterpreterCore
from config_schema import SYSTEM_KEYS, convert

_CONF_WORDS = ('conf', 'config', 'configure')
# key -> share of `irqmreq` that must be free to switch it on
_MEMORY_GUARD = {'timirq': 1, 'cron': 2, 'irq1': 0.7, 'irq2': 0.7, 'irq3': 0.7, 'irq4': 0.7}
_PADDING = 10
# This version runs no background jobs: the replies are those of a node that has not run one yet. With `>json`,
# too, it is the text of a Python dict: clients look for `'isbusy': `.
_BGJOB_REPLIES = {
    'show': " isbusy: False\n taskid: (0, 'none')\n out: ",
    'show >json': "{'isbusy': False, 'taskid': (0, 'none'), 'out': ''}",
    'stop': "[BgJob] Already stopped (0, 'none')",
    'stop >json': "[BgJob] Already stopped (0, 'none')",
}


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
    elif first == 'bgjob' and ' '.join(words[1:]) in _BGJOB_REPLIES:
        session.send(_BGJOB_REPLIES[' '.join(words[1:])])
    else:
        call = InterpreterCore.start(line)
        await session.stream(call)
        return call.is_ok
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
                                                _shown(session, name, ConfigHandler.cfgget()[name])))
            await session.flush_if_full()
    else:
        session.send(str(_shown(session, key, ConfigHandler.cfgget(key))))


def _shown(session, key, value):
    return value if session.is_logged_in else ConfigHandler.masked(key, value)


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
    lack = _missing_memory(key) if first_word.lower() == 'true' else None
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
    """Return the free memory if it is too little to switch key on, else None."""
    if key not in _MEMORY_GUARD:
        return None
    free = hal.free_memory()
    return free if free < int(ConfigHandler.cfgget('irqmreq') * _MEMORY_GUARD[key]) else None
