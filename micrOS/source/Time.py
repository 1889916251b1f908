"""The clock. It shows local time: MicroPython knows no time zones."""

import time

import hal
import Network
from ConfigHandler import cfgget
from Debug import errlog_add
from results import error_text

_TRIES = 2
_TRIES_CRON = 4
_TRY_PAUSE_MS = 100
_FIRST_YEAR, _LAST_YEAR = 2024, 2099
_NO_TIME = (2036, 2, 7, 6, 28, 16)      # NTP's second 0. Source: RFC 5905, section 7.4, kiss-o'-death packets


def settime(year, month, mday, hour, minute, sec):
    """Set the clock by hand.

    Returns:
        bool, True.

    Raises:
        ValueError: no such date or time.
    """
    for value, low, high in ((year, 2000, 2099), (month, 1, 12), (mday, 1, 31),
                             (hour, 0, 23), (minute, 0, 59), (sec, 0, 59)):
        if not low <= value <= high:
            raise ValueError('%s is not in %d..%d' % (value, low, high))
    hal.set_rtc(year, month, mday, hour, minute, sec)
    return True


def ntptime(is_logged=True):
    """Set the clock from pool.ntp.org plus `utc` minutes. Blocks for some seconds at most.

    Args:
        is_logged: False keeps a failure out of the error log.

    Returns:
        bool: True if the clock was set.
    """
    if not Network.is_connected():
        return _failed('STA not connected: ntptime', is_logged)
    error = None
    for attempt in range(_TRIES_CRON if cfgget('cron') else _TRIES):
        if attempt:
            time.sleep_ms(_TRY_PAUSE_MS)
        try:
            import ntptime as service  # the port's module; loaded only when it is used
            local = time.localtime(_checked(service.time()) + cfgget('utc') * 60)
        except (OSError, OverflowError, ImportError) as e:
            error = e
            continue
        hal.set_rtc(*local[:6])
        return True
    return _failed('ntptime error: ' + error_text(error), is_logged)


def _checked(second):
    """Return a time from the network, in seconds of the port's epoch, if it can be right.

    Raises:
        OSError: a server that refuses sends a second 0, which reads as the first one of 2036's era.
    """
    year, month, mday, hour, minute, sec = time.localtime(second)[:6]
    if not _FIRST_YEAR <= year <= _LAST_YEAR or (year, month, mday, hour, minute, sec) == _NO_TIME:
        raise OSError('no valid time')
    return second


def _failed(text, is_logged):
    if is_logged:
        errlog_add(text)
    return False
