"""Passive piezo buzzer: sounds at the frequency of the signal on it, and remembers what was heard.

Role ``signal``. The tone may come from a PWM output or be made by hand, edge by edge.

A steady level is silent, and so is a square wave of duty 0 or 1.

Source: 20 Hz..20 kHz is what people hear; a piezo disc itself is wider.

Limits: no loudness; one tone at a time; hand-made tones are told apart if their frequencies differ by 3 %.
"""

from __future__ import annotations

from collections import deque

from simulator.devices.device import Device, Quantity, Site, part
from simulator.kernel.kernel import Event

_HEARD_HZ = (20, 20_000)
_KEEP_NOTES = 1_024
_SAME = 0.03


@part("buzzer")
class Buzzer(Device):
    """A passive buzzer.

    Attributes:
        freq_hz: the tone that sounds; 0.0 for silence.
    """

    roles = ("signal",)
    quantities = {
        "freq_hz": Quantity("the tone that sounds, 0 for silence", unit="Hz", is_reading=True),
        "notes": Quantity("the newest tones that have ended: (begin us, Hz, us)", kind=tuple, is_reading=True),
    }
    faults = {"disconnected": "a wire is cut: it is silent"}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.freq_hz = 0.0
        self._notes: deque[tuple[int, float, int]] = deque(maxlen=_KEEP_NOTES)
        self._since_us = 0
        self._rose_us = -1
        self._silence: Event | None = None
        self._net = site.net("signal")
        self._net.on_change(self._on_edge)
        self._net.on_pwm(lambda wave: self.update())
        self.update()

    @property
    def notes(self) -> tuple[tuple[int, float, int], ...]:
        """What was heard, oldest first: (t_us, freq_hz, length_us)."""
        return tuple(self._notes)

    def update(self) -> None:
        """The wave, or a fault, has changed."""
        wave = self._net.pwm()
        self._rose_us = -1
        if self._silence is not None:
            self.site.kernel.cancel(self._silence)
        is_heard = wave is not None and 0 < wave.duty < 1 and "disconnected" not in self.failed
        self._hear(wave.freq_hz if wave is not None and is_heard else 0.0)

    def _on_edge(self, level: int) -> None:
        """Without a wave: measure from one rising edge to the next."""
        if self._net.pwm() is not None or not level or "disconnected" in self.failed:
            return
        now, rose_us = self.site.now, self._rose_us
        self._rose_us = now
        if self._silence is not None:
            self.site.kernel.cancel(self._silence)
        period_us = now - rose_us if 0 <= rose_us < now else round(1e6 / _HEARD_HZ[0])
        if 0 <= rose_us < now and abs(1e6 / period_us - self.freq_hz) > _SAME * self.freq_hz:
            self._hear(1e6 / period_us, since_us=rose_us)
        self._silence = self.site.kernel.after(2 * period_us, self._fall_silent)

    def _fall_silent(self) -> None:
        self._silence = None
        self._rose_us = -1
        self._hear(0.0)

    def _hear(self, freq_hz: float, *, since_us: int | None = None) -> None:
        freq_hz = round(freq_hz, 1) if _HEARD_HZ[0] <= freq_hz <= _HEARD_HZ[1] else 0.0
        if freq_hz == self.freq_hz:
            return
        now = self.site.now if since_us is None else since_us
        if self.freq_hz and now > self._since_us:
            self._notes.append((self._since_us, self.freq_hz, now - self._since_us))
        self.freq_hz, self._since_us = freq_hz, now
        self.site.record(f"{freq_hz:g} Hz" if freq_hz else "silent")
