"""Configuration mode of a session: `dump`, `<key>`, `<key> <value>`. Cold."""

import cold
import ConfigHandler
import hal

# key -> share of `irqmreq` that must be free to switch it on; 0.7 for the others
_MEMORY_SHARE = {'timirq': 1, 'cron': 2}


async def execute(session, words):
    """Execute one command line, a list of words."""
    key = words[0]
    if len(words) > 1:
        _set(session, key, ' '.join(words[1:]), words[1])
    elif key == 'dump':
        values = ConfigHandler.cfgget()
        for name in cold.load('config_schema').ordered(values):
            session.send('  %-10s:        %s' % (name, ConfigHandler.masked(name, values[name], session.is_logged_in)))
            await session.flush_if_full()
    else:
        value = ConfigHandler.cfgget(key)
        session.send(str(value if session.is_logged_in else ConfigHandler.masked(key, value)))


def _set(session, key, text, first_word):
    """Store a value and tell the client what became of it."""
    problem = 'written by the system'
    if key not in ConfigHandler.cfgget():
        session.send('node_config write error: ' + key)
        session.send('Invalid key')
        return
    if key in ConfigHandler.EVENT_KEYS and first_word.lower() == 'true':
        free = hal.free_memory()
        if free < int(ConfigHandler.cfgget('irqmreq') * _MEMORY_SHARE.get(key, 0.7)):
            session.send('Skip ... feature requires more memory then %d byte' % free)
            return
    try:
        if key not in ('version', 'hwuid'):
            ConfigHandler.put(key, text, True)
            session.send('Saved')
            return
        problem = key + ': written by the system'
    except ValueError as e:
        problem = e
    except OSError as e:
        problem = '%s: cannot write: %s' % (key, e)
    session.send(str(problem))
    session.send('Failed to save')
