"""Text of the shell command `help`. Loaded when it is asked for."""

import asyncio

import config_docs
import config_schema
import signatures

_HEAD = '''[MICROS]   - commands (SocketServer built-in)
   hello   - default hello msg - identify device
   version - shows micrOS version
   exit    - exit from shell socket prompt
   reboot  - system safe reboot
   webrepl - start web repl, use with --update for file transfers
[CONF] Configure mode (InterpreterShell built-in):
  conf       - Enter conf mode
    dump       - Dump all data
    key        - Get value
    key value  - Set value
  noconf     - Exit conf mode
[BGJOB] Background LM execution
    show     - Show running job data
    stop     - Stop running job
[EXEC] Command mode (LMs):'''


async def show(session):
    """Send the built-in commands, then each Load Module with its functions."""
    session.send(_HEAD)
    for module in signatures.modules():
        session.send('   ' + module)
        for name in _names(module):
            session.send('   %s%s' % (' ' * len(module), name))
        await session.flush_if_full()
        await asyncio.sleep_ms(0)


def describe(key):
    """Return one line about a configuration key."""
    if key not in config_docs.MEANINGS:
        return 'Invalid key'
    is_reboot_needed, meaning = config_docs.MEANINGS[key]
    return '%s: %s (%s%s)' % (key, meaning, config_schema.expected(key),
                              '; after a reboot' if is_reboot_needed else '')


def _names(module):
    try:
        known = signatures.functions(module)
    except (ImportError, OSError) as e:
        return ['SHOW LM PARSER WARNING: %s' % e]
    return ['help'] if known is None else [signatures.name_of(text) for text in known]
