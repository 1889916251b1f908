"""Assembles the system, stage by stage. Cold: `micrOS` lets it go when the node is up.

A stage that fails is named in the error log. Without configuration, network or server there is no node:
those end the normal mode, and the loader restarts it or goes to recovery mode. Without the others it is
poorer, and goes on.
"""

import asyncio
import gc

import cold
import ConfigHandler
import hal
import Hooks
import LogicalPins
import Network
import SocketServer
from ConfigHandler import EVENT_KEYS
from Debug import console_write, errlog_add
from Debug import setup as setup_console
from micropython import const
from results import error_text

COLD = ('Hooks',)
_FEED_S = const(30)
_STAGE_S = const(60)        # a stage that takes longer is left to the watchdog
_BACKLOG = const(16)
_BIND_TRIES = const(10)
_BIND_PAUSE_MS = const(1000)
_NETWORK_S = const(150)     # this one may take 100 s


class _State:
    """What one stage makes for the next."""

    def __init__(self):
        self.version = ''
        self.keep_clock = None
        self.server = None


_state = _State()


async def run(version, keep_clock):
    """Set the node up.

    Args:
        version: str, of the firmware.
        keep_clock: coroutine function that sets the clock when there is a network.

    Returns:
        SocketServer.Server that listens.
    """
    _state.version, _state.keep_clock = version, keep_clock
    for name, prefix, is_vital, stage in _STAGES:
        await _run_stage(name, prefix, is_vital, stage)
    Hooks.profile('SYSTEM IS UP')
    gc.threshold(hal.free_memory() // 2)    # what lives long is there: no collection, some ms long, at each few events
    return _state.server


async def _run_stage(name, prefix, is_vital, stage):
    """Run a stage of the boot and log its failure; raise it if the node is nothing without the stage."""
    feeder = asyncio.create_task(_feed(_NETWORK_S if stage is _start_network else _STAGE_S))
    try:
        await stage()
    except Exception as e:      # border: see above
        errlog_add('%s error: %s' % (prefix or 'boot stage ' + name, error_text(e)))
        if is_vital:
            raise
    finally:
        feeder.cancel()
    Hooks.profile(name)


async def _feed(limit_s):
    """Feed the watchdog for as long as a stage may take."""
    for _ in range(limit_s // _FEED_S):
        hal.feed_watchdog()
        await asyncio.sleep(_FEED_S)


async def _configure():
    """Read the configuration; later changes wait for the network's, so that a boot writes once."""
    ConfigHandler.load(is_deferred=True)
    setup_console(ConfigHandler.cfgget('dbg'))
    ConfigHandler.cfgput('version', _state.version)
    Hooks.profile('MAIN LOAD')


async def _choose_pins():
    console_write('[PIN MAP] ' + LogicalPins.set_pinmap(ConfigHandler.cfgget('cstmpmap')))


async def _light_led():
    if ConfigHandler.cfgget('dbg'):
        import ProgressLed
        setup_console(True, ProgressLed.make())


async def _set_clock_speed():
    Hooks.set_cpu_clock()


async def _start_inputs():
    if not any([ConfigHandler.cfgget(key) for key in EVENT_KEYS]):
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
    _state.server = SocketServer.Server(_state.version)
    await _listen(_state.server)
    console_write('[micrOS] %s is up, network mode: %s' % (_state.version, Network.ifconfig()[0] or 'none'))
    asyncio.create_task(Network.keeper())


async def _listen(server):
    """Listen on `socport`; raises OSError if the port stays in use."""
    port = ConfigHandler.cfgget('socport')
    for attempt in range(_BIND_TRIES):
        try:
            await asyncio.start_server(server.accept, '0.0.0.0', port, _BACKLOG)
            console_write('[SERVER] listens on port %d' % port)
            return
        except OSError as e:
            errlog_add('__init_socket bind failed: %s' % e)
            if attempt == _BIND_TRIES - 1:
                raise
        await asyncio.sleep_ms(_BIND_PAUSE_MS)


async def _check_server():
    """Talk to the server, unless the file that does it is what is damaged."""
    try:
        check = cold.call('selfcheck', 'run', _state.server)
    except Exception as e:  # noqa: BLE001 - border: a node that cannot check itself may be sound
        errlog_add('no self-check: ' + error_text(e))
        return
    await check


async def _start_timers():
    if ConfigHandler.cfgget('timirq') or ConfigHandler.cfgget('cron'):
        import InterruptHandler  # see above
        InterruptHandler.enable_timers()


async def _set_clock():
    asyncio.create_task(_state.keep_clock())


_STAGES = (     # name, prefix of its errors in the log, does the node need it, what to do
    ('configure', '', True, _configure),
    ('pinmap', '', False, _choose_pins),
    ('led', '', False, _light_led),
    ('boothook', 'safe_boot_hook', False, Hooks.boot_hook),
    ('clock', 'safe_boot_hook', False, _set_clock_speed),
    ('inputs', 'external_interrupt_handler', False, _start_inputs),
    ('network', '', True, _start_network),
    ('server', '', True, _start_server),
    ('selfcheck', '', True, _check_server),
    ('timers', 'interrupt_handler', False, _start_timers),
    ('ntp', 'ntptime', False, _set_clock),
)
