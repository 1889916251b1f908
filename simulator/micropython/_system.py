"""Clock, resets, sleep and raw memory: the functions of ``machine`` that stand for themselves, and the watchdog.

Source: ports/esp32/modmachine.c, extmod/modmachine.c, ports/esp32/machine_wdt.c (v1.28).

Limits: ``mem8``, ``mem16``, ``mem32`` raise NotImplementedError on every access; sleep is ended by time only, not by
pins or touch; peripherals go on counting during light sleep; ``disable_irq`` holds soft interrupts back but lets other
threads run; the panic text that the watchdog prints is not printed.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

from greenlet import getcurrent

from simulator.micropython._args import to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython.runtime import TICK_US, Machine, Thread, running

_CALL_US = 2
_FREQ_US = 200
_FREQS_MHZ = (20, 40, 80, 160, 240)
_TICK_AT_MHZ = 240
_MHZ = 1_000_000
_WDT = "machine.wdt"

#: Source: reset_reason_t of ports/esp32/modmachine.c.
PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
#: Source: esp_sleep_wakeup_cause_t of ESP-IDF esp_sleep.h.
PIN_WAKE = EXT0_WAKE = 2
EXT1_WAKE = 3
TIMER_WAKE = 4
TOUCHPAD_WAKE = 5
ULP_WAKE = 6
#: Source: wake_type_t of ports/esp32/modmachine.h.
SLEEP = 2
DEEPSLEEP = 4

#: How long ``deepsleep()`` without a time sleeps: until a reset or a power cut.
_FOREVER_US = 1 << 60


def freq(hz: int | None = None, /) -> int | None:
    """Get the processor's clock in Hz, or set it: loops then take longer or shorter.

    Raises:
        ValueError: not 20, 40, 80, 160 or 240 MHz.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    if hz is None:
        return machine.freq_hz
    mhz = to_int(hz) // _MHZ
    if mhz not in _FREQS_MHZ:
        raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
    machine.freq_hz = mhz * _MHZ
    machine.cpu.tick_us = TICK_US * _TICK_AT_MHZ // mhz
    machine.cpu.charge(_FREQ_US)
    return None


def unique_id() -> bytes:
    """The chip's 6-byte base MAC."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return bytes(machine.unique_id)


def idle() -> None:
    """Let other threads run."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    cast(Thread, getcurrent()).sleep_until(machine.kernel.now + 1)


def reset() -> None:
    """Reset the chip."""
    running().reset("hard")


def soft_reset() -> NoReturn:
    """End the program: raises SystemExit, as ``sys.exit()`` does, which in the main program is a soft reset."""
    raise SystemExit


def reset_cause() -> int:
    """Why the present life began, e.g. ``HARD_RESET``."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return int(machine.retained.get("reset_cause", PWRON_RESET))


def wake_reason() -> int:
    """What ended the last sleep: ``TIMER_WAKE``, or 0 if there was none."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    if "machine.woke" in machine.state:
        return int(machine.state["machine.woke"])
    return TIMER_WAKE if reset_cause() == DEEPSLEEP_RESET else 0


def wake_pins() -> tuple[()]:
    """The pins that ended the last sleep: none, since pins wake nothing here."""
    running().cpu.charge(_CALL_US)
    return ()


def lightsleep(time_ms: int | None = None, /) -> None:
    """Stop the processor; without a time until it is reset. Interrupts that came meanwhile run afterwards."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    thread = cast(Thread, getcurrent())
    sleep_us = _FOREVER_US if time_ms is None else max(0, to_int(time_ms)) * 1000
    thread.hang_at = 0
    machine.cpu.busy(sleep_us)
    thread.hang_at = machine.kernel.now + machine.cpu.hang_us
    machine.state["machine.woke"] = TIMER_WAKE


def deepsleep(time_ms: int | None = None, /) -> None:
    """End this life; after the time, if one is given, the chip boots with cause ``DEEPSLEEP_RESET``."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    machine.retained["sleep_us"] = _FOREVER_US if time_ms is None else max(0, to_int(time_ms)) * 1000
    machine.reset("deepsleep")


def disable_irq() -> int:
    """Hold interrupts back; returns what :func:`enable_irq` takes."""
    cpu = running().cpu
    cpu.charge(_CALL_US)
    before, cpu.in_callback = cpu.in_callback, True
    return int(before)


def enable_irq(state: int, /) -> None:
    """Go back to the state that :func:`disable_irq` returned; what is pending runs soon."""
    cpu = running().cpu
    cpu.in_callback = bool(to_int(state))
    cpu.kernel.limit = 0
    cpu.charge(_CALL_US)


class _Memory(metaclass=Builtin):
    """Registers and memory by address."""

    __slots__ = ("_bits",)

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def __repr__(self) -> str:
        return f"<{self._bits}-bit memory>"

    def __getitem__(self, address: int) -> NoReturn:
        raise NotImplementedError(f"machine.mem{self._bits}[...] is not modelled")

    def __setitem__(self, address: int, value: int) -> NoReturn:
        raise NotImplementedError(f"machine.mem{self._bits}[...] = ... is not modelled")


mem8 = _Memory(8)
mem16 = _Memory(16)
mem32 = _Memory(32)


class WDT(metaclass=Builtin):
    """The task watchdog; once made it cannot be stopped, not by a soft reset either, and resets the chip unless fed.

    The timer of ESP-IDF is armed once, and nothing in the port's soft reset (ports/esp32/main.c) takes it back.

    Args:
        id: 0.
        timeout: in ms; a later WDT sets it anew.

    Raises:
        ValueError: another id, or a time that is not positive.
    """

    __slots__ = ()

    def __new__(cls, id: int = 0, timeout: int = 5000) -> WDT:
        """Start the watchdog, or give it another time."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if to_int(id) != 0:
            raise ValueError
        if to_int(timeout) <= 0:
            raise ValueError("WDT timeout too short")
        dog = machine.retained.setdefault(_WDT, {"wdt": object.__new__(cls), "event": None})
        dog["timeout_us"] = timeout * 1000
        _wind_up(machine, dog)
        return cast(WDT, dog["wdt"])

    def __repr__(self) -> str:
        return "<WDT>"

    def feed(self) -> None:
        """Begin the time anew."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        _wind_up(machine, machine.retained[_WDT])


def _wind_up(machine: Machine, dog: dict[str, Any]) -> None:
    if dog["event"] is not None:
        machine.kernel.cancel(dog["event"])

    def bite() -> None:
        if machine.retained.get(_WDT) is dog:  # neither the power nor the chip's reset has ended it
            machine.cpu.dead = True
            machine.reset_asked("wdt")

    dog["event"] = machine.kernel.after(dog["timeout_us"], bite)


def stop_watchdog(machine: Machine) -> None:
    """End the watchdog, as every reset but the soft one does. Called by the hub only."""
    dog = machine.retained.pop(_WDT, None)
    if dog is not None and dog["event"] is not None:
        machine.kernel.cancel(dog["event"])
