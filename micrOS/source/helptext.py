"""Text of the shell command `help`. Cold."""

import asyncio

import cold
from LogicalPins import find_module

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


async def execute(session, words):
    """Execute `help`, or in configuration mode `help <key>`."""
    if session.is_configuring and len(words) > 1:
        session.send(_describe(words[1]))
        return
    session.send(_HEAD)
    scanner = cold.load('signature_scan')
    for module in scanner.modules():
        session.send('   ' + module)
        for name in _names(scanner, module):
            session.send('   %s%s' % (' ' * len(module), name))
        await session.flush_if_full()
        await asyncio.sleep_ms(0)


def _describe(key):
    """Return one line about a configuration key."""
    meanings = cold.load('config_docs').MEANINGS
    if key not in meanings:
        return 'Invalid key'
    is_reboot_needed, meaning = meanings[key]
    return '%s: %s (%s%s)' % (key, meaning, cold.load('config_schema').expected(key),
                              '; after a reboot' if is_reboot_needed else '')


def _names(scanner, module):
    path = find_module('LM_' + module)
    try:
        known = scanner.headers(path, module) if path else []     # it has just been deleted
    except OSError as e:
        return ['SHOW LM PARSER WARNING: %s' % e]
    return ['help'] if known is None else [scanner.name_of(header) for header in known]
