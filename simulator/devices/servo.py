"""Hobby servo: the length of a pulse, about 50 times a second, sets the angle of its arm.

Role ``signal``. The arm turns towards the wanted angle at a limited speed, and stays where it is, without force, when
pulses cease. Pulses may come from a PWM output or be made by hand, edge by edge.

Source: Tower Pro SG90 data sheet: period 20 ms, 0.1 s per 60 degrees at 4.8 V. Pulse lengths: 0.5 ms and 2.4 ms
at the ends of 180 degrees, as the part is commonly measured; the sheet's own 1 to 2 ms lie within.

Limits: no load, no overshoot; pulses outside of the ends' by more than ``_MARGIN_US`` and periods outside of 40..60 Hz
are ignored, as an analog servo does.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.electrical.net import Pwm
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

_PERIOD_US = (16_000, 25_000)
_MARGIN_US = 200
_LOST_US = 100_000
_S_PER_60_DEG = 0.1


@part("servo")
class Servo(Device):
    """A hobby servo.

    Args:
        site: where it is soldered.
        min_us: pulse length at 0 degrees.
        max_us: pulse length at the other end.
        range_deg: degrees from end to end.
        s_per_60deg: seconds that it needs for 60 degrees.
        start_deg: where its arm stands at first.

    Attributes:
        pulse_us: length of the pulses that it gets; 0.0 for none, or none that it understands.
        target_deg: where it wants to go.
        holding: pulses come, so it holds its place with force.
    """

    roles = ("signal",)
    quantities = {
        "angle_deg": Quantity("angle of its arm", unit="deg", is_reading=True),
        "target_deg": Quantity("angle that it turns to", unit="deg", is_reading=True),
        "pulse_us": Quantity("length of the pulses that it gets, 0 for none", unit="us", is_reading=True),
        "holding": Quantity("it gets pulses and holds its place", kind=bool, is_reading=True),
    }
    faults = {"jammed": "its arm is blocked", "unpowered": "its supply is cut: it does not move"}

    def __init__(
        self,
        site: Site,
        *,
        min_us: float = 500,
        max_us: float = 2_400,
        range_deg: float = 180,
        s_per_60deg: float = _S_PER_60_DEG,
        start_deg: float = 90,
    ) -> None:
        self._min_us = check_number("min_us", min_us, 200, 3_000)
        self._max_us = check_number("max_us", max_us, 200, 3_000)
        if self._min_us >= self._max_us:
            raise UsageError(f"min_us {min_us:g} must be less than max_us {max_us:g}")
        self._range_deg = check_number("range_deg", range_deg, 10, 360)
        self._deg_per_us = 60 / check_number("s_per_60deg", s_per_60deg, 0.01, 10) / 1e6
        self._from_deg = self.target_deg = float(check_number("start_deg", start_deg, 0, self._range_deg))
        super().__init__(site)
        self._since_us = site.now
        self.pulse_us = 0.0
        self._rose_us = -1
        self._period_us = 0
        self._silence: Event | None = None
        self._net = site.net("signal")
        self._net.on_pwm(self._on_wave)
        self._net.on_change(self._on_edge)
        self._on_wave(self._net.pwm())

    @property
    def angle_deg(self) -> float:
        """Angle of its arm now."""
        moved = (self.site.now - self._since_us) * self._deg_per_us if self._can_move() else 0.0
        way = self.target_deg - self._from_deg
        return round(self._from_deg + max(-moved, min(moved, way)), 3)

    @property
    def holding(self) -> bool:
        """It gets pulses, and has the power to obey."""
        return self.pulse_us > 0 and "unpowered" not in self.failed

    def fail(self, name: str, *, on: bool = True) -> None:
        """See :meth:`Device.fail`; what it has moved until now stays."""
        self._settle()
        super().fail(name, on=on)

    def _can_move(self) -> bool:
        return self.holding and "jammed" not in self.failed

    def _settle(self) -> None:
        """Take the present angle as the beginning of what follows."""
        self._from_deg, self._since_us = self.angle_deg, self.site.now

    def _on_wave(self, wave: Pwm | None) -> None:
        self._rose_us = -1
        self._expect_silence(after_us=0)
        if wave is None or not 0 < wave.duty < 1:
            self._obey(0.0, 0.0)
        else:
            self._obey(wave.duty / wave.freq_hz * 1e6, 1e6 / wave.freq_hz)

    def _on_edge(self, level: int) -> None:
        if self._net.pwm() is not None:
            return
        now = self.site.now
        if level:
            self._period_us = now - self._rose_us if self._rose_us >= 0 else _PERIOD_US[0]
            self._rose_us = now
        elif self._rose_us >= 0:
            self._obey(now - self._rose_us, self._period_us)
            self._expect_silence(after_us=_LOST_US)

    def _expect_silence(self, *, after_us: int) -> None:
        """Give up hand-made pulses if none comes within that time; 0: none are made."""
        if self._silence is not None:
            self.site.kernel.cancel(self._silence)
        self._silence = self.site.kernel.after(after_us, lambda: self._obey(0.0, 0.0)) if after_us else None

    def _obey(self, pulse_us: float, period_us: float) -> None:
        """Pulses of this length and period come from now on."""
        is_valid = _PERIOD_US[0] <= period_us <= _PERIOD_US[1]
        is_valid = is_valid and self._min_us - _MARGIN_US <= pulse_us <= self._max_us + _MARGIN_US
        self._settle()
        self.pulse_us = round(pulse_us, 1) if is_valid else 0.0
        if is_valid:
            share = (pulse_us - self._min_us) / (self._max_us - self._min_us)
            target = round(max(0.0, min(1.0, share)) * self._range_deg, 3)
            if target != self.target_deg:
                self.site.record(f"turns to {target:g} deg")
            self.target_deg = target
        else:
            self.target_deg = self._from_deg
