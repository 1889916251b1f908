"""Assembles the system, stage by stage, and then keeps the watchdog content.

A stage that fails is named in the error log. Without configuration, network or server there is no node:
those end the normal mode, and the loader restarts it or goes to recovery mode. Without the others it is
poorer, and goes on.

The version stands here and nowhere else; host tools read it with the regular expression
`^VERSION = "(\\d+\\.\\d+\\.\\d+-\\d+)"`.
"""

import asyncio

import ConfigHandler
import hal
import Hooks
import LogicalPins
import Network
import ProgressLed
import SocketServer
import Time
import workers
from config_schema import EVENT_KEYS
from Debug import console_write, errlog_add
from Debug import setup as setup_console
from results import error_text

VERSION = "1.5.0-0"

_FEED_S = 30
_BOOT_S = 300               # a boot that takes longer is left to the watchdog
_BOOT_WATCHDOG_S = 60       # as the loader's
_PROVEN_S = 60              # up so long, the loader forgets its crashes
_WATCHDOG_S = 120
_KEEPER_PAUSE_S = 60
_CLOCK_LOOK_S = 60          # for a network
_CLOCK_RETRY_S = 900


def main():
    """Run the node. Returns only if the loop ends, which nothing asks for."""
    asyncio.run(_run())


async def _run():
    feeder = asyncio.create_task(_feed_during_boot())
    for name, prefix, is_vital, stage in _STAGES:
        await _run_stage(name, prefix, is_vital, stage)
    asyncio.create_task(_run_stage('ntp', 'ntptime', False, _set_clock))
    Hooks.profile('SYSTEM IS UP')
    feeder.cancel()
    await _heartbeat()


async def _run_stage(name, prefix, is_vital, stage):
    """Run a stage of the boot and log its failure; raise it if the node is nothing without the stage."""
    try:
        await stage()
    except Exception as e:      # border: see above
        errlog_add('%s error: %s' % (prefix or 'boot stage ' + name, error_text(e)))
        if is_vital:
            raise
    Hooks.profile(name)


async def _feed_during_boot():
    """Feed the watchdog as long as a boot may take, however long its stages wait."""
    hal.start_watchdog(_BOOT_WATCHDOG_S)
    for _ in range(_BOOT_S // _FEED_S):
        await asyncio.sleep(_FEED_S)
        hal.feed_watchdog()


async def _heartbeat():
    """Feed the watchdog for ever. It lives in the loop that it guards: a blocked loop feeds nothing."""
    hal.start_watchdog(_WATCHDOG_S)
    for _ in range(_PROVEN_S // _FEED_S):
        await asyncio.sleep(_FEED_S)
        hal.feed_watchdog()
    hal.note_good_boot()
    while True:
        await asyncio.sleep(_FEED_S)
        hal.feed_watchdog()


# --- stages ---------------------------------------------------------------------------------------

async def _configure():
    """Read the configuration; later changes wait for the network's, so that a boot writes once."""
    ConfigHandler.load(is_deferred=True)
    setup_console(ConfigHandler.cfgget('dbg'))
    ConfigHandler.cfgput('version', VERSION)
    Hooks.profile('MAIN LOAD')


async def _choose_pins():
    console_write('[PIN MAP] ' + LogicalPins.set_pinmap(ConfigHandler.cfgget('cstmpmap')))


async def _light_led():
    if ConfigHandler.cfgget('dbg'):
        setup_console(True, ProgressLed.make())


async def _set_clock_speed():
    Hooks.set_cpu_clock()


async def _start_inputs():
    if not any(ConfigHandler.cfgget(key) for key in EVENT_KEYS):
        return
    import InterruptHandler  # here: most nodes do not need it, and a damaged file costs the events alone
    InterruptHandler.reserve_exception_buffer()
    InterruptHandler.enable_pins()


async def _start_network():
    mode = await Network.auto_network()
    if not mode:
        errlog_add('Network: no connection and no access point')
    ConfigHandler.flush()
    console_write('[micrOS] network mode: %s' % (mode or 'none'))


async def _start_server():
    await SocketServer.Server(VERSION).start()
    console_write('[micrOS] %s is up, network mode: %s' % (VERSION, Network.ifconfig()[0] or 'none'))
    asyncio.create_task(_keep_network())


async def _start_timers():
    if ConfigHandler.cfgget('timirq') or ConfigHandler.cfgget('cron'):
        import InterruptHandler  # see above
        InterruptHandler.enable_timers()


async def _set_clock():
    asyncio.create_task(_keep_asking_for_the_time())


_STAGES = (     # name, prefix of its errors in the log, does the node need it, what to do
    ('configure', '', True, _configure),
    ('pinmap', '', False, _choose_pins),
    ('led', '', False, _light_led),
    ('boothook', 'safe_boot_hook', False, Hooks.boot_hook),
    ('clock', 'safe_boot_hook', False, _set_clock_speed),
    ('inputs', 'external_interrupt_handler', False, _start_inputs),
    ('network', '', True, _start_network),
    ('server', '', True, _start_server),
    ('timers', 'interrupt_handler', False, _start_timers),
)


async def _keep_asking_for_the_time():
    """Set the clock once there is a network; a failure is logged once, and only if cron needs the time."""
    is_logged = ConfigHandler.cfgget('cron')
    while True:
        pause_s = _CLOCK_LOOK_S
        if Network.is_connected():
            try:
                if await workers.run(Time.ntptime, is_logged):
                    return
            except Exception as e:  # noqa: BLE001 - border: a node without the right time still works
                errlog_add('ntptime error: ' + error_text(e))
            is_logged, pause_s = False, _CLOCK_RETRY_S
        await asyncio.sleep(pause_s)


async def _keep_network():
    """Look after the network for ever."""
    while True:
        try:
            await Network.keeper()
        except Exception as e:  # noqa: BLE001 - border: it must not stay without anybody who looks
            errlog_add('Network keeper error: ' + error_text(e))
        await asyncio.sleep(_KEEPER_PAUSE_S)
