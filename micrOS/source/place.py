"""Where the node stands, and when the sun rises and sets there. Cold.

The place is that of the keys `lat` and `lon`, else the one that geolocation found last, `place.pds`. Without a place
the times of `sun.pds` count for every day. Both files hold `name:value;name:value`:

    lat:47.4979;lon:19.0402
    sunrise:7-28-31;sunset:16-5-2
"""

import sys
import time

import cold
import hal
from ConfigHandler import NOT_SET, cfgget
from Debug import errlog_add
from micropython import const

_PLACE_FILE = const('place.pds')
_SUN_FILE = const('sun.pds')
_SUN_NAMES = ('sunrise', 'sunset')
_MAX_FILE = const(100)  # characters
_FIRST_YEAR = const(2024)  # a clock before that was never set


def own():
    """Return (latitude, longitude) of the configuration, degrees, or None if it does not tell both."""
    texts = cfgget('lat'), cfgget('lon')
    return None if NOT_SET in texts else (float(texts[0]), float(texts[1]))


def known():
    """Return (latitude, longitude) in degrees, north and east positive, or None."""
    return own() or _read(_PLACE_FILE, ('lat', 'lon'), _degrees)


def keep(latitude, longitude):
    """Store a place that was found, if it is another one than last time; cron looks anew then.

    Raises:
        OSError: the flash refused.
    """
    text = 'lat:%.4f;lon:%.4f' % (latitude, longitude)
    scheduler = sys.modules.get('Scheduler')
    if _store(_PLACE_FILE, text) and scheduler:
        scheduler.refresh()


def sun_finder():
    """Return a function (day, is_set) for cron.Timetable, to be used now and then forgotten."""
    place, offset_min = known(), cfgget('utc')
    if place is None:
        stored = _read(_SUN_FILE, _SUN_NAMES, _second) or (None, None)
        return lambda day, is_set: stored[is_set]
    times = cold.load('sun').times
    return lambda day, is_set: times(day, place[0], place[1], offset_min)[is_set]


def today():
    """Return {'sunrise': (h, m, s), 'sunset': (h, m, s)} in local time.

    One that does not happen is missing; `polar` is `day` or `night` then. Without a place or a clock it is what
    `sun.pds` holds, or empty.
    """
    place, now_s = known(), time.time()
    if place is None or time.localtime(now_s)[0] < _FIRST_YEAR:
        times = _read(_SUN_FILE, _SUN_NAMES, _second) or (None, None)
        polar = None
    else:
        *times, polar = cold.call('sun', 'times', now_s // 86400, place[0], place[1], cfgget('utc'))
    found = {'polar': polar} if polar else {}
    for i, name in enumerate(_SUN_NAMES):
        if times[i] is not None:
            second = times[i] % 86400
            found[name] = (second // 3600, second // 60 % 60, second % 60)
    return found


def save_today():
    """Store the times of today in `sun.pds`, if they are known and differ from what stands there.

    Raises:
        OSError: the flash refused.
    """
    found = today()
    if 'polar' not in found and len(found) == len(_SUN_NAMES):
        _store(_SUN_FILE, ';'.join(['%s:%d-%d-%d' % ((name,) + found[name]) for name in _SUN_NAMES]))


def _store(path, text):
    """Write a file unless it holds text already; True if it was written."""
    try:
        if hal.read_file(path, _MAX_FILE) == text:
            return False
    except UnicodeError:
        pass        # it is damaged
    hal.replace_file(path, text)
    return True


def _read(path, names, convert):
    """Return the values of names in a file, a tuple; None if there is no such file or it is damaged."""
    try:
        text = hal.read_file(path, _MAX_FILE)
        if text is None:
            return None
        found = dict([part.split(':') for part in text.strip().split(';')])
        return tuple([convert(name, found[name]) for name in names])
    except (OSError, ValueError, KeyError, UnicodeError):
        errlog_add('%s is damaged' % path, 'WARN')
        return None


def _degrees(name, text):
    cold.load('config_schema').convert(name, text, text)
    return float(text)


def _second(_name, text):
    hour, minute, second = [int(part) for part in text.split('-')]
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError(text)
    return (hour * 60 + minute) * 60 + second
