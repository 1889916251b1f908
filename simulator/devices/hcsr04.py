"""HC-SR04: distance by ultrasound, as the length of a pulse.

Theory of operation. A trigger pulse of at least 10 us has it send eight periods of 40 kHz when the pulse ends; about
0.45 ms later its echo line goes high, for 5.82 us per millimetre. Without an echo the line stays high for 38 ms; some
copies do not raise it at all (``is_copy``). A trigger while it listens is ignored. Sound that went forth and back
twice is heard too: a shot that follows too soon takes it for its own echo, which is why 60 ms are to lie between two.

Source: Elecfreaks HC-SR04 user guide (trigger, range 2..400 cm, us / 58 = cm, 60 ms cycle).

Limits: sound has the speed of 20 degC; one target, which reflects well and straight back; the echo line is taken as
divided down to 3.3 V.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.errors import UsageError

_TRIGGER_US = 10
_BURST_US = 450
_US_PER_MM = 5.82
_NEAR_MM, _FAR_MM = 20, 4000
_SILENCE_US = 38_000
_NOISE_MM = 30


@part("hcsr04")
class Hcsr04(Device):
    """An ultrasonic ranger.

    Args:
        site: where it is soldered.
        is_copy: without an echo its line stays low.

    Attributes:
        distance_mm: to the target.
        shots: how often it has fired.
    """

    roles = ("trig", "echo")
    quantities = {
        "distance_mm": Quantity("distance of the target; nearer than 20 or beyond 4000 none is seen", unit="mm", low=0),
        "shots": Quantity("how often it has fired", kind=int, is_reading=True),
    }
    faults = {
        "silent": "it does not answer at all",
        "stuck_high": "its echo line is shorted to the supply",
        "noise": f"each distance is up to {_NOISE_MM} mm off",
    }

    def __init__(self, site: Site, *, is_copy: bool = False) -> None:
        if not isinstance(is_copy, bool):
            raise UsageError(f"is_copy must be true or false, not {is_copy!r}")
        super().__init__(site)
        self.distance_mm = 1000.0
        self.shots = 0
        self._is_copy = is_copy
        self._random = site.random
        self._echo = site.net("echo").driver(site.name)
        self._echo.drive(0)
        self._high_since_us: int | None = None
        self._is_busy = False
        #: When sound that has gone forth and back twice comes in.
        self._late_us = -1
        site.net("trig").on_change(self._triggered)

    def update(self) -> None:
        """Show a short circuit on the echo line."""
        if "stuck_high" in self.failed:
            self._echo.drive(1)
        elif not self._is_busy:
            self._echo.drive(0)

    def power(self, *, on: bool) -> None:
        """Forget the sound that was on its way."""
        self._late_us = -1

    def _triggered(self, level: int) -> None:
        now = self.site.now
        if level:
            self._high_since_us = now
        elif self._high_since_us is not None:
            is_long = now - self._high_since_us >= _TRIGGER_US
            self._high_since_us = None
            if is_long and not self._is_busy and not self.failed & {"silent", "stuck_high"}:
                self._fire(now + _BURST_US)

    def _fire(self, start_us: int) -> None:
        self._is_busy = True
        self.shots += 1
        flight_us = self._flight_us()
        late_us, self._late_us = self._late_us, -1
        if flight_us is not None:
            self._late_us = start_us + 2 * flight_us
        if start_us < late_us and (flight_us is None or late_us < start_us + flight_us):
            flight_us = late_us - start_us
        if flight_us is None and self._is_copy:
            self.site.kernel.at(start_us + _SILENCE_US, self._end)
            return
        self.site.kernel.at(start_us, lambda: self._echo.drive(1))
        self.site.kernel.at(start_us + (_SILENCE_US if flight_us is None else flight_us), self._end)

    def _flight_us(self) -> int | None:
        distance_mm = self.distance_mm
        if "noise" in self.failed:
            distance_mm += self._random.uniform(-_NOISE_MM, _NOISE_MM)
        return round(distance_mm * _US_PER_MM) if _NEAR_MM <= distance_mm <= _FAR_MM else None

    def _end(self) -> None:
        self._is_busy = False
        self.update()
