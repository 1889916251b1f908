"""Nets: what joins pins, drivers and listeners; a level, a voltage, and the edges it went through.

Theory of operation. Whoever puts a voltage on a net holds a :class:`Driver`. The strong ones (a push-pull output, a
sensor, a test's hand) decide; if there is none, the weak ones (pull resistors) do, as a divider of equal resistors; if
there is none either, the net floats and reads 0. Two strong drivers of different levels are a *contention*: a fault is
noted and the lower voltage wins. The digital level has the input stage's hysteresis: between the two thresholds it
stays what it was.

A driver may also carry a :class:`Pwm` signal. Its level and its edges are computed from the phase when asked for; it
makes no events, so that a dimmed lamp costs nothing. Trains of bits (WS2812) arrive as one :class:`BitStream`,
characters of a serial line as one :class:`~simulator.electrical.frame.Frame` each, which the line carries for as long
as its bits take.

Example::

    net = Net("gpio4", kernel)
    net.on_change(lambda level: print(level))
    net.drive(1)
    net.edges[-1]  # (0, 1): at 0 us, to 1

Source: Espressif ESP32 data sheet, table 5-3 (VIH 0.75 VDD, VIL 0.25 VDD).

Limits: no rise times, no currents; a pull has one strength; a PWM signal does not wake listeners of ``on_change``
except when it starts, stops or changes; the bits of a bit stream or a character make no edges; two nets joined once
stay joined.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from simulator.electrical.frame import Frame
from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel

VDD = 3.3
_VIH = 0.75 * VDD
_VIL = 0.25 * VDD
_KEEP_EDGES = 1_024
_KEEP_STREAMS = 64
_KEEP_FAULTS = 64
#: Moments closer than this are one: what is left of fractions of a microsecond after rounding.
_NEAR_US = 0.01

#: Strengths of a driver.
STRONG = 2
WEAK = 1
NONE = 0

_L = TypeVar("_L", bound=Callable[..., object])

#: (microseconds, new level)
Edge = tuple[int, int]


@dataclass(frozen=True)
class Pwm:
    """A square wave.

    Attributes:
        freq_hz: its frequency.
        duty: share of the period that it is high, 0..1.
        start_us: when a period began.
    """

    freq_hz: float
    duty: float
    start_us: int = 0

    def level_at(self, t_us: int) -> int:
        """The wave's level at a moment."""
        return int((t_us - self.start_us + _NEAR_US) * self.freq_hz / 1e6 % 1.0 < self.duty)

    def edge_us(self, level: int, after_us: int) -> int | None:
        """When the wave next goes to a level, later than a moment; rounded up, at least one microsecond later.

        None if it never does, because it is always high or always low.
        """
        if not 0 < self.duty < 1 or self.freq_hz <= 0:
            return None
        period_us = 1e6 / self.freq_hz
        first_us = self.start_us + (0.0 if level else self.duty * period_us)
        count = math.floor((after_us - first_us + _NEAR_US) / period_us) + 1
        return max(math.ceil(first_us + count * period_us - _NEAR_US), after_us + 1)

    def edges(self, after_us: int, before_us: int) -> list[Edge]:
        """Its newest 1024 or so changes of level between two moments, oldest first."""
        kept_us = math.ceil(_KEEP_EDGES / 2 * 1e6 / self.freq_hz) if self.freq_hz > 0 else 0
        found: list[Edge] = []
        at_us = max(after_us, before_us - kept_us)
        while True:
            nexts = [(t_us, level) for level in (0, 1) if (t_us := self.edge_us(level, at_us)) is not None]
            if not nexts or min(nexts)[0] >= before_us:
                return found
            found.append(min(nexts))
            at_us = found[-1][0]


@dataclass(frozen=True)
class BitStream:
    """Bytes sent as pulses of two lengths, most significant bit first.

    Attributes:
        t_us: when it ended.
        data: the bytes.
        timing_ns: (high of 0, low of 0, high of 1, low of 1), nanoseconds.
    """

    t_us: int
    data: bytes
    timing_ns: tuple[int, int, int, int]


