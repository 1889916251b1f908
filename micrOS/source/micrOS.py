"""Runs the node: has it set up (`stages`), and then keeps the watchdog content and the clock right.

The version stands here and nowhere else; host tools read it with the regular expression
`^VERSION = "(\\d+\\.\\d+\\.\\d+-\\d+)"`.
"""

import asyncio

import cold
import hal
import Network
import stages
from Debug import errlog_add
from micropython import const
from results import error_text

VERSION = "1.5.0-0"

_FEED_S = const(30)
_BOOT_WATCHDOG_S = const(60)    # as the loader's
_PROVEN_S = const(60)           # up so long, the loader forgets its crashes
_WATCHDOG_S = const(120)
_CLOCK_LOOK_S = const(60)       # for a network


def main():
    """Run the node. Returns only if the loop ends, which nothing asks for."""
    hal.start_watchdog(_BOOT_WATCHDOG_S)
    asyncio.run(_run())


async def _run():
    """Set the node up, and feed the watchdog for ever, in the loop that it guards: a blocked loop feeds nothing.

    Raises:
        RuntimeError: the server serves nobody any more.
    """
    server = await _set_up()
    hal.start_watchdog(_WATCHDOG_S)
    up_s = 0
    while True:
        await asyncio.sleep(_FEED_S)
        hal.feed_watchdog()
        if server.failure:
            raise RuntimeError(server.failure)
        up_s += _FEED_S
        if up_s == _PROVEN_S:
            hal.note_good_boot()


async def _set_up():
    """Return the server. Not in `_run`, whose frame lives for ever: what was on its stack may stay in memory."""
    global stages
    server = await stages.run(VERSION, _keep_clock)
    cold.drop(stages)
    stages = None       # imported above all the same: a file of the boot that is damaged shows at once
    return server


async def _keep_clock():
    """Have the clock set at boot, once there is a network, and once a day."""
    told = []       # what `clock_keeper` remembers
    while True:
        pause_s = _CLOCK_LOOK_S
        if Network.is_connected():
            try:
                pause_s = await cold.call('clock_keeper', 'keep', told)
            except Exception as e:  # noqa: BLE001 - border: a node without the right time still works
                errlog_add('clock keeper error: ' + error_text(e))
        await asyncio.sleep(pause_s)
