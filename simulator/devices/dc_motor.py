"""DC motors on the bridges L298N and L9110: direction, speed by duty, coasting and braking.

Theory of operation. A bridge turns its inputs into a mean drive of -1..1 and says what it does between the pulses:
let the motor coast or brake it. The speed follows the drive as a first-order lag, slower when coasting, quicker when
braking. A drive below the motor's stiction does not start it.

Source: ST L298 data sheet: truth table (enable low: free running; equal inputs: fast stop), drop of both
switches 1.8 V typical at 1 A, at most 40 kHz. L9110 data sheet (ASIC Plus): truth table (IA high, IB low: forward;
equal inputs: both outputs low, which brakes). Time constants: a small geared motor, estimated.

Limits: no current, no heat, no load; drops are constant; a drive above the bridge's frequency does nothing.
"""

from __future__ import annotations

import math

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number, share, watch

_MOST_HZ = 40_000
_L298_DROP_V = 1.8
_L9110_DROP_V = 0.6
#: Seconds in which 63 % of the way to the new speed is done.
_TAU_S = {"drive": 0.10, "coast": 0.50, "brake": 0.03}
_STILL_PCT = 0.5


class _Motor(Device):
    """A motor; a bridge derives from it and says what its inputs mean."""

    quantities = {
        "speed_pct": Quantity(
            "speed of the motor, backward is negative; 100 is the speed at its own voltage", unit="%", is_reading=True
        ),
        "drive_pct": Quantity("mean of what the bridge puts on it", unit="%", is_reading=True),
        "mode": Quantity("what the bridge does: drive, coast or brake", kind=str, is_reading=True),
        "revolutions": Quantity("turns since the beginning, five a second at full speed", is_reading=True),
    }
    faults = {"stalled": "its shaft is blocked", "open": "a wire of the motor is cut"}

    _RPS = 5.0

    def __init__(self, site: Site, *, drop_v: float, supply_v: float = 6.0, stiction_pct: float = 10.0) -> None:
        self._share_left = 1 - drop_v / check_number("supply_v", supply_v, 2.5, 46)
        self._stiction_pct = check_number("stiction_pct", stiction_pct, 0, 90)
        super().__init__(site)
        self.drive_pct = 0.0
        self.mode = "coast"
        self._speed_pct = 0.0
        self._turned = 0.0
        self._since_us = site.now
        self._nets = [site.net(role) for role in self.roles]
        for net in self._nets:
            watch(net, self.update)
        self.update()

    @property
    def speed_pct(self) -> float:
        """Speed now."""
        return round(self._at(self.site.now)[0], 2)

    @property
    def revolutions(self) -> float:
        """Turns since the beginning."""
        return round(self._at(self.site.now)[1], 3)

    def update(self) -> None:
        """An input or a fault has changed: the motor goes on from here with the new drive."""
        self._speed_pct, self._turned = self._at(self.site.now)
        self._since_us = self.site.now
        drive, mode = self._bridge()
        waves = [wave for wave in (net.pwm() for net in self._nets) if wave is not None]
        if "open" in self.failed or any(wave.freq_hz > _MOST_HZ for wave in waves):
            drive, mode = 0.0, "coast"
        drive_pct = round(100 * drive, 2)
        if (drive_pct, mode) != (self.drive_pct, self.mode):
            self.drive_pct, self.mode = drive_pct, mode
            self.site.record(f"{mode} {drive_pct:g}%")

    def _bridge(self) -> tuple[float, str]:
        """What the inputs mean: (drive of -1..1, mode)."""
        raise NotImplementedError

    def _at(self, t_us: int) -> tuple[float, float]:
        """(speed, turns) at a moment."""
        if "stalled" in self.failed:
            return 0.0, self._turned
        goal = self.drive_pct * self._share_left
        if abs(self.drive_pct) < self._stiction_pct:
            goal = 0.0
        tau_s = _TAU_S[self.mode]
        seconds = (t_us - self._since_us) / 1e6
        left = math.exp(-seconds / tau_s)
        speed = goal + (self._speed_pct - goal) * left
        turned = goal * seconds + (self._speed_pct - goal) * tau_s * (1 - left)
        is_still = goal == 0.0 and abs(speed) < _STILL_PCT
        return 0.0 if is_still else speed, self._turned + turned / 100 * self._RPS


@part("l298n")
class L298n(_Motor):
    """One half of an L298N with a motor. Roles ``ena`` (speed), ``in1``, ``in2`` (direction).

    Args:
        site: where it is soldered.
        supply_v: what feeds the motor.
        stiction_pct: drive that it needs to turn at all.
    """

    roles = ("ena", "in1", "in2")

    def __init__(self, site: Site, *, supply_v: float = 6.0, stiction_pct: float = 10.0) -> None:
        super().__init__(site, drop_v=_L298_DROP_V, supply_v=supply_v, stiction_pct=stiction_pct)

    def _bridge(self) -> tuple[float, str]:
        enable, in1, in2 = map(share, self._nets)
        if enable == 0:
            return 0.0, "coast"
        if in1 == in2:
            return 0.0, "brake"
        return enable * (in1 - in2), "drive"


@part("l9110")
class L9110(_Motor):
    """One half of an L9110S with a motor. Roles ``ia``, ``ib``.

    Args:
        site: where it is soldered.
        supply_v: what feeds the motor.
        stiction_pct: drive that it needs to turn at all.
    """

    roles = ("ia", "ib")

    def __init__(self, site: Site, *, supply_v: float = 6.0, stiction_pct: float = 10.0) -> None:
        super().__init__(site, drop_v=_L9110_DROP_V, supply_v=supply_v, stiction_pct=stiction_pct)

    def _bridge(self) -> tuple[float, str]:
        ia, ib = map(share, self._nets)
        return (0.0, "brake") if ia == ib else (ia - ib, "drive")