@dataclass(frozen=True)
class Fault:
    """Something on a net that would hurt real parts.

    Attributes:
        t_us: when it began.
        net: the net's name.
        text: what, naming those involved.
    """

    t_us: int
    net: str
    text: str


class Driver:
    """One who may put a voltage on a net. Made by :meth:`Net.driver`.

    Attributes:
        name: for faults, e.g. ``node01.gpio4``.
        net: the net it is on.
        strength: :data:`STRONG`, :data:`WEAK` or, released, :data:`NONE`.
        volts: what it drives; meaningless when released.
        pwm: the wave it drives, None for a steady voltage.
    """

    __slots__ = ("name", "net", "pwm", "strength", "volts")

    def __init__(self, net: Net, name: str) -> None:
        self.net = net
        self.name = name
        self.strength = NONE
        self.volts = 0.0
        self.pwm: Pwm | None = None

    def drive(self, level: int, *, strength: int = STRONG) -> None:
        """Put a logic level on the net: 0 is ground, anything else the supply."""
        self.set_volts(VDD if level else 0.0, strength=strength)

    def set_volts(self, volts: float, *, strength: int = STRONG) -> None:
        """Put a voltage on the net.

        Raises:
            UsageError: ``volts`` is not a number.
        """
        if not isinstance(volts, (int, float)) or volts != volts:
            raise UsageError(f"volts must be a number, not {volts!r}")
        if self.strength == strength and self.volts == volts and self.pwm is None:
            return
        self.strength, self.volts, self.pwm = strength, float(volts), None
        self.net.update()

    def set_pwm(self, wave: Pwm) -> None:
        """Put a square wave on the net."""
        self.strength, self.pwm = STRONG, wave
        self.net.update()

    def release(self) -> None:
        """Let go of the net."""
        if self.strength != NONE:
            self.strength, self.pwm = NONE, None
            self.net.update()

    def signal(self) -> str:
        """What it drives, as a text; two of the same text on one net do not fight."""
        wave = self.pwm
        if wave is not None and 0 < wave.duty < 1:
            return f"{wave.freq_hz:g} Hz {wave.duty:.4f} from {wave.start_us} us"
        return f"{self.volts_now():g} V"

    def volts_now(self) -> float:
        """What it drives at this moment."""
        if self.pwm is None:
            return self.volts
        return VDD if self.pwm.level_at(self.net.kernel.now) else 0.0


