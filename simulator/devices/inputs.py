"""Parts that a person sets off: button, motion sensor, touch pad."""

from __future__ import annotations

from functools import partial

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.electrical.pads import TOUCH_FREE, TOUCH_TOUCHED
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

_MOST_BOUNCES = 1000
_MOST_HOLD_S = 86_400


class _Held(Device):
    """Something that is held for a while by :meth:`press`: a quantity that becomes true and false again."""

    _held: str
    _let_go: Event | None = None

    def press(self, hold_s: float) -> None:
        """Hold it for a while; a second time begins the while anew.

        Raises:
            UsageError: the while is not 0..86400 s.
        """
        hold_us = round(check_number("hold_s", hold_s, 0, _MOST_HOLD_S) * 1e6)
        if self._let_go is not None:
            self.site.kernel.cancel(self._let_go)
        self.set(self._held, True)
        self._let_go = self.site.kernel.after(hold_us, self._release)

    def _release(self) -> None:
        self._let_go = None
        self.set(self._held, False)


@part("button")
class Button(_Held):
    """A push button between its pin and the supply or ground; its contact bounces.

    When it closes or opens, the contact changes ``bounces`` more times, at moments drawn by chance within
    ``bounce_ms``, and rests where it should. While it is open nobody drives the pin: a pull resistor does.

    Source: J. Ganssle, "A Guide to Debouncing": usual switches bounce for 1.6 ms, poor ones for up to 6 ms and more.

    Args:
        site: where it is soldered.
        to: what a press connects the pin with, ``supply`` or ``ground``.
        bounces: how many further edges each press and each release has, an even number.
        bounce_ms: within what time.

    Attributes:
        pressed: it is held down.
    """

    roles = ("out",)
    quantities = {"pressed": Quantity("it is held down", kind=bool)}
    faults = {"stuck_closed": "its contact is welded", "broken": "its contact never closes"}
    _held = "pressed"

    def __init__(self, site: Site, *, to: str = "supply", bounces: int = 8, bounce_ms: float = 1.6) -> None:
        if to not in ("supply", "ground"):
            raise UsageError(f"to must be supply or ground, not {str(to)[:40]!r}")
        if check_number("bounces", bounces, 0, _MOST_BOUNCES) % 2:
            raise UsageError(f"bounces must be even, not {bounces}: the contact rests where it should")
        self._span_us = check_number("bounce_ms", bounce_ms, 0, 1000) * 1000
        super().__init__(site)
        self.pressed = False
        self._level = int(to == "supply")
        self._bounces = int(bounces)
        self._random = site.random
        self._contact = site.net("out").driver(site.name)
        self._is_closed = False
        self._moves: list[Event] = []

    def update(self) -> None:
        """Close or open the contact, as badly as a contact does."""
        wanted = (self.pressed or "stuck_closed" in self.failed) and "broken" not in self.failed
        if wanted == self._is_closed:
            return
        self._is_closed = wanted
        for move in self._moves:
            self.site.kernel.cancel(move)
        moments = sorted(self._random.uniform(0, self._span_us) for _ in range(self._bounces))
        self._connect(on=wanted)
        self._moves = [
            self.site.kernel.after(round(moment), partial(self._connect, on=wanted ^ (count % 2 == 0)))
            for count, moment in enumerate(moments)
        ]

    def _connect(self, *, on: bool) -> None:
        if on:
            self._contact.drive(self._level)
        else:
            self._contact.release()


@part("pir")
class Pir(_Held):
    """A motion sensor: its output is high from a motion on until a while after the last one.

    Source: HC-SR501 user's manual: 3.3 V output, hold time 5..300 s (some go down to 0.3), retriggers (jumper H), blind
    for 2.5 s after it fell, a minute to warm up, in which it may give false alarms (here: is silent).

    Args:
        site: where it is soldered.
        hold_s: how long its output stays high after a motion.
        block_s: how long it is blind afterwards.
        warm_up_s: how long it is silent after power-on.

    Attributes:
        motion: something moves.
    """

    roles = ("out",)
    quantities = {
        "motion": Quantity("something warm moves before it", kind=bool),
        "active": Quantity("its output is high", kind=bool, is_reading=True),
    }
    faults = {"blind": "it sees nothing", "stuck_high": "its output stays high"}
    _held = "motion"

    def __init__(self, site: Site, *, hold_s: float = 5.0, block_s: float = 2.5, warm_up_s: float = 60.0) -> None:
        self._hold_us = round(check_number("hold_s", hold_s, 0.1, 3600) * 1e6)
        self._block_us = round(check_number("block_s", block_s, 0, 60) * 1e6)
        self._warm_up_us = round(check_number("warm_up_s", warm_up_s, 0, 600) * 1e6)
        super().__init__(site)
        self.motion = False
        self.active = False
        self._blind_until_us = 0
        self._end: Event | None = None
        self._out = site.net("out").driver(site.name)
        self.update()

    def power(self, *, on: bool) -> None:
        """Warm up."""
        self._blind_until_us = self.site.now + self._warm_up_us
        self.active = False
        self.update()

    def update(self) -> None:
        """Look, and show on the output what was seen."""
        kernel = self.site.kernel
        if self._end is not None:
            kernel.cancel(self._end)
            self._end = None
        sees = self.motion and "blind" not in self.failed
        if sees and not self.active and self.site.now < self._blind_until_us:
            self._end = kernel.at(self._blind_until_us, self.update)
        elif sees:
            self.active = True
        elif self.active:
            self._end = kernel.after(self._hold_us, self._fall)
        self._out.drive(int(self.active or "stuck_high" in self.failed))

    def _fall(self) -> None:
        self._end = None
        self.active = False
        self._blind_until_us = self.site.now + self._block_us
        self.update()


@part("touch_pad")
class TouchPad(_Held):
    """A metal area on a touch input: what the chip counts there falls when a finger comes.

    Source: Espressif ESP32 touch sensor application note: readings fall as the capacitance rises.
    Usual ones are 400..800 free, below 300 touched.

    Args:
        site: where it is soldered.
        free: what is counted without a finger.
        touched_value: what is counted with one.

    Attributes:
        touched: a finger is on it.
    """

    roles = ("pad",)
    quantities = {"touched": Quantity("a finger is on it", kind=bool)}
    faults = {"disconnected": "its wire is broken: nothing is felt"}
    _held = "touched"

    def __init__(self, site: Site, *, free: int = TOUCH_FREE, touched_value: int = TOUCH_TOUCHED) -> None:
        self._free = int(check_number("free", free, 0, 0xFFFF))
        self._touched = int(check_number("touched_value", touched_value, 0, 0xFFFF))
        gpio = site.gpio("pad")
        if gpio not in site.pads.board.touch_pins:
            raise UsageError(f"{site.name}: GPIO {gpio} feels no touch")
        super().__init__(site)
        self.touched = False
        self._pad = site.pads.pad(gpio)
        self.update()

    def update(self) -> None:
        """Have the chip count what it should."""
        feels = self.touched and "disconnected" not in self.failed
        self._pad.touch_value = self._touched if feels else self._free
