"""The commands of a session that restart the node: `reboot`, and `webrepl`, into recovery mode. Cold, see `cold`."""

import asyncio

import ConfigHandler
import hal
import Network
from Debug import errlog_add
from micropython import const
from results import error_text

_REBOOT_MS = const(1000)
_LEAVE_MS = const(100)  # in which the network sends what it took
_MODE_FILE = const('.if_mode')


async def _restart():
    """Restart after a moment in which the session says good-bye."""
    await asyncio.sleep_ms(_REBOOT_MS)
    hal.reset()


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
    await asyncio.sleep_ms(_LEAVE_MS)
    hal.reset()


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


async def execute(session, words):
    """Execute `reboot` or `webrepl [--update]`; False if the session ends.

    It stands last, so that the self-check sees it if the file was cut short anywhere: an update needs `webrepl`.
    """
    if words[0] == 'webrepl':
        return await _webrepl(session, words[1:])
    session.send('Reboot micrOS system.')
    session.send('Bye!')
    asyncio.create_task(_restart())
    return False
