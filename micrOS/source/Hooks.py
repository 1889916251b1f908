"""What happens first at boot: the user's boot hook and the CPU clock."""

import ConfigHandler
import hal
import InterpreterCore
from Debug import errlog_add

_FAST_HZ = 240000000
_SLOW_HZ = 80000000


async def boot_hook():
    """Run the tasks of `boothook`; their errors are logged, and boot goes on."""
    try:
        await InterpreterCore.execute_pipe(ConfigHandler.cfgget('boothook'), 'boothook')
    except Exception as e:  # noqa: BLE001 - border: nothing in a boot hook may stop the boot
        errlog_add('safe_boot_hook error: %s' % e)


def set_cpu_clock():
    """Set the CPU clock that `boostmd` asks for."""
    try:
        hal.cpu_hz(_FAST_HZ if ConfigHandler.cfgget('boostmd') else _SLOW_HZ)
    except ValueError as e:
        errlog_add('safe_boot_hook error: CPU clock: %s' % e)
