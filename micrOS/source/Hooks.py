"""What happens first at boot: the user's boot hook and the CPU clock. And the memory profile of the boot."""

import asyncio

import cold
import ConfigHandler
import hal
import micropython
from ConfigHandler import NOT_SET
from Debug import console_write, errlog_add
from micropython import const

_FAST_HZ = const(240000000)
_SLOW_HZ = const(80000000)
_HOOK_MS = const(60000) # so long the boot waits for the hook
_PREFIX = const('safe_boot_hook error')


async def boot_hook():
    """Run the tasks of `boothook`; their errors are logged, and boot goes on, at the latest after a minute."""
    tasks = ConfigHandler.cfgget('boothook')
    if tasks.strip().lower() == NOT_SET:
        return
    done = asyncio.Event()
    asyncio.create_task(_run_hook(tasks, done))
    try:
        await asyncio.wait_for_ms(done.wait(), _HOOK_MS)
    except asyncio.TimeoutError:
        errlog_add('%s: boot goes on, %d s were not enough for: %s' % (_PREFIX, _HOOK_MS // 1000, tasks))


async def _run_hook(tasks, done):
    try:
        await cold.call('pipes', 'run', tasks, _PREFIX)
    except Exception as e:  # noqa: BLE001 - border: nothing in a boot hook may stop the boot
        errlog_add('%s: %s' % (_PREFIX, e))
    finally:
        done.set()


def set_cpu_clock():
    """Set the CPU clock that `boostmd` asks for."""
    try:
        hal.cpu_hz(_FAST_HZ if ConfigHandler.cfgget('boostmd') else _SLOW_HZ)
    except ValueError as e:
        errlog_add('%s: CPU clock: %s' % (_PREFIX, e))


def profile(label):
    """Print what the memory looks like at a point of the boot, if `dbg` is on."""
    if ConfigHandler.cfgget('dbg'):
        console_write('[PROFILING INFO] - ' + label)
        micropython.mem_info()
