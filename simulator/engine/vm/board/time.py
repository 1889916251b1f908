"""Shadow of `time`: ticks are counted here, the rest is the world's."""

import _link

_HALF = 0x20000000

sleep = _link.function('time.sleep')
sleep_ms = _link.function('time.sleep_ms')
sleep_us = _link.function('time.sleep_us')
time = _link.function('time.time')
time_ns = _link.function('time.time_ns')
localtime = _link.function('time.localtime')
gmtime = _link.function('time.gmtime')
mktime = _link.function('time.mktime')
ticks_cpu = _link.function('time.ticks_cpu')


def ticks_ms():
    _link.charge(1)
    return _link.ticks_ms()


def ticks_us():
    _link.charge(1)
    return _link.ticks_us()


def ticks_add(ticks, delta):
    _link.charge(1)
    if not -_HALF < delta < _HALF:
        raise OverflowError('ticks interval overflow')
    return (ticks + delta) & 0x3fffffff


def ticks_diff(ticks1, ticks2):
    _link.charge(1)
    return ((ticks1 - ticks2 + _HALF) & 0x3fffffff) - _HALF
