"""What the clock needs at boot and once a day: offset from UTC and place, the time, the times of the sun. Cold.

Once a day is at 3 o'clock and some minutes, after the hours at which summer time begins and ends; how many depends on
the node, so that those of a home do not ask all at once. What fails is tried again, and logged once for each outage.
"""

import time

import cold
import hal
import workers
from ConfigHandler import cfgget
from Debug import errlog_add
from micropython import const
from results import error_text

_NIGHT_S = const(10800)    # 3:00
_SPREAD_S = const(12)    # for each count of the last byte of the node's id: 51 min in all
_DAY_S = const(86400)
_SHORTLY_S = const(60)    # after the clock was put back a little, it is not night again
_CLOCK_RETRY_S = const(900)
_PLACE_RETRY_S = const(3600)


async def keep(told):
    """Do it all, some seconds long; the loop goes on meanwhile.

    Args:
        told: list, what was logged in the outage that lasts; empty at first.

    Returns:
        int, seconds until it is to be done again.
    """
    is_placed = await _calibrate(told)
    is_right = await workers.run(cold.call, 'Time', 'ntptime', _is_news('ntp', told))
    _settle('ntp', is_right, told)
    if cfgget('cron'):
        try:
            cold.call('place', 'save_today')
        except OSError as e:
            errlog_add('sun.pds: ' + error_text(e))
    if not is_right:
        return _CLOCK_RETRY_S
    return _until_night() if is_placed else _PLACE_RETRY_S


async def _calibrate(told):
    """Find out offset and place; True if that worked, or is not wished."""
    geolocation = cold.load('geolocation')
    if not geolocation.is_wished():
        return True
    is_done = False
    try:
        found = await workers.run(geolocation.ask)
        geolocation.take(*found)    # here: cron's tick, a task of this loop, sees new clock and new offset or neither
        is_done = True
    except (OSError, ValueError, MemoryError, ImportError, RuntimeError) as e:    # RuntimeError: nested too deeply
        if _is_news('geolocation', told):
            errlog_add('geolocation error: ' + error_text(e), 'WARN')
    _settle('geolocation', is_done, told)
    return is_done


def _is_news(name, told):
    """True if a failure is to be logged: nobody but cron needs the time."""
    return cfgget('cron') and name not in told


def _settle(name, is_done, told):
    if is_done:
        told[:] = [other for other in told if other != name]
    elif name not in told:
        told.append(name)


def _until_night():
    left_s = (_NIGHT_S + _SPREAD_S * hal.unique_id()[-1] - time.time()) % _DAY_S
    return left_s if left_s > _SHORTLY_S else left_s + _DAY_S
