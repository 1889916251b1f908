"""``machine.Timer`` of the ESP32 port: four hardware timers and any number of virtual ones (id -1).

``Timer(0) is Timer(0)``; callbacks are soft and get the Timer; the phase does not drift.

Source: ports/esp32/machine_timer.c (v1.28): hardware timers count at 10 MHz, virtual ones at 1 MHz.

Limits: ``freq=0`` (a cast without defined value on the chip) is reported as a period that is too short; a period below
1 us counts as 1 us; ``__del__`` is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.kernel import Event
from simulator.micropython._args import ABSENT, to_float, to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import Cpu, Machine, running

_CALL_US = 2
_INIT_US = 10
_KEY = "machine.timer"
_HARDWARE_TIMERS = 4
_HARDWARE_HZ = 10_000_000
_VIRTUAL_HZ = 1_000_000
_HARDWARE_PER_US = _HARDWARE_HZ // 1_000_000
_WORD64 = (1 << 64) - 1
#: The port's default of 0xffffffff, as the machine word that it is: a period that never ends.
_NO_PERIOD = -1


class Timer(metaclass=Builtin):
    """A timer; arguments after the id start it as :meth:`init` does.

    Args:
        id: 0..3 for a hardware timer, negative for a new virtual one.
        mode: ``PERIODIC`` or ``ONE_SHOT``.
        callback: called with the Timer.
        period: in ticks of ``tick_hz``, so milliseconds by default.
        tick_hz: what ``period`` counts in.
        freq: in Hz, int or float; instead of a period.
        hard: must be false.

    Raises:
        ValueError: no such hardware timer; the period is 0; ``hard`` is true.
    """

    ONE_SHOT = 0
    PERIODIC = 1

    __slots__ = (
        "_callback",
        "_cpu",
        "_event",
        "_fired",
        "_id",
        "_machine",
        "_period",
        "_repeat",
        "_start_us",
        "_stop_us",
    )

    _callback: Callable[[Timer], object] | None
    _cpu: Cpu
    _event: Event | None
    _fired: int
    _id: int
    _machine: Machine
    _period: int
    _repeat: bool
    _start_us: int
    _stop_us: int

    def __new__(
        cls,
        id: int = -1,
        /,
        *,
        mode: int = ABSENT,
        callback: Callable[[Timer], object] | None = ABSENT,
        period: int = ABSENT,
        tick_hz: int = ABSENT,
        freq: float | None = ABSENT,
        hard: Any = ABSENT,
    ) -> Timer:
        """Find or make the timer, and start it if anything but the id is given."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        timer = _find(machine, to_int(id))
        settings: dict[str, Any] = {
            "mode": mode,
            "callback": callback,
            "period": period,
            "tick_hz": tick_hz,
            "freq": freq,
            "hard": hard,
        }
        given = {name: value for name, value in settings.items() if value is not ABSENT}
        if given:
            timer.init(**given)
        return timer

    def __repr__(self) -> str:
        # The two modes are swapped in machine_timer_print.
        mode = "ONE_SHOT" if self._repeat else "PERIODIC"
        return f"Timer({self._id}, mode={mode}, period={self._period * 1000 // self._hz()})"

    def init(
        self,
        *,
        mode: int = PERIODIC,
        callback: Callable[[Timer], object] | None = None,
        period: int = _NO_PERIOD,
        tick_hz: int = 1000,
        freq: float | None = None,
        hard: Any = False,
    ) -> None:
        """Stop the timer, then start it anew; arguments as for the class."""
        machine = running()
        machine.cpu.charge(_INIT_US)
        self._stop()
        if hard:
            raise ValueError("hard Timers are not implemented")
        if freq is not None:
            hz = to_float(freq)
            self._period = int(self._hz() / hz) if hz > 0 else 0
        else:
            self._period = (to_int(period) & _WORD64) * self._hz() % (1 << 64) // to_int(tick_hz)
        self._repeat = bool(to_int(mode))
        self._callback = callback
        if self._period == 0:
            raise ValueError("Timer period is too short for this timer")
        self._fired = 0
        self._start_us = machine.kernel.now
        _armed(machine)[self] = None
        self._arm()

    def deinit(self) -> None:
        """Stop the timer."""
        running().cpu.charge(_CALL_US)
        self._stop()

    def value(self) -> int:
        """The counter in ms: since the start or, of a periodic timer, since it came last."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if self._id < 0 and not self._repeat and self._fired:
            return self._period * 1000 // self._hz()
        until_us = machine.kernel.now if self._event is not None or self._fired else self._stop_us
        ticks = (until_us - self._start_us) * (self._hz() // 1_000_000)
        return (ticks % self._period if self._repeat else ticks) * 1000 // self._hz()

    def _hz(self) -> int:
        return _HARDWARE_HZ if self._id >= 0 else _VIRTUAL_HZ

    def _arm(self) -> None:
        """Set the next event; its time is counted from the start, so that nothing adds up."""
        per_us = _HARDWARE_PER_US if self._id >= 0 else 1
        kernel = self._machine.kernel
        due_us = self._start_us - -(self._fired + 1) * self._period // per_us
        self._event = kernel.at(due_us if due_us > kernel.now else kernel.now + 1, self._fire, self._cpu)

    def _fire(self) -> None:
        cpu = self._cpu
        if cpu.dead:
            return
        self._fired += 1
        if self._repeat:
            self._arm()
        else:
            self._event = None
            _armed(self._machine).pop(self, None)
        cpu.interrupt(self._callback, self, is_last=True)  # type: ignore[arg-type]  # None fails when called, as there

    def _stop(self) -> None:
        if self._event is not None:
            self._machine.kernel.cancel(self._event)
            self._stop_us = self._machine.kernel.now
            _armed(self._machine).pop(self, None)
        self._event = None


def _armed(machine: Machine) -> dict[Timer, None]:
    armed: dict[Timer, None] = machine.state.setdefault(_KEY + ".armed", {})
    return armed


def armed_timers(machine: Machine) -> list[Timer]:
    """The timers that run, hardware and virtual ones, in the order of their start."""
    return list(_armed(machine))


def _find(machine: Machine, number: int) -> Timer:
    """The timer of a number; virtual ones are always new.

    Raises:
        ValueError: there are only four hardware timers.
    """
    if number >= _HARDWARE_TIMERS:
        raise ValueError(f"Timer({number}) doesn't exist, there are only {_HARDWARE_TIMERS} hardware timers")
    timers: dict[int, Timer] = machine.state.setdefault(_KEY, {})
    if number in timers:
        return timers[number]
    timer = object.__new__(Timer)
    timer._machine, timer._cpu, timer._id = machine, machine.cpu, number
    timer._callback, timer._event = None, None
    timer._period, timer._repeat = 0, False
    timer._fired = timer._start_us = timer._stop_us = 0
    if number >= 0:
        timers[number] = timer
    return timer
