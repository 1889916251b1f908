"""Assembles the system: configuration, boot hook, network, clock, shell server, in this order.

The version stands here and nowhere else; host tools read it with the regular expression
`^VERSION = "(\\d+\\.\\d+\\.\\d+-\\d+)"`.
"""

import asyncio

import ConfigHandler
import Hooks
import LogicalPins
import Network
import ProgressLed
import SocketServer
import Time
import workers
from Debug import console_write, errlog_add
from Debug import setup as setup_console

VERSION = "1.5.0-0"


def main():
    """Run the node. Returns only if the loop ends, which nothing asks for."""
    asyncio.run(_run())


async def _run():
    _configure()
    await Hooks.boot_hook()
    Hooks.set_cpu_clock()
    mode = await Network.auto_network()
    if not mode:
        errlog_add('Network: no connection and no access point')
    ConfigHandler.flush()
    await SocketServer.Server(VERSION).start()
    console_write('[micrOS] %s is up, network mode: %s' % (VERSION, mode or 'none'))
    if mode == 'STA':
        await _set_clock()
    while True:
        await asyncio.sleep(3600)


def _configure():
    """Read the configuration and apply what the rest builds on."""
    ConfigHandler.load(is_deferred=True)
    console_write('[PIN MAP] ' + LogicalPins.set_pinmap(ConfigHandler.cfgget('cstmpmap')))
    is_debug = ConfigHandler.cfgget('dbg')
    setup_console(is_debug, ProgressLed.make() if is_debug else None)
    ConfigHandler.cfgput('version', VERSION)


async def _set_clock():
    """Ask for the time in the background; a failure matters, and is logged, only if cron needs it."""
    try:
        await workers.run(Time.ntptime, ConfigHandler.cfgget('cron'))
    except Exception as e:  # noqa: BLE001 - border: a node without the right time still works
        errlog_add('ntptime error: %s' % e)
