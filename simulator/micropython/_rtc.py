"""``machine.RTC`` of the ESP32 port: the clock, and memory that survives resets.

Source: ports/esp32/machine_rtc.c (v1.28); MICROPY_HW_RTC_USER_MEM_MAX is 2048.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from simulator.micropython._args import ABSENT, readable, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._clock import civil_from_seconds, rtc_seconds_us, seconds_from_civil, set_rtc_us
from simulator.micropython.runtime import running

_CALL_US = 3
_MEMORY = "rtc_memory"
_MEMORY_MAX = 2048
_FIELDS = 8


class RTC(metaclass=Builtin):
    """The real-time clock; ``RTC() is RTC()``."""

    __slots__ = ()

    def __new__(cls) -> RTC:
        """The one clock of the chip."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if "machine.rtc" not in machine.state:
            machine.state["machine.rtc"] = object.__new__(cls)
        return cast(RTC, machine.state["machine.rtc"])

    def __repr__(self) -> str:
        return "<RTC>"

    def datetime(self, datetimetuple: Sequence[int] = ABSENT, /) -> tuple[int, ...] | None:
        """Get (year, month, day, weekday Monday=0, hour, minute, second, microsecond), or set it.

        The weekday that is set is ignored; the one got is worked out.
        """
        machine = running()
        machine.cpu.charge(_CALL_US)
        if datetimetuple is not ABSENT:
            _set(datetimetuple, hour_index=4)
            return None
        seconds, us = rtc_seconds_us(machine)
        year, month, day, hour, minute, second, weekday, _ = civil_from_seconds(seconds)
        return year, month, day, weekday, hour, minute, second, us

    def init(self, datetime: Sequence[int], /) -> None:
        """Set the clock to (year, month, day, hour, minute, second, ignored, microsecond)."""
        running().cpu.charge(_CALL_US)
        _set(datetime, hour_index=3)

    def memory(self, data: bytes = ABSENT, /) -> bytes | None:
        """Get the bytes that survive a reset, or set them.

        Raises:
            ValueError: more than 2048 bytes.
        """
        machine = running()
        machine.cpu.charge(_CALL_US)
        if data is ABSENT:
            return bytes(machine.retained.get(_MEMORY, b""))
        content = readable(data)
        if len(content) > _MEMORY_MAX:
            raise ValueError("buffer too long")
        machine.retained[_MEMORY] = content
        return None


def _set(moment: Sequence[int], *, hour_index: int) -> None:
    if not isinstance(moment, (tuple, list)):
        raise TypeError(f"object '{type(moment).__name__}' isn't a tuple or list")
    if len(moment) != _FIELDS:
        raise ValueError(f"requested length {_FIELDS} but object has length {len(moment)}")
    fields = [to_int(field) for field in moment]
    seconds = seconds_from_civil(fields[:3] + fields[hour_index : hour_index + 3])
    set_rtc_us(running(), seconds * 1_000_000 + fields[7])
