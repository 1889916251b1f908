"""Shadow of `time`: ticks are counted here, the rest is the world's."""

import _link
import _values

_HALF = 0x20000000

sleep = _values.function('time.sleep')
sleep_ms = _values.function('time.sleep_ms')
sleep_us = _values.function('time.sleep_us')
time = _link.seconds
time_ns = _values.function('time.time_ns')
localtime = _values.function('time.localtime')
gmtime = _values.function('time.gmtime')
mktime = _values.function('time.mktime')
ticks_cpu = _values.function('time.ticks_cpu')
ticks_ms = _link.read_ms
ticks_us = _link.read_us
ticks_diff = _link.ticks_diff


def ticks_add(ticks, delta):
    _link.charge(1)
    if not -_HALF < delta < _HALF:
        raise OverflowError('ticks interval overflow')
    return (ticks + delta) & 0x3fffffff
