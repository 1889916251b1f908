"""28BYJ-48 geared stepper motor on a ULN2003 board: four coils, half or full steps, a shaft that turns.

Roles ``in1`` … ``in4``: the board's inputs; high energises a coil.

Theory of operation. The coils stand at 0, 90, 180 and 270 degrees (electrical); the sum of those that carry current
points in one of eight directions, or nowhere. The rotor goes there if it is one or two eighths away and if the pattern
stays for as long as the step takes; at three eighths the load is stronger, at four nothing pulls. A pattern that goes
before its step is done is lost: ``lost_steps``. Patterns that stand shorter than ``_GLITCH_US`` are an effect of four
pins being written one after another, and count for nothing.

Source: Kiatronics 28BYJ-48 data sheet: 5.625 degrees/64 per half step, idle pull-out rate above 1000 half steps per
second, order of the coils for clockwise rotation (4, 4-3, 3, 3-2, 2, 2-1, 1, 1-4). Gears, as counted in opened motors:
32/9 * 22/11 * 26/9 * 31/10 = 63.68395, so 4075.7728 half steps per turn.

Limits: no ramps (one greatest rate, ``max_pps``), no load, no microsteps (a square wave on a coil counts as on from a
duty of one half).
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number, share, watch
from simulator.kernel.kernel import Event

_HALF_STEPS_PER_TURN = 64 * (32 / 9) * (22 / 11) * (26 / 9) * (31 / 10)
_GLITCH_US = 100
#: (in1 - in3, in2 - in4) -> direction in eighths, rising against the clock.
_DIRECTIONS = {(1, 0): 0, (1, 1): 1, (0, 1): 2, (-1, 1): 3, (-1, 0): 4, (-1, -1): 5, (0, -1): 6, (1, -1): 7}


@part("stepper_28byj48")
class Stepper28byj48(Device):
    """A 28BYJ-48 on its driver board.

    Args:
        site: where it is soldered.
        max_pps: half steps per second that it follows.

    Attributes:
        half_steps: where its rotor stands, from the beginning; clockwise is positive.
        lost_steps: half steps that it could not follow.
    """

    roles = ("in1", "in2", "in3", "in4")
    quantities = {
        "angle_deg": Quantity("how far its shaft has turned clockwise", unit="deg", is_reading=True),
        "half_steps": Quantity("the same in half steps", kind=int, is_reading=True),
        "lost_steps": Quantity("half steps that it could not follow", kind=int, is_reading=True),
        "coils": Quantity("inputs that are high, IN1 first", kind=str, is_reading=True),
    }
    faults = {"jammed": "its shaft is blocked"}

    def __init__(self, site: Site, *, max_pps: float = 1_000) -> None:
        self._step_us = round(1e6 / check_number("max_pps", max_pps, 1, 10_000))
        super().__init__(site)
        self.half_steps = 0
        self.lost_steps = 0
        #: Where it stands, in eighths of an electrical turn; it rests where the first pattern puts it.
        self._rotor: int | None = None
        self._way = 0  # half steps that the present pattern makes it go
        self._since_us = site.now
        self._arrival: Event | None = None
        self._nets = [site.net(role) for role in self.roles]
        self.coils = "0000"
        for net in self._nets:
            watch(net, self._look)
        self._look()

    @property
    def angle_deg(self) -> float:
        """How far its shaft has turned."""
        return round(self.half_steps * 360 / _HALF_STEPS_PER_TURN, 3)

    def _look(self) -> None:
        coils = "".join(str(int(share(net) >= 0.5)) for net in self._nets)
        if coils == self.coils:
            return
        self._leave()
        self.coils, self._since_us = coils, self.site.now
        a, b, c, d = (int(coil) for coil in coils)
        direction = _DIRECTIONS.get((a - c, b - d))
        if direction is None:
            return
        if self._rotor is None:
            self._arrival = self.site.kernel.after(_GLITCH_US, lambda: self._rest(direction))
            return
        # the data sheet's clockwise order lowers the direction
        self._way = (self._rotor - direction + 4) % 8 - 4
        if abs(self._way) in (1, 2) and "jammed" not in self.failed:
            self._arrival = self.site.kernel.after(abs(self._way) * self._step_us, self._arrive)

    def _leave(self) -> None:
        """The present pattern goes: what it has not done is lost."""
        if self._arrival is not None:
            self.site.kernel.cancel(self._arrival)
            self._arrival = None
        if self._way and self.site.now - self._since_us > _GLITCH_US:
            self.lost_steps += abs(self._way)
            self.site.record(f"loses {abs(self._way)}")
        self._way = 0

    def _rest(self, direction: int) -> None:
        """Take the place that the first pattern wants as the beginning."""
        self._arrival = None
        self._rotor = direction

    def _arrive(self) -> None:
        self._arrival = None
        self.half_steps += self._way
        self._rotor = ((self._rotor or 0) - self._way) % 8
        self._way = 0
