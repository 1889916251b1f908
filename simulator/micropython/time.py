"""``time`` of the ESP32 port.

``ticks_*`` run with virtual time and wrap at 2**30; ``time()`` and ``localtime()`` follow the RTC, epoch 2000-01-01.

Source: extmod/modtime.c, ports/esp32/modtime.c, docs/library/time.rst; MICROPY_PY_TIME_TICKS_PERIOD is 2**30
(``MP_SMALL_INT_POSITIVE_MASK + 1`` on 32 bit). What is no number raises TypeError: mp_obj_get_float in ``sleep``,
mp_obj_get_int everywhere else (py/obj.c).

Limits: ``ticks_cpu`` counts virtual microseconds times the clock in MHz, not executed instructions.
"""

from __future__ import annotations

from typing import cast

from greenlet import getcurrent

from simulator.micropython._args import to_float, to_int
from simulator.micropython._clock import civil_from_seconds, rtc_us, seconds_from_civil
from simulator.micropython.runtime import Thread, charged_inside, running

__all__ = [
    "gmtime",
    "localtime",
    "mktime",
    "sleep",
    "sleep_ms",
    "sleep_us",
    "ticks_add",
    "ticks_cpu",
    "ticks_diff",
    "ticks_ms",
    "ticks_us",
    "time",
    "time_ns",
]

_CALL_US = 1
_PERIOD = 1 << 30
_HALF = _PERIOD >> 1


def _sleep_us(delay_us: int) -> None:
    machine = charged_inside(_CALL_US)
    thread = cast(Thread, getcurrent())
    if delay_us > 0:
        thread.sleep_until(machine.kernel.now + delay_us)
    else:
        thread.relax()


def sleep(seconds: float, /) -> None:
    """Wait for ``seconds`` (int or float); other threads and callbacks run meanwhile.

    Raises:
        TypeError: not a number.
    """
    _sleep_us(int(to_float(seconds) * 1_000_000))


def sleep_ms(ms: int, /) -> None:
    """Wait for ``ms`` milliseconds; not positive is no wait."""
    _sleep_us(_small_int(ms) * 1000)


def sleep_us(us: int, /) -> None:
    """Wait for ``us`` microseconds, busily: callbacks run meanwhile, other threads do not.

    Source: ports/esp32/mphalport.c, mp_hal_delay_us.
    """
    machine = running()
    us = _small_int(us)
    machine.cpu.charge(_CALL_US)
    if us > 0:
        machine.cpu.busy(us, serves=True)
    cast(Thread, getcurrent()).hang_at = machine.kernel.now + machine.cpu.hang_us


def _small_int(value: int) -> int:
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    return value


def ticks_ms() -> int:
    """Milliseconds since the chip started, which a soft reset does not make it do, 0 … 2**30 - 1."""
    machine = charged_inside(_CALL_US)
    return (machine.kernel.now - machine.retained.get("started_us", 0)) // 1000 % _PERIOD


def ticks_us() -> int:
    """Microseconds since the chip started, 0 … 2**30 - 1."""
    machine = charged_inside(_CALL_US)
    return (machine.kernel.now - machine.retained.get("started_us", 0)) % _PERIOD


def ticks_cpu() -> int:
    """A fast counter: clock cycles, 0 … 2**30 - 1."""
    machine = running()
    return ticks_us() * (machine.freq_hz // 1_000_000) % _PERIOD


def ticks_add(ticks: int, delta: int, /) -> int:
    """``ticks`` moved by ``delta``, wrapped.

    Raises:
        OverflowError: delta is not within ±(2**29 - 1).
    """
    charged_inside(_CALL_US)
    if not -_HALF < _small_int(delta) < _HALF:
        raise OverflowError("ticks interval overflow")
    return (_small_int(ticks) + delta) % _PERIOD


def ticks_diff(ticks1: int, ticks2: int, /) -> int:
    """Signed distance from ``ticks2`` to ``ticks1``, -2**29 … 2**29 - 1."""
    charged_inside(_CALL_US)
    return (_small_int(ticks1) - _small_int(ticks2) + _HALF) % _PERIOD - _HALF


def time() -> int:
    """Seconds of the RTC since 2000-01-01."""
    machine = charged_inside(_CALL_US)
    return rtc_us(machine) // 1_000_000


def time_ns() -> int:
    """Nanoseconds of the RTC since 2000-01-01."""
    machine = charged_inside(_CALL_US)
    return rtc_us(machine) * 1000


def localtime(secs: int | None = None, /) -> tuple[int, int, int, int, int, int, int, int]:
    """(year, month, mday, hour, minute, second, weekday Monday=0, yearday from 1) of ``secs`` or of now.

    Raises:
        TypeError: not an int; this port takes no float, since its floats do not hold a second.

    Source: shared/timeutils/timeutils.h, timeutils_obj_get_timestamp.
    """
    machine = charged_inside(_CALL_US)
    return civil_from_seconds(rtc_us(machine) // 1_000_000 if secs is None else _small_int(secs))


def gmtime(secs: int | None = None, /) -> tuple[int, int, int, int, int, int, int, int]:
    """The same as :func:`localtime`: the port knows no time zone."""
    return localtime(secs)


def mktime(local_time: tuple[int, ...], /) -> int:
    """Seconds since 2000-01-01 of an 8- or 9-tuple, or such a list; fields out of range carry over.

    Raises:
        TypeError: no tuple or list, of another length, or one of its first six fields is not an int.
    """
    charged_inside(_CALL_US)
    if not isinstance(local_time, (tuple, list)):
        raise TypeError(f"object '{type(local_time).__name__}' isn't a tuple or list")
    if not 8 <= len(local_time) <= 9:
        raise TypeError("mktime needs a tuple of length 8 or 9")
    return seconds_from_civil([to_int(field) for field in local_time[:6]])