class Net:
    """A node of the circuit. See the module's docstring.

    Args:
        name: for traces and faults.
        kernel: the clock that stamps edges.
        record: called with a text for each change and fault, for the trace.

    Attributes:
        edges: the newest 1024 changes of level, oldest first, as (t_us, level); see also :meth:`history`.
        waves: the newest 1024 changes of the square wave, as (t_us, wave); None where it stopped.
        streams: the newest 64 bit streams.
        frames: the newest 1024 characters that have passed.
        frame: the character that is on its way, None between characters.
        faults: the newest 64 faults.
    """

    def __init__(self, name: str, kernel: Kernel, record: Callable[[str], object] | None = None) -> None:
        self.name = name
        self.kernel = kernel
        self.edges: deque[Edge] = deque(maxlen=_KEEP_EDGES)
        self.waves: deque[tuple[int, Pwm | None]] = deque(maxlen=_KEEP_EDGES)
        self.streams: deque[BitStream] = deque(maxlen=_KEEP_STREAMS)
        self.frames: deque[Frame] = deque(maxlen=_KEEP_EDGES)
        self.faults: deque[Fault] = deque(maxlen=_KEEP_FAULTS)
        self.frame: Frame | None = None
        self._record = record or (lambda text: None)
        self._drivers: list[Driver] = []
        self._outside: Driver | None = None
        self._level = 0
        self._contended = False
        self._untold: deque[int] = deque()
        self._joined_to: Net | None = None
        self._on_change: list[Callable[[int], object]] = []
        self._on_pwm: list[Callable[[Pwm | None], object]] = []
        self._on_stream: list[Callable[[BitStream], object]] = []
        self._on_frame: list[Callable[[Frame], object]] = []
        self._wave: Pwm | None = None

    def driver(self, name: str) -> Driver:
        """A new driver on this net, released at first."""
        driver = Driver(self.real(), name)
        self.real()._drivers.append(driver)
        return driver

    def drive(self, level: int, *, strength: int = STRONG) -> None:
        """Drive from outside (a test's hand, a jumper): 0 is ground, anything else the supply."""
        self._hand().drive(level, strength=strength)

    def set_volts(self, volts: float) -> None:
        """Drive a voltage from outside, e.g. a sensor's output or a potentiometer."""
        self._hand().set_volts(volts)

    def release(self) -> None:
        """Let go of what :meth:`drive` or :meth:`set_volts` put on the net."""
        self._hand().release()

    def level(self) -> int:
        """The digital level now, 0 or 1. A floating net reads 0."""
        net = self.real()
        return net._digital(net.volts()) if net._wave is not None else net._level

    def volts(self) -> float:
        """The voltage now; 0.0 when the net floats."""
        strong = [driver.volts_now() for driver in self.real()._drivers if driver.strength == STRONG]
        if strong:
            return min(strong)
        weak = [driver.volts_now() for driver in self.real()._drivers if driver.strength == WEAK]
        return sum(weak) / len(weak) if weak else 0.0

    def pwm(self) -> Pwm | None:
        """The square wave on the net, None if it is steady."""
        return self.real()._wave

    def history(self) -> list[Edge]:
        """The newest 1024 changes of level, those of square waves too, oldest first, as (t_us, level)."""
        net = self.real()
        found, waves = list(net.edges), list(net.waves)
        ends_us = [*(t_us for t_us, _ in waves[1:]), net.kernel.now + 1]
        for (t_us, wave), end_us in zip(waves, ends_us, strict=False):
            if wave is not None:
                found += wave.edges(t_us, end_us)
        found.sort(key=lambda edge: edge[0])
        changes = [edge for at, edge in enumerate(found) if not at or edge[1] != found[at - 1][1]]
        return changes[-_KEEP_EDGES:]

    def is_driven(self) -> bool:
        """Whether a strong driver holds the net."""
        return any(driver.strength == STRONG for driver in self.real()._drivers)

    def on_change(self, listener: Callable[[int], object]) -> Callable[[], None]:
        """Have ``listener(level)`` called at each change of level. Returns a function that ends it."""
        return _listen(self.real()._on_change, listener)

    def on_pwm(self, listener: Callable[[Pwm | None], object]) -> Callable[[], None]:
        """Have ``listener(wave)`` called when a square wave starts, changes or (None) stops. Returns the ending."""
        return _listen(self.real()._on_pwm, listener)

    def on_stream(self, listener: Callable[[BitStream], object]) -> Callable[[], None]:
        """Have ``listener(stream)`` called with each train of bits. Returns a function that ends it."""
        return _listen(self.real()._on_stream, listener)

    def send_stream(self, data: bytes, timing_ns: tuple[int, int, int, int]) -> None:
        """Note that a train of bits has passed and tell the listeners."""
        net = self.real()
        stream = BitStream(net.kernel.now, data, timing_ns)
        net.streams.append(stream)
        for listener in list(net._on_stream):
            listener(stream)

    def on_frame(self, listener: Callable[[Frame], object]) -> Callable[[], None]:
        """Have ``listener(frame)`` called as each character of a serial line ends. Returns a function that ends it."""
        return _listen(self.real()._on_frame, listener)

    def begin_frame(self, frame: Frame) -> None:
        """A sender begins a character. If another one is on its way both are garbled, and a fault is noted."""
        net = self.real()
        other = net.frame
        if other is not None and other.end_us > net.kernel.now:
            frame.is_garbled = other.is_garbled = True
            frame.value = other.value = frame.value & other.value
            net._fault(f"contention: {other.sender} and {frame.sender} send at once")
        net.frame = frame

    def end_frame(self, frame: Frame) -> None:
        """A character has passed: tell the listeners, unless the line was held at the level of a start bit."""
        net = self.real()
        if net.frame is frame:
            net.frame = None
        if net.level() != frame.format.idle:
            return
        net.frames.append(frame)
        net._record(f"character {frame.value:#04x}")
        for listener in list(net._on_frame):
            listener(frame)

    def join(self, other: Net) -> None:
        """Solder ``other`` to this net: one net from now on, whichever of the two is used."""
        mine, theirs = self.real(), other.real()
        if mine is theirs:
            return
        if theirs.kernel is not mine.kernel:
            raise StateError(f"nets {mine.name} and {theirs.name} are of different worlds")
        theirs._joined_to = mine
        for driver in theirs._drivers:
            driver.net = mine
        mine._drivers += theirs._drivers
        mine._on_change += theirs._on_change
        mine._on_pwm += theirs._on_pwm
        mine._on_stream += theirs._on_stream
        mine._on_frame += theirs._on_frame
        theirs._drivers = []
        mine.update()

    def real(self) -> Net:
        """The net that this one has become part of by :meth:`join`; itself otherwise."""
        net = self
        while net._joined_to is not None:
            net = net._joined_to
        return net

    def update(self) -> None:
        """Work out the level anew after a driver changed. Called by drivers."""
        self._check_contention()
        if self._wave is not None:
            self._note(self._wave.level_at(self.kernel.now))
        waves = [driver.pwm for driver in self._drivers if driver.pwm is not None]
        wave = waves[0] if waves else None
        if wave != self._wave:
            self._wave = wave
            self.waves.append((self.kernel.now, wave))
            self._record("pwm off" if wave is None else f"pwm {wave.freq_hz:g} Hz {wave.duty:.4f}")
            for on_pwm in list(self._on_pwm):
                on_pwm(wave)
        level = self._digital(self.volts())
        if self._note(level):
            self._tell(level)

    def _note(self, level: int) -> bool:
        """The level is this one; True if it was another. What a wave did before is no news to the listeners."""
        if level == self._level:
            return False
        self._level = level
        self.edges.append((self.kernel.now, level))
        self._record(str(level))
        return True

    def _tell(self, level: int) -> None:
        """Call the listeners; an edge that one of them makes is told after this one: all hear the same order."""
        self._untold.append(level)
        if len(self._untold) > 1:
            return
        try:
            while self._untold:
                for listener in list(self._on_change):
                    listener(self._untold[0])
                self._untold.popleft()
        finally:
            self._untold.clear()

    def _digital(self, volts: float) -> int:
        if volts >= _VIH:
            return 1
        return 0 if volts <= _VIL else self._level

    def _check_contention(self) -> None:
        strong = [driver for driver in self._drivers if driver.strength == STRONG]
        contended = len(strong) > 1 and any(driver.signal() != strong[0].signal() for driver in strong)
        if contended and not self._contended:
            text = "contention: " + ", ".join(f"{driver.name} {driver.signal()}" for driver in strong)
            self._fault(text)
        self._contended = contended

    def _fault(self, text: str) -> None:
        self.faults.append(Fault(self.kernel.now, self.name, text))
        self._record(text)

    def _hand(self) -> Driver:
        if self._outside is None:
            self._outside = self.driver(f"{self.name} outside")
        return self._outside


def _listen(listeners: list[_L], listener: _L) -> Callable[[], None]:
    listeners.append(listener)

    def end() -> None:
        if listener in listeners:
            listeners.remove(listener)

    return end
